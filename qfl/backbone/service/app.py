"""The orchestrator over HTTP: jobs in, answers out; a mistake is one sentence with a 4xx status.

::

    POST /jobs           admit a job: {"name", "application", "request", "deadline_s"}
    POST /optimize       the same, and wait for its answer
    POST /detect         scores of rows: {"train", "labels", "rows"}; answered at once, not logged
    POST /predict        a series' value some steps ahead: {"series"}; likewise
    POST /learn          symbols for four bits over seven uses of a noisy channel: {"snr_db"}; likewise
    GET  /jobs/NAME      what came of it
    GET  /decisions      the last decisions, each with its reason
    GET  /pool           the backends
    GET  /health         how many jobs wait

Every call has the token as ``Authorization: Bearer TOKEN``. The body is strict JSON of at most 1 MiB.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

import qfl
from qfl.backbone.applications.autoencoder.request import learn_code
from qfl.backbone.applications.learning import detect_anomalies, predict_next
from qfl.backbone.applications.posed import APPLICATIONS, take
from qfl.backbone.infrastructure.pool import describe
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.telemetry import Taken
from qfl.backbone.runtime.templates.folder import Templates
from qfl.backbone.service.worker import Worker
from qfl.errors import Damaged, UserError
from qfl.reading import parse_json

MOST_BYTES = 2**20
BODY_S = 10.0  # that a body may take to arrive
MOST_WAITING = 10_000
MOST_ROWS = 1000
SCHEMA = {
    "type": "object",
    "required": ["name", "application", "request", "deadline_s"],
    "properties": {
        "name": {"type": "string", "description": "idempotency key: the same name and content is the same job"},
        "application": {"type": "string", "enum": list(APPLICATIONS)},
        "request": {"type": "object", "description": "the problem, in the application's words"},
        "deadline_s": {"type": "number", "exclusiveMinimum": 0, "description": "seconds from now"},
    },
}
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": SCHEMA}}}}


class Refused(Exception):
    """A call that is answered with a status and a sentence.

    Args:
        status: Of HTTP, 400 to 499.
        sentence: What is wrong.
    """

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status = status


def make_app(worker: Worker, token: str) -> FastAPI:
    """Return the application.

    Args:
        worker: Has the orchestrator, and ends its jobs.
        token: That every call must have.
    """
    app = FastAPI(title="qfl backbone", version=qfl.__version__, docs_url=None, redoc_url=None)

    @app.middleware("http")
    async def guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Ask for the token before anything else."""
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return _sentence(401, "the token is missing or wrong; send it as Authorization: Bearer TOKEN")
        return await call_next(request)

    _answer_mistakes(app)
    _take_jobs(app, worker)
    _learn(app, worker.orchestrator.templates)
    _tell(app, worker.orchestrator)
    return app


def _answer_mistakes(app: FastAPI) -> None:
    """Answer every mistake with one sentence."""
    app.add_exception_handler(Refused, lambda request, error: _sentence(getattr(error, "status", 400), str(error)))
    app.add_exception_handler(Taken, lambda request, error: _sentence(409, str(error)))
    app.add_exception_handler(UserError, lambda request, error: _sentence(422, "; ".join(str(error).split("\n"))))
    app.add_exception_handler(404, lambda request, error: _sentence(404, f"there is no {request.url.path[:60]!r}"))
    app.add_exception_handler(405, lambda request, error: _sentence(405, f"{request.method} is not for this path"))
    app.add_exception_handler(RequestValidationError, lambda request, error: _sentence(422, _first_fault(error)))


def _take_jobs(app: FastAPI, worker: Worker) -> None:
    """Add the calls that admit jobs."""

    @app.post("/jobs", status_code=202, openapi_extra=BODY)
    async def submit(request: Request) -> dict[str, Any]:
        """Admit a job."""
        return await _admit(worker, request)

    @app.post("/optimize", openapi_extra=BODY)
    async def optimize(request: Request) -> dict[str, Any]:
        """Admit a job and wait for what comes of it."""
        admitted = await _admit(worker, request)
        return await asyncio.to_thread(worker.wait_for, admitted["name"])


def _learn(app: FastAPI, templates: Templates | None) -> None:
    """Add the calls that learn from the data that they are sent; one at a time, so that none starves the jobs."""
    turn = asyncio.Lock()

    async def answer(request: Request, learn: Callable[..., tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
        given = _object(await _body(request))
        async with turn:
            found, decision = await asyncio.to_thread(learn, given, templates=templates)
        return {"answer": found, "decision": decision}

    @app.post("/detect")
    async def detect(request: Request) -> dict[str, Any]:
        """Score rows, the higher the stranger, by what labelled rows say."""
        return await answer(request, detect_anomalies)

    @app.post("/predict")
    async def predict(request: Request) -> dict[str, Any]:
        """Tell a series' value some steps after its end."""
        return await answer(request, predict_next)

    @app.post("/learn")
    async def code(request: Request) -> dict[str, Any]:
        """Learn symbols for 16 messages, and say how often they are taken for others."""
        return await answer(request, lambda given, templates: learn_code(given))  # there is no template of a code


def _tell(app: FastAPI, orchestrator: Orchestrator) -> None:
    """Add the calls that say what there is and what came of it."""

    @app.get("/jobs/{name}")
    def job(name: str) -> dict[str, Any]:
        """Return what came of a job."""
        found = next(orchestrator.log.outcomes(name), None)
        if found is None and not orchestrator.log.admitted(name):
            raise Refused(404, f"there is no job {name[:60]!r}; POST it to /jobs first")
        return {"state": "ended", **found} if found else {"state": "waiting", "name": name}

    @app.get("/decisions")
    def decisions(last: int = 20) -> list[dict[str, Any]]:
        """Return the last decisions, the latest first."""
        if not 1 <= last <= MOST_ROWS:
            raise Refused(422, f"last is {last}; give 1 to {MOST_ROWS}")
        return [
            {
                "name": row["name"],
                "in_time": row["in_time"],
                "backend": row["outcome"].get("backend"),
                **row["decision"],
            }
            for row in orchestrator.log.outcomes(last=last)
        ]

    @app.get("/pool")
    def pool() -> list[dict[str, Any]]:
        """Return the backends."""
        return describe(orchestrator.pool.backends)

    @app.get("/health")
    def health() -> dict[str, Any]:
        """Return how many jobs wait, and how many decisions the policy has learned from."""
        return {"waiting": orchestrator.log.count_waiting(), "learned": orchestrator.policy.seen}


async def _admit(worker: Worker, request: Request) -> dict[str, Any]:
    name, application, problem, deadline_s = _job(await _body(request))
    if worker.orchestrator.log.count_waiting() >= MOST_WAITING:
        raise Refused(429, f"{MOST_WAITING:,} jobs wait; try again later")
    number = await asyncio.to_thread(worker.submit, name, application, problem, deadline_s)
    return {"state": "admitted", "name": name, "number": number}


def _job(body: bytes) -> tuple[str, str, dict[str, Any], float]:
    given = _object(body)
    needed = {"name": str, "application": str, "request": dict, "deadline_s": float}
    name, application, problem, deadline_s = take("a job", given, needed, {})
    if not (0 < len(name) <= 200 and name.isprintable() and "/" not in name):
        raise Refused(422, f"the name {name[:60]!r} is none; give 1 to 200 characters without a slash")
    return name, application, problem, deadline_s


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = parse_json(body)
    except Damaged as error:
        raise Refused(400, f"the body {error}; send one JSON object") from None
    if not isinstance(given, dict):
        raise Refused(400, "the body is no JSON object; send one")
    return given


async def _body(request: Request) -> bytes:
    """Return the body; one that is too large or too slow is not read to its end."""
    found = bytearray()

    async def read() -> None:
        async for chunk in request.stream():
            found.extend(chunk)
            if len(found) > MOST_BYTES:
                raise Refused(413, f"the body has more than {MOST_BYTES:,} bytes; send a smaller problem")

    try:
        await asyncio.wait_for(read(), BODY_S)
    except TimeoutError:
        raise Refused(408, f"the body took more than {BODY_S:g} s; send it at once") from None
    return bytes(found)


def _sentence(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text}, status)


def _first_fault(error: Any) -> str:
    fault = error.errors()[0]
    return f"{fault['loc'][-1]} is {repr(fault.get('input'))[:60]}: {fault['msg']}"
