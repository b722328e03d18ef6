"""The server's step size by round.

Flower's strategies keep their step size in an attribute that they read in every aggregation, under three names, and
know no schedule. The server loop therefore calls `set_round` before each round: a plain assignment, nothing wrapped
and nothing overridden. The step depends on settings and round alone, so a resumed run needs no state for it.

What derives from one of these has its base's step, and a wrapper the step of the strategy within. A strategy of another
kind says where its step is: ``step_attribute = "eta"``.
"""

from typing import Any

from flwr.serverapp.strategy import FedAvgM, Strategy
from flwr.serverapp.strategy.fedopt import FedOpt

from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy
from qfl.federation.strategy.state import layers
from qfl.step_size import step_factor

STEP_ATTRIBUTES: dict[type[Strategy], str] = {
    AngleStrategy: "learning_rate",
    FedAvgM: "server_learning_rate",
    FedOpt: "eta",
}

SMALLEST_TAU = 1e-19


def has_step(strategy: Strategy) -> bool:
    """Tell whether the strategy has a server step size at all."""
    return _step_of(strategy) is not None


def own_step(strategy: Strategy) -> float | None:
    """Return the step size that the strategy has now, None where it has none; ask before the first `set_round`."""
    found = _step_of(strategy)
    return getattr(*found) if found else None


def set_round(strategy: Strategy, settings: Settings, round_number: int, own: float | None) -> None:
    """Give the strategy its step size of this round; strategies without one are left alone.

    Args:
        strategy: Made by ``strategies.registry.make``, or a user's.
        settings: Gives ``strategy.learning-rate``, ``strategy.schedule`` and ``rounds``.
        round_number: From 1 to ``settings.rounds``.
        own: The step size that the strategy was made with, where the settings name none; None where it has none.
    """
    if (found := _step_of(strategy)) and own is not None:
        factor = step_factor(settings.strategy.schedule, round_number, settings.rounds)
        setattr(*found, factor * (settings.strategy.learning_rate or own))


def adaptivity_floor(settings: Settings) -> float:
    """Return ``strategy.tau``, or for 0 the smallest number with which an angle that never moves makes no step.

    Without it Flower divides 0 by 0. Single precision squares nothing below 1e-19, so whatever moves is not affected.

    Example:
        >>> adaptivity_floor(Settings.from_flat({"strategy.tau": 0.0}))
        1e-19
    """
    return max(settings.strategy.tau, SMALLEST_TAU)


def _step_of(strategy: Strategy) -> tuple[Any, str] | None:
    """Return the object that holds the step size, and the attribute's name."""
    for layer in layers(strategy):
        names = [name for kind, name in STEP_ATTRIBUTES.items() if isinstance(layer, kind)]
        if name := getattr(layer, "step_attribute", None) or next(iter(names), None):
            return layer, name
    return None
