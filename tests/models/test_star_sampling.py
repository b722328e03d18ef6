"""Which neighbours stars have, and what circuits they need: every choice against stars that are made by hand.

Also covers qfl/models/star_count.py and qfl/models/star_entries.py.
"""

from dataclasses import replace

import pytest
import torch

from qfl.errors import ConfigError
from qfl.models.model_file import load_model, save_model
from qfl.models.sqm_gnn import SqmGnn
from qfl.models.star_count import circuits_per_node, num_neighbours, num_qubits
from qfl.models.star_device import DeviceStars, largest_circuit
from qfl.models.star_layer import exact
from qfl.models.stars import drawn_neighbours, interfering, rank_places
from qfl.quantum.noise import NoiseModel
from qfl.seeds import stream

SMALL = {"layers": 2, "heads": 3, "hidden": (4,), "neighbour_subsampling": 0}


def channels(links, samples=2):
    return torch.from_numpy(10 ** stream(links, "gain").normal(3, 1, (1, samples, links, links)))


def entries(model):
    return torch.from_numpy(model.initial(1))[None]


def one_head(execute, head):
    """Return an execution of all heads' circuits whose other heads give nothing."""

    def run_stars(convolution, angles):
        run = execute(convolution, angles)

        def only(layer, node, edge, index, kept=None, centre=None):
            values = torch.zeros(*node.shape[:2], 3, node.shape[-1], dtype=node.dtype)
            values[:, head] = run(layer, node, edge, index, kept, centre)[:, head]
            return values

        return only

    return run_stars


def test_by_rank_every_head_hears_its_own_part_of_the_neighbours():
    """One layer, seven links, k = 2: each head's values are those of a model whose stars have these two alone."""
    model, gain = SqmGnn(**SMALL | {"layers": 1}, k=2, sampling="ranks"), channels(7)
    strength = interfering(gain).masked_fill(torch.eye(7, dtype=torch.bool), -1.0)
    order = strength.argsort(-1, descending=True)
    drawn = replace(model, sampling="random")
    for head in range(3):
        chosen = order[..., 2 * head : 2 * head + 2].unsqueeze(1)
        wanted = drawn.outputs(entries(model), drawn.stars(gain, chosen=chosen), one_head(exact, head))
        found = model.outputs(entries(model), model.stars(gain), one_head(exact, head))
        torch.testing.assert_close(found, wanted, atol=1e-12, rtol=0)


def test_ranks_begin_again_where_there_are_no_more():
    assert rank_places(3, 4, 6).tolist() == [[2, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 3]]
    model = SqmGnn(**SMALL, k=4, sampling="ranks")
    assert model.stars(channels(5)).index.shape[1] == 4 and model.stars(channels(40)).index.shape[1] == 12


def test_without_repeats_all_neighbours_come_before_one_comes_again():
    drawn = drawn_neighbours(3, "step", shape=(2, 6, 4), num_links=13, k=4, repeats=False)
    assert drawn.shape == (2, 6, 4, 13, 4)
    for link in range(13):
        others = [each for each in range(13) if each != link]
        for start in (0, 3):
            three = drawn[1, start : start + 3, 2, link].flatten().tolist()
            assert sorted(three) == others
    assert not torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[:, :, 0], drawn[:, :, 1])
    assert not torch.equal(drawn, drawn_neighbours(3, "next", shape=(2, 6, 4), num_links=13, k=4, repeats=False))


@pytest.mark.parametrize("repeats", [True, False])
def test_a_draw_is_of_the_asked_size_and_never_of_the_centre(repeats):
    model = SqmGnn(**SMALL, k=4, sampling="random", repeats=repeats)
    drawn = model.draw(1, "train", 7, shape=(1, 5, 9))
    assert drawn.shape == (1, 2, 5, 9, 4)
    assert (drawn.sort(-1).values.diff(dim=-1) > 0).all()
    assert not (drawn == torch.arange(9)[:, None]).any()
    assert model.stars(channels(9), chosen=model.draw(1, shape=(1, 2, 9))).edge.shape == (2, 1, 4, 4, 18)


def test_qubits_and_circuits_are_counted():
    counted = {
        "as the paper": (SqmGnn(layers=8, k=6, sampling="random"), 13, 32),
        "whole": (SqmGnn(layers=8), 39, 32),
        "subsampled and cut": (SqmGnn(layers=8, cut=6), 3, 32 * 19),
        "cut": (SqmGnn(layers=8, neighbour_subsampling=0, cut=6), 13, 32 * 4),
    }
    for model, qubits, circuits in counted.values():
        assert num_qubits(model, 20) == qubits and circuits_per_node(model, 20) == circuits
        if qubits <= 13:
            assert largest_circuit(model, 20).num_qubits == qubits
    assert num_neighbours(SqmGnn(k=6), 4) == 3 and num_qubits(SqmGnn(k=6), 4) == 7


@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("sampling", ["strongest", "ranks"])
def test_a_model_that_is_cut_runs_on_a_device_as_exactly(sampling, subsampling):
    """PennyLane on circuits of two neighbours, or one, where the whole star has five."""
    changes = {"layers": 1, "heads": 1, "neighbour_subsampling": subsampling}
    model = SqmGnn(**SMALL | changes, k=5, sampling=sampling, cut=2)
    gain, angles = channels(6, 1), entries(model)
    device = DeviceStars(model, "default.qubit", None, NoiseModel(), (1, 2))
    torch.testing.assert_close(device.powers(angles, gain), model.powers(angles, gain), atol=1e-9, rtol=0)
    shots = DeviceStars(model, "default.qubit", 2000, NoiseModel(), (1, 2)).powers(angles, gain)
    assert 0 < (shots - model.powers(angles, gain)).abs().max() < 0.2


def test_how_a_model_is_run_is_no_part_of_what_is_trained(tmp_path):
    whole, cut = SqmGnn(**SMALL), SqmGnn(**SMALL, cut=6)
    save_model(tmp_path / "model.npz", whole, whole.initial(1))
    model, angles = load_model(tmp_path / "model.npz", expected=cut)
    assert replace(model, cut=6) == cut and len(angles) == len(cut.layout) and whole.layout == cut.layout
    with pytest.raises(ConfigError, match="'cartan' does more than to turn the centre about Z"):
        SqmGnn(**SMALL, update="cartan", cut=6)
