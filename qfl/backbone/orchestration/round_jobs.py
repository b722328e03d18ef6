"""The jobs of one round of a federation on a pool of QPUs: who is served, where, when, and for how many joules.

A client's training is one job: its gradient steps one after the other, in each of them the circuits of all pieces,
whose shots may be split over QPUs. All clients of a round share the pool, and the round's deadline; who would miss it
is not begun. A QPU has a queue before the round, drawn from the seed, and may fail a client, whose work is then lost.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf

from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.annealing import anneal
from qfl.backbone.orchestration.heuristics import greedy, list_scheduling, random_order
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload
from qfl.backbone.orchestration.moore_hodgson import moore_hodgson
from qfl.backbone.orchestration.schedule import Fragment, QuantumSchedule, violations
from qfl.backbone.runtime.cutting.fitted import PieceLoad
from qfl.errors import ConfigError
from qfl.seeds import stream

CUT = "fitted"  # the one way in which a job is cut: all QPUs get the pieces that the widest of them needs
NEVER_S = 1e9  # a deadline that no round of a federation reaches
DEEPEST = 10**9
MOST_STAGES = 40  # of a job; more steps than that share stages

SCHEDULERS: dict[str, Callable[..., QuantumSchedule]] = {
    "ours": partial(anneal, cuts=(CUT,), steps=300),
    "moore_hodgson": partial(moore_hodgson, cut=CUT),
    "greedy": partial(greedy, cut=CUT),
    "list": partial(list_scheduling, cut=CUT),
    "random": partial(random_order, cut=CUT),
}
"""Schedulers of `qfl.backbone.orchestration.registry`, for jobs that are cut in one way."""


@dataclass(frozen=True)
class ClientJob:
    """What became of one client's job.

    Args:
        status: ``served``, ``missed`` (it would have been late, and was not begun), or ``failed`` (on a QPU).
        begin_s: When its first shot was set up, in virtual seconds from the broadcast; inf if never.
        end_s: When it was done; inf if never.
        busy_s: Seconds of QPUs that it took.
        energy_j: Joules of these.
        shots: By QPU.
        failed_on: The QPU that failed it; else empty.
    """

    status: str
    begin_s: float
    end_s: float
    busy_s: float
    energy_j: float
    shots: Mapping[str, int]
    failed_on: str = ""


@dataclass(frozen=True)
class PoolRound:
    """What a pool made of a round.

    Args:
        clients: By their numbers.
        seconds: How long it took: to the last job's end, or to the deadline where somebody missed it.
        queue_s: By QPU, the wait before its first job.
        busy_s: By QPU, the seconds that it worked.
        energy_j: Of all jobs.
    """

    clients: Mapping[int, ClientJob]
    seconds: float
    queue_s: Mapping[str, float]
    busy_s: Mapping[str, float]
    energy_j: float


def training_job(name: str, loads: Sequence[PieceLoad], evaluations: Sequence[int], deadline_s: float = inf) -> Job:
    """Return a job of stages one after the other, each of which runs all pieces of a circuit.

    Args:
        name: For people.
        loads: What the pieces take for one value of the circuit.
        evaluations: Values of the circuit that each stage needs, such as those of a gradient for a batch.
        deadline_s: When all must be done; inf for never.

    Example:
        >>> job = training_job("client 1", [PieceLoad(3, 9, circuits=5, shots=100)], [64, 64])
        >>> [(sub.shots, sub.after) for sub in job.cuts[CUT]]
        [(32000, ()), (32000, (0,))]
    """
    subs: list[Subcircuit] = []
    before: tuple[int, ...] = ()
    for count in _stages(evaluations):
        now = tuple(range(len(subs), len(subs) + len(loads)))
        subs += [Subcircuit(each.qubits, each.depth, each.circuits * each.shots * count, before) for each in loads]
        before = now
    return Job(name, min(deadline_s, NEVER_S), {CUT: subs})


def run_round(
    backends: Sequence[Backend], jobs: Mapping[int, Job], scheduler: str, seed: int, path: tuple[int, ...]
) -> PoolRound:
    """Return what a pool makes of a round's jobs; the same arguments give the same.

    Args:
        backends: The QPUs.
        jobs: By client.
        scheduler: A key of `SCHEDULERS`.
        seed: The run's.
        path: What names the draws, such as the round.

    Raises:
        ConfigError: If there is no such scheduler, or a job has a piece that no QPU takes.
    """
    queue_s = {each.name: each.wait_s(stream(seed, "pool", "queue", each.name, *path)) for each in backends}
    draw = stream(seed, "pool", "schedule", *path)
    order = [list(jobs)[k] for k in draw.permutation(len(jobs))]  # else of equal jobs the same are always dropped
    qpus = tuple(_qpu(each, queue_s[each.name]) for each in backends)
    load = Workload(qpus, tuple(jobs[client] for client in order))
    require_takers(load)
    made = _scheduler(scheduler)(load, seed=int(draw.integers(2**31)))
    if faults := violations(load, made):
        raise AssertionError(f"{scheduler} made a schedule that cannot be run: {faults[0]}")
    clients = {
        client: _outcome(backends, [f for f in made.fragments if f.job == order.index(client)], seed, (*path, client))
        for client in jobs
    }
    late = any(each.status == "missed" for each in clients.values())
    busy_s = {each.name: sum(_lasted(f) for f in made.fragments if f.qpu == m) for m, each in enumerate(backends)}
    energy_j = sum(each.energy_j for each in clients.values())
    seconds = max((job.deadline_s for job in jobs.values()), default=0.0) if late else made.makespan_s()
    return PoolRound(clients, seconds, queue_s, busy_s, energy_j)


def require_takers(load: Workload) -> None:
    """Return if every sub-circuit of every job has a QPU that takes it.

    Raises:
        ConfigError: If not.
    """
    for job in load.jobs:
        for sub in job.cuts[CUT]:
            if not load.eligible(sub):
                raise ConfigError(
                    f"{job.name}: a piece has {sub.qubits} qubits and {sub.depth} layers, which no QPU of the pool "
                    "takes; give one a larger depth, or the circuit fewer layers"
                )


def _scheduler(name: str) -> Callable[..., QuantumSchedule]:
    if name not in SCHEDULERS:
        raise ConfigError(f"{name!r} is no scheduler of a pool; give one of {', '.join(SCHEDULERS)}")
    return SCHEDULERS[name]


def _qpu(backend: Backend, free_s: float) -> Qpu:
    depth, shot_s = backend.depth or DEEPEST, backend.shot_s
    return Qpu(backend.name, backend.qubits, depth, shot_s, backend.layer_s, backend.setup_s, free_s)


def _outcome(backends: Sequence[Backend], own: Sequence[Fragment], seed: int, path: tuple[int, ...]) -> ClientJob:
    """Return what became of a client whose fragments are these."""
    if not own:
        return ClientJob("missed", inf, inf, 0.0, 0.0, {})
    shots: dict[str, int] = defaultdict(int)
    for fragment in own:
        shots[backends[fragment.qpu].name] += fragment.shots
    energy_j = sum(backends[fragment.qpu].energy_j(_lasted(fragment)) for fragment in own)
    used = [each for each in backends if each.name in shots]
    failed = [u.name for u in used if stream(seed, "pool", "failure", u.name, *path).random() < u.failure]
    begin_s, end_s = min(f.start_s for f in own), max(f.end_s for f in own)
    busy_s = sum(map(_lasted, own))
    status = "failed" if failed else "served"
    return ClientJob(status, begin_s, end_s, busy_s, energy_j, dict(shots), failed[0] if failed else "")


def _lasted(fragment: Fragment) -> float:
    return fragment.end_s - fragment.start_s


def _stages(evaluations: Sequence[int]) -> list[int]:
    """Return the evaluations of stages, neighbours added up where there are too many."""
    size = -(-len(evaluations) // MOST_STAGES) or 1
    return [sum(evaluations[k : k + size]) for k in range(0, len(evaluations), size)]
