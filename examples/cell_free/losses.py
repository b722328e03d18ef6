"""Figs. 5 and 6: training losses over iterations, a curve for each model; what is drawn is what training recorded."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from qfl.report.canvas import canvas
from qfl.report.formatting import UNKNOWN
from qfl.spread import mean, or_none
from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study
from qfl.tables import Table, number, or_null, read_table, text, whole

LOSSES = "losses"
BY_EPISODE = "Algorithm"  # begins the name of what is recorded once an episode, as Algorithms 2 and 3 are
RECORDED = Table(LOSSES, ("model", "step"), {"model": text, "step": whole, "loss": or_null(number)})
INCHES = (9.0, 5.2)
COLOURS = ("#cc79a7", "#0072b2", "#009e73", "#e69f00", "#d55e00", "#56b4e9", "#8a6d1d", "#1d2530")

Row = dict[str, Any]
Curves = Callable[[Request, int], Iterable[Row]]
"""Rows with the keys model, step (from 0) and loss, as training goes on; a model's steps in order."""


def losses_study(curves: Curves, title: str) -> Study:
    """Return the study that records the losses of a training and draws them.

    The paper's own losses, the squared distance from a target that interference keeps out of reach, never come near 0:
    read the decrease, not the level.

    Args:
        curves: Trains for the steps given and yields rows.
        title: Of the figure.
    """

    def run(request: Request, steps: int) -> list[Row]:
        if not request.folder.rows(LOSSES):
            recorded = curves(request, steps)
            request.folder.append(LOSSES, [row | {"loss": or_none(row["loss"])} for row in recorded])
        return read_table(request.folder, RECORDED)

    def draw(request: Request, steps: int, rows: list[Row], numbers: dict[str, Any]) -> None:
        write_csv(request.folder.path / "losses.csv", rows)
        losses_png(rows, title, request.folder.path / "losses.png")

    def tell(request: Request, steps: int, rows: list[Row], numbers: dict[str, Any]) -> str:
        lines = ["| | steps | first | last tenth, mean | decrease |", "|---|---|---|---|---|"]
        lines += [_line(model, own) for model, own in numbers["losses"].items()]
        parts = [f"# {title}", "\n".join(lines), f"![{title}](losses.png)", _episodes(numbers["episodes"])]
        return "\n\n".join(part for part in parts if part)

    return Study(steps_of, run, summarise, draw, tell)


def steps_of(request: Request) -> int:
    """Return the file's steps, or a tenth of them."""
    steps = int(request.settings["steps"])
    return -(-steps // 10) if request.quick else steps


def summarise(request: Request, steps: int, rows: Sequence[Row]) -> dict[str, Any]:
    """Return what every model's losses came to."""
    models = dict.fromkeys(row["model"] for row in rows)
    found = {"losses": {model: summary(losses(rows, model)) for model in models if not model.startswith(BY_EPISODE)}}
    by_episode = {model: losses(rows, model) for model in models if model.startswith(BY_EPISODE)}
    return found | {"episodes": {model: episodes(own) for model, own in by_episode.items()}}


def _line(model: str, own: Row) -> str:
    first, last = (_text(own[key], ".4g") for key in ("first", "last"))
    return f"| `{model}` | {own['steps']} | {first} | {last} | {_text(own['decrease'], '.1%')} |"


def _text(value: float | None, form: str) -> str:
    return UNKNOWN if value is None else format(value, form)


def losses(rows: Sequence[Row], model: str) -> Float[ndarray, " step"]:
    """Return the losses of a model in the order of its steps."""
    return np.array([row["loss"] for row in rows if row["model"] == model], float)


def summary(own: Float[ndarray, " step"]) -> Row:
    """Return the first loss, the mean of the last tenth, and how much of the first is gone; None where not known.

    Example:
        >>> summary(np.array([4.0, 2.0, 1.0]))
        {'steps': 3, 'first': 4.0, 'last': 1.0, 'decrease': 0.75}
    """
    first, last = mean(own[:1].tolist()), mean(own[-max(1, len(own) // 10) :].tolist())
    gone = 1 - last / first if first else float("nan")
    return {"steps": len(own), "first": or_none(first), "last": or_none(last), "decrease": or_none(gone)}


def episodes(own: Float[ndarray, " episode"]) -> Row:
    """Return what the mean loss is before training, after the first episode and after the last, and what is gone.

    Args:
        own: The mean loss over all channels: before the first episode, and after each.

    Example:
        >>> episodes(np.array([4.0, 1.0, 1.0]))
        {'episodes': 2, 'before': 4.0, 'after_first': 1.0, 'last': 1.0, 'decrease_first': 0.75, 'decrease': 0.75}
    """
    before, first, last = (float(own[place]) for place in (0, 1, -1))
    gone = {"decrease_first": 1 - first / before, "decrease": 1 - last / before}
    return {"episodes": len(own) - 1, "before": before, "after_first": first, "last": last, **gone}


def _episodes(found: dict[str, Row]) -> str:
    if not found:
        return ""
    head = "The paper's algorithms line by line, mean loss over all channels:\n\n"
    lines = ["| | episodes | before | after the first | decrease in it | after the last |", "|---|---|---|---|---|---|"]
    for model, own in found.items():
        numbers = f"{own['before']:.4g} | {own['after_first']:.4g} | {own['decrease_first']:.1%} | {own['last']:.4g}"
        lines.append(f"| `{model}` | {own['episodes']} | {numbers} |")
    return head + "\n".join(lines)


def losses_png(rows: Sequence[Row], title: str, path: Path) -> None:
    """Draw every model's losses, faint, and their running mean over a twentieth of the steps."""
    with canvas(path, INCHES) as figure:
        axes = figure.subplots()
        axes.set_title(title)
        shown = [row["model"] for row in rows if not row["model"].startswith(BY_EPISODE)]
        for model, colour in zip(dict.fromkeys(shown), COLOURS, strict=False):
            own = losses(rows, model)
            axes.plot(own, color=colour, linewidth=0.6, alpha=0.3)
            width = max(1, len(own) // 20)
            smooth = np.convolve(own, np.full(width, 1 / width), mode="valid")
            axes.plot(np.arange(len(smooth)) + width - 1, smooth, color=colour, label=model)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("training step")
        axes.legend(frameon=False)
