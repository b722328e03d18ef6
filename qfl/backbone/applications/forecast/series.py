"""A link's traffic, drawn: a day and a week, noise that remembers, and bursts; and windows of it to learn from."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.seeds import stream

DAY = 96  # steps of 15 minutes
WEEK = 7 * DAY
Series = Float64[ndarray, " step"]


@dataclass(frozen=True, eq=False)
class Windows:
    """What is seen and what is to be told.

    Args:
        seen: The last values before a moment, the oldest first.
        target: The value ``ahead`` steps later, less the last one seen.
        day_before: The value a day before the target's moment, less the last one seen.
    """

    seen: Float64[ndarray, "window step"]
    target: Float64[ndarray, " window"]
    day_before: Float64[ndarray, " window"]


def draw_traffic(days: int, seed: int, behind_h: float = 0.0) -> Series:
    """Return traffic in 15-minute steps, of mean 0 and standard deviation 1.

    Args:
        days: How many, 1 or more.
        seed: Of noise and bursts.
        behind_h: Hours that its day and week begin later than at the first place.

    Example:
        >>> draw_traffic(3, seed=1).shape
        (288,)
    """
    draw, time = stream(seed, "traffic-series"), np.arange(days * DAY) - round(behind_h * DAY / 24)
    daily = np.sin(2 * np.pi * (time / DAY - 0.3)) + 0.35 * np.sin(4 * np.pi * time / DAY)
    weekly = np.where(time % WEEK < 5 * DAY, 0.3, -0.6)
    noise, bursts = np.zeros(len(time)), np.zeros(len(time))
    steps, starts = 0.12 * draw.normal(size=len(time)), draw.random(len(time)) < 0.01
    for k in range(1, len(time)):
        noise[k] = 0.9 * noise[k - 1] + steps[k]
        bursts[k] = 0.7 * bursts[k - 1] + starts[k] * draw.exponential(0.6)
    series = daily + weekly + noise + bursts
    return (series - series.mean()) / series.std()


def windows(series: Series, length: int, ahead: int) -> Windows:
    """Return every window of a series that has a day before it.

    Args:
        series: At least two days.
        length: Values seen, 1 to 96.
        ahead: Steps from the last value seen to the one that is told, 1 to 96.

    Raises:
        ConfigError: If the series is shorter, has a value that is not finite, or a number is out of range.
    """
    if not (1 <= length <= DAY and 1 <= ahead <= DAY):
        raise ConfigError(f"windows of {length} steps, {ahead} ahead; give 1 to {DAY} of both")
    if len(series) < 2 * DAY or not np.isfinite(series).all():
        raise ConfigError(f"the series has {len(series)} values; give {2 * DAY} or more, all of them finite")
    last = np.arange(DAY, len(series) - ahead)
    seen = series[last[:, None] + np.arange(1 - length, 1)]
    now = series[last]
    return Windows(seen, series[last + ahead] - now, series[last + ahead - DAY] - now)
