"""Rows into the numbers of a table: one method's figures over all seeds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from qfl.results import Row
from qfl.spread import Spread, mean, median_time, or_none, spread
from qfl.studies.schedulers.panel import MATCHING, PANEL

REFERENCE = "random_sca_power"
"""What an unpolished comparison would call SCA."""

MEANS = ("evaluations", "seconds", "iterations", "jain", "participants")


def summarise(rows: Sequence[Row]) -> dict[str, Row]:
    """Return each method's figures over all seeds: those of the main case that have a value, in the panel's order.

    ::

        method, start         its name, and what it starts from, as the solver says
        seeds                 number of instances
        value_mbps            sum rate in Mbit/s: mean, sd, count
        percent_of_bound      mean over seeds of value / bound of the same instance, in percent; _sd its deviation
        over_random_sca_power mean value / that of random sub-channels with SCA power; None if not in the panel
        evaluations, seconds  mean number of objective evaluations, mean wall clock in s
        iterations            mean number, in the method's own unit
        jain                  mean Jain index of the devices' rates, from 1/N to 1
        participants          mean number of devices with at least 10 kbit/s
        round_time_s          median time to collect all updates in s; None if half or more never end
    """
    rows_of_methods = {method: measured for method in _methods(rows, "main") if (measured := of_method(rows, method))}
    reference = mean(row["value"] for row in rows_of_methods[REFERENCE]) if REFERENCE in rows_of_methods else None
    return {method: _summary(method, measured, reference) for method, measured in rows_of_methods.items()}


def of_method(rows: Sequence[Row], method: str, case: str = "main") -> list[Row]:
    """Return the rows of one method that have a value, in order of seeds; a method may have failed on an instance.

    Args:
        rows: Of all methods and instances.
        method: Its name in the panel.
        case: ``main`` or ``small``.
    """
    measured = [row for row in rows if row["method"] == method and row["case"] == case and row.get("value") is not None]
    return sorted(measured, key=lambda row: row["seed"])


def failures(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of methods that failed on an instance; their ``error`` says why."""
    return [row for row in rows if row.get("value") is None]


def bound_mbps(rows: Sequence[Row]) -> Spread:
    """Return the certified bound over the instances, in Mbit/s."""
    return spread(row["bound"] and row["bound"] / 1e6 for row in _instances(rows))


def tight(rows: Sequence[Row]) -> int:
    """Return on how many instances the bound is known to be reached."""
    return sum(bool(row["tight"]) for row in _instances(rows))


def share_of_bound(row: Row) -> float:
    """Return a row's value in percent of the bound of its instance, NaN where there is no bound above 0."""
    return 100 * row["value"] / row["bound"] if row["bound"] else float("nan")


def summarise_small(rows: Sequence[Row]) -> dict[str, Row]:
    """Return each method's mean share of brute force's value on the small cases, and how often it found that value."""
    best = {row["seed"]: row["value"] for row in of_method(rows, "brute_force", "small")}
    summaries: dict[str, Row] = {}
    for method in _methods(rows, "small"):
        shares = [row["value"] / best[row["seed"]] for row in of_method(rows, method, "small") if best.get(row["seed"])]
        if shares:
            times = sum(share > 1 - 1e-9 for share in shares)
            found = {"percent_of_optimum": 100 * mean(shares), "times_optimal": times, "seeds": len(shares)}
            summaries[method] = {"method": method} | found
    return summaries


def _summary(method: str, rows: Sequence[Row], reference: float | None) -> Row:
    value = spread([row["value"] / 1e6 for row in rows])
    share = spread(share_of_bound(row) for row in rows)
    return {
        "method": method,
        "start": Counter(row["start"] for row in rows).most_common(1)[0][0],
        "seeds": len(rows),
        "value_mbps": asdict(value),
        "percent_of_bound": share.mean,
        "percent_of_bound_sd": share.sd,
        "over_random_sca_power": or_none(value.mean * 1e6 / reference) if reference else None,
        **{name: mean(row[name] for row in rows) for name in MEANS},
        "round_time_s": median_time(row["round_time_s"] for row in rows),
    }


def _methods(rows: Sequence[Row], case: str) -> list[str]:
    """Return the methods of a case in the order of the panel."""
    present = {row["method"] for row in rows if row["case"] == case}
    order = [entry.name for entry in (*PANEL, MATCHING)]
    return [name for name in order if name in present] + sorted(present - set(order))


def _instances(rows: Sequence[Row]) -> list[Row]:
    """Return one row for each instance of the main case."""
    bounded = [row for row in rows if row["case"] == "main" and row.get("bound") is not None]
    return list({row["seed"]: row for row in bounded}.values())
