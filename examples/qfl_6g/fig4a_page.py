"""The page of Fig. 4a: the paper's two numbers for every reading, and where the methods end."""

from collections.abc import Mapping
from typing import Any

from qfl.studies.markdown import table
from qfl.studies.schedulers.claims import PLAUSIBLE_SCA
from qfl.studies.schedulers.summary_text import number, paces

QUANTUM = {
    "qaoa_alternating": "150 turns: QAOA of all sub-channels, SCA of the powers",
    "qaoa_bcd": "150 blocks of two devices",
    "qaoa_bcd_3000": "3,000 blocks of two devices",
}


def page(numbers: Mapping[str, Any], quick: bool) -> str:
    """Return the page.

    Args:
        numbers: As `summarise` returned them.
        quick: Whether it is the quick form.
    """
    few = f", {numbers['seeds']} instances" + (" (quick)" if quick else "")
    return "\n\n".join(
        [
            "# Fig. 4a: QAOA and SCA for sub-channels and powers",
            f"{numbers['devices']} devices, {numbers['channels']} sub-channels{few}. {_says(numbers)} It alternates "
            "between sub-channels and powers, 150 times. Read so, a turn of QAOA is a pass of its blocks over all "
            "devices at fixed powers, a turn of SCA a tangent of the relaxed assignment, rounded; SCA sets the powers "
            "of both. Read as a step of one block, which chooses power too, 150 iterations touch every device once or "
            "twice.",
            "## What the paper's two numbers come to, by reading",
            _readings(numbers),
            _verdict(numbers),
            "## Where the methods end",
            _methods(numbers),
            "![value over evaluations, seconds and iterations](fig4a.png)",
        ]
    )


def _says(numbers: Mapping[str, Any]) -> str:
    paper = numbers["paper"]
    return (
        f"Paper: QAOA has {paper['gain_percent']:.0f} % more sum rate than SCA and converges "
        f"{paper['faster_percent']:.0f} % faster."
    )


def _readings(numbers: Mapping[str, Any]) -> str:
    head = ["QAOA", "SCA", "more sum rate, %", "in iterations", "in evaluations", "in seconds"]
    rows = [
        [
            QUANTUM[claim["quantum"]],
            PLAUSIBLE_SCA[claim["classical"]],
            number(claim["gain_percent"], "{:+.1f}"),
            *_paces(claim),
        ]
        for claim in sorted(numbers["claims"], key=lambda claim: list(QUANTUM).index(claim["quantum"]))
    ]
    return table(head, rows, words=2) + (
        "\n\nConverged: within 1 % of the method's own last value from there on, median over the instances."
    )


def _paces(claim: Mapping[str, Any]) -> list[str]:
    said = dict(zip(claim["pace"], paces(claim), strict=True))
    return [said[unit] for unit in ("iterations", "evaluations", "seconds")]


def _verdict(numbers: Mapping[str, Any]) -> str:
    turns, paper = numbers["alternating"], numbers["paper"]["gain_percent"]
    holds = [PLAUSIBLE_SCA[name] for name, gain in turns["over"].items() if name in PLAUSIBLE_SCA and gain >= paper]
    beaten = f"holds against SCA of {'; '.join(holds)}" if holds else "holds against none of these SCAs"
    return (
        f"In turns, QAOA reaches {turns['percent_of_bound']:.1f} % of the certified bound, "
        f"{turns['qaoa_over_sca_polished']:+.1f} % over polished SCA and {turns['over']['matching_dump_1opt']:+.1f} % "
        f"over matching with best responses. +{paper:.0f} % {beaten}."
    )


def _methods(numbers: Mapping[str, Any]) -> str:
    head = ["method", "start", "Mbit/s", "% of the bound", "evaluations", "seconds"]
    ordered = sorted(numbers["methods"].values(), key=lambda own: -own["value_mbps"]["mean"])
    rows = [
        [
            f"`{own['method']}`",
            own["start"],
            f"{own['value_mbps']['mean']:.2f} ± {number(own['value_mbps']['sd'], '{:.2f}')}",
            number(own["percent_of_bound"]),
            f"{own['evaluations']:,.0f}",
            f"{own['seconds']:.3g}",
        ]
        for own in ordered
    ]
    return table(head, rows, words=2)
