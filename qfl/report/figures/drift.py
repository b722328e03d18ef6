"""How far clients move from the angles they received: a sign of how unlike their data are."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from qfl.report.axis import axis, whole_axis
from qfl.report.figures.figure import Figure
from qfl.report.formatting import count, short
from qfl.report.plot import End, Frame, band, bars, curve, draw, end_labels, hovers
from qfl.report.record import Record, as_number, last

QUANTILES = (5, 25, 50, 75, 95)
MOST_BINS = 24


def drift_over_rounds(record: Record) -> Figure | None:
    """Draw the spread of the clients' drifts over rounds, and the length of the step that the server made of them."""
    record = record.trained
    drifts = _drifts(record)
    rounds = record.column("round")
    if not drifts or not rounds.size:
        return None
    nothing = np.full(len(QUANTILES), np.nan)
    spread = np.array(
        [np.percentile(drifts[int(number)], QUANTILES) if int(number) in drifts else nothing for number in rounds]
    ).T
    step = record.column("update_norm")
    frame = Frame(whole_axis(int(rounds[0]), int(rounds[-1])), axis(np.concatenate([spread[-1], step])))
    median = spread[2]
    ends = [
        End(name, short(last(values)), last(values), ink)
        for name, values, ink in (("median", median, "drift"), ("server", step, "step"))
    ]
    about = (
        "Distance between the angles a client returns and those it received, in rad: median, middle half and middle "
        "nine tenths of the clients, beside the step the server takes."
    )
    texts = [
        f"round {number:.0f}: median {short(middle)} rad, server {short(size)} rad"
        for number, middle, size in zip(rounds, median, step, strict=True)
    ]
    picture = draw(
        frame,
        band(frame, rounds, spread[0], spread[4], "drift", 0.16),
        band(frame, rounds, spread[1], spread[3], "drift", 0.26),
        curve(frame, rounds, step, "step"),
        curve(frame, rounds, median, "drift"),
        end_labels(frame, ends),
        hovers(frame, rounds, texts),
        about=about,
        y_text=lambda tick: f"{tick:g}",
        right=128,
    )
    return Figure("Drift over rounds", about, picture)


def drift_last_round(record: Record) -> Figure | None:
    """Draw the distribution of the clients' drifts in the last round that has any."""
    drifts = _drifts(record)
    if not drifts:
        return None
    number = max(drifts)
    values = drifts[number]
    num_bins = int(min(MOST_BINS, max(4, np.sqrt(len(values)) * 1.5)))
    x = axis(values, low=None)
    counts, edges = np.histogram(values, bins=num_bins, range=(x.low, x.high))
    frame = Frame(x, axis(counts, num_ticks=4, whole=True))
    middles, zeros = (edges[1:] + edges[:-1]) / 2, np.zeros(num_bins)
    about = (
        f"The {count(len(values))} accepted clients of round {number}; median {short(float(np.median(values)))} rad."
    )
    picture = draw(
        frame,
        bars(frame, middles, zeros, counts, "drift", unit=edges[1] - edges[0]),
        about=about,
        y_text=count,
        x_text=lambda tick: f"{tick:g}",
        x_name="distance from the received angles, rad",
    )
    return Figure("Drift in the last round", about, picture)


def _drifts(record: Record) -> dict[int, NDArray[np.float64]]:
    drifts: defaultdict[int, list[float]] = defaultdict(list)
    for row in record.clients:
        drift = as_number(row.get("drift"))
        if row.get("status") == "accepted" and np.isfinite(drift):
            drifts[row["round"]].append(drift)
    return {number: np.array(values) for number, values in drifts.items()}
