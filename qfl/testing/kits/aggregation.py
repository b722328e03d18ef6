"""What every aggregation rule must be: a pure mean of what the clients sent, of a fleet of any order.

::

    assert run(checks(delta_mean, layout)) == []
"""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite, pi
from typing import Any

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, Rule
from qfl.angles import AngleLayout
from qfl.seeds import stream
from qfl.testing.kits import Check

CLIENTS, CASES = 5, 50


def checks(
    rule: Rule,
    layout: AngleLayout,
    *,
    by_client: Mapping[str, Float[np.ndarray, " client"]] | None = None,
    periodic: bool = False,
    robust: bool = False,
    screened: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Iterator[Check]:
    """Yield what must be true of a rule.

    Args:
        rule: ``(received, updates, weights, layout, *, learning_rate, **by_client) -> Aggregate``.
        layout: Of one entry or more; the rule is tried on random angles of it.
        by_client: The rule's arguments that hold one number for each of five clients.
        periodic: Whether the rule knows that an angle means the same after its period.
        robust: Whether the rule, instead of averaging as FedAvg does, survives one of five clients sending anything.
        screened: Of a rule that leaves updates of one kind out, what makes one of that kind of an honest movement.
    """
    kit = _Kit(rule, layout, dict(by_client or {}))
    yield "as many finite angles come back as were broadcast, and what is reported is finite numbers", kit.shape
    yield "the rule is pure: nothing is remembered, and no argument is changed", kit.pure
    yield "if nobody moved the angles stay", kit.nobody
    yield "if all moved alike the angles go where they went", kit.together
    yield "the order of clients does not matter", kit.order
    if robust:
        yield "a client that sends anything has no say where the others agree", kit.liar
    elif screened:
        yield "a client that sends what is screened has no say where the others agree", lambda: kit.screen(screened)
    else:
        yield "small movements of clients that are alike are averaged as FedAvg does", kit.small
    yield "half the step size goes half the way for small movements", kit.half
    yield "a client of weight zero has no say", kit.weightless
    yield "weights that are negative, not finite or all zero are refused", kit.weights
    yield "a layout of another length is refused", kit.length
    if periodic:
        yield "whole periods added to any client's angles change nothing", kit.periods
        yield "a whole period added to the received angles shifts the result by it", kit.shift
        yield "no angle moves by more than half its period", kit.longest


class _Kit:
    """The checks of one rule."""

    def __init__(self, rule: Rule, layout: AngleLayout, by_client: dict[str, np.ndarray]):
        self.rule, self.layout, self.by_client = rule, layout, by_client
        self.period = np.array(layout.periods)
        self.whole = np.where(np.isfinite(self.period), self.period, 0.0)  # multiples of it change no model

    def of(self, received, updates, weights, chosen: Any = slice(None), **parameters: Any) -> Aggregate:
        """Return what the rule makes of some of the clients."""
        own = {name: numbers[chosen] for name, numbers in self.by_client.items()}
        return self.rule(received, updates[chosen], weights[chosen], self.layout, **own, **parameters)

    def cases(self, spread: float) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.random.Generator]]:
        """Yield received angles, updates scattered around them, weights, and a generator.

        The middle angles of rotations stay away from 0 and pi, where the outer two are not unique.
        """
        middle = [triple[1] for triple in self.layout.rotations]
        for number in range(CASES):
            rng = stream(number, "kit", "aggregation")
            received = rng.uniform(-7, 7, len(self.layout))
            received[middle] = rng.uniform(0.2 * pi, 0.8 * pi, len(middle))
            yield received, received + rng.normal(0, spread, (CLIENTS, len(received))), rng.uniform(0.5, 9, 5), rng

    def shape(self) -> None:
        for received, updates, weights, _ in self.cases(1.0):
            found = self.of(received, updates, weights)
            assert found.angles.shape == received.shape, f"{found.angles.shape} of {received.shape}"
            assert np.isfinite(found.angles).all(), "an angle is not finite"
            assert all(isfinite(number) for number in found.diagnostics.values()), found.diagnostics

    def pure(self) -> None:
        for received, updates, weights, _ in self.cases(0.5):
            given = received.copy(), updates.copy(), weights.copy()
            first = self.of(received, updates, weights).angles.copy()
            for name, now, before in zip(
                ("received angles", "updates", "weights"), (received, updates, weights), given, strict=True
            ):
                assert np.array_equal(now, before), f"the {name} were changed"
            again = self.of(received, updates, weights).angles
            assert again.tobytes() == first.tobytes(), "asked again, it says something else"

    def nobody(self) -> None:
        for received, updates, weights, _ in self.cases(0.0):
            _equal(self.of(received, updates, weights).angles, received, 1e-9)

    def together(self) -> None:
        for received, updates, weights, _ in self.cases(0.3):
            alike = np.tile(updates[0], (CLIENTS, 1))
            _equal(self.of(received, alike, weights).angles, updates[0], 1e-9)

    def order(self) -> None:
        for received, updates, weights, rng in self.cases(1.0):
            other = self.of(received, updates, weights, rng.permutation(CLIENTS)).angles
            _equal(other, self.of(received, updates, weights).angles, 1e-12)

    def small(self) -> None:
        alike = {name: np.ones(CLIENTS) for name in self.by_client}
        for received, updates, weights, _ in self.cases(1e-5):
            found = self.rule(received, updates, weights, self.layout, **alike).angles
            _equal(found, np.average(updates, axis=0, weights=weights), 1e-8)

    def liar(self) -> None:
        for received, updates, weights, rng in self.cases(0.3):
            sent, lightest = np.tile(updates[0], (CLIENTS, 1)), int(weights.argmin())
            sent[lightest] = rng.normal(0, 1e6, len(received))
            _equal(self.of(received, sent, weights).angles, updates[0], 1e-5)

    def screen(self, screened: Callable[[np.ndarray], np.ndarray]) -> None:
        for received, updates, weights, _ in self.cases(0.1):
            sent, bad = np.tile(updates[0], (CLIENTS, 1)), int(weights.argmax())
            sent[bad] = received + screened(updates[0] - received)
            found = self.of(received, sent, weights)
            _equal(found.angles, updates[0], 1e-9)
            assert found.kept is not None and list(found.kept) == [client != bad for client in range(CLIENTS)]

    def half(self) -> None:
        for received, updates, weights, _ in self.cases(1e-5):
            whole = self.of(received, updates, weights).angles - received
            half = self.of(received, updates, weights, learning_rate=0.5).angles - received
            _equal(half, whole / 2, 1e-8)

    def weightless(self) -> None:
        for received, updates, weights, _ in self.cases(0.4):
            weights[-1], updates[-1] = 0.0, 1e3
            _equal(
                self.of(received, updates, weights).angles,
                self.of(received, updates, weights, slice(0, CLIENTS - 1)).angles,
                1e-12,
            )

    def weights(self) -> None:
        for wrong in (-1.0, np.nan, np.inf, 0.0):
            for received, updates, weights, _ in self.cases(0.4):
                weights[:] = 0.0 if wrong == 0.0 else weights
                weights[0] = wrong
                _require_refused(lambda: self.of(received, updates, weights), f"weights {weights}")  # noqa: B023
                break

    def length(self) -> None:
        received, updates, weights, _ = next(self.cases(0.4))
        longer = AngleLayout((*self.layout.names, "one more"), (*self.layout.periods, 2 * pi))
        _require_refused(lambda: self.rule(received, updates, weights, longer, **self.by_client), "a longer layout")

    def periods(self) -> None:
        for received, updates, weights, rng in self.cases(0.5):
            turned = updates + rng.integers(-3, 4, updates.shape) * self.whole
            _equal(self.of(received, turned, weights).angles, self.of(received, updates, weights).angles, 1e-8)

    def shift(self) -> None:
        for received, updates, weights, rng in self.cases(0.5):
            shift = rng.integers(-2, 3, len(received)) * self.whole
            found = self.of(received + shift, updates + shift, weights).angles
            _equal(found, self.of(received, updates, weights).angles + shift, 1e-8)

    def longest(self) -> None:
        for received, updates, weights, _ in self.cases(3.0):
            step = np.abs(self.of(received, updates, weights).angles - received) / self.period
            assert step.max() <= 0.5 + 1e-9, f"an angle moves by {step.max():.3f} of its period"


def _equal(found: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    assert found.shape == expected.shape, f"{found.shape} angles, not {expected.shape}"
    error = np.abs(found - expected).max()
    assert error <= tolerance, f"an angle is off by {error:.3g}, more than {tolerance:g}"


def _require_refused(work, what: str) -> None:
    try:
        work()
    except ValueError:
        return
    raise AssertionError(f"{what} gave angles")
