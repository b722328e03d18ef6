"""What is timed is the work itself: beams of unit power, a gradient, and a training that closes the gap."""

from pathlib import Path

import torch

import qfl
from qfl.studies.examples import module_of
from qfl.tasks.cell_free.edge_training import EdgeTraining
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree

bench_edge = module_of(Path(qfl.__file__).parent.parent / "examples" / "cell_free", "bench_edge")


def test_beams_are_unit_vectors_of_every_access_point_and_the_gradient_is_of_every_entry():
    network = CellFree()
    timed = bench_edge.edge_costs(network, draw(network, 1, 8).true)
    beams = timed["edge_beam"]()
    assert beams.shape == (network.num_aps, 8, network.num_antennas)
    torch.testing.assert_close(beams.abs().square().sum(-1), torch.ones(network.num_aps, 8))
    (gradient,) = timed["edge_gradient"]()
    assert gradient.ndim == 1 and torch.isfinite(gradient).all() and gradient.abs().max() > 0


def test_training_closes_the_gap_and_says_what_it_took():
    result = bench_edge.edge_training(100, EdgeTraining(steps=20))
    assert 0 < result["gap_after"] < result["gap_before"]
    assert (result["aps"], result["channels"], result["steps"]) == (4, 100, 20) and result["seconds"] > 0
