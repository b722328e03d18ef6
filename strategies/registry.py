"""All strategies by name; a new one is a file beside this one and a row here, or anybody's own by a reference.

``strategy.name = "strategies/clipped.py:make"`` calls a function of the app's own with what it asks for of ``settings``
and ``layout``, and with its own settings, the table ``[strategy.my]``; it returns any of Flower's strategies.
"""

import difflib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_object, load_own
from qfl.own_calls import call_own

if TYPE_CHECKING:
    from flwr.serverapp.strategy import Strategy


@dataclass(frozen=True)
class StrategySpec:
    """A strategy.

    Args:
        title: What it is called in pages and tables.
        maker: Reference of what makes it from settings and layout; reading the table imports none.
        settings: The settings of its own, in the table ``strategy`` of a run file.
        has_step: Whether it has a server step size, and with it ``strategy.learning-rate`` and ``strategy.schedule``.
    """

    title: str
    maker: str
    settings: tuple[str, ...] = ()
    has_step: bool = False

    @property
    def make(self) -> "Callable[[Settings, AngleLayout], Strategy]":
        """The function that makes it."""
        return load_object(self.maker)

    def idle(self, settings: Settings) -> list[str]:
        """Return the settings of the table ``strategy`` that somebody has set and that this strategy does not read.

        Example:
            >>> STRATEGIES["median"].idle(Settings.from_flat({"strategy.trim": 0.1}))
            ['strategy.trim']
        """
        own = {"name", *self.settings} | ({"learning-rate", "schedule"} if self.has_step else set())
        given = {each.name: getattr(settings.strategy, each.name) for each in fields(settings.strategy)}
        default = Settings().strategy
        changed = [name.replace("_", "-") for name, value in given.items() if value != getattr(default, name)]
        return [f"strategy.{name}" for name in changed if name not in own]


STRATEGIES: dict[str, StrategySpec] = {
    "fedavg": StrategySpec("FedAvg", "strategies.fedavg:make"),
    "fedavgm": StrategySpec("FedAvgM", "strategies.fedavgm:make", ("momentum",), True),
    "fedadam": StrategySpec("FedAdam", "strategies.fedadam:make", ("momentum", "beta2", "tau"), True),
    "fedyogi": StrategySpec("FedYogi", "strategies.fedyogi:make", ("momentum", "beta2", "tau"), True),
    "fedadagrad": StrategySpec("FedAdagrad", "strategies.fedadagrad:make", ("tau",), True),
    "fedprox": StrategySpec("FedProx", "strategies.fedprox:make", ("proximal-mu", "distance")),
    "qfedavg": StrategySpec("q-FedAvg", "strategies.qfedavg:make", ("q",)),
    "median": StrategySpec("coordinate-wise median", "strategies.median:make"),
    "trimmed-mean": StrategySpec("coordinate-wise trimmed mean", "strategies.trimmed_mean:make", ("trim",)),
    "krum": StrategySpec("Krum", "strategies.krum:make", ("byzantine",)),
    "bulyan": StrategySpec("Bulyan", "strategies.bulyan:make", ("byzantine",)),
    "delta": StrategySpec("Delta FedAvg", "strategies.delta:make", (), True),
    "circular": StrategySpec("circular mean", "strategies.circular:make", (), True),
    "su2": StrategySpec("SU(2) mean", "strategies.su2:make", (), True),
    "noise-aware": StrategySpec("noise-aware mean", "strategies.noise_aware:make", ("temperature", "floor"), True),
    "blocks": StrategySpec("mean of blocks", "strategies.blocks:make", (), True),
}


def make(settings: Settings, layout: AngleLayout) -> "Strategy":
    """Return the strategy that the settings name.

    Warns of settings of other strategies that have been set.

    Raises:
        ConfigError: If the name is unknown, or the strategy cannot work with the settings.

    Example:
        >>> type(make(Settings.from_flat({"strategy.name": "median"}), AngleLayout(("a",), (6.28,)))).__name__
        'FedMedian'
    """
    name = settings.strategy.name
    if is_reference(name):
        return _own(settings, layout)
    if name not in STRATEGIES:
        raise ConfigError(_unknown(name))
    if idle := STRATEGIES[name].idle(settings):
        verb = "has" if len(idle) == 1 else "have"
        warnings.warn(f"{', '.join(idle)} {verb} no effect with strategy.name = {name!r}", stacklevel=2)
    return STRATEGIES[name].make(settings, layout)


def _own(settings: Settings, layout: AngleLayout) -> "Strategy":
    from flwr.serverapp.strategy import Strategy

    name, given = settings.strategy.name, {"settings": settings, "layout": layout}
    made = call_own(load_own(name, "strategy.name"), "strategy.name", given, unfold(settings.strategy.my))
    if not isinstance(made, Strategy):
        raise ConfigError(f"strategy.name = {name!r} gives a {type(made).__name__}, expected a Strategy of Flower's")
    return made


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, STRATEGIES, 1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(STRATEGIES)}"
    return f"strategy.name = {name!r}: there is no such strategy; {hint}"
