"""The server's step size by round.

Flower's strategies keep their step size in an attribute that they read in every aggregation, under three names, and
know no schedule. The server loop therefore calls `set_round` before each round: a plain assignment, nothing wrapped
and nothing overridden. The step depends on settings and round alone, so a resumed run needs no state for it.
"""

from flwr.serverapp.strategy import FedAdagrad, FedAdam, FedAvgM, FedYogi, Strategy

from qfl.config import Settings
from qfl.federation.angle_strategy import AngleStrategy
from qfl.step_size import step_factor

STEP_ATTRIBUTES: dict[type[Strategy], str] = {
    AngleStrategy: "learning_rate",
    FedAvgM: "server_learning_rate",
    FedAdam: "eta",
    FedYogi: "eta",
    FedAdagrad: "eta",
}


def has_step(strategy: Strategy) -> bool:
    """Tell whether the strategy has a server step size at all."""
    return type(strategy) in STEP_ATTRIBUTES


def set_round(strategy: Strategy, settings: Settings, round_number: int) -> None:
    """Give the strategy its step size of this round; strategies without one are left alone.

    Args:
        strategy: Made by ``strategies.registry.make``.
        settings: Gives ``strategy.learning-rate``, ``strategy.schedule`` and ``rounds``.
        round_number: From 1 to ``settings.rounds``.
    """
    if has_step(strategy):
        factor = step_factor(settings.strategy.schedule, round_number, settings.rounds)
        setattr(strategy, STEP_ATTRIBUTES[type(strategy)], factor * base_step(settings))


def base_step(settings: Settings) -> float:
    """Return the step size before any schedule: the user's, or where that is 0, the strategy's own.

    FedAdam, FedYogi and FedAdagrad take Flower's values. FedAvgM takes 1 - momentum: its velocity adds up to
    1 / (1 - momentum) times a steady update, so this moves as far as FedAvg does. All others take 1.

    Example:
        >>> round(base_step(Settings.from_flat({"strategy.name": "fedavgm", "strategy.momentum": 0.8})), 3)
        0.2
    """
    own = {"fedavgm": 1 - settings.strategy.momentum, "fedadam": 0.1, "fedyogi": 0.01, "fedadagrad": 0.1}
    return settings.strategy.learning_rate or own.get(settings.strategy.name, 1.0)
