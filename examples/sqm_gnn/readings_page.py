"""The part of Table I's page that keeps to what the paper constrains: readings of its text, beside ours."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qfl.report.formatting import number_text, spread_text
from qfl.studies.markdown import table

if TYPE_CHECKING:
    from .plan import Plan

PAPER_NUMBERS, PAPER_QUBITS = 5925, 13
SAYS = {
    "as_published": "one star a head and layer of k neighbours, drawn at random in every layer and step anew",
    "without_repeats": "the same, no layer drawing what an earlier one had before all came",
    "by_rank": "the strongest neighbours, each head the next k by rank",
    "multiplied": "all neighbours, as a product of stars of k (the exact cut)",
}


def readings_section(numbers: Mapping[str, Any], plan: "Plan", paper: Mapping[tuple[int, int], float]) -> str:
    """Return the readings beside the paper's numbers and ours, with what each needs, and what the cut costs.

    Args:
        numbers: The study's.
        plan: What was asked for.
        paper: SQM-GNN's percentage by pairs and power.
    """
    rows = [_row(numbers, name, paper) for name in (*plan.readings, "ours")]
    cells = [f"K = {pairs}" for pairs, power in paper if power == 1]
    printed = ["paper", f"{PAPER_QUBITS}", f"{PAPER_NUMBERS:,}", "", *_of_paper(paper)]
    head = ["reading", "qubits", "numbers", "circuits a node", *cells]
    fewest = [name for name in plan.readings if plan.tables[name].get("fewest-pairs", plan.fewest_pairs)]
    return "\n\n".join(
        (
            "### As the paper constrains it, and ours",
            "% of WMMSE(100) at 1 W; qubits and circuits at the number of pairs that was trained with. Readings: "
            + "; ".join(f"`{name}`: {SAYS.get(name, 'see the run file')}" for name in plan.readings)
            + ". "
            + ("" if fewest else "All readings are trained with all pairs in every step, and at 1 W only; ")
            + f"{_trained(plan)}. "
            + "A circuit is measured along X, Y and Z, or along X and Y where it is one of a product.",
            table(head, [printed, *rows]),
            _verdict(numbers, plan, paper),
            _cost(numbers["cut"]),
        )
    )


def _trained(plan: "Plan") -> str:
    """Return how many samples each reading saw, in words."""
    setup = plan.setups[0]
    seen = {}
    for name in plan.readings:
        own = {**plan.training[setup], **plan.own(setup, name)}
        seen[name] = f"{own['realisations']:,} realisations, {own['epochs']} epochs"
    if len(set(seen.values())) == 1:
        return next(iter(seen.values()))
    return "; ".join(f"`{name}`: {words}" for name, words in seen.items())


def _of_paper(paper: Mapping[tuple[int, int], float]) -> list[str]:
    return [f"{percent}" for (_, power), percent in paper.items() if power == 1]


def _row(numbers: Mapping[str, Any], name: str, paper: Mapping[tuple[int, int], float]) -> list[str]:
    first = numbers["k20_p1"][name]
    cells = [numbers[f"k{pairs}_p{power}"][name] for pairs, power in paper if power == 1]
    reached = [number_text(cell["percent_of_wmmse"], 1) + spread_text(cell["sd"], 1) for cell in cells]
    return [f"`{name}`", *(f"{first[key]:,}" for key in ("qubits", "numbers", "circuits_per_node")), *reached]


def _verdict(numbers: Mapping[str, Any], plan: "Plan", paper: Mapping[tuple[int, int], float]) -> str:
    """Return in words whether the paper's claim holds where it was trained, in each reading."""
    cell, claimed = numbers["k20_p1"], paper[20, 1]
    said = []
    for name in plan.readings:
        reached = cell[name]["percent_of_wmmse"]
        if reached is None:
            said.append(f"`{name}` diverged")
            continue
        beyond = "passes WMMSE(100)" if reached > 100 else "does not pass WMMSE(100)"
        said.append(f"`{name}` {beyond} and is {abs(reached - claimed):.1f} points {_side(reached, claimed)}")
    return f"The paper claims {claimed} % at K = 20 and 1 W. Of {plan.seeds} seed(s): {'; '.join(said)}."


def _side(reached: float, claimed: float) -> str:
    return "below the paper" if reached < claimed else "above it"


def _cost(cuts: Mapping[str, Any]) -> str:
    """Return what trained stars need whole and cut, and what they reach with as many shots per circuit and axis."""
    shots = [name for name in next(iter(cuts.values()))["percent_of_wmmse"] if not name.startswith("cut")]
    head = ["trained model", "run", "qubits", "circuits a node", *shots]
    rows = []
    for name, own in cuts.items():
        for way, prefix in (("whole", ""), ("cut", "cut ")):
            need = own[way]
            reached = [number_text(own["percent_of_wmmse"][prefix + each], 1) for each in shots]
            rows.append([f"`{name}`", way, f"{need['qubits']}", f"{need['circuits_per_node']:,}", *reached])
    largest = max(own["largest_difference_of_powers"] for own in cuts.values())
    realisations = next(iter(cuts.values()))["realisations"]
    return (
        "**The exact cut.** Trained once, run whole and as products of circuits of at most six neighbours, of one "
        "where stars are subsampled (`qfl/quantum/star_cut.py`); shots are per circuit and axis, "
        f"{realisations} channels. Powers without shots differ by at most {largest:.0e}.\n\n" + table(head, rows)
    )
