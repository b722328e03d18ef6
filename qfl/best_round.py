"""The best round by samples that nobody trains on: early choice of a model without the test set.

`data.validation` holds these samples out of the clients' shares. After every evaluated round the angles are kept that
rate best on them; they stand in the checkpoint beside the last ones, so a resumed run knows them, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ANGLES = "best/angles"  # in a checkpoint
VALIDATION = "validation_"  # before the names of figures on the held-out samples


@dataclass(frozen=True, eq=False)
class Best:
    """The best round so far.

    Args:
        round: Its number.
        score: Its figure of merit on the validation samples.
        angles: After it.
    """

    round: int
    score: float
    angles: NDArray


def better(best: Best | None, number: int, score: float | None, angles: NDArray) -> Best | None:
    """Return the best round when one more is known; of equal ones the first.

    Args:
        best: The best round before; None where none was rated.
        number: Of the new round.
        score: Its figure of merit on the validation samples; None where it was not rated.
        angles: After it.

    Example:
        >>> better(Best(1, 0.5, np.zeros(2)), 2, 0.5, np.ones(2)).round
        1
    """
    if score is None or not score > (-np.inf if best is None else best.score):
        return best
    return Best(number, score, angles)


def save(best: Best | None) -> tuple[dict[str, NDArray], dict[str, Any]]:
    """Return the arrays and the plain values that a checkpoint has of it; none where no round was rated."""
    return ({}, {}) if best is None else ({ANGLES: best.angles}, {"best": {"round": best.round, "score": best.score}})


def load(arrays: Mapping[str, NDArray], plain: Mapping[str, Any]) -> Best | None:
    """Return what `save` gave to a checkpoint.

    Raises:
        KeyError: If half of it is there.
    """
    if ANGLES not in arrays and "best" not in plain:
        return None
    return Best(plain["best"]["round"], plain["best"]["score"], arrays[ANGLES])


def best_row(rows: Iterable[Mapping[str, Any]], metric: str) -> Mapping[str, Any] | None:
    """Return the row of the best round, of equal ones the first; None where nothing was held out.

    Args:
        rows: One per round.
        metric: Name of the figure of merit.

    Example:
        >>> rows = [{"round": k, "validation_accuracy": v} for k, v in enumerate([0.1, 0.8, None, 0.8])]
        >>> best_row(rows, "accuracy")["round"]
        1
    """
    rated = [row for row in rows if isinstance(row.get(VALIDATION + metric), int | float)]
    return max(rated, key=lambda row: row[VALIDATION + metric], default=None)
