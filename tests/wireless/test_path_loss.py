"""Path loss against hand-worked values, its own continuity, and Sionna where it is installed."""

import numpy as np
import pytest

from qfl.wireless.path_loss import (
    coupling_loss_db,
    free_space_db,
    macro_128_db,
    uma_los_db,
    uma_los_probability,
    uma_nlos_db,
)
from qfl.wireless.scenario import UplinkScenario


def at(*metres):
    return np.array(metres, dtype=float)


def loss(scenario, *metres, sight=0.5, shadow=0.0):
    ones = np.ones(len(metres))
    return coupling_loss_db(scenario, at(*metres), sight * ones, shadow * ones)


def test_the_macro_formula_at_hand_worked_distances():
    assert macro_128_db(at(1000, 100, 1)) == pytest.approx([128.1, 90.5, 15.3])


def test_at_a_metre_the_floor_is_the_minimum_coupling_loss():
    """Without a floor the formula gives 15 dB there, and without the coupling loss free space gives 38 dB."""
    assert loss(UplinkScenario(), 1.0) == pytest.approx([70.0])
    assert loss(UplinkScenario(min_coupling_loss_db=0.0), 1.0) == pytest.approx(free_space_db(at(1.0), 2e9))
    assert free_space_db(at(1.0), 2e9) == pytest.approx([38.46], abs=0.01)


def test_antenna_gain_counts_before_the_minimum_coupling_loss():
    scenario = UplinkScenario(antenna_gain_dbi=15.0)
    assert loss(scenario, 1.0, 1000.0) == pytest.approx([70.0, 113.1])


def test_shadowing_is_added_in_decibel():
    assert loss(UplinkScenario(shadowing_db=8.0), 1000.0, shadow=0.5) == pytest.approx([132.1])


def test_urban_macro_at_hand_worked_distances():
    """At 2 GHz the breakpoint is 4 x 24 x 0.5 x 2e9 / c = 320 m; slants are sqrt(100^2 + 23.5^2) = 102.72 m, ..."""
    assert uma_los_db(at(100), 2e9) == pytest.approx([78.2774], abs=1e-4)
    assert uma_los_db(at(1000), 2e9) == pytest.approx([108.9063], abs=1e-4)
    assert uma_nlos_db(at(1000), 2e9) == pytest.approx([136.8053], abs=1e-4)


@pytest.mark.parametrize("carrier", [0.7e9, 2e9, 3.5e9])
def test_line_of_sight_is_continuous_at_the_breakpoint_and_never_weaker_than_without(carrier):
    breakpoint_m = 4 * 24 * 0.5 * carrier / 299_792_458
    before, after = uma_los_db(at(breakpoint_m - 1e-6, breakpoint_m + 1e-6), carrier)
    assert before == pytest.approx(after, abs=1e-5)
    distance = np.geomspace(1, 5000, 200)
    assert np.all(uma_nlos_db(distance, carrier) >= uma_los_db(distance, carrier))


def test_sight_is_certain_near_and_rare_far():
    assert uma_los_probability(at(1, 18)).tolist() == [1.0, 1.0]
    assert uma_los_probability(at(100)) == pytest.approx([0.18 + np.exp(-100 / 63) * 0.82])
    assert np.all(np.diff(uma_los_probability(np.linspace(18, 2000, 300))) < 0)


def test_the_mix_takes_either_formula_as_often_as_sight_is_likely():
    scenario, distance = UplinkScenario(path_loss="uma_mix"), np.full(20_000, 200.0)
    sight = np.random.default_rng(3).random(20_000)
    mixed = coupling_loss_db(scenario, distance, sight, np.zeros(20_000))
    seen = mixed == uma_los_db(distance, 2e9)
    assert np.all(mixed[~seen] == uma_nlos_db(distance, 2e9)[~seen])
    chance = float(uma_los_probability(at(200))[0])
    assert seen.mean() == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / 20_000))


def test_more_distance_never_costs_less():
    distance = np.geomspace(1, 1800, 300)
    for model in ("3gpp_128", "uma_los"):
        assert np.all(np.diff(loss(UplinkScenario(path_loss=model), *distance)) >= 0)
