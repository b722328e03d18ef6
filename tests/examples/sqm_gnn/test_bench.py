"""PennyLane's candidates compute what they are timed on, and the benchmark prints what it promises.

Also covers examples/sqm_gnn/bench_peers.py.
"""

from math import isfinite
from pathlib import Path

import pytest
import torch

import qfl
from qfl.quantum.star_circuit import expectations, star_circuit
from qfl.seeds import stream
from qfl.studies.examples import module_of

SQM_GNN = Path(qfl.__file__).parent.parent / "examples" / "sqm_gnn"
star, peers = module_of(SQM_GNN, "bench"), module_of(SQM_GNN, "bench_peers").peers
CIRCUIT = star_circuit(1)


@pytest.mark.parametrize("name", peers(CIRCUIT))
def test_every_candidate_gives_our_gradients(name):
    count, step = peers(CIRCUIT)[name]
    generator = stream(1, "bench-star-test")
    angles, inputs = (
        torch.from_numpy(generator.uniform(-3, 3, shape)).float()
        for shape in (CIRCUIT.num_angles, (min(count, 3), CIRCUIT.num_features))
    )
    leaves = angles.requires_grad_(), inputs.requires_grad_()
    expected = torch.autograd.grad(expectations(CIRCUIT, *leaves).sum(), leaves)
    assert max(part.abs().max() for part in expected) > 0.1
    torch.testing.assert_close(step(*leaves), expected, atol=1e-5, rtol=0)


def test_the_benchmark_prints_what_it_promises(monkeypatch):
    monkeypatch.setattr(star, "STARS", 64)
    monkeypatch.setattr(star, "HEADS", 2)
    found = star.bench_star(k=1, repeats=1)
    assert found["max_abs_grad_diff"] < 1e-6
    names = [name for name in found["seconds_per_circuit"] if "qubit" in name]
    assert found["fastest_pennylane"] in names and len(names) == len(peers(CIRCUIT))
    seconds = found["seconds_per_circuit"]
    fastest = min(seconds[name]["median_s"] for name in names)
    assert found["ratio_pennylane"] == pytest.approx(fastest / seconds["star engine k=1"]["median_s"])
    assert found["ratio_gate_by_gate"] >= found["ratio_pennylane"] and "blocks" not in found["fastest_gate_by_gate"]
    assert list(found["circuits_per_second"]) == [6, 12, 19, 39, 79] and isfinite(found["exponent_k"])
