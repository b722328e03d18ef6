"""Workloads from a seed: unequal QPUs, jobs of cut circuits, deadlines as multiples of what a job needs alone.

The paper states none of these numbers ("a few distributed QPUs and concurrent jobs"); all are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, isfinite

import numpy as np

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.decoder import Decoder
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload
from qfl.backbone.runtime.overhead import CutCost, gate_cut, lo_wire_cut, locc_wire_cut, reused_wire_cut
from qfl.errors import ConfigError
from qfl.seeds import stream

WIRE_CUTS = {"locc": locc_wire_cut, "lo": lo_wire_cut, "lo_reuse": reused_wire_cut}
"""Ways to cut a wire: with classical communication; without; without, each side's data used for all terms."""


@dataclass(frozen=True)
class WorkloadSettings:
    """What is drawn.

    Args:
        jobs: Jobs in the buffer, all released now.
        qpus: QPUs; one takes every circuit.
        coefficients: Deadline coefficients, one drawn for each job: its deadline over the time it needs on the idle
            pool, cut with communication. From 1 on a job can be done if it is alone.
        widths: Least and most qubits of a sub-circuit.
        depths: Least and most layers.
        shots: Least and most shots of an uncut circuit.
        wires: Wires of a wire cut.
        setup_s: Seconds of set-up; a QPU's own is within a fifth of it.
        latency_s: Seconds that outcomes take from one QPU to another.
    """

    jobs: int = 8
    qpus: int = 4
    coefficients: Sequence[float] = (1.5, 3.0, 6.0)
    widths: tuple[int, int] = (5, 20)
    depths: tuple[int, int] = (10, 100)
    shots: tuple[int, int] = (500, 2000)
    wires: int = 1
    setup_s: float = 0.05
    latency_s: float = 0.005

    def __post_init__(self):
        if self.jobs < 0 or self.qpus < 1:
            raise ConfigError(f"{self.jobs} jobs on {self.qpus} QPUs; give 0 jobs or more and 1 QPU or more")
        if not self.coefficients or not all(isfinite(alpha) and alpha > 0 for alpha in self.coefficients):
            raise ConfigError(f"deadline coefficients are {list(self.coefficients)}; give finite numbers above 0")


def draw_workload(settings: WorkloadSettings, seed: int) -> Workload:
    """Return QPUs and jobs.

    Example:
        >>> load = draw_workload(WorkloadSettings(jobs=3), seed=1)
        >>> len(load.jobs), sorted(load.jobs[0].cuts)
        (3, ['lo', 'lo_reuse', 'locc'])
    """
    generator = stream(seed, "backbone", "workload")
    qpus = tuple(_qpu(settings, m, generator) for m in range(settings.qpus))
    jobs = tuple(_job(settings, j, generator) for j in range(settings.jobs))
    patient = Workload(qpus, jobs, settings.latency_s)
    decoder = Decoder(patient)
    alphas = generator.choice(np.array(settings.coefficients), settings.jobs)
    timed = [
        replace(job, deadline_s=float(a) * decoder.alone_s(j, "locc"))
        for j, (job, a) in enumerate(zip(jobs, alphas, strict=True))
    ]
    return replace(patient, jobs=tuple(timed))


def draw_arrivals(settings: WorkloadSettings, rate: float, seed: int) -> Workload:
    """Return the workload of `draw_workload` whose jobs arrive one by one, a Poisson process.

    Args:
        settings: Of the workload; a deadline is as long after the arrival as it was after the beginning.
        rate: Jobs a second, above 0.
        seed: Of everything that is drawn.

    Raises:
        ConfigError: If the rate is not a finite number above 0.

    Example:
        >>> load = draw_arrivals(WorkloadSettings(jobs=3), rate=1.0, seed=1)
        >>> load.jobs[0].release_s, load.jobs[1].release_s > 0
        (0.0, True)
    """
    if not (isfinite(rate) and rate > 0):
        raise ConfigError(f"rate is {rate:g} jobs a second; give a finite number above 0")
    whole, draw = draw_workload(settings, seed), stream(seed, "backbone", "arrivals")
    waits = draw.exponential(1 / rate, len(whole.jobs))
    arrivals = np.cumsum(waits) - (waits[0] if len(waits) else 0.0)
    jobs = [
        replace(job, release_s=float(at), deadline_s=job.deadline_s + float(at))
        for job, at in zip(whole.jobs, arrivals, strict=True)
    ]
    return replace(whole, jobs=tuple(jobs))


def _qpu(settings: WorkloadSettings, m: int, generator: np.random.Generator) -> Qpu:
    """Return QPU m: the first takes all circuits, others are of the usual sizes."""
    size, shot_s = int(generator.choice([8, 12, 16, 20, 27])), generator.uniform(2e-4, 6e-4)
    depth, setup_s = int(generator.integers(40, 121)), settings.setup_s * generator.uniform(0.8, 1.2)
    if m == 0:
        size, depth = max(27, settings.widths[1]), max(depth, settings.depths[1])
    return Qpu(f"qpu{m}", size, depth, float(shot_s), 3e-7, float(setup_s))


def _job(settings: WorkloadSettings, j: int, generator: np.random.Generator) -> Job:
    """Return job j, whose deadline is still far: a gate cut (one in four), a wire cut (two in four), or both."""
    kind, shots = generator.integers(4), int(generator.integers(settings.shots[0], settings.shots[1] + 1))
    sides = [
        (
            int(generator.integers(*settings.widths, endpoint=True)),
            int(generator.integers(*settings.depths, endpoint=True)),
        )
        for _ in range(4)
    ]
    gate = _subcircuits(gate_cut(), sides[:2], shots) if kind in (0, 3) else []
    cuts = {
        name: [*gate, *(_subcircuits(cost(settings.wires), sides[2:], shots, len(gate)) if kind else [])]
        for name, cost in WIRE_CUTS.items()
    }
    return Job(f"job{j}", 1e9, cuts)


def _subcircuits(cost: CutCost, sides: Sequence[tuple[int, int]], shots: int, already: int = 0) -> list[Subcircuit]:
    """Return the sub-circuits of a cut; those of the second side wait for their partner on the first, if at all."""
    (q, h), (r, g) = sides
    first = [Subcircuit(q, h, ceil(shots * cost.first_shots / cost.first)) for _ in range(cost.first)]
    second = [
        Subcircuit(r, g, ceil(shots * cost.second_shots / cost.second), (already + i,) if cost.waits else ())
        for i in range(cost.second)
    ]
    return first + second
