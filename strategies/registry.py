"""All strategies by name; a new one is a file beside this one and a row here, or anybody's own by a reference.

``strategy.name = "strategies/clipped.py:make"`` names an object of the app's own, with its own settings in the table
``[strategy.my]``: a pure rule (what takes an argument ``updates``, `qfl.federation.strategy.own_rule`), a class of
Flower's strategies or derived from one, an object of such a class, or a function that returns one and is called with
what it asks for of ``settings`` and ``layout``.
"""

import difflib
import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_object, load_own
from qfl.own_calls import call_own

if TYPE_CHECKING:
    from flwr.serverapp.strategy import Strategy


KEY = "strategy.name"


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
    "fednova": StrategySpec("FedNova", "strategies.fednova:make", (), True),
    "scaffold": StrategySpec("SCAFFOLD", "strategies.scaffold:make", (), True),
    "fedqng": StrategySpec("FedQNG", "strategies.fedqng:make", ("metric", "regularisation", "metric-samples"), True),
    "heterofl": StrategySpec("HeteroFL", "strategies.heterofl:make", (), True),
    "geometric-median": StrategySpec("geometric median", "strategies.geometric_median:make", ("smoothing",), True),
    "meamed": StrategySpec("mean around the median", "strategies.meamed:make", ("byzantine",), True),
    "trimmed-circular-mean": StrategySpec(
        "trimmed circular mean", "strategies.trimmed_circular_mean:make", ("trim",), True
    ),
    "norm-screen": StrategySpec("norm screen", "strategies.norm_screen:make", ("norm-factor",), True),
    "direction-screen": StrategySpec("direction screen", "strategies.direction_screen:make", ("cosine",), True),
    "fltrust": StrategySpec("FLTrust", "strategies.fltrust:make", (), True),
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
    """Return a user's strategy: of a rule, of a class of strategies, or what a function makes."""
    from flwr.serverapp.strategy import Strategy

    from qfl.federation.strategy.own_rule import OwnRule, is_rule

    own, mine = settings.strategy, unfold(settings.strategy.my)
    thing = load_own(own.name, KEY)
    if is_rule(thing):
        made = OwnRule(thing, layout, mine, seed=settings.seed, learning_rate=own.learning_rate or 1.0)
        if "learning_rate" not in made.asked and (own.learning_rate is not None or own.schedule != "constant"):
            warnings.warn(f"strategy.learning-rate has no effect: {own.name} takes no learning_rate", stacklevel=3)
        return made
    if isinstance(thing, Strategy):
        if mine:
            raise ConfigError(f"{KEY}: {own.name} is made already; give it its settings there, without [strategy.my]")
        return deepcopy(thing)  # each run begins with it as it was handed over
    given = {"settings": settings, "layout": layout}
    made = _of_class(thing, given, mine) if isinstance(thing, type) else call_own(thing, KEY, given, mine)
    if not isinstance(made, Strategy):
        raise ConfigError(f"{KEY} = {own.name!r} gives a {type(made).__name__}, expected a Strategy of Flower's")
    return made


def _of_class(kind: type, given: Mapping[str, Any], mine: Mapping[str, Any]) -> Any:
    """Return an object of a class of strategies that asks every client it is shown: who that is, `clients` says."""
    from qfl.federation.strategy.every_node import ANY_FLEET

    made = call_own(kind, KEY, {**given, **ANY_FLEET}, mine)
    for name in ANY_FLEET.keys() & vars(made).keys():
        setattr(made, name, ANY_FLEET[name])
    return made


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, STRATEGIES, 1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(STRATEGIES)}"
    return f"strategy.name = {name!r}: there is no such strategy; {hint}"
