"""The conclusions of a comparison, as sentences made from its own numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.report.formatting import UNKNOWN, duration, known


def headline(numbers: Mapping[str, Any]) -> str:
    """Return the one sentence at the top: what the best cheap recipe and QAOA reach."""
    methods = numbers["methods"]
    reached = {
        "QAOA reaches": methods.get("qaoa_bcd_3000") or methods.get("qaoa_bcd"),
        "matching with 1-opt": methods.get("matching_dump_1opt"),
    }
    said = [
        f"{name} {summary['percent_of_bound']:.1f} % in {duration(summary['seconds'])}"
        for name, summary in reached.items()
        if summary and summary["percent_of_bound"] is not None
    ]
    return f"Of the certified bound, {' and '.join(said)}" if said else "No method has a share of the certified bound"


def conclusions(numbers: Mapping[str, Any]) -> list[str]:
    """Return what a user should conclude, one sentence or two each."""
    methods = numbers["methods"]
    said = [*_failed(numbers), *_gain(numbers), *_blocks(methods)]
    best = max(methods.items(), key=lambda item: item[1]["value_mbps"]["mean"], default=None)
    if best:
        share = number(best[1]["percent_of_bound"])
        said.append(f"The best value on the average, {share} % of the bound, is that of {best[0]}.")
    tdma = numbers["round_time"]["tdma_lpt_s"]["mean"]
    if tdma is not None and "matching_dump_1opt" in methods:
        kept = methods["matching_dump_1opt"]["round_time_s"]
        said.append(
            "Sum rate is the wrong aim for a round that waits for everyone: kept, the schedule of matching_dump_1opt "
            f"takes {'for ever' if kept is None else duration(kept)} to collect all updates; one device after the "
            f"other takes {duration(tdma)}."
        )
    return said


def _failed(numbers: Mapping[str, Any]) -> list[str]:
    """Return what failed: a mean is over the instances on which a method has a value."""
    return [
        f"{each['method']} has no value on instance {each['seed']} of the {each['case']} case"
        + (f" ({each['error']})" if each["error"] else "")
        + "; its figures are those of the others."
        for each in numbers["failures"]
    ]


def _gain(numbers: Mapping[str, Any]) -> list[str]:
    claimed = [claim for claim in numbers["claims"] if claim["quantum"] == "qaoa_bcd"]
    gains = {claim["classical"]: claim["gain_percent"] for claim in claimed if claim["gain_percent"] is not None}
    if not gains or "matching_dump_1opt" not in numbers["methods"]:
        return []
    listed = ", ".join(f"{gain:+z.0f} % over {name}" for name, gain in gains.items())
    paper = numbers["paper"]["gain_percent"]
    claim = "" if paper is None else f"The paper's +{paper:.0f} % depends on the SCA it is measured against: "
    return [
        f"{claim}150 blocks of QAOA are {listed}, "
        f"and {_relative(numbers['methods'], 'qaoa_bcd', 'matching_dump_1opt'):+z.0f} % over matching_dump_1opt."
    ]


def _blocks(methods: Mapping[str, Any]) -> list[str]:
    """Return what QAOA adds to the same block descent."""
    said = []
    for suffix, count in (("", "150"), ("_3000", "3,000")):
        names = [f"{name}{suffix}" for name in ("qaoa_bcd", "bcd_exact", "bcd_sampling")]
        if all(name in methods and methods[name]["percent_of_bound"] is not None for name in names):
            quantum, exact, uniform = (methods[name]["percent_of_bound"] for name in names)
            said.append(
                f"In the same {count} blocks QAOA reaches {quantum:.1f} % of the bound, enumeration {exact:.1f} %, "
                f"and the best of as many uniform samples {uniform:.1f} %."
            )
    if said:
        said.append("The descent does the work; a simulator that holds a block's energies has enumerated it already.")
    return said


def _relative(methods: Mapping[str, Any], name: str, other: str) -> float:
    return 100 * (methods[name]["value_mbps"]["mean"] / methods[other]["value_mbps"]["mean"] - 1)


def number(value: float | None, text: str = "{:.1f}") -> str:
    """Return a number as written in a table, or a dash.

    Example:
        >>> number(None), number(12.34)
        ('–', '12.3')
    """
    return text.format(value) if known(value) else UNKNOWN


def paces(claim: Mapping[str, Any]) -> Sequence[str]:
    """Return "faster" in each unit as the paper would count it: percent, or a factor where it is slower."""
    said = []
    for pace in claim["pace"].values():
        if pace["faster_percent"] is None:
            said.append("SCA begins there")
        elif pace["faster_percent"] >= 0:
            said.append(f"{pace['faster_percent']:.0f} % faster")
        else:
            factor = pace["ours"] / pace["theirs"]
            few = f"{factor:.2g} times" if factor >= 2 else f"{100 * (factor - 1):.0f} %"
            said.append(f"{factor:,.0f} times slower" if factor >= 10 else f"{few} slower")
    return said
