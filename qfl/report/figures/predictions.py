"""How well numbers are predicted: predicted against true values of the test set, and what is left between them."""

import numpy as np
from jaxtyping import Float
from markupsafe import Markup
from numpy.typing import NDArray

from qfl.report.axis import Axis, axis
from qfl.report.figures.figure import Figure
from qfl.report.formatting import short
from qfl.report.plot import Frame, curve, draw
from qfl.report.record import Record, as_number, table
from qfl.report.svg import tag
from qfl.results import Row

HEIGHT = 260


def predictions(record: Record) -> list[Figure]:
    """Draw predicted against true values of test samples after the last round, one figure per target."""
    return [
        _figure(
            f"{name}: predicted against true",
            f"{_counted(record, true)}; on the line, both are equal. R\N{SUPERSCRIPT TWO} {r2}.",
            true,
            predicted,
            diagonal=True,
        )
        for name, true, predicted, r2, _ in _targets(record)
    ]


def residuals(record: Record) -> list[Figure]:
    """Draw predicted minus true values of test samples over the true ones, one figure per target."""
    return [
        _figure(f"{name}: residuals", f"Predicted minus true, over true values. {errors}.", true, predicted - true)
        for name, true, predicted, _, errors in _targets(record)
    ]


def _targets(record: Record) -> list[tuple[str, NDArray[np.float64], NDArray[np.float64], str, str]]:
    """Return name, true and predicted values, R2 and errors in words of each target that the run kept."""
    kept = record.section("predictions")
    true, predicted = kept_matrix(kept, "true"), kept_matrix(kept, "predicted")
    if true.shape != predicted.shape or not true.size:
        return []
    named = record.section("data").get("targets")
    names = [str(name) for name in named] if isinstance(named, list) else []
    by_target = table(record.rounds[-1:], "per_class")
    found = []
    for number in range(true.shape[1]):
        known = np.isfinite(true[:, number]) & np.isfinite(predicted[:, number])
        if known.any():
            name = names[number] if number < len(names) else f"target {number}"
            r2 = short(float(by_target[0, number])) if by_target.shape[1:] > (number,) else short(None)
            errors = f"Root mean square error {_entry(kept, 'rmse', number)}, mean error {_entry(kept, 'bias', number)}"
            found.append((name, true[known, number], predicted[known, number], r2, errors))
    return found


def kept_matrix(kept: Row, name: str) -> Float[np.ndarray, "sample target"]:
    """Return true or predicted values of the test samples that a run kept; empty where it kept none.

    Args:
        kept: The run's ``predictions``.
        name: ``"true"`` or ``"predicted"``.
    """
    rows = kept.get(name)
    return table([{name: row} for row in rows], name) if isinstance(rows, list) else np.zeros((0, 0))


def _entry(kept: Row, name: str, number: int) -> str:
    values = kept.get(name)
    return short(as_number(values[number])) if isinstance(values, list) and number < len(values) else short(None)


def _counted(record: Record, shown: NDArray[np.float64]) -> str:
    tested = record.number("data", "test")
    of = f" of {tested:.0f}" if np.isfinite(tested) and tested > len(shown) else ""
    return f"{len(shown)}{of} test samples after the last round"


def _figure(
    title: str, about: str, xs: NDArray[np.float64], ys: NDArray[np.float64], *, diagonal: bool = False
) -> Figure:
    across, up = axis(xs, low=None), axis(np.append(ys, [] if diagonal else 0.0), low=None)
    frame = Frame(across, up, HEIGHT)
    ends = _overlap(across, up) if diagonal else np.array([across.low, across.high])
    line = curve(frame, ends, ends if diagonal else np.zeros(2), "step", dotted=False)
    dots = Markup("").join(
        tag("circle", class_="dot ink-test", cx=frame.across(x), cy=frame.down(y), r=2, fill_opacity=0.5)
        for x, y in zip(xs, ys, strict=True)
    )
    picture = draw(frame, line, dots, about=f"{title}. {about}", y_text=short, x_text=short, x_name="true")
    return Figure(title, about, picture)


def _overlap(across: Axis, up: Axis) -> NDArray[np.float64]:
    """Return the ends of the values that both axes hold; none where they share none."""
    ends = np.array([max(across.low, up.low), min(across.high, up.high)])
    return ends if ends[0] < ends[1] else np.full(2, np.nan)
