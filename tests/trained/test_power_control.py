"""A trained power control predicts watts from gains, and its file gives the run's sum rate.

Also covers qfl/trained/predictor.py.
"""

import numpy as np
import pytest

from qfl.config import Settings
from qfl.errors import DataError, InputError
from qfl.tasks.d2d_regions import base_scenario
from qfl.trained.export import export_run
from qfl.trained.held_out import evaluate_on, images_of
from qfl.trained.model import load_model
from qfl.wireless.d2d import sample_links
from tests.trained.conftest import D2D


@pytest.fixture
def model(powers, tmp_path):
    return load_model(export_run(powers.path, tmp_path / "m.npz"))


def test_the_file_gives_the_runs_sum_rate(model, powers):
    assert evaluate_on(model)["sum_rate"] == pytest.approx(powers.header["final"]["sum_rate"], rel=1e-6)


def test_powers_are_watts_of_every_pair_of_any_number_and_their_rates_are_shannons(model):
    settings = Settings.from_flat(D2D | {"d2d.pairs": 5})
    gain = sample_links(base_scenario(settings.d2d), 6, 1, "d2d-test", 0).gain
    watts = model.predict(gain)
    assert watts.shape == (6, 5) and (watts >= 0).all() and (watts <= 1.0).all()
    noise = 10 ** (settings.d2d.noise_dbm / 10) / 1000
    received = gain * watts[:, None, :]
    signal = received[:, range(5), range(5)]
    rates = np.log2(1 + signal / (received.sum(-1) - signal + noise)).sum(-1)
    assert model.evaluate(gain)["sum_rate"] == pytest.approx(rates.mean(), rel=1e-4)


def test_what_are_no_gains_is_refused(model):
    with pytest.raises(DataError, match=r"the shape \(2, 3\), but the model takes linear power gains"):
        model.predict(np.ones((2, 3)))
    with pytest.raises(DataError, match="give square gains"):
        model.predict(np.ones((2, 3, 4)))
    with pytest.raises(DataError, match="linear power gains, not dB"):
        model.predict(-np.ones((2, 3, 3)))
    with pytest.raises(DataError, match="no real numbers"):
        model.predict([["a"]])
    with pytest.raises(InputError, match="no classes"):
        model.probabilities(np.ones((2, 3, 3)))
    with pytest.raises(Exception, match="has no images"):
        images_of(model)
