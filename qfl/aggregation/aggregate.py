"""What every aggregation rule takes and gives back.

A rule is a pure function ``(received, updates, weights, layout, **parameters) -> Aggregate``. It knows nothing of
rounds, messages or Flower; `qfl.federation.strategy.angle_strategy.AngleStrategy` runs it on replies.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float

from qfl.angles import AngleLayout
from qfl.arrays import checked
from qfl.errors import InputError


@dataclass(frozen=True)
class Aggregate:
    """The new angles, and what the rule saw on the way.

    Args:
        angles: The vector to broadcast next; continuous with the received one, never wrapped, so curves do not jump.
        diagnostics: Numbers for the round's row, such as ``resultant_min``.
        kept: Of a rule that judges whole updates, whose it took; None of any other.
    """

    angles: Float[np.ndarray, " angle"]
    diagnostics: dict[str, float] = field(default_factory=dict[str, float])
    kept: Bool[np.ndarray, " client"] | None = None


Rule = Callable[..., Aggregate]
"""A function of received [angle], updates [client angle], weights [client], a layout, and parameters by name."""


@checked(free="weights")
def shares(weights: Float[np.ndarray, " client"]) -> Float[np.ndarray, " client"]:
    """Return weights that sum to one.

    Raises:
        InputError: If a weight is negative or not finite, or if all are zero.

    Example:
        >>> shares(np.array([1.0, 3.0]))
        array([0.25, 0.75])
    """
    if not np.all(np.isfinite(weights)) or np.any(weights < 0) or not np.any(weights > 0):
        raise InputError(f"weights must be finite, not negative and not all zero, not {weights}")
    with np.errstate(over="ignore"):
        total = weights.sum()
    return weights / total if np.isfinite(total) else shares(weights / weights.max())


def require_layout(layout: AngleLayout, received: Float[np.ndarray, " angle"]) -> None:
    """Refuse angles that are not as many as the layout has.

    Raises:
        InputError: With both numbers.
    """
    if len(layout) != len(received):
        raise InputError(f"the layout has {len(layout)} angles, but {len(received)} were given; give as many as it has")


@checked(some="client")
def weighted_mean(
    share: Float[np.ndarray, " client"], values: Float[np.ndarray, "client angle"]
) -> Float[np.ndarray, " angle"]:
    """Return the mean over clients, added up client by client (a BLAS product may differ in its last bit)."""
    return (share[:, None] * values).sum(axis=0)
