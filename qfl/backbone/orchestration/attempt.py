"""One backend's try at one job: its seconds, its joules, and its verified answer, if it gave one."""

from dataclasses import dataclass
from time import perf_counter

import dimod
import numpy as np

from qfl.backbone.applications.posed import Posed
from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.runtime.pipeline.reduce import Reduction
from qfl.backbone.runtime.pipeline.solve import OF_MODELS, Solved, solve
from qfl.backbone.runtime.pipeline.verify import Verified, verify
from qfl.extend import load_own
from qfl.quantum.qaoa_angles import QaoaAngles
from qfl.seeds import stream

QAOA = "qaoa"  # the solver that takes angles
JITTER = 0.1  # standard deviation of the logarithm of a simulated time


@dataclass(frozen=True)
class Attempt:
    """What came of asking a backend.

    Args:
        backend: Its name.
        seconds: From the decision to the answer, queue included; of a simulated backend by its own numbers.
        energy_j: That it cost.
        answer: Verified; None where there is none.
        why: Why there is none, else empty.
    """

    backend: str
    seconds: float
    energy_j: float
    answer: Verified | None
    why: str = ""


def attempt(
    backend: Backend,
    posed: Posed,
    reduction: Reduction,
    *,
    seed: int,
    queue_s: float = 0.0,
    now_s: float = 0.0,
    angles: QaoaAngles | None = None,
) -> Attempt:
    """Return what a backend makes of a reduced problem; whatever it raises is a failure of it, with the reason.

    Args:
        backend: Who is asked.
        posed: The problem, for its constraints.
        reduction: The same, reduced.
        seed: Of its draws.
        queue_s: The wait in its queue, in seconds.
        now_s: The orchestrator's clock, for drift.
        angles: Of QAOA, where the backend runs it; the fixed ones if None.
    """
    draw, begun = stream(seed, "backbone", "attempt", backend.name), perf_counter()
    failed = backend.failure and draw.random() < backend.failure
    try:
        answer, why = (
            (None, "the job failed on the device") if failed else (_solved(backend, posed, reduction, seed, angles), "")
        )
        if answer is not None and (lost := backend.lost(now_s)) and draw.random() < lost:
            answer = _noise(posed, reduction, draw)
    except Exception as error:
        answer, why = None, f"{type(error).__name__}: {error}"[:200]
    measured = perf_counter() - begun
    late = float(np.exp(draw.normal(0.0, JITTER)))
    wait, busy = (late * queue_s, late * backend.seconds(0.0)) if backend.simulated else (0.0, measured)
    return Attempt(backend.name, wait + busy, backend.energy_j(busy), answer, why)


def ask(backend: Backend, model: dimod.BinaryQuadraticModel, seed: int, angles: QaoaAngles | None = None) -> Solved:
    """Return what a backend's solver finds of a model.

    Args:
        backend: Who is asked.
        model: What is to be least.
        seed: Of its draws.
        angles: Of QAOA, where the backend runs it; the fixed ones if None.
    """
    options = {"angles": angles} if angles is not None and backend.solver == QAOA else {}
    return solve(model, _solver(backend), seed=seed, reads=backend.shots, **options)


def _solved(backend: Backend, posed: Posed, reduction: Reduction, seed: int, angles: QaoaAngles | None) -> Verified:
    return verify(reduction, ask(backend, reduction.model, seed, angles), posed.feasible)


def _solver(backend: Backend) -> str | dimod.Sampler:
    if backend.solver in OF_MODELS:
        return backend.solver
    found = load_own(backend.solver, f"backend {backend.name}")
    return found() if isinstance(found, type) else found


def _noise(posed: Posed, reduction: Reduction, draw: np.random.Generator) -> Verified:
    """Return what is left of an answer that noise replaced: random bits, verified as any other answer is."""
    sample = {v: int(draw.integers(2)) for v in reduction.model.variables}
    return verify(reduction, Solved(sample, float(reduction.model.energy(sample)), 0.0, "noise"), posed.feasible)
