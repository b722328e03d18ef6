"""D2D channels: the layout's rules, the path loss by hand, the statistics, and train apart from test."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.wireless import d2d
from qfl.wireless.d2d import SETUPS, D2dScenario, check_scenario, itu_1411_db, sample_links

PATH = SETUPS["path_loss"]


def test_the_path_loss_is_the_formula_of_itu_1411():
    wavelength, height = 2.998e8 / 2.4e9, 1.5
    turn = 4 * height**2 / wavelength
    assert turn == pytest.approx(72.05, abs=0.01)
    base = abs(20 * np.log10(wavelength**2 / (8 * np.pi * height**2)))
    for metres in (2.0, 71.0, 73.0, 500.0):
        slope = 20 if metres < turn else 40
        by_hand = base + 6 + slope * np.log10(metres / turn)
        assert itu_1411_db(np.array([metres]))[0] == pytest.approx(by_hand)


def test_layouts_keep_their_rules():
    generator = np.random.default_rng(1)
    transmitter, receiver = d2d._places(PATH, generator, 300)
    for place in (transmitter, receiver):
        assert 0 <= min(place.real.min(), place.imag.min()) and max(place.real.max(), place.imag.max()) <= 500
    link = np.abs(receiver - transmitter)
    assert 2 <= link.min() and link.max() <= 65
    assert np.abs(receiver[:, :, None] - transmitter[:, None, :]).min() > 1


def test_gain_is_receiver_by_transmitter(monkeypatch):
    """A transmitter in a corner is weak at every receiver but its own: a weak column, not a weak row."""
    sender, receiver = np.array([[0j, 400 + 400j, 420 + 400j]]), np.array([[10 + 0j, 410 + 400j, 430 + 400j]])
    monkeypatch.setattr(d2d, "_places", lambda *_: (sender, receiver))
    gain = sample_links(replace(PATH, num_pairs=3), 1, 1, "d2d-train").gain[0]
    assert gain[1, 0] == pytest.approx(10 ** (-itu_1411_db(np.array([abs(410 + 400j)]))[0] / 10))
    assert gain[1, 1] == pytest.approx(10 ** ((2.5 - itu_1411_db(np.array([10.0]))[0]) / 10))
    assert gain[1, 2] == pytest.approx(gain[1, 1] / 10**0.25)  # 10 m as well, without the gain of direct links


def test_shadowing_and_fading_have_their_moments():
    plain = sample_links(PATH, 300, 1, "d2d-train").gain
    shadowed = sample_links(replace(PATH, shadowing_db=8.0), 300, 1, "d2d-train").gain
    decibels = 10 * np.log10(shadowed / plain)
    assert decibels.mean() == pytest.approx(0, abs=0.1) and decibels.std() == pytest.approx(8, abs=0.1)
    faded = sample_links(replace(PATH, fading=True), 300, 1, "d2d-train").gain / plain
    assert faded.mean() == pytest.approx(1, abs=0.02) and faded.std() == pytest.approx(1, abs=0.02)
    rayleigh = sample_links(SETUPS["reproduces_2_6"], 1000, 1, "d2d-train")
    assert rayleigh.gain.mean() == pytest.approx(1, abs=0.02) and rayleigh.gain.std() == pytest.approx(1, abs=0.02)
    assert rayleigh.alpha.mean() == pytest.approx(0.5, abs=0.02) and rayleigh.alpha.std() == pytest.approx(
        12**-0.5, abs=0.01
    )


def test_train_and_test_differ_whatever_the_seeds():
    scenario = D2dScenario(num_pairs=4)
    train = [sample_links(scenario, 2, seed, "d2d-train").gain for seed in range(20)]
    test = [sample_links(scenario, 2, seed, "d2d-test").gain for seed in range(20)]
    assert not any(np.isin(a, b).any() for a in train for b in test)
    assert np.array_equal(train[3], sample_links(scenario, 2, 3, "d2d-train").gain)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"noise_w": -1.0}, "noise_w = -1: expected a finite power above 0 W"),
        ({"noise_w": float("nan")}, "noise_w = nan"),
        ({"max_power_w": 0.0}, "max_power_w = 0"),
        ({"num_pairs": 0}, "num_pairs = 0"),
        ({"shadowing_db": -1.0}, "shadowing_db = -1"),
        ({"min_pair_m": 70.0}, "direct links from 70 m to 65 m"),
        ({"field_m": 1.0}, "field_m = 1"),
    ],
)
def test_impossible_scenarios_are_refused(changes, says):
    with pytest.raises(ConfigError, match=says):
        check_scenario(replace(D2dScenario(), **changes))


def test_too_many_pairs_for_a_small_field_is_one_sentence(monkeypatch):
    monkeypatch.setattr(d2d, "MOST_DRAWS", 3)
    with pytest.raises(ConfigError, match="do not keep 1 m"):
        sample_links(replace(D2dScenario(), num_pairs=60, field_m=12.0, max_pair_m=5.0), 1, 1, "d2d-train")
