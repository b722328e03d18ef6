"""A pure rule of a user's own as a Flower strategy: a function of what came back, and of what it returned before.

::

    def rule(angles, updates, weights, state, decay=0.9):      # decay: [strategy.my]
        ...
        return angles, state                                   # or the angles alone, where it takes no state

It is called with those of these that its arguments name, in double precision:

::

    angles          what was broadcast, [angle]      updates        what came back, [client angle]
    weights         samples of each client           state          what it returned; {} before the first round
    layout          names and periods                learning_rate  the server's step size of this round
    round_number    from 1                           rng            a generator of this round, from the run's seed
    loss, train_loss, noise                          one number of each client
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from types import FunctionType
from typing import Any

import numpy as np
from flwr.serverapp.exception import AggregationError

from qfl.aggregation.aggregate import Aggregate
from qfl.angles import AngleLayout
from qfl.errors import ConfigError
from qfl.extend import raised
from qfl.federation.strategy.angle_strategy import AngleStrategy
from qfl.federation.strategy.constants import rebound
from qfl.own_calls import own_arguments, taken
from qfl.seeds import stream

OF_CLIENTS = ("loss", "train_loss", "noise")
OFFERED = (
    *("angles", "received", "updates", "weights", "state", "layout", "learning_rate", "round_number", "rng"),
    *OF_CLIENTS,
)
KEY = "strategy.name"
MADE_UP = 4
"""Updates on which a rule is tried before anything is trained."""


def is_rule(thing: Any) -> bool:
    """Return whether a user's object is a rule: what takes an argument ``updates``, and is no class.

    Example:
        >>> is_rule(lambda angles, updates: updates[0]), is_rule(lambda layout: None)
        (True, False)
    """
    return not isinstance(thing, type) and callable(thing) and "updates" in taken(thing, KEY)


class OwnRule(AngleStrategy):
    """Run a user's rule on the replies, and keep its state for the checkpoint.

    Args:
        rule: The user's function.
        layout: Names and periods of the entries.
        mine: Its own settings, the table ``[strategy.my]``.
        seed: The run's.
        learning_rate: Server step size.

    Raises:
        ConfigError: If the rule asks for what there is not, is given what it does not take, remembers elsewhere than
            in its state, or gives anything but as many angles for four made-up updates.

    Example:
        >>> OwnRule(lambda angles, updates: updates.mean(0), AngleLayout(("a",), (6.28,))).memory
        {}
    """

    def __init__(
        self,
        rule: Callable[..., Any],
        layout: AngleLayout,
        mine: Mapping[str, Any] | None = None,
        *,
        seed: int = 0,
        learning_rate: float = 1.0,
    ):
        asked = taken(rule, KEY)
        own = own_arguments(rule, KEY, dict.fromkeys(OFFERED), mine or {})
        if hidden := list(rebound(rule)) if isinstance(rule, FunctionType) else []:
            raise ConfigError(
                f"{KEY}: {rule.__name__} remembers in {hidden[0]!r}, a variable outside it, which no checkpoint holds; "
                "take an argument state and return (angles, state)"
            )
        self.asked = [name for name in OFFERED if name in asked]
        super().__init__(
            rule,
            layout,
            learning_rate=learning_rate,
            client_metrics=tuple(name for name in OF_CLIENTS if name in asked),
            **own,
        )
        self.seed, self.memory = seed, {}
        self._try(len(layout))

    def combine(
        self, server_round: int, updates: np.ndarray, weights: np.ndarray, columns: dict[str, np.ndarray]
    ) -> Aggregate:
        """Return what the user's rule makes of a round's updates, and keep its state.

        Args:
            server_round: From 1.
            updates: The angles that came back, in double precision.
            weights: Training samples of each client.
            columns: What the rule takes besides, one number per client.

        Raises:
            AggregationError: With a sentence, if the rule raises or gives no angles.
        """
        angles = self.broadcast.astype(np.float64)
        name = getattr(self.rule, "__name__", type(self.rule).__name__)
        try:
            found = self._called(self.rule, server_round, angles, updates, weights, columns)
        except Exception as error:
            raise AggregationError(f"the rule {name} {raised(error)}") from error
        found, state = self._parted(found, name)
        aggregate = _aggregate(found, len(angles), name)
        self.memory = deepcopy(state)
        return aggregate

    def _called(
        self,
        rule: Callable[..., Any],
        server_round: int,
        angles: np.ndarray,
        updates: np.ndarray,
        weights: np.ndarray,
        columns: Mapping[str, np.ndarray],
    ) -> Any:
        offered = {"angles": angles, "received": angles, "updates": updates, "weights": weights, "layout": self.layout}
        offered |= {"state": deepcopy(self.memory), "learning_rate": self.learning_rate, "round_number": server_round}
        offered |= {"rng": stream(self.seed, "strategy", "rule", server_round), **columns}
        return rule(**{key: offered[key] for key in self.asked}, **self.parameters)

    def _try(self, count: int) -> None:
        """Refuse a rule that gives no angles, or another number; what else it does with made-up ones is passed over."""
        draw, name = stream(self.seed, "strategy", "rule", 0), getattr(self.rule, "__name__", type(self.rule).__name__)
        angles, ones = draw.uniform(size=count), np.ones(MADE_UP)
        updates = angles + 0.01 * draw.normal(size=(MADE_UP, count))
        try:
            with np.errstate(all="ignore"):
                found = self._called(deepcopy(self.rule), 1, angles, updates, ones, dict.fromkeys(OF_CLIENTS, ones))
        except Exception:
            return  # a round says so, with its sentence
        try:
            _of_length(self._parted(found, name)[0], count, name)
        except AggregationError as error:
            raise ConfigError(f"{KEY}: {error}") from None

    def _parted(self, found: Any, name: str) -> tuple[Any, Any]:
        """Return what a rule gave as angles and state; the state of a rule that has none stays empty."""
        if "state" in self.asked:
            if isinstance(found, tuple) and len(found) == 2:
                return found
            raise AggregationError(f"the rule {name} takes a state, so it must return (angles, state)")
        if isinstance(found, tuple):
            raise AggregationError(f"the rule {name} returns {len(found)} things; return angles, or take a state")
        return found, self.memory


def _aggregate(found: Any, count: int, name: str) -> Aggregate:
    """Return a rule's angles and what it reports, checked: as many finite numbers as were broadcast."""
    angles, reported = _of_length(found, count, name)
    if wrong := int((~np.isfinite(angles)).sum()):
        raise AggregationError(f"the rule {name} gave {wrong} of {count} angles that are not finite")
    return Aggregate(angles, reported)


def _of_length(found: Any, count: int, name: str) -> tuple[np.ndarray, Any]:
    """Return a rule's angles, of which there must be as many, and what it reports."""
    raw, reported = (found.angles, found.diagnostics) if isinstance(found, Aggregate) else (found, {})
    try:
        angles = np.array(raw, dtype=np.float64)
    except (TypeError, ValueError):
        raise AggregationError(f"the rule {name} gave a {type(raw).__name__}, expected {count} angles") from None
    if angles.shape != (count,):
        raise AggregationError(f"the rule {name} gave an array of shape {angles.shape}, expected {count} angles")
    return angles, reported
