"""How well the federation learns: figure of merit and loss, round by round."""

from collections.abc import Callable

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from qfl.best_round import VALIDATION, best_row
from qfl.report.axis import Axis, axis, whole_axis
from qfl.report.figures.figure import Figure
from qfl.report.formatting import short
from qfl.report.headline import scored_on
from qfl.report.merit import measured, merit_axis, score_text, tick_text
from qfl.report.plot import End, Frame, curve, draw, end_labels, hovers
from qfl.report.record import Record, as_number, last

Lines = dict[str, tuple[str, NDArray[np.float64]]]


def merit(record: Record) -> Figure | None:
    """Draw the figure of merit on the test set, over the clients' own data, and of the worst tenth of the clients."""
    metric = record.metric
    lines: Lines = {
        "test": ("test", record.column(metric.name)),
        "validation": ("validation", record.column(VALIDATION + metric.name)),
        "clients": ("train", record.column(f"train_{metric.name}")),
        "worst": ("worst 10\N{NO-BREAK SPACE}%", record.column("worst_decile")),
    }
    y = merit_axis(np.concatenate([ys for _, ys in lines.values()]), metric)
    picture = _lines(record, lines, y, metric.title, score_text(metric), tick_text(metric))
    about = (
        "On the test set after each round; on the first batch of each accepted client's own data, and for the tenth of "
        "them that fares worst, before it."
    )
    about += engines(record, metric.name, lambda value: measured(value, metric))
    about += _references(record) + _choice(record)
    return Figure(metric.title + (f" ({metric.unit})" if metric.unit else ""), about, picture) if picture else None


def loss(record: Record) -> Figure | None:
    """Draw the loss on the test set and over the clients' own data."""
    lines: Lines = {
        "test": ("test", record.column("loss")),
        "validation": ("validation", record.column(VALIDATION + "loss")),
        "clients": ("train", record.column("train_loss")),
    }
    values = np.concatenate([ys for _, ys in lines.values()])
    y = axis(values, low=None if (values < 0).any() else 0.0)  # negative rates are losses, too
    picture = _lines(record, lines, y, "Loss", short, lambda tick: f"{tick:g}")
    about = f"Mean {record.metric.loss}: the held-out test set, and the clients' batches while they train."
    about += engines(record, "loss", short)
    return Figure("Loss", about, picture) if picture else None


def engines(record: Record, name: str, text: Callable[[float], str]) -> str:
    """Return a sentence on what computed the figures, where it was a device.

    Args:
        record: The run.
        name: ``loss``, or the figure of merit's name.
        text: How its value is written.
    """
    device, exact = scored_on(record), last(record.column(f"exact_{name}"))
    if not device:
        return ""
    return (
        f" The test ran on {device}, each client on its own device; on the exact engine the test ends at {text(exact)}."
    )


def _choice(record: Record) -> str:
    """Return a sentence on the round that the held-out samples choose, where any were held out."""
    metric = record.metric
    if (best := best_row(record.rounds, metric.name)) is None:
        return ""
    held, tested = (measured(as_number(best.get(name)), metric) for name in (VALIDATION + metric.name, metric.name))
    return (
        f" Validation is on samples held out of the clients' shares; it rates round {best['round']} best, with {held} "
        f"({tested} on the test set). The test set chose nothing."
    )


def _references(record: Record) -> str:
    """Return a sentence on what methods without training reach on the same test set, where the run states it."""
    stated = record.section("data").get("references")
    if not isinstance(stated, dict) or not stated:
        return ""
    reached = ", ".join(f"{name} {short(value)}" for name, value in stated.items() if isinstance(value, float))
    return f" Without training, on the same test set: {reached}."


def _lines(
    record: Record, lines: Lines, y: Axis, title: str, text: Callable[[float], str], tick: Callable[[float], str]
) -> Markup | None:
    shown = {ink: (name, ys) for ink, (name, ys) in lines.items() if np.isfinite(ys).any()}
    if not shown:
        return None
    rounds = record.column("round")
    frame = Frame(whole_axis(int(rounds[0]), int(rounds[-1])), y)
    ends = [End(name, text(last(ys)), max(last(ys), y.low), ink) for ink, (name, ys) in shown.items()]
    about = f"{title} over rounds; at the end " + ", ".join(f"{end.name} {end.text}" for end in ends)
    return draw(
        frame,
        *(curve(frame, rounds, np.maximum(ys, y.low), ink) for ink, (_, ys) in reversed(shown.items())),
        end_labels(frame, ends),
        hovers(frame, rounds, _readings(rounds, shown, text)),
        about=about,
        y_text=tick,
        right=132,
    )


def _readings(rounds: NDArray[np.float64], lines: Lines, text: Callable[[float], str]) -> list[str]:
    return [
        f"round {number:.0f}: "
        + ", ".join(f"{name} {text(ys[index])}" for name, ys in lines.values() if np.isfinite(ys[index]))
        for index, number in enumerate(rounds)
    ]
