"""The figures of a comparison, for the page."""

from collections.abc import Mapping, Sequence

import numpy as np

from qfl.report.axis import Axis, axis, log_axis, power_of_ten
from qfl.report.figures.figure import Figure
from qfl.report.formatting import duration, known, or_nan, percent
from qfl.report.plot import End, Frame, band, curve, draw, end_labels
from qfl.results import Row
from qfl.spread import median
from qfl.studies.schedulers.curves import curve_of, rate_distribution
from qfl.studies.schedulers.panel import MATCHING, PANEL, Entry, family_of, own_entries
from qfl.studies.schedulers.rows_chart import Bar, rows_chart
from qfl.studies.schedulers.summary_text import number

HEIGHT = 330
RIGHT = 190  # room for names, in pixels
X_NAMES = {
    "evaluations": "objective evaluations",
    "seconds": "wall clock, s",
    "iterations": "iterations, each method's own",
}
Methods = Mapping[str, Row]
"""Each method's figures, as `qfl.studies.schedulers.summary` returns them."""

ABOUT = {
    "evaluations": "What a computer pays: schedules priced, exactly or by their exact change.",
    "seconds": "What a user waits for, on this machine.",
    "iterations": "What the paper counts: blocks, tangents, passes over all devices; their costs differ a hundredfold.",
}


def entries(rows: Sequence[Row], traced: bool = False) -> list[Entry]:
    """Return the panel's methods that were measured, or those of them that are drawn on the way."""
    present = {row["method"] for row in rows if row["case"] == "main" and row.get("value") is not None}
    return [
        entry
        for entry in (*PANEL, MATCHING, *own_entries(sorted(present)))
        if entry.name in present and (entry.traced or not traced)
    ]


def value_over(rows: Sequence[Row], unit: str) -> Figure | None:
    """Draw the mean share of the bound against what was spent in a unit, with the band that holds it at 95 %."""
    shown = {entry: drawn for entry in entries(rows, traced=True) if (drawn := curve_of(rows, entry.name, unit))}
    if not shown:
        return None
    x = log_axis(np.concatenate([drawn.x for drawn in shown.values()]))
    frame = Frame(x, axis([], high=100.0), HEIGHT)
    ends = [End(e.name, f"{c.mean[-1]:.1f}", c.mean[-1], f"of-{e.family}") for e, c in shown.items()]
    about = f"{ABOUT[unit]} Value in percent of the bound, mean over the instances and its 95 % band."
    picture = draw(
        frame,
        *(
            band(frame, np.log10(c.x), np.maximum(c.low, 0), np.minimum(c.high, 100), f"of-{e.family}", 0.13)
            for e, c in shown.items()
        ),
        *(curve(frame, np.log10(c.x), c.mean, f"of-{e.family}") for e, c in shown.items()),
        end_labels(frame, ends),
        about=about,
        y_text=lambda tick: f"{tick:g}{chr(160)}%",
        x_text=power_of_ten,
        x_name=X_NAMES[unit],
        right=RIGHT,
    )
    return Figure(f"Value over {unit}", about, picture)


def share_of_bound(methods: Methods) -> Figure:
    """Draw every method's mean share of the certified bound."""
    about = "Mean over the instances; whiskers: one standard deviation. No schedule of any method can pass 100 %."
    bars = []
    for name, own in methods.items():
        share, deviation = or_nan(own["percent_of_bound"]), or_nan(own["percent_of_bound_sd"])
        bars.append(_bar(name, share, percent(share / 100), deviation))
    return Figure("Share of the certified bound", about, rows_chart(bars[::-1], Axis(0.0, 100.0, ()), about))


def fairness(methods: Methods) -> Figure:
    """Draw Jain's index of the devices' rates."""
    about = "Jain's index of the devices' rates: 1 = all equal, 1 / devices = one has all."
    jain = {name: or_nan(own["jain"]) for name, own in methods.items()}
    bars = [_bar(name, index, number(index, "{:.3f}")) for name, index in jain.items()]
    return Figure("Fairness", about, rows_chart(bars[::-1], axis([*jain.values()]), about))


def collection_time(methods: Methods, round_time: Row) -> Figure | None:
    """Draw the time until every device's update is in, if a schedule is kept, beside one device after the other."""
    tdma, limit = (median(round_time[key]) for key in ("tdma_lpt_s", "bound_s"))
    if not (known(tdma) and known(limit)):
        return None
    times = {name: own["round_time_s"] for name, own in methods.items()}
    low = np.log10(limit) - 0.6
    high = float(np.log10(max([tdma, *(time for time in times.values() if time)])))
    about = (
        "Median time until the last update is in when the schedule is kept, logarithmic. tdma_lpt: one device after "
        "the other on each sub-channel; its lower bound holds for that way of sharing alone."
    )
    bars = [Bar("its lower bound", "bound", np.log10(limit), duration(limit))]
    bars.append(Bar("tdma_lpt", "bound", np.log10(tdma), duration(tdma)))
    for name, time in reversed(times.items()):
        text = "never" if time is None else duration(time)
        bars.append(_bar(name, high if time is None else float(np.log10(time)), text))
    return Figure("Time to collect all updates", about, rows_chart(bars, Axis(low, high, ()), about))


def device_rates(rows: Sequence[Row]) -> Figure:
    """Draw the distribution of the devices' rates."""
    shown = {e: pair for e in entries(rows, traced=True) if (pair := rate_distribution(rows, e.name))[0].size}
    floor = 1.0  # bit/s; less is drawn there
    frame = Frame(
        log_axis([floor, *(rates.max() for rates, _ in shown.values())]), axis([], high=1.0, num_ticks=4), HEIGHT
    )
    about = (
        "Share of all devices whose rate is at most so much, all instances together. Whoever maximises the sum leaves "
        "all but one device per sub-channel with next to nothing."
    )
    lines, ends = [], []
    for entry, (rates, share) in shown.items():
        lines.append(curve(frame, np.log10(np.maximum(rates, floor)), share, f"of-{entry.family}", dotted=False))
        ends.append(End(entry.name, "", 1.0, f"of-{entry.family}"))
    picture = draw(
        frame,
        *lines,
        end_labels(frame, ends),
        about=about,
        y_text=lambda tick: percent(tick, 0),
        x_text=power_of_ten,
        x_name="rate, bit/s",
        right=RIGHT,
    )
    return Figure("Rates of the devices", about, picture)


def _bar(name: str, value: float, text: str, deviation: float = float("nan")) -> Bar:
    length = value if known(value) else 0.0
    return Bar(name, family_of(name), length, text, value - deviation, value + deviation)


def small_cases(small: Methods) -> Figure | None:
    """Draw how near each method comes to brute force on small instances."""
    if not small:
        return None
    about = "Mean share of the optimum that brute force finds, 8 devices on 3 sub-channels, and how often it is found."
    bars = []
    for name, near in small.items():
        share = near["percent_of_optimum"]
        bars.append(_bar(name, share, f"{share:.1f}, {near['times_optimal']}/{near['seeds']}"))
    return Figure("Small instances, beside the optimum", about, rows_chart(bars[::-1], Axis(0.0, 100.0, ()), about))
