"""What every rule of a user's own must be: a pure function of what came back and of its state, in any order.

::

    assert run(checks(momentum, layout, decay=0.9)) == []

What a strategy must be besides is `qfl.testing.kits.strategy`'s, which takes the rule as ``OwnRule(momentum, layout)``.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from qfl.angles import AngleLayout
from qfl.federation.strategy.own_rule import OwnRule
from qfl.federation.strategy.state import snapshot
from qfl.seeds import stream
from qfl.testing.kits import Check

CLIENTS, ROUNDS = 5, 3


def checks(rule: Callable[..., Any], layout: AngleLayout, **mine: Any) -> Iterator[Check]:
    """Yield what must be true of a rule.

    Args:
        rule: As `qfl.federation.strategy.own_rule` calls it.
        layout: Of one entry or more.
        mine: Its own settings.
    """
    kit = _Kit(rule, layout, mine)
    yield "as many finite angles come back as were broadcast, round after round", kit.finite
    yield "no argument is changed", kit.unchanged
    yield "asked again in the same rounds, it says the same bits", kit.pure
    yield "the order of clients does not matter", kit.order
    yield "if nobody moves, the angles stay", kit.nobody
    yield "what it returns as its state can be saved", kit.saved


class _Kit:
    """The checks of one rule."""

    def __init__(self, rule: Callable[..., Any], layout: AngleLayout, mine: dict[str, Any]):
        self.rule, self.layout, self.mine = rule, layout, mine

    def play(self, spread: float = 0.3, order: Any = slice(None), watch: bool = False) -> tuple[OwnRule, np.ndarray]:
        """Return the strategy and the angles of every round, of a few rounds from the same start."""
        strategy, seen = OwnRule(self.rule, self.layout, self.mine), []
        angles = stream(1, "kit", "rule").uniform(-3, 3, len(self.layout))
        for number in range(1, ROUNDS + 1):
            rng = stream(number, "kit", "rule")
            updates, weights = angles + rng.normal(0, spread, (CLIENTS, len(angles))), rng.uniform(1, 9, CLIENTS)
            losses = {name: rng.uniform(0, 2, CLIENTS)[order] for name in strategy.client_metrics}
            strategy.broadcast = angles
            given = updates[order], weights[order]
            before = [each.copy() for each in given]
            angles = strategy.combine(number, *given, losses).angles
            if watch:
                assert all(map(np.array_equal, given, before)), "updates or weights were changed"
            seen.append(angles)
        return strategy, np.stack(seen)

    def finite(self) -> None:
        assert np.isfinite(self.play()[1]).all()

    def unchanged(self) -> None:
        self.play(watch=True)

    def pure(self) -> None:
        assert self.play()[1].tobytes() == self.play()[1].tobytes(), "it remembers what is not in its state"

    def order(self) -> None:
        error = np.abs(self.play()[1] - self.play(order=np.array([3, 0, 4, 2, 1]))[1]).max()
        assert error <= 1e-9, f"an angle is off by {error:.3g}"

    def nobody(self) -> None:
        start = stream(1, "kit", "rule").uniform(-3, 3, len(self.layout))
        error = np.abs(self.play(spread=0.0)[1] - start).max()
        assert error <= 1e-9, f"an angle moves by {error:.3g}"

    def saved(self) -> None:
        snapshot(self.play()[0])
