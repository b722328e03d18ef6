"""All strategies by name; a new one is a file beside this one and a line here."""

import difflib
import warnings
from collections.abc import Callable

from flwr.serverapp.strategy import Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.strategy.step import has_step
from strategies import (
    blocks,
    bulyan,
    circular,
    delta,
    fedadagrad,
    fedadam,
    fedavg,
    fedavgm,
    fedprox,
    fedyogi,
    krum,
    median,
    noise_aware,
    qfedavg,
    su2,
    trimmed_mean,
)

STRATEGIES: dict[str, Callable[[Settings, AngleLayout], Strategy]] = {
    "fedavg": fedavg.make,
    "fedavgm": fedavgm.make,
    "fedadam": fedadam.make,
    "fedyogi": fedyogi.make,
    "fedadagrad": fedadagrad.make,
    "fedprox": fedprox.make,
    "qfedavg": qfedavg.make,
    "median": median.make,
    "trimmed-mean": trimmed_mean.make,
    "krum": krum.make,
    "bulyan": bulyan.make,
    "delta": delta.make,
    "circular": circular.make,
    "su2": su2.make,
    "noise-aware": noise_aware.make,
    "blocks": blocks.make,
}


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the strategy that the settings name.

    Warns if a server step size is set that the strategy does not have.

    Raises:
        ConfigError: If the name is unknown, or the strategy cannot work with the settings.

    Example:
        >>> type(make(Settings.from_flat({"strategy.name": "median"}), AngleLayout(("a",), (6.28,)))).__name__
        'FedMedian'
    """
    name = settings.strategy.name
    if name not in STRATEGIES:
        raise ConfigError(_unknown(name))
    strategy = STRATEGIES[name](settings, layout)
    if not has_step(strategy) and (settings.strategy.learning_rate or settings.strategy.schedule != "constant"):
        warnings.warn(
            f"strategy.learning-rate and strategy.schedule have no effect with strategy.name = {name!r}", stacklevel=2
        )
    return strategy


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, STRATEGIES, 1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(STRATEGIES)}"
    return f"strategy.name = {name!r}: there is no such strategy; {hint}"
