"""Cell-free networks as clients: losses, decoding, references, and a federation that learns.

Also covers qfl/tasks/cell_free/region_references.py and qfl/tasks/cell_free/region_task.py.
"""

from itertools import product

import numpy as np
import pytest
import torch

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.tasks.build import build
from qfl.tasks.cell_free.region_references import references
from qfl.tasks.cell_free.region_task import RegionBatch, decode
from qfl.tasks.local import train_clients
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.power import climb_powers, rates_at
from qfl.wireless.cell_free.precoders import slnr
from qfl.wireless.cell_free.rates import user_rates

SMALL = {
    "task": "cell_free",
    "model.name": "ap_user_gnn",
    "precision": "double",
    "clients.count": 3,
    "cell-free.samples": 20,
    "cell-free.test-samples": 10,
    "cell-free.loss": "min_rate",
    "gnn.layers": 2,
    "gnn.heads": 2,
    "gnn.width": 4,
    "train.local-steps": 2,
    "train.batch-size": 8,
}


def setup(**changes):
    return build(Settings.from_flat(SMALL | changes))


def test_one_region_at_a_time_equals_all_at_once():
    s = setup()
    start = s.model.initial(1)
    for one in train_clients(s, start, 1, [2, 0, 1]):
        (alone,) = train_clients(s, start, 1, [one.client])
        np.testing.assert_allclose(one.angles, alone.angles, atol=1e-12)
        assert one.train_loss == pytest.approx(alone.train_loss) and one.loss >= 0


def test_a_region_reads_its_own_channels_alone():
    s = setup()
    start = s.model.initial(1)
    (before,) = train_clients(s, start, 1, [1])
    blind = tuple(part.clone() for part in s.samples.gains)
    for part in blind:
        part[:, :20], part[:, 40:] = torch.nan, torch.nan
    s.samples.__dict__["gains"], seen = blind, s.samples.gains
    (after,) = train_clients(s, start, 1, [1])
    s.samples.__dict__["gains"] = seen
    np.testing.assert_array_equal(before.angles, after.angles)


@pytest.mark.parametrize("loss", ["min_rate", "sum_rate"])
@pytest.mark.parametrize("csi_error", [0.0, 0.1])
def test_rates_and_losses_are_those_of_the_decoded_network(loss, csi_error):
    """Through the channel of Eq. (3), beams of the estimate, and Eq. (5), against the gains that the task keeps."""
    s = setup(**{"cell-free.loss": loss, "cell-free.csi-error": csi_error})
    network = CellFree(csi_error=csi_error)
    channels = draw(network, 1, 10, "test")
    angles = torch.from_numpy(s.model.initial(1))
    found, _ = s.task.evaluate(angles, s.test_batch)
    choice = s.model.choose(angles[None], s.test_batch.known, network.interference)
    serves = torch.nn.functional.one_hot(decode(choice.logit[0]), 3) * choice.power[0]
    rates = user_rates(network, channels.true, serves, slnr(channels.known, network))
    assert float(found["rate"]) == pytest.approx(float(rates.amin(-1).mean()))
    assert float(found["sum_rate"]) == pytest.approx(float(rates.sum(-1).mean()))
    if csi_error:  # the loss is reckoned from what the region's CPU knows
        return
    bound = torch.log2(1 + network.snr * channels.true.abs().square().sum((1, 3)))
    if loss == "sum_rate":  # SLNR's signal is below maximum ratio's
        assert 0 < float(found["loss"]) < float((bound - rates).sum(-1).mean())
    else:
        assert 0 < float(found["loss"])
        assert float(found["loss"]) <= float((bound.amin(-1) - rates.amin(-1)).mean()) + 0.3 * np.log(3)


def test_decoding_is_the_likeliest_assignment_that_serves_everybody():
    logit = torch.randn(200, 4, 3, generator=torch.Generator().manual_seed(2)).double()
    users = decode(logit)
    assert (torch.nn.functional.one_hot(users, 3).sum(1) > 0).all()  # (6c); one user each is (6b) with powers up to 1
    rows = torch.tensor([row for row in product(range(3), repeat=4) if len(set(row)) == 3])
    score = logit[:, torch.arange(4), rows].sum(-1)
    torch.testing.assert_close(logit.gather(-1, users[..., None]).sum((1, 2)), score.amax(-1))


@pytest.mark.parametrize("objective", ["min_rate", "sum_rate"])
def test_powers_come_near_a_grid_search_and_below_none(objective):
    gain = setup().test_batch.known[0]
    user = torch.tensor([[0, 1, 2, 0]]).repeat(10, 1)
    grid = torch.tensor(list(product(torch.linspace(0, 1, 9).tolist(), repeat=4))).double()
    worth = {"min_rate": lambda rates: rates.amin(-1), "sum_rate": lambda rates: rates.sum(-1)}[objective]
    many = rates_at(grid.repeat(10, 1), gain.repeat_interleave(len(grid), 0), user.repeat_interleave(len(grid), 0), 0.1)
    best = worth(many).unflatten(0, (10, -1)).amax(-1)
    powers = climb_powers(gain, user, 0.1, objective)
    found = worth(rates_at(powers, gain, user, 0.1))
    assert ((powers >= 0) & (powers <= 1)).all() and (found >= worth(many).unflatten(0, (10, -1))[:, -1] - 1e-9).all()
    assert found.mean() > 0.98 * best.mean()


def test_references_are_ordered_as_they_must_be():
    network, batch = CellFree(), setup().test_batch
    for objective in ("min_rate", "sum_rate"):
        found = {name: value[objective] for name, value in references(network, batch, objective, 1).items()}
        assert found["exhaustive"] >= max(found["algorithm4"], found["matching"], found["best_response"]) - 1e-9
        assert found["joint"] >= found["exhaustive + power"] - 1e-9 >= found["exhaustive"] - 2e-9


def test_padding_weighs_nothing():
    s = setup()
    batch = s.test_batch
    padded = RegionBatch(
        *(torch.cat((part, part[:, :3].flip(1)), 1) for part in (batch.known, batch.true)),
        torch.cat((batch.weight, torch.zeros(1, 3).double()), 1),
    )
    angles = torch.from_numpy(s.model.initial(1))[None]
    plain, found = s.task.metrics(angles, batch), s.task.metrics(angles, padded)
    assert all(float(plain[name]) == pytest.approx(float(found[name])) for name in plain)


@pytest.mark.parametrize("model", ["ap_user_gnn", "ap_user_classical"])
def test_regions_learn_together(model):
    """Averaged entries lower the loss on channels that nobody trained on."""
    changes = {"model.name": model, "train.optimizer": "adam", "train.learning-rate": 0.03, "train.local-steps": 6}
    s = setup(**changes, **{"cell-free.samples": 60, "train.batch-size": 16, "cell-free.test-samples": 60})
    angles = start = s.model.initial(1)
    for number in range(1, 5):
        angles = np.mean([update.angles for update in train_clients(s, angles, number, range(3))], axis=0)
    before, after = (s.task.evaluate(torch.from_numpy(x), s.test_batch)[0] for x in (start, angles))
    assert after["loss"] < before["loss"] - 2 and after["rate"] > before["rate"] + 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"cell-free.loss": "slnr"}, "cell-free.loss = 'slnr' does not go with model.name = 'ap_user_gnn'"),
        ({"model.name": "edge_plus"}, "cell-free.loss = 'min_rate' does not go with .* expected one of slnr, target"),
        ({"cell-free.mode": "separate"}, "is for edge models"),
        ({"cell-free.csi": "gains"}, "reads channels; use cell-free.csi = 'full'"),
        ({"engine": "pennylane", "model.name": "ap_user_classical"}, 'use engine = "exact"'),
        ({"cell-free.beams": "zf"}, "expected one of slnr, mr"),
    ],
)
def test_bad_settings_are_refused(changes, says):
    with pytest.raises(ConfigError, match=says):
        Settings.from_flat(SMALL | changes)


def test_more_users_than_access_points_are_refused():
    with pytest.raises(ConfigError, match=r"a region has cell-free.aps = 2 access points"):
        setup(**{"cell-free.aps": 2})
