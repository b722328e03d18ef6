"""A problem in parts, each on a QPU of some site, that exchange classical results alone.

Round by round every part is solved with the others' variables as they are, all at once at their sites; then the answers
are taken over one after the other, each only if the energy of the whole is not higher with it. A round that changes
nothing is the last. This is our reading of "classical-coordination DQC" (section II-D of the paper).
"""

from collections.abc import Hashable, Mapping
from time import perf_counter

import dimod
import numpy as np

from qfl.backbone.applications.posed import Posed
from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import DISTRIBUTED, Pool
from qfl.backbone.orchestration.attempt import JITTER, Attempt, ask
from qfl.backbone.orchestration.mode import Mode
from qfl.backbone.orchestration.partition import Part
from qfl.backbone.orchestration.policy.features import HardwareState
from qfl.backbone.runtime.pipeline.reduce import Reduction
from qfl.backbone.runtime.pipeline.solve import Solved
from qfl.backbone.runtime.pipeline.verify import verify
from qfl.seeds import stream

ROUNDS = 4
Sample = dict[Hashable, int]


def attempt_in_parts(
    mode: Mode,
    pool: Pool,
    posed: Posed,
    reduction: Reduction,
    *,
    seed: int,
    now_s: float = 0.0,
) -> Attempt:
    """Return what the QPUs of several sites make of a reduced problem; what one raises is a failure of all.

    Args:
        mode: With the parts.
        pool: Of the QPUs, with the seconds between sites.
        posed: The problem, for its constraints.
        reduction: The same, reduced.
        seed: Of all draws.
        now_s: The orchestrator's clock, for drift.
    """
    draw, model = stream(seed, "backbone", "attempt", DISTRIBUTED), reduction.model
    sample: Sample = dict.fromkeys(model.variables, 0)
    seconds = energy_j = 0.0
    try:
        for _ in range(ROUNDS):
            done_s: dict[str, float] = {}
            answers: list[Sample] = []
            for part, name in mode.parts:
                backend = pool.named(name)
                answer, busy_s = _solved(backend, model, sample, part, draw, now_s)
                answers.append(answer)
                done_s[name] = done_s.get(name, backend.wait_s(draw)) + busy_s
                energy_j += backend.energy_j(busy_s)
            seconds += max(done_s.values()) + 2 * pool.between_sites_s
            before, sample = sample, _taken_over(model, sample, answers)
            if sample == before:
                break
    except Exception as error:
        return Attempt(DISTRIBUTED, seconds, energy_j, None, f"{type(error).__name__}: {error}"[:200])
    solved = Solved(sample, float(model.energy(sample)), seconds, DISTRIBUTED)
    return Attempt(DISTRIBUTED, seconds, energy_j, verify(reduction, solved, posed.feasible))


def state_of_parts(mode: Mode, pool: Pool, states: Mapping[str, HardwareState], now_s: float) -> HardwareState:
    """Return what is seen of the QPUs that would solve a job's parts: the longest queue, the price of all rounds.

    Args:
        mode: With the parts.
        pool: Of the QPUs.
        states: Of each of them.
        now_s: The orchestrator's clock.
    """
    used = [pool.named(name) for _, name in mode.parts]
    return HardwareState(
        True,
        max(states[each.name].queue_s for each in used),
        max(each.calibration_age_s(now_s) for each in used),
        min(each.shots for each in used),
        ROUNDS * sum(each.energy_j(each.seconds(0.0)) for each in used),
    )


def _solved(
    backend: Backend,
    model: dimod.BinaryQuadraticModel,
    sample: Sample,
    part: Part,
    draw: np.random.Generator,
    now_s: float,
) -> tuple[Sample, float]:
    """Return a part's answer, empty where the device failed, random where noise took it, and its busy seconds."""
    own, free, begun = model.copy(), set(part), perf_counter()
    own.fix_variables({v: value for v, value in sample.items() if v not in free})
    failed, lost = draw.random() < backend.failure, draw.random() < backend.lost(now_s)
    seed = int(draw.integers(2**31))
    noise = {v: int(draw.integers(2)) for v in part} if lost else None
    answer = {} if failed else noise or ask(backend, own, seed).sample
    late = float(np.exp(draw.normal(0.0, JITTER)))
    busy_s = late * backend.seconds(0.0) if backend.simulated else perf_counter() - begun
    return {v: int(value) for v, value in answer.items()}, busy_s


def _taken_over(model: dimod.BinaryQuadraticModel, sample: Sample, answers: list[Sample]) -> Sample:
    """Return the sample with every answer that does not raise the energy of the whole."""
    best, energy = sample, float(model.energy(sample))
    for answer in answers:
        tried = best | answer
        if (found := float(model.energy(tried))) <= energy:
            best, energy = tried, found
    return best
