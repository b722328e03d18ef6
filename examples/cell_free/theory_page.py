"""The page of the theory: every statement with its verdict, then gradients, counts and dimensions in full."""

from collections.abc import Mapping
from typing import Any

from qfl.studies.markdown import table

from .theory_claims import with_interval
from .theory_readings import ABOUT

Numbers = Mapping[str, Any]
ZERO = 1e-12  # of a mean square: rounding
TITLES = {
    "loss": "Eq. (22), expected over shots",
    "shift": "Eq. (22), decoded, shifts of Appendix B",
    "expectation": "f of Eq. (25), Z of all qubits",
}
HEAD = """# The theory of the cell-free circuits, measured

Every statement of sections IV-D and V and of Appendix D of "Non-Centralized Quantum Neural Networks for Cell-Free MIMO
Systems", for every reading of the printed circuit. In brackets the 95 % interval of the mean over {seeds} seeds; what
has none is exact. The paper prints bounds and counts, and no measured number for any of them."""
READ = """How the print is read:

{readings}

Angles are uniform, as in Appendix D; each draw of them meets a channel of its own. Networks have {users} users, or as
many as access points where these are fewer. `extended` is the cloud that `qfl reproduce cellfree-fig4` trains."""
TAKE = """## What to conclude

- **The lower bound of Eq. (21) is an error of differentiation.** One neuron has cos^2(angle) / 8, never 1/4. Of all
  readings, losses and sizes the largest mean is {largest}. Shifts of a
  decoded loss are no gradient, and are large where an unserved user's penalty is. The bound assures no training.
- **Measured together, the qubits make a plateau; measured one by one, layers add nothing.** With Z of all qubits the
  norm shrinks with the register. Read as operators, the outputs depend on {used} of {angles} angles; read in time, on
  {in_time}.
- **Lemma 2 speaks against the circuit.** As Eqs. (10)-(12) print it, its algebra is one of single qubits: nothing
  between access points can be expressed, however often it is repeated. In turns, as Appendix D has it, it is
  everything from two layers on: {appendix:,} dimensions.
- **No training lets a circuit that adds up its users' angles beat Algorithm 4**: the limit holds for all angles. A
  Hadamard for each user tells users apart, and an output still sees its own access point alone."""


def theory_page(numbers: Numbers, quick: bool) -> str:
    """Return the page.

    Args:
        numbers: As the study returned them, claims among them.
        quick: Whether it is the quick form.
    """
    readings = "\n".join(f"- `{name}`: {about}" for name, about in ABOUT.items())
    parts = (
        HEAD.format(seeds=f"{numbers['seeds']}{' (quick)' if quick else ''}"),
        _claims(numbers["claims"]),
        "![gradients, depth and dimension](theory.png)",
        READ.format(readings=readings, users=3),
        "## Mean squared norm of the gradient",
        "Eq. (21) asks for at least 0.25 in every cell (Lemma 3: 0.5).",
        *(f"### `{loss}`: {title}\n\n{_gradients(numbers, loss)}" for loss, title in TITLES.items()),
        "## Qubits, angles and dimensions",
        _counts(numbers),
        _take(numbers),
    )
    return "\n\n".join(parts)


def _claims(rows: list[Mapping[str, str]]) -> str:
    head = ("paper", "says", "as published", "ours", "set-up", "verdict")
    keys = ("where", "says", "published", "ours", "setup", "verdict")
    return table(head, [[row[key] for key in keys] for row in rows], words=len(head))


def _gradients(numbers: Numbers, loss: str) -> str:
    rows = [row for row in numbers["gradients"] if row["loss"] == loss]
    sizes = list(dict.fromkeys((row["layers"], row["neurons"]) for row in rows))
    cells = {(row["reading"], row["layers"], row["neurons"]): row["mean"] for row in rows}
    head = ["layers x neurons", *(f"{layers} x {neurons}" for layers, neurons in sizes)]
    return table(head, [[f"`{name}`", *(_cell(cells[name, *size]) for size in sizes)] for name in ABOUT], words=1)


def _cell(value: Mapping[str, float]) -> str:
    return with_interval(value, ".2g") if value["mean"] > ZERO else "0"


def _counts(numbers: Numbers) -> str:
    head = ("circuit", "layers", "neurons", "qubits", "angles", "dimension", "no uploads", "no controlled gates")
    keys = ("layers", "neurons", "qubits", "angles", "lie", "lie_trained", "lie_apart")
    rows = [row for row in numbers["counts"] if "lie" in row]
    cells = [[f"`{row['circuit']}`", *(f"{row[key]:,}" for key in keys)] for row in rows]
    note = "An edge's angle turns two gates: its dimensions are those with an angle for each gate, at least as large."
    return f"{table(head, cells, words=1)}\n\n{note}"


def _take(numbers: Numbers) -> str:
    exchanges = numbers["exchanges"]
    largest = max(numbers["gradients"], key=lambda row: row["mean"]["mean"])
    appendix = [row["lie"] for row in numbers["counts"] if row["circuit"] == "appendix" and "lie" in row]
    return TAKE.format(
        largest=f"{largest['mean']['mean']:.2g} (`{largest['reading']}`, {TITLES[largest['loss']]}, "
        f"{largest['layers']} x {largest['neurons']})",
        used=exchanges["operator"]["used"],
        angles=exchanges["operator"]["angles"],
        in_time=exchanges["time"]["used"] or "none",
        appendix=max(appendix),
    )
