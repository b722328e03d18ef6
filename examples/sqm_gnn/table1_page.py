"""The page and the CSV file of Table I: paper's number | ours | seeds, for every cell of both set-ups."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qfl.report.formatting import number_text, spread_text
from qfl.studies.markdown import table

from .readings_page import readings_section
from .setups import MEANING

if TYPE_CHECKING:
    from .plan import Plan

# Table I: (pairs, power in watt) -> (GNN [13], SQM-GNN) as % of WMMSE; the K = 10 row is at its head
PAPER = {
    (10, 1): (102.21, 107.02),
    (20, 1): (95.16, 105.12),
    (40, 1): (93.99, 100.59),
    (80, 1): (93.38, 97.87),
    (10, 2): (102.00, 106.88),
    (20, 2): (95.99, 103.28),
    (40, 2): (93.74, 99.63),
    (80, 2): (92.01, 98.26),
}
COLUMNS = {
    "wmmse_best_of_21": "WMMSE, 21 starts",
    "wmmse_20000": "WMMSE, 20,000 it.",
    "exact_on_off": "exact on/off",
    "greedy_on_off": "greedy on/off",
    "best_single_link": "one link",
    "max_power": "all at max",
}


def page(numbers: Mapping[str, Any], plan: "Plan") -> str:
    """Return the page in Markdown."""
    sections = ["# Table I: SQM-GNN and classical networks as % of WMMSE(100 iterations, from full power)"]
    for number, setup in enumerate(plan.setups):
        cells = numbers[setup] if number else numbers
        sections.append(_section(setup, cells, numbers["training"][setup], plan))
        if plan.readings and not number:
            sections.append(readings_section(numbers, plan, {key: sqm for key, (_, sqm) in PAPER.items()}))
    replay = numbers["replay"]
    sections.append(
        "## The 2.6\n\n"
        f"The authors' code prints {replay['printed']:.6f} for WMMSE; replayed with its slips (nats, interference of "
        f"the transposed channel, powers squared): {replay['replayed_nats']:.6f}. The same draws without them: "
        f"{replay['wmmse_100_nats']:.3f} nats = {replay['wmmse_100_bits']:.3f} bit/s/Hz; with 21 starts "
        f"{replay['wmmse_best_of_21_nats']:.3f} nats; best on/off powers {replay['exact_on_off_nats']:.3f} nats."
    )
    sections.append(
        "Trained numbers: "
        + ", ".join(f"{name} {count:,}" for name, count in numbers["parameters"].items())
        + "".join(f"; of {name}'s, {count:,} are angles" for name, count in numbers["angles"].items() if count)
        + " (the paper: 5,925 and 67,073)."
    )
    return "\n\n".join(sections)


def lines(numbers: Mapping[str, Any], plan: "Plan") -> Iterator[dict[str, Any]]:
    """Yield every value of every cell as one row of CSV."""
    for number, setup in enumerate(plan.setups):
        cells = numbers[setup] if number else numbers
        for (pairs, power), (gnn, sqm) in PAPER.items():
            values = {"paper: GNN": (gnn, ""), "paper: SQM-GNN": (sqm, "")} | _values(cells[f"k{pairs}_p{power}"])
            for what, (percent, sd) in values.items():
                where = {"setup": setup, "pairs": pairs, "power_w": power, "what": what}
                yield where | {"percent_of_wmmse_100": percent, "sd_over_seeds": sd}


def _values(cell: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    models = {name: value for name, value in cell.items() if isinstance(value, Mapping) and name != "ours"}
    baselines = {name: value for name, value in cell.items() if name.endswith("_percent")}
    return {name: (number_text(value["percent_of_wmmse"], 3), value["sd"]) for name, value in models.items()} | {
        name.removesuffix("_percent"): (f"{value:.3f}", "") for name, value in baselines.items()
    }


def _section(setup: str, cells: Mapping[str, Any], training: Mapping[str, Any], plan: "Plan") -> str:
    first, models, seeds = cells["k20_p1"], plan.models, plan.seeds
    there = {name for pairs, power in PAPER for name in cells[f"k{pairs}_p{power}"]}
    columns = {name: title for name, title in COLUMNS.items() if f"{name}_percent" in there}
    head = [
        "K",
        "W",
        "paper SQM-GNN",
        f"**ours: {models[0]}**",
        "seeds",
        "paper GNN",
        *models[1:],
        *columns.values(),
        "WMMSE, bit/s/Hz",
    ]
    rows = [_cells(cells, key, models, columns, seeds) for key in PAPER]
    parts = [
        f"## {setup}",
        f"{MEANING[setup]}. Trained at {_trained(plan, setup)} and full power only: {training['realisations']:,} "
        f"realisations, {training['epochs']} epochs; tested on {first['test_realisations']:,} fresh ones (fewer above "
        "20 pairs)."
        + (f" Stars have at most {training['most-neighbours']} neighbours." if "most-neighbours" in training else ""),
        table(head, rows),
    ]
    return "\n\n".join(parts)


def _trained(plan: "Plan", setup: str) -> str:
    """Return the numbers of pairs that were trained with, in words."""
    pairs, fewest = plan.pairs_of(setup), plan.fewest_pairs
    return f"K = {pairs}" + f" (half of the steps with {fewest} to {pairs - 1} of the {pairs} pairs)" * (fewest > 0)


def _cells(
    cells: Mapping[str, Any], key: tuple[int, int], models: Sequence[str], columns: Mapping[str, str], seeds: int
) -> list[str]:
    cell, (gnn, sqm) = cells[f"k{key[0]}_p{key[1]}"], PAPER[key]
    ours = f"**{_percent(cell[models[0]])}**"
    references = [number_text(cell[f"{name}_percent"], 1) if f"{name}_percent" in cell else "" for name in columns]
    others = [_percent(cell[model]) for model in models[1:]]
    own = f"{cell['wmmse_100']:.2f}"
    return [f"{key[0]}", f"{key[1]}", f"{sqm}", ours, f"{seeds}", f"{gnn}", *others, *references, own]


def _percent(value: Mapping[str, Any]) -> str:
    return number_text(value["percent_of_wmmse"], 1) + spread_text(value["sd"], 1)
