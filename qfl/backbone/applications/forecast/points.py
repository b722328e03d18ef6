"""Points of presence with series of their own, as the data of a federation: windows in, the change ahead out.

``data.name`` = ``qfl.backbone.applications.forecast.points:load``; its arguments besides the seed are ``[data.my]``.
"""

import numpy as np
from numpy import ndarray

from qfl.backbone.applications.forecast.series import DAY, draw_traffic, windows
from qfl.errors import ConfigError

MOST_POINTS, MOST_DAYS = 1000, 365


def load(
    seed: int, points: int = 8, days: int = 7, test_days: int = 7, window: int = 8, ahead: int = 4, zones_h: int = 4
) -> dict[str, ndarray]:
    """Return windows of every point, who has seen which, and windows of the days after them to be tested on.

    Args:
        seed: Of the series.
        points: How many, each with noise and bursts of its own.
        days: That a point has seen, two or more; nothing is learned from the first.
        test_days: Days after those.
        window: Values seen, 1 to 96.
        ahead: Steps from the last of them to the one that is told, 1 to 96.
        zones_h: Hours over which the points' days are spread.

    Raises:
        ConfigError: If a number is out of range.

    Example:
        >>> found = load(1, points=2, days=2, test_days=1)
        >>> found["x"].shape, found["client"].tolist() == [0] * 92 + [1] * 92
        ((184, 8), True)
    """
    ranges = {"points": (1, MOST_POINTS), "days": (2, MOST_DAYS), "test_days": (1, MOST_DAYS), "zones_h": (0, 24)}
    given = {"points": points, "days": days, "test_days": test_days, "zones_h": zones_h}
    if faults := [f"{k} is {given[k]}; give {a} to {b}" for k, (a, b) in ranges.items() if not a <= given[k] <= b]:
        raise ConfigError(faults)
    seen, asked = [], []
    for point in range(points):
        series = draw_traffic(days + test_days, 1000 * seed + point, zones_h * point / points)
        seen.append(windows(series[: days * DAY], window, ahead))
        asked.append(windows(series[(days - 1) * DAY :], window, ahead))
    return {
        "x": np.concatenate([w.seen for w in seen]),
        "y": np.concatenate([w.target for w in seen]),
        "x_test": np.concatenate([w.seen for w in asked]),
        "y_test": np.concatenate([w.target for w in asked]),
        "client": np.repeat(np.arange(points), [len(w.target) for w in seen]),
    }
