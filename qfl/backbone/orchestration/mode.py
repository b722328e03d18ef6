"""Where the quantum part of a job runs: at one site, unless three conditions hold at once.

The paper (section II-D): "The default and most practical mode in the noisy intermediate-scale quantum (NISQ) era is
single-site hybrid execution"; "Distributed quantum computing is a secondary mode, invoked when three conditions hold
simultaneously: the problem decomposes naturally into weakly coupled subproblems, no single QPU has sufficient capacity
to absorb the reduced circuit, and the inter-site coordination overhead is small relative to the solve time."

Each is a number here. It gives no limits, so they are ours: a fifth of the couplings, one, a tenth.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite
from typing import Any

import dimod

from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool
from qfl.backbone.orchestration.partition import Part, coupling, parts_of

MOST_COUPLING = 0.2  # share of the couplings between parts: "weakly coupled"
LEAST_CAPACITY = 1.0  # variables over the most that a QPU takes, above which none has "sufficient capacity"
MOST_OVERHEAD = 0.1  # coordination over solving, in seconds: "small relative to the solve time"

Natural = Callable[[int], Sequence[Collection[Hashable]]]
"""From the number of parts that are wanted to those that an application knows."""


@dataclass(frozen=True)
class Mode:
    """How a job's quantum part would run.

    Args:
        distributed: Whether in parts at several sites.
        reason: Why, in a sentence.
        coupling: Share of the couplings' sizes between parts; None where there is nothing to part.
        capacity: Variables of the reduced problem over the most that one QPU takes.
        overhead: Seconds of coordination over those of solving, of a round; None where it is not known.
        parts: The variables of each part, with the name of the QPU that solves it.
    """

    distributed: bool
    reason: str
    coupling: float | None
    capacity: float
    overhead: float | None
    parts: tuple[tuple[Part, str], ...] = ()

    @property
    def row(self) -> dict[str, Any]:
        """Everything, as plain values, with the limits."""
        return {
            "chosen": "distributed" if self.distributed else "single-site",
            "reason": self.reason,
            "coupling": self.coupling,
            "coupling_limit": MOST_COUPLING,
            "capacity": self.capacity if isfinite(self.capacity) else None,
            "capacity_limit": LEAST_CAPACITY,
            "overhead": self.overhead,
            "overhead_limit": MOST_OVERHEAD,
            "parts": [[len(part), name] for part, name in self.parts],
        }


def choose_mode(model: dimod.BinaryQuadraticModel, pool: Pool, natural: Natural | None = None) -> Mode:
    """Return the mode, with the measured conditions.

    Args:
        model: The reduced problem.
        pool: Whose quantum backends have sites.
        natural: Gives an application's own parts; spectral bisection if None.

    Example:
        >>> from qfl.backbone.infrastructure.backend import Backend
        >>> pool = Pool((Backend("host", "cpu", "annealing"), Backend("q", "qpu", "qaoa", variables=20)))
        >>> choose_mode(dimod.BinaryQuadraticModel({0: 1.0}, {}, "BINARY"), pool).reason
        'single-site: the quantum backends stand at fewer than two sites'
    """
    count, sites = model.num_variables, _room_of_sites(pool)
    capacity = count / max(sites.values()) if sites else inf
    if len(sites) < 2 or not count:
        few = "single-site: the quantum backends stand at fewer than two sites"
        return Mode(False, few if count else "single-site: nothing is left to solve", None, capacity, None)
    most = int(min(*sites.values(), count))
    wanted = max(len(sites), ceil(count / most))
    parts = parts_of(model, most, wanted, natural(wanted) if natural else ())
    placed, solve_s = _placed(parts, pool.quantum)
    between, overhead = coupling(model, parts), _over(2 * pool.between_sites_s, solve_s)
    return _judged(between, capacity, overhead, placed)


def _judged(between: float, capacity: float, overhead: float | None, parts: tuple[tuple[Part, str], ...]) -> Mode:
    """Return the mode by the three conditions; the reason names those that do not hold."""
    share = "an unknown share" if overhead is None else f"{overhead:.3f}"
    against = [
        sentence
        for sentence, holds in (
            (
                f"{between:.3f} of the couplings lie between parts, at most {MOST_COUPLING:g} may",
                between <= MOST_COUPLING,
            ),
            (f"one QPU takes the circuit ({capacity:.3f} of its variables are needed)", capacity > LEAST_CAPACITY),
            (
                f"coordination takes {share} of the solve time, at most {MOST_OVERHEAD:g} may be",
                overhead is not None and overhead <= MOST_OVERHEAD,
            ),
        )
        if not holds
    ]
    words = (
        f"single-site: {'; '.join(against)}"
        if against
        else f"distributed over {len(parts)} parts: {between:.3f} of the couplings between them, {capacity:.3f} times "
        f"what one QPU takes, coordination {share} of the solve time"
    )
    return Mode(not against, words, between, capacity, overhead, parts)


def _room_of_sites(pool: Pool) -> Mapping[str, float]:
    """Return the most variables that a QPU of each site takes."""
    room: dict[str, float] = {}
    for each in pool.quantum:
        room[each.site] = max(room.get(each.site, 0.0), each.variables or inf)
    return room


def _placed(parts: Sequence[Part], qpus: Sequence[Backend]) -> tuple[tuple[tuple[Part, str], ...], float]:
    """Return each part with the QPU that would be done with it first, and the seconds of a round; large ones first."""
    done_s = {each.name: each.queue_s for each in qpus}
    placed: list[tuple[Part, str]] = []
    for part in sorted(parts, key=len, reverse=True):
        able = [each for each in qpus if each.takes(len(part))]
        taker = min(
            able, key=lambda each: (done_s[each.name] + each.seconds(0.0), sum(n == each.name for _, n in placed))
        )
        done_s[taker.name] += taker.seconds(0.0)
        placed.append((part, taker.name))
    used = {name for _, name in placed}
    return tuple(placed), max(done_s[name] for name in used)


def _over(coordination_s: float, solve_s: float) -> float | None:
    """Return one over the other; None where the backends' seconds are not known beforehand."""
    if coordination_s == 0:
        return 0.0
    return coordination_s / solve_s if solve_s > 0 else None
