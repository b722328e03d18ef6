"""D2D power control as a task: the loss is the rate, regions are clients, and a federation of them learns.

Also covers qfl/tasks/d2d_regions.py.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.tasks.build import build
from qfl.tasks.d2d_regions import region_scenarios
from qfl.tasks.local import train_clients
from qfl.wireless.d2d_rates import sum_rate

SMALL = Settings.from_flat(
    {
        "task": "d2d",
        "model.name": "sqm_gnn",
        "gnn.layers": 1,
        "gnn.heads": 2,
        "gnn.neighbours": 3,
        "d2d.pairs": 5,
        "d2d.samples": 6,
        "d2d.test-samples": 4,
        "d2d.density-spread": 1.0,
        "d2d.shadowing-spread-db": 4.0,
        "clients.count": 3,
        "train.batch-size": 4,
        "train.local-steps": 2,
        "train.optimizer": "adam",
        "precision": "double",
    }
)


def test_the_loss_is_the_negative_sum_rate_of_the_powers():
    setup = build(SMALL)
    angles = torch.from_numpy(setup.model.initial(1))
    batch = setup.samples.take(torch.tensor(setup.parts[1][None]), torch.ones(1, 6, dtype=torch.float64))
    found = setup.task.metrics(angles[None], batch)
    powers = setup.model.powers(angles[None], batch.snr, noise_w=1.0)
    by_hand = sum_rate(batch.snr, powers, batch.alpha).mean()
    assert found["sum_rate"].item() == pytest.approx(by_hand.item())
    assert found["loss"].item() == pytest.approx(-by_hand.item())


def test_regions_differ_when_asked_and_only_then():
    alike = region_scenarios(replace(SMALL.d2d, density_spread=0.0, shadowing_spread_db=0.0), 4, 1)
    assert len(set(alike)) == 1
    varied = region_scenarios(SMALL.d2d, 40, 1)
    assert len({s.field_m for s in varied}) == 40 and all(250 <= s.field_m <= 1000 for s in varied)
    assert all(4 <= s.shadowing_db <= 12 for s in varied)


def test_the_central_test_reports_every_region_and_its_references():
    setup = build(SMALL)
    angles = torch.from_numpy(setup.model.initial(1))
    metrics, classes = setup.task.evaluate(angles, setup.test_batch)
    per_region = setup.task.per_region(angles, setup.test_batch, 3)
    assert classes == []
    assert len(per_region) == 3 and np.mean(per_region) == pytest.approx(metrics["sum_rate"].item())
    references = setup.manifest["references"]
    assert references["wmmse_best_of_21"] >= references["wmmse_100"] > references["max_power"] > 0
    assert not np.isin(setup.test_batch.snr, setup.samples.snr).any()


@pytest.mark.parametrize("model", ["sqm_gnn", "qgnn", "qsgcn", "wcgcn", "gcn"])
def test_all_regions_at_once_train_as_each_alone(model):
    pairs = 3 if model == "qsgcn" else 5
    settings = replace(SMALL, model=replace(SMALL.model, name=model), d2d=replace(SMALL.d2d, pairs=pairs))
    setup = build(settings)
    received = setup.model.initial(1)
    together = train_clients(setup, received, 1, [0, 1, 2])
    for update in together:
        (alone,) = train_clients(setup, received, 1, [update.client])
        assert np.allclose(alone.angles, update.angles, atol=1e-9)
        assert np.abs(update.angles - received).max() > 1e-3


def test_a_region_too_large_for_a_statevector_is_refused_before_training():
    flat = {"task": "d2d", "model.name": "qsgcn", "d2d.pairs": 8}
    with pytest.raises(ConfigError, match=r"qsgcn needs 36 qubits for 8 links.* 549,755,813,888 bytes"):
        build(Settings.from_flat(flat))


def test_impossible_regions_are_refused_by_name():
    with pytest.raises(ConfigError, match=r"d2d.min-pair-m = 70 is more than d2d.max-pair-m = 65"):
        Settings.from_flat({"task": "d2d", "model.name": "gcn", "d2d.min-pair-m": 70.0})
    with pytest.raises(ConfigError, match=r"d2d.field-m = 2 leaves no room"):
        Settings.from_flat({"task": "d2d", "model.name": "gcn", "d2d.field-m": 2.0})
    with pytest.raises(ConfigError, match=r"model.name = 'vqc' does not go with task = 'd2d'"):
        Settings.from_flat({"task": "d2d"})
