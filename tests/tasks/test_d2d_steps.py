"""Federations whose steps draw neighbours and numbers of pairs, and what the settings of star networks mean."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from qfl.config import Settings
from qfl.config.combinations import CUT
from qfl.config.network_subjects import MESSAGES, UPDATES
from qfl.errors import ConfigError
from qfl.models.qgnn import Qgnn
from qfl.models.sqm_gnn import SqmGnn
from qfl.quantum.blocks import BLOCKS
from qfl.quantum.star_phase import COMMUTING
from qfl.specs import MODELS
from qfl.tasks.build import build
from qfl.tasks.d2d import D2dTask
from qfl.tasks.d2d_steps import D2dSteps
from qfl.tasks.local import train_clients

FLAT = {
    "task": "d2d",
    "model.name": "sqm_gnn",
    "gnn.layers": 2,
    "gnn.heads": 2,
    "gnn.neighbours": 2,
    "gnn.sampling": "random",
    "d2d.pairs": 6,
    "d2d.samples": 4,
    "d2d.test-samples": 2,
    "clients.count": 3,
    "train.batch-size": 4,
    "train.local-steps": 2,
    "train.optimizer": "adam",
    "precision": "double",
}


def made(**changes):
    return build(Settings.from_flat(FLAT | {key.replace("__", "."): value for key, value in changes.items()}))


def batch_of(setup, clients):
    index = torch.from_numpy(np.stack([setup.parts[client] for client in clients]))
    return setup.samples.take(index, torch.ones(index.shape, dtype=torch.float64))


def test_every_step_round_and_client_has_its_own_neighbours():
    setup = made()
    angles = torch.from_numpy(setup.model.initial(1)).expand(2, -1)
    same = batch_of(setup, [0, 0])
    losses = {
        place: setup.task.at_step(*place, (1, 2)).metrics(angles, same)["loss"].tolist()
        for place in ((1, 0), (1, 1), (2, 0))
    }
    assert len({value for pair in losses.values() for value in pair}) == 6
    again = setup.task.at_step(1, 0, (1, 2)).metrics(angles, same)["loss"].tolist()
    assert again == losses[1, 0]


@pytest.mark.parametrize("changes", [{}, {"gnn__repeats": False}, {"gnn__fewest-pairs": 3, "gnn__sampling": "ranks"}])
def test_clients_train_alike_together_and_one_by_one(changes):
    setup = made(**changes)
    start = setup.model.initial(1)
    together = train_clients(setup, start, 1, [0, 1, 2])
    for update in together:
        (alone,) = train_clients(setup, start, 1, [update.client])
        np.testing.assert_allclose(alone.angles, update.angles, atol=1e-9)
    other = train_clients(setup, start, 2, [0])[0]
    assert np.abs(other.angles - together[0].angles).max() > 1e-6


def test_half_of_the_steps_leave_pairs_out_for_all_clients_alike():
    setup = made(**{"gnn__fewest-pairs": 3, "gnn__sampling": "strongest"})
    whole, angles = batch_of(setup, [0, 1]), torch.from_numpy(setup.model.initial(1)).expand(2, -1)
    by_pairs = {
        pairs: D2dTask(setup.model).metrics(angles, whole._replace(
            snr=whole.snr[..., :pairs, :pairs], alpha=whole.alpha[..., :pairs]))["loss"].tolist()
        for pairs in range(3, 7)
    }  # fmt: skip
    found = []
    for step in range(100):
        loss = setup.task.at_step(1, step, (0, 1)).metrics(angles, whole)["loss"].tolist()
        found += [pairs for pairs, own in by_pairs.items() if own == loss]
    assert len(found) == 100 and min(found) == 3 and 35 < sum(pairs < 6 for pairs in found) < 65


def test_a_task_whose_steps_draw_nothing_is_the_plain_one():
    assert type(made(gnn__sampling="strongest").task) is D2dTask and type(made().task) is D2dSteps


def test_a_client_on_a_device_draws_the_same_neighbours():
    exact, device = made(), made(engine="pennylane")
    start = exact.model.initial(1)
    ours, theirs = (train_clients(setup, start, 1, [1])[0].angles for setup in (exact, device))
    np.testing.assert_allclose(theirs, ours, atol=1e-6)


def test_a_federation_of_39_qubits_trains_on_circuits_of_three():
    """Seven pairs, stars of six neighbours, cut into circuits of one on the device."""
    changes = {"gnn__sampling": "all", "gnn__layers": 1, "gnn__heads": 1, "d2d__samples": 2, "train__batch-size": 2}
    exact, device = made(**changes), made(**changes, gnn__cut=1, engine="pennylane")
    start = exact.model.initial(1)
    ours, theirs = (train_clients(setup, start, 1, [1])[0].angles for setup in (exact, device))
    np.testing.assert_allclose(theirs, ours, atol=1e-6)


def test_defaults_of_the_settings_are_the_models_own():
    settings = Settings()
    for name, kind in (("sqm_gnn", SqmGnn), ("qgnn", Qgnn)):
        assert MODELS[name].make(settings) == replace(kind(), layers=3, heads=8)


def test_settings_reach_the_model():
    flat = {"gnn.update": "conditional", "gnn.message": "controlled", "gnn.node-hidden": 0, "gnn.feature-bound": 1.0}
    model = MODELS["sqm_gnn"].make(Settings.from_flat(flat | {"gnn.neighbour-subsampling": 0, "gnn.cut": 4}))
    assert (model.update, model.message, model.node_hidden, model.feature_bound) == ("conditional", "controlled", 0, 1)
    assert (model.neighbour_subsampling, model.cut) == (0, 4)


def test_names_in_settings_are_those_of_the_blocks():
    assert MESSAGES == tuple(name for name, block in BLOCKS.items() if block.num_wires == 2)
    assert sorted(UPDATES) == sorted(BLOCKS) and CUT == COMMUTING


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"gnn.fewest-pairs": 6}, "gnn.fewest-pairs = 6: expected 0, or at least 2 and below d2d.pairs = 6"),
        ({"gnn.fewest-pairs": 1}, "gnn.fewest-pairs = 1: expected 0"),
        ({"gnn.cut": 6, "gnn.update": "cartan"}, "stars with gnn.update = 'cartan' are no products"),
        ({"gnn.cut": 7}, "gnn.cut = 7"),
        ({"gnn.sampling": "weakest"}, "gnn.sampling = 'weakest'.* one of strongest, random, all, ranks"),
        ({"gnn.update": "gate"}, "gnn.update = 'gate'"),
    ],
)
def test_what_cannot_be_is_said(changes, says):
    with pytest.raises(ConfigError, match=says):
        Settings.from_flat(FLAT | changes)
