"""Users' channels: a path loss of their own, gains of links of their own, and what is wrong with them."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.testing.kits import run
from qfl.testing.kits.channel import checks
from qfl.wireless.d2d import D2dScenario, sample_links
from qfl.wireless.fading import Motion, Trajectory
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw

OWN = """
import numpy as np

def as_ours(distance_m):
    return 128.1 + 37.6 * np.log10(distance_m / 1000.0)

def steep(distance_m, carrier_hz, slope=30.0):
    return slope * np.log10(distance_m) + 20.0 * np.log10(carrier_hz / 1e9) + 28.0

def scalar(distance_m): return 100.0
def words(distance_m): return ["far"] * len(distance_m)
def holes(distance_m): return np.where(np.arange(len(distance_m)) == 2, np.nan, 100.0)
def raises(distance_m): raise LookupError("no such street")
def asks(distance_m, street): return distance_m

def links(generator, count, num_pairs):
    return generator.standard_exponential((count, num_pairs, num_pairs))

def deaf(count, num_pairs):
    return np.where(np.eye(num_pairs) > 0, 0.0, 1.0) * np.ones((count, 1, 1))

def flat(count, num_pairs): return np.ones((count, num_pairs))
"""
CELL = UplinkScenario(num_devices=6, num_channels=3)


@pytest.fixture(autouse=True)
def app(tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield
    for name in [name for name in sys.modules if name.startswith("qfl_own_")]:
        del sys.modules[name]


def own(name, **changes):
    return replace(CELL, path_loss=f"own.py:{name}", **changes)


def test_a_users_path_loss_takes_the_place_of_ours_and_nothing_else_changes():
    assert np.array_equal(draw(own("as_ours"), 3).gain, draw(CELL, 3).gain)
    moving = Motion("velocity", "gauss_markov")
    theirs, ours = (Trajectory(cell, 1, moving).at(2) for cell in (own("as_ours"), CELL))
    assert np.array_equal(theirs.gain, ours.gain)


def test_its_own_settings_and_the_carrier_reach_it():
    low, high = (draw(own("steep", my=f'{{"slope": {slope}}}', min_distance_m=100.0), 1) for slope in (30.0, 40.0))
    np.testing.assert_allclose(low.gain / high.gain, np.repeat(low.distance_m[:, None], 3, 1), rtol=1e-9)


@pytest.mark.parametrize("name", ["as_ours", "steep"])
def test_users_path_losses_pass_the_kit(name):
    draws = lambda seed, count: np.stack([draw(own(name), 1000 * seed + k).gain for k in range(count)])  # noqa: E731
    assert run(checks(draws, (6, 3), longer_begins_alike=True)) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("scalar", "gives numbers of shape (); give shape (6,)"),
        ("words", "gives a list that is no array of real numbers"),
        ("holes", "gives nan dB for device 2 at"),
        ("raises", "raises raised LookupError: no such street (own.py, line"),
        ("asks", "asks asks for 'street'; give it as my.street"),
        ("absent", "has no 'absent'"),
    ],
)
def test_what_is_no_path_loss_is_one_sentence(name, said):
    with pytest.raises(ConfigError) as caught:
        draw(own(name), 1)
    (sentence,) = caught.value.faults
    assert said in sentence and sentence.startswith("path-loss")


def test_users_gains_of_links_pass_the_kit_and_follow_the_stream_of_ours():
    scenario = D2dScenario(4, "own.py:links")
    draws = lambda seed, count: sample_links(scenario, count, seed, "d2d-train").gain  # noqa: E731
    assert run(checks(draws, (4, 4))) == []
    ours = sample_links(replace(scenario, channel="rayleigh"), 3, 1, "d2d-train")
    assert np.array_equal(draws(1, 3), ours.gain)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("deaf", "gives the gain 0.0 from transmitter 0 to receiver 0 in sample 0"),
        ("flat", "gives numbers of shape (2, 4); give shape (2, 4, 4)"),
    ],
)
def test_what_are_no_gains_of_links_is_one_sentence(name, said):
    with pytest.raises(ConfigError) as caught:
        sample_links(D2dScenario(4, f"own.py:{name}"), 2, 1, "d2d-train")
    assert said in str(caught.value) and str(caught.value).startswith("d2d.channel")
