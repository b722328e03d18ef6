"""Points of presence with telemetry of their own, as the data of a federation: rows in, anomaly or none out.

``data.name`` = ``qfl.backbone.applications.anomaly.points:load``; its arguments besides the seed are ``[data.my]``.
"""

import numpy as np
from numpy import ndarray

from qfl.backbone.applications.anomaly.telemetry_rows import KINDS, draw_telemetry
from qfl.errors import ConfigError

MOST_POINTS, MOST_ROWS = 1000, 10_000


def load(
    seed: int, points: int = 8, rows: int = 200, test_rows: int = 200, share: float = 0.5, kinds: int = 2
) -> dict[str, ndarray]:
    """Return labelled rows of every point, who has recorded which, and rows with all kinds of anomalies to test on.

    Args:
        seed: Of the rows.
        points: How many.
        rows: Recorded by each.
        test_rows: Fresh ones for each.
        share: Of anomalies, above 0 and below 1.
        kinds: Of anomalies that a point has met, 1 to 5; the next point has met the next ones.

    Raises:
        ConfigError: If a number is out of range.

    Example:
        >>> found = load(1, points=2, rows=50, test_rows=10)
        >>> found["x"].shape, int(found["client"].sum()), float(found["y"].mean())
        ((100, 12), 50, 0.5)
    """
    ranges = {"points": (1, MOST_POINTS), "rows": (2, MOST_ROWS), "test_rows": (2, MOST_ROWS), "kinds": (1, len(KINDS))}
    given = {"points": points, "rows": rows, "test_rows": test_rows, "kinds": kinds}
    faults = [f"{k} is {given[k]}; give {a} to {b}" for k, (a, b) in ranges.items() if not a <= given[k] <= b]
    if not 0 < share < 1:
        faults.append(f"share is {share}; give a number above 0 and below 1")
    if faults:
        raise ConfigError(faults)
    names = tuple(KINDS)
    met = [tuple(names[(point + k) % len(names)] for k in range(kinds)) for point in range(points)]
    seen = [draw_telemetry(rows, share, 10_000 * seed + point, own) for point, own in enumerate(met)]
    asked = [draw_telemetry(test_rows, share, 10_000 * seed + MOST_POINTS + point) for point in range(points)]
    return {
        "x": np.concatenate([each.rows for each in seen]),
        "y": np.concatenate([each.anomalous for each in seen]),
        "x_test": np.concatenate([each.rows for each in asked]),
        "y_test": np.concatenate([each.anomalous for each in asked]),
        "client": np.repeat(np.arange(points), rows),
    }
