"""Regions predict powers from gains; edge models, which need the cloud, are scored on their own test alone."""

import numpy as np
import pytest

from qfl.errors import InputError
from qfl.trained.export import export_run
from qfl.trained.held_out import evaluate_on
from qfl.trained.model import load_model
from tests.trained.conftest import SMALL, trained

SIZES = {"cell-free.samples": 4, "cell-free.test-samples": 2, "cell-free.cloud-steps": 2, "gnn.layers": 1}
REGION = SMALL | SIZES | {"task": "cell_free", "model.name": "ap_user_gnn", "clients.count": 2, "gnn.heads": 1}
REGION |= {"cell-free.loss": "min_rate", "gnn.width": 4}
EDGE = SMALL | SIZES | {"task": "cell_free", "model.name": "edge_plus", "clients.count": 4}


def test_a_region_serves_every_user_and_the_file_gives_the_runs_rate(tmp_path):
    run = trained(tmp_path / "run", REGION)
    model = load_model(export_run(run.path))
    assert evaluate_on(model)["rate"] == pytest.approx(run.header["final"]["rate"], rel=1e-5)
    gain = 10 ** np.random.default_rng(1).normal(1, 0.5, (5, 4, 3, 3))
    sent = model.predict(gain)
    assert sent.shape == (5, 4, 3) and ((sent > 0).sum(-1) == 1).all() and (sent > 0).any(1).all() and sent.max() <= 1
    assert model.probabilities(gain).sum(-1) == pytest.approx(np.ones((5, 4)), abs=1e-6)


def test_an_edge_models_beams_are_refused_and_its_own_test_is_not(tmp_path):
    run = trained(tmp_path / "run", EDGE)
    model = load_model(export_run(run.path))
    with pytest.raises(InputError, match="for the users that the cloud assigns"):
        model.predict(np.ones((1, 4, 3, 2)))
    assert evaluate_on(model)["rate"] == pytest.approx(run.header["final"]["rate"], rel=1e-5)
