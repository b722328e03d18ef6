"""Sionna as the channel: its formulae against ours, and what is said where it is not installed."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError, MissingExtra
from qfl.wireless.fading import Trajectory
from qfl.wireless.motion import Motion
from qfl.wireless.path_loss import uma_los_db, uma_nlos_db
from qfl.wireless.sionna_uma import sionna_uma
from qfl.wireless.uplink import UplinkScenario, draw

CELL = UplinkScenario(num_devices=40, num_channels=4, path_loss="sionna_uma")


def test_without_sionna_one_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "sionna", None)
    for name in [name for name in sys.modules if name.startswith("sionna.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingExtra, match=r"path_loss is sionna_uma, which needs Sionna.*pip install"):
        draw(CELL, 1)


def test_memory_from_round_to_round_is_refused():
    with pytest.raises(ConfigError, match="path_loss is sionna_uma and fading of motion is jakes"):
        Trajectory(CELL, 1, Motion(fading="jakes"))


@pytest.fixture(scope="module")
def sionna():
    return pytest.importorskip("sionna.phy", reason='Sionna is not installed: pip install "qfl-wireless[channels]"')


@pytest.mark.parametrize(("sight", "formula"), [(0.0, uma_los_db), (1.0, uma_nlos_db)])
def test_the_mean_loss_is_that_of_our_formulae(sionna, sight, formula):
    """Over 200 devices on a circle the mean gain over clusters and sub-channels tends to the table's path loss."""
    cell = replace(CELL, num_devices=200, num_channels=20)
    place = 300 * np.exp(2j * np.pi * np.arange(200) / 200)
    loss_db, fading = sionna_uma(cell, place, np.full(200, sight), np.random.default_rng(1))
    assert np.mean(np.abs(fading) ** 2, axis=1) == pytest.approx(np.ones(200))
    mean_db = -10 * np.log10(np.mean(10 ** (-loss_db / 10)))
    assert mean_db == pytest.approx(float(formula(np.array([300.0]), 2e9)[0]), abs=0.5)


def test_a_draw_is_a_function_of_its_seed_and_leaves_the_global_generator_alone(sionna):
    before = torch.random.get_rng_state()
    first = draw(CELL, 1)
    assert torch.equal(before, torch.random.get_rng_state())
    assert np.array_equal(first.gain, draw(CELL, 1).gain)
    assert not np.any(first.gain == draw(CELL, 2).gain)
    assert np.array_equal(first.distance_m, draw(replace(CELL, path_loss="uma_mix"), 1).distance_m)


def test_rounds_fade_afresh(sionna):
    trajectory = Trajectory(CELL, 1)
    assert np.array_equal(trajectory.at(0).gain, draw(CELL, 1).gain)
    assert not np.any(trajectory.at(1).gain == trajectory.at(0).gain)
