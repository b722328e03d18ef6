"""What the runs say of each reading: who is sooner at a level, who ends higher, by how much, and how sure that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from qfl.spread import mean, or_none
from qfl.studies.bands import interval
from qfl.studies.federations.outcome import LEVELS
from qfl.studies.federations.settings import LearningSettings

from .fig4b_runs import AMOUNTS, Run


@dataclass(frozen=True)
class Reading:
    """What "QFL converges faster than FL" may mean.

    Args:
        name: Of the axis on which the two differ.
        first: The choice that the claim is for.
        second: The choice that it is beside.
        published: Choices on the other axes that are the paper's, or nearest to it.
        ours: Choices on the other axes as fig4b.toml has them.
    """

    name: str
    first: str
    second: str
    published: tuple[str, ...]
    ours: tuple[str, ...]


READINGS = (
    Reading("learner", "QFL", "FL", ("QAOA", "mean", "all"), ("QAOA", "fedadam", "first")),
    Reading("scheduler", "QAOA", "SCA", ("FL", "mean", "all"), ("FL", "fedadam", "first")),
)


def reading(asked: Reading, grid: LearningSettings, runs: Sequence[Run]) -> dict[str, Any]:
    """Return a row for every choice on the other axes, and which of them are the paper's and ours.

    Args:
        asked: The reading.
        grid: What was compared.
        runs: All of them.
    """
    rows = {" + ".join(rest): _row(asked, first, second) for rest, first, second in _pairs(asked, grid, runs)}
    named = {"as_published": " + ".join(asked.published), "ours": " + ".join(asked.ours)}
    return {
        "first": asked.first,
        "second": asked.second,
        "rows": rows,
        **{name: {"cell": cell} | rows[cell] if cell in rows else None for name, cell in named.items()},
    }


def _pairs(
    asked: Reading, grid: LearningSettings, runs: Sequence[Run]
) -> Iterator[tuple[tuple[str, ...], list[Run], list[Run]]]:
    """Yield the other axes' choices with the runs of both sides, by the seeds that both have."""
    place = list(grid.axes).index(asked.name)
    names = [[choice.name for choice in choices] for axis, choices in grid.axes.items() if axis != asked.name]
    known = {(run.names, run.seed): run for run in runs}
    seeds = sorted({run.seed for run in runs})
    for rest in product(*names):
        sides = [(*rest[:place], side, *rest[place:]) for side in (asked.first, asked.second)]
        both = [seed for seed in seeds if all((side, seed) in known for side in sides)]
        first, second = ([known[side, seed] for seed in both] for side in sides)
        if both:
            yield rest, first, second


def _row(asked: Reading, first: Sequence[Run], second: Sequence[Run]) -> dict[str, Any]:
    """Return what two sides come to, paired by seed."""
    reached = [level for level in LEVELS if all(np.isfinite(run.until(level, "rounds")) for run in (*first, *second))]
    found = {"level": None, "sooner_percent": {}, "until": {}} if not reached else _sooner(first, second, max(reached))
    found["gain_points"] = {}
    for what in ("devices", "test"):
        ends = [[100 * float(run.value[what][-1]) for run in side] for side in (first, second)]
        found[f"end_{what}"] = [or_none(mean(side)) for side in ends]
        found["gain_points"][what] = _spread([one - two for one, two in zip(*ends, strict=True)])
    return found | {"verdict": _verdict(asked, found)}


def _sooner(first: Sequence[Run], second: Sequence[Run], level: float) -> dict[str, Any]:
    """Return how long both sides take to a level that all of them reach, and how much less the first takes."""
    times = {amount: [[run.until(level, amount) for run in side] for side in (first, second)] for amount in AMOUNTS}
    return {
        "level": level,
        "sooner_percent": {
            amount: _spread([100 * (1 - one / two) for one, two in zip(*sides, strict=True)])
            for amount, sides in times.items()
        },
        "until": {amount: [or_none(mean(side)) for side in sides] for amount, sides in times.items()},
    }


def _spread(values: Sequence[float]) -> dict[str, Any]:
    low, high = interval(values)
    return {"mean": or_none(mean(values)), "low": or_none(low), "high": or_none(high), "seeds": len(values)}


def _verdict(asked: Reading, row: dict[str, Any]) -> str:
    """Return in words who is sooner in seconds, and who ends higher."""
    sooner = _who(asked, row["sooner_percent"]["seconds"]) if row["level"] else "no level that both reach"
    return f"sooner: {sooner}; higher at the end: {_who(asked, row['gain_points']['devices'])}"


def _who(asked: Reading, found: dict[str, Any]) -> str:
    """Return the side that is ahead; where the 95 % interval holds 0, or there is none, that it may be chance."""
    ahead = asked.first if found["mean"] > 0 else asked.second
    if found["low"] is None:
        return f"{ahead}, one seed"
    return ahead if found["low"] > 0 or found["high"] < 0 else "not told from chance"
