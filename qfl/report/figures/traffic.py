"""What travels: bytes of one message and of every round, split into model, signature and envelope."""

import math

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from qfl.report.axis import axis
from qfl.report.figures.figure import Figure, Key
from qfl.report.figures.stacked import rounds_axis
from qfl.report.formatting import SPACE, known, percent, short, size
from qfl.report.plot import Frame, bars, draw, hovers
from qfl.report.record import PARTS, Record, column, last
from qfl.report.svg import plain_number, tag

BAR, STEP = 38, 76  # height of a message's bar and distance between two of them, in pixels
HEADROOM = 1.04
ROOM = 12.0  # share of the width that a size needs to be written inside its part, in percent


def one_message(record: Record) -> Figure | None:
    """Draw what one client sends and receives in a round."""
    sent, received = _sent(record), _received(record)
    messages = {name: parts for name, parts in (("sends", sent), ("receives", received)) if sum(parts) > 0}
    if not messages:
        return None
    most = max(sum(parts) for parts in messages.values())
    pieces = [
        _message(f"In a round a client {name} {size(sum(parts))}", parts, most, top=STEP * index)
        for index, (name, parts) in enumerate(messages.items())
    ]
    about = _comparison(sent)
    picture = tag(
        "svg", *pieces, role="img", aria_label=about, width="100%", height=STEP * len(messages) - (STEP - BAR - 24)
    )
    legend = tuple(
        Key(part, f"{size(num)}, {percent(num / sum(sent), 0)} of what it sends", part)
        for part, num in zip(PARTS, sent, strict=True)
        if num > 0
    )
    return Figure("One message", about, tag("div", picture, class_="plot bare"), legend)


def traffic(record: Record) -> Figure | None:
    """Draw the bytes of every round: upwards what all clients send, downwards what they receive."""
    record = record.trained
    up, down = (_columns(record, way) for way in ("bytes_up", "bytes_down"))
    if not (up.any() or down.any()):
        return None
    rounds = record.column("round")
    y = axis([], low=-HEADROOM * down.sum(axis=0).max(), high=HEADROOM * up.sum(axis=0).max())
    frame = Frame(rounds_axis(rounds), y, height=230)
    about = (
        f"Above the line what all clients send ({size(up.sum())} in all), below it what they receive "
        f"({size(down.sum())})."
    )
    texts = [
        f"round {number:.0f}: {size(sent)} up, {size(received)} down"
        for number, sent, received in zip(rounds, up.sum(axis=0), down.sum(axis=0), strict=True)
    ]
    layers = [*_stack(frame, rounds, up, 1.0), *_stack(frame, rounds, down, -1.0), hovers(frame, rounds, texts)]
    picture = draw(frame, *layers, about=about, y_text=lambda tick: size(abs(tick)))
    legend = tuple(
        Key(part, f"{size(sent)}{SPACE}up, {size(received)}{SPACE}down", part)
        for part, sent, received in zip(PARTS, up.sum(axis=1), down.sum(axis=1), strict=True)
    )
    return Figure("Bytes per round", about, picture, legend)


def _comparison(sent: list[float]) -> str:
    model, signature, _ = sent
    if not (model > 0 and signature > 0):
        return "What a message is made of."
    ratio = signature / model
    return (
        f"The signature is {short(ratio)} times as large as the model it protects."
        if ratio > 1.05
        else f"The signature adds {100 * ratio:.2g}{SPACE}% to the model it protects."
    )


def _sent(record: Record) -> list[float]:
    stated = [record.number("uplink", f"{part}_bytes") for part in PARTS]
    accepted = [row for row in record.clients if row.get("status") == "accepted"]
    measured = [last(column(accepted, "bytes_up", part)) for part in PARTS]
    return _positive(stated if any(map(known, stated)) else measured)


def _received(record: Record) -> list[float]:
    asked = last(record.column("asked"))
    return _positive([last(record.column("bytes_down", part)) / asked if asked > 0 else math.nan for part in PARTS])


def _positive(parts: list[float]) -> list[float]:
    return [part if part > 0 else 0.0 for part in parts]


def _message(title: str, parts: list[float], most: float, top: float) -> Markup:
    pieces, start = [tag("text", title, class_="tick strong", x=0, y=top + 12)], 0.0
    for name, num_bytes in zip(PARTS, parts, strict=True):
        wide = 100 * num_bytes / most
        box = {"x": f"{plain_number(start)}%", "y": top + 22, "width": f"{plain_number(wide)}%", "height": BAR}
        pieces.append(tag("rect", tag("title", f"{name}: {size(num_bytes)}"), class_=f"area part ink-{name}", **box))
        if wide >= ROOM:
            middle = f"{plain_number(start + wide / 2)}%"
            label = (tag("tspan", f"{name} ", class_="name"), size(num_bytes))
            at = {"x": middle, "y": top + 22 + BAR / 2 + 5, "text_anchor": "middle"}
            pieces.append(tag("text", *label, class_=f"inside ink-{name}" + (" slim" if wide < 2 * ROOM else ""), **at))
        start += wide
    return tag("g", *pieces)


def _columns(record: Record, way: str) -> NDArray[np.float64]:
    return np.array([np.maximum(np.nan_to_num(record.column(way, part)), 0.0) for part in PARTS])


def _stack(frame: Frame, rounds: NDArray[np.float64], parts: NDArray[np.float64], sign: float) -> list[Markup]:
    tops = np.cumsum(parts, axis=0)
    return [
        bars(frame, rounds, *sorted((sign * (top - part), sign * top), key=np.sum), ink=name)
        for name, part, top in zip(PARTS, parts, tops, strict=True)
    ]
