"""The page, the CSV file and the figure of Table III."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qfl.report.canvas import canvas
from qfl.report.formatting import number_text, spread_text
from qfl.report.palette import LIGHT
from qfl.studies.markdown import table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# the paper's rows in words, with what measures them here
WORDS = (
    ("Spatial dependencies", "better", "limited", "% of WMMSE without shots and noise, over k"),
    ("Expressivity", "high", "low", "the same: the models differ in k alone"),
    ("Hardware feasibility", "challenging", "practical", "qubits and two-qubit gates of a circuit"),
    ("Quantum noise", "higher", "lower", "% of WMMSE with depolarising noise after every gate"),
    ("Trainability", "difficult", "easier", "deviation of d<Z>/d(angle) over random circuits"),
)
SIDES = {"shots": "finite shots, no noise", "noise": "noise, no limit of shots"}


def page(numbers: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the page in Markdown."""
    settings, ways = numbers["settings"], list(cells[0]["percent_of_wmmse"])
    head = ["k", "neighbours", "qubits", "two-qubit gates", "gradient, generic", "near identity", *ways, "seeds"]
    words = table(("paper", "large circuits", "small circuits", "measured as"), WORDS, words=4)
    own = numbers["pennylane"]
    return "\n\n".join(
        (
            "# Table III: large and small circuits, measured",
            words,
            f"Trained exactly at K = {settings['pairs']}, set-up {settings['setup']}: {settings['update']} updates, "
            f"{settings['layers']} layers, {settings['heads']} heads, {settings['realisations']:,} realisations, "
            f"{settings['epochs']} epochs; then run as the columns say. Shots are per expectation value; noise p is "
            f"depolarising after every gate on each of its qubits, with {settings['readout']:g} readout errors. Values "
            "are % of WMMSE(100). The paper draws a star's neighbours at random; what that costs beside the strongest "
            "is in the last rows.",
            table(head, (_values(cell, ways, numbers["seeds"]) for cell in cells)),
            "The gradient of a random circuit of general unitaries does not vanish as k grows, so there is no barren "
            "plateau: all neighbours share their angles, and the last ones act on the centre as they do in a small "
            "star. What a large generic star loses is its first neighbours (`qfl/quantum/star.py`).",
            "![trade-off](table3.png)",
            f"PennyLane at k = {own['k']}, one channel, powers of 0 to 1: it differs from the exact engine by "
            f"{own['exact_difference']:.0e}, with the strongest noise by {own['noise_difference']:.0e}; with "
            f"{own['shots']:,} shots its powers scatter by {own['shots_spread_pennylane']:.4f}, ours by "
            f"{own['shots_spread_ours']:.4f}.",
        )
    )


def lines(cells: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield every value as one row of CSV."""
    for cell in cells:
        circuit = {"k": cell["k"], "neighbours": cell["sampling"]}
        circuit |= {name: cell[name] for name in ("qubits", "two_qubit_gates")}
        for way, value in cell["percent_of_wmmse"].items():
            percent = {"percent_of_wmmse_100": number_text(value, 3), "sd_over_seeds": cell["sd"][way]}
            yield circuit | {"run": way} | percent


def picture(path: Path, cells: Sequence[Mapping[str, Any]]) -> None:
    """Draw % of WMMSE over k, a line for every way to run the model on its strongest neighbours, into a PNG."""
    cells = [cell for cell in cells if cell["sampling"] == "strongest"]
    with canvas(path, (10.5, 5.5)) as figure:
        sides = figure.subplots(1, 2, sharey=True)
        for axes, (kind, title) in zip(sides, SIDES.items(), strict=True):
            _draw_side(axes, cells, kind)
            axes.set_title(title)
        sides[0].set_ylabel("sum rate, % of WMMSE(100)")


def _draw_side(axes: "Axes", cells: Sequence[Mapping[str, Any]], kind: str) -> None:
    ways = [way for way in cells[0]["percent_of_wmmse"] if kind in way]
    for way, strength in zip(["exact", *ways], [1.0, *_shades(len(ways))], strict=True):
        look: Any = {"color": LIGHT["text"], "ls": "--"} if way == "exact" else {"color": LIGHT["test"], "ls": "-"}
        values = np.array([cell["percent_of_wmmse"][way] for cell in cells], dtype=float)
        axes.plot([cell["k"] for cell in cells], values, alpha=strength, marker="o", ms=4, label=way, **look)
    axes.set_xlabel("neighbours k; a circuit has 2k + 1 qubits")
    axes.grid(axis="y", color=LIGHT["grid"])
    axes.legend(loc="upper left", frameon=False)


def _shades(count: int) -> list[float]:
    return [0.35 + 0.65 * index / max(1, count - 1) for index in range(count)]


def _values(cell: Mapping[str, Any], ways: Sequence[str], seeds: int) -> list[str]:
    circuit = [str(cell[name]) for name in ("k", "sampling", "qubits", "two_qubit_gates")]
    gradients = [f"{cell[name]:.1e}" for name in ("gradient_generic", "gradient_near_identity")]
    percent = []
    for way in ways:
        percent.append(number_text(cell["percent_of_wmmse"][way], 1) + spread_text(cell["sd"][way], 1))
    return [*circuit, *gradients, *percent, str(seeds)]
