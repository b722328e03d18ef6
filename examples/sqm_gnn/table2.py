"""Table II of SQM-GNN: what QSGCN, SQM-GNN and a classical network need, and what they reach where all of them run.

The paper's table counts qubits and parameters. Here QSGCN is also asked to run at every K (it refuses with the bytes
that its statevector would take), and all models are trained at K = 4.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from qfl.errors import ConfigError
from qfl.models.qsgcn import Qsgcn, qubits
from qfl.models.star_count import circuits_per_node, num_qubits
from qfl.models.star_device import largest_circuit
from qfl.models.star_gnn import StarGnn
from qfl.report.formatting import number_text
from qfl.specs import MODELS
from qfl.studies.request import Request
from qfl.studies.study import Study

from .curves import Curves
from .learning import summary
from .plan import Plan, curves_of, job_of, read_plan, references_of, run_plan
from .training import make_model

PAPER_QUBITS = {4: 10, 8: 36, 10: 55, 20: 210}
PAPER_PARAMETERS = {"sqm_gnn": 5925, "wcgcn": 67073}
PAPER_SQM = 13  # qubits, at every K
PAPER_RUNS = {4: True, 8: True, 10: False, 20: False}  # QSGCN's "feasibility"
BYTES = 16  # of a complex number in double precision


def run(request: Request, plan: Plan) -> Curves:
    """Train what the folder lacks at the smallest K, and return the curves."""
    setup = plan.setups[0]
    run_plan(request, plan, {setup: [(plan.pairs, 1)]})
    return curves_of(request, plan, setup)


def summarise(request: Request, plan: Plan, curves: Curves) -> dict[str, Any]:
    """Count, ask QSGCN to run at every K, and return what the models reach."""
    setup = plan.setups[0]
    stars = {f"k{pairs}": _stars(request, plan, setup, pairs) for pairs in PAPER_QUBITS}
    layouts = {model: make_model(job_of(request, plan, setup, model, 0)).layout for model in plan.models}
    return {
        "qsgcn": {f"k{pairs}": _qsgcn(pairs) for pairs in PAPER_QUBITS},
        "sqm_gnn_qubits": max(own["qubits"] for own in stars.values()),
        "sqm_gnn": stars,
        "parameters": {model: len(layout) for model, layout in layouts.items()},
        "angles": {model: layout.num_angles for model, layout in layouts.items()},
        "reached": summary(curves, references_of(request)[setup, plan.pairs, 1]),
        "pairs": plan.pairs,
        "seeds": plan.seeds,
    }


def draw(request: Request, plan: Plan, curves: Curves, numbers: Mapping[str, Any]) -> None:
    """Draw nothing: the page is a table of counts."""


def _stars(request: Request, plan: Plan, setup: str, pairs: int) -> dict[str, Any]:
    """Return what SQM-GNN runs on, counted from its largest circuit: as it is trained, and whole where that is cut."""
    model = make_model(job_of(request, plan, setup, "sqm_gnn", 0))
    assert isinstance(model, StarGnn)
    circuit, whole = largest_circuit(model, pairs), replace(model, cut=0)
    return {
        "qubits": circuit.num_qubits,
        "gates": len(circuit.gates),
        "circuits_per_node": circuits_per_node(model, pairs),
        "qubits_whole": num_qubits(whole, pairs),
    }


def _qsgcn(pairs: int) -> dict[str, Any]:
    model = Qsgcn()
    try:
        model.powers(torch.from_numpy(model.initial(1)), torch.ones(1, pairs, pairs, dtype=torch.float64))
        refused = ""
    except ConfigError as refusal:
        refused = str(refusal)
    return {"qubits": qubits(pairs), "statevector_bytes": float(BYTES * 2 ** qubits(pairs)), "refused": refused}


def tell(request: Request, plan: Plan, curves: Curves, numbers: Mapping[str, Any]) -> str:
    """Return the page."""
    counts = [
        f"| {pairs} | {paper} | {count['qubits']} | {'yes' if PAPER_RUNS[pairs] else 'no'} | "
        f"{count['statevector_bytes']:.3g} | {count['refused'] or 'runs'} |"
        for (pairs, paper), count in zip(PAPER_QUBITS.items(), numbers["qsgcn"].values(), strict=True)
    ]
    stars = [
        f"| {pairs} | {PAPER_SQM} | {own['qubits']} | {own['gates']} | {own['circuits_per_node']} | "
        f"{own['qubits_whole']} |"
        for pairs, own in zip(PAPER_QUBITS, numbers["sqm_gnn"].values(), strict=True)
    ]
    reached = [
        f"| {MODELS[model].title} | {numbers['parameters'][model]:,} | {numbers['angles'][model]:,} | "
        f"{PAPER_PARAMETERS.get(model, '')} | {number_text(numbers['reached'][model]['percent_of_wmmse'], 1)} | "
        f"{plan.seeds} |"
        for model in plan.models
    ]
    best = 100 * numbers["reached"]["wmmse_best_of_21"] / numbers["reached"]["wmmse_100"]
    return "\n".join(
        (
            "# Table II: what the models need",
            "",
            "SQM-GNN, counted from its largest circuit; where stars are cut (`cut` in the run file), what they would "
            "need whole stands last. Its engine needs none of the amplitudes: a star is traced out qubit by qubit.",
            "",
            "| K | qubits, paper | ours | gates of a circuit | circuits a node | qubits, whole |",
            "|--:|--:|--:|--:|--:|--:|",
            *stars,
            "",
            "| K | QSGCN's qubits, paper | ours | feasible, paper | bytes of its statevector | asked to run |",
            "|--:|--:|--:|---|--:|---|",
            *counts,
            "",
            "The paper marks QSGCN feasible at K = 8. Its circuit entangles all pairs, so it is simulated by all 2^36 "
            "amplitudes, a terabyte in double precision: no machine that this runs on holds them, and a device of 36 "
            "qubits is another matter, which nothing here measures.",
            "",
            f"Trained at K = {plan.pairs}, where all of them run:",
            "",
            "| model | parameters | of them angles | paper | % of WMMSE(100) | seeds |",
            "|---|--:|--:|--:|--:|--:|",
            *reached,
            "",
            f"WMMSE from 21 starts: {best:.1f} %.",
        )
    )


STUDY = Study(read_plan, run, summarise, draw, tell)
