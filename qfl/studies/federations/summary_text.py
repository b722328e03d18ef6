"""The conclusions of a comparison of federations, as sentences made from its own numbers."""

from collections.abc import Mapping
from typing import Any

from qfl.metric import Metric
from qfl.report.formatting import count, duration, known, short
from qfl.report.merit import measured


def metric_of(numbers: Mapping[str, Any]) -> Metric:
    """Return what the federations are measured by, which may be a user's own."""
    return Metric(**numbers["measure"])


def headline(numbers: Mapping[str, Any]) -> str:
    """Return the one sentence at the top: which combination ends highest, and which lowest."""
    metric = metric_of(numbers)
    ends = {label: combination[metric.name]["mean"] for label, combination in numbers["combinations"].items()}
    order = sorted((label for label in ends if known(ends[label])), key=lambda label: -ends[label])
    rounds = "their last rounds" if numbers["rounds"] is None else f"{count(numbers['rounds'])} rounds"
    if not order:
        return f"Nothing has been evaluated in {rounds}"
    named = [f"{label} {measured(ends[label], metric)}" for label in dict.fromkeys((order[0], order[-1]))]
    return f"Test {metric.name} after {rounds}: {' to '.join(named)}"


def conclusions(numbers: Mapping[str, Any]) -> list[str]:
    """Return what the numbers say, one sentence or two each."""
    combinations = {label: each for label, each in numbers["combinations"].items() if each["runs"]}
    said = [numbers["notice"]] if numbers["notice"] else []
    said += [failure(each) for each in numbers["failures"]]
    return [*said, *_who_takes_part(combinations), *_rounds(combinations), *_level(combinations), *_bits(combinations)]


def failure(each: Mapping[str, Any]) -> str:
    """Return which run was not finished, and why."""
    return f"{each['combination']}, seed {each['seed']}, was not finished and counts nowhere: {each['error']}"


def _who_takes_part(combinations: Mapping[str, Any]) -> list[str]:
    parts = "; ".join(
        f"{label}: {short(each['participants'])} of {short(each['asked'])} devices in a round, "
        f"{short(each['ever_took_part'])} ever"
        + ("" if each["labels_lost"] is None else f", {short(each['labels_lost'])} labels lost")
        for label, each in combinations.items()
        if each["participants"] is not None
    )
    return [f"Who takes part. {parts}."] if parts else []


def _rounds(combinations: Mapping[str, Any]) -> list[str]:
    timed = {label: each for label, each in combinations.items() if each["round_s_median"] is not None}
    if not timed:
        return []
    listed = ", ".join(f"{label} {duration(each['round_s_median'])}" for label, each in timed.items())
    return [f"A round lasts, in the median and on the virtual clock: {listed}."]


def _level(combinations: Mapping[str, Any]) -> list[str]:
    """Say how long each takes to the highest level that all reach; in rounds alone where there is no clock."""
    reached = [
        level
        for level in next(iter(combinations.values()), {"rounds_to": {}})["rounds_to"]
        if all(each["rounds_to"][level] is not None for each in combinations.values())
    ]
    if not reached:
        return []
    level = max(reached, key=float)
    listed = ", ".join(f"{label} {_way(each, level)}" for label, each in combinations.items())
    return [f"To {100 * float(level):g} % of the largest value, the highest level that all reach: {listed}."]


def _bits(combinations: Mapping[str, Any]) -> list[str]:
    sizes = {each["update_bytes"] for each in combinations.values() if each["update_bytes"]}
    if len(sizes) < 2:
        return []
    ratio = max(sizes) / min(sizes)
    return [
        f"The largest update has {short(ratio)} times the bytes of the smallest, signature and envelope included; "
        "with the same schedule its round lasts as much longer."
    ]


def _way(each: Mapping[str, Any], level: str) -> str:
    rounds, seconds = f"{count(each['rounds_to'][level])} rounds", each["seconds_to"][level]
    return rounds if seconds is None else f"{duration(seconds)} ({rounds})"
