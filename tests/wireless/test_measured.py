"""Measured gains in place of a channel model, and what is wrong with a file of them."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.wireless.fading import Trajectory
from qfl.wireless.measured import measured, require_size
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw, noise_power_w

CELL = UplinkScenario(num_devices=3, num_channels=2)
TRACE = 10.0 ** -np.arange(6, 18, dtype=float).reshape(2, 3, 2)


@pytest.fixture
def cell(tmp_path):
    """Return a builder of cells with a file of the arrays that are given."""

    def build(arrays, **changes):
        path = tmp_path / "trace.npz"
        np.savez(path, **arrays)
        return replace(CELL, gains=str(path), **changes)

    return build


def test_a_round_has_the_gains_of_the_file_over_the_noise(cell):
    own = cell({"gains": TRACE, "distance_m": np.array([10.0, 20.0, 30.0])})
    rounds = Trajectory(own, seed=1)
    for number, row in ((0, 0), (1, 0), (2, 1)):
        found = rounds.at(number)
        np.testing.assert_allclose(found.gain * noise_power_w(own), TRACE[row], rtol=1e-12)
        assert found.distance_m.tolist() == [10.0, 20.0, 30.0]
    assert np.array_equal(draw(own, 2).gain, rounds.at(2).gain)  # instances of a comparison


def test_levels_in_db_are_the_same_gains(cell):
    linear = measured(cell({"gains": TRACE})).gains
    np.testing.assert_allclose(measured(cell({"gains": 10 * np.log10(TRACE)}, gains_unit="db")).gains, linear)
    nothing = measured(cell({"gains": np.full((3, 2), -np.inf)}, gains_unit="db")).gains
    assert not nothing.any()


def test_a_matrix_holds_in_every_round_whatever_follows_a_traces_end(cell):
    rounds = Trajectory(cell({"gains": TRACE[0]}), seed=1)
    assert np.array_equal(rounds.at(1).gain, rounds.at(1000).gain)


@pytest.mark.parametrize(("end", "rows"), [("hold", [0, 1, 1, 1, 1]), ("wrap", [0, 1, 0, 1, 0])])
def test_rounds_beyond_the_traces_are_held_or_wrapped(end, rows, cell):
    own = cell({"gains": TRACE}, gains_end=end)
    rounds = Trajectory(own, seed=1)
    found = [rounds.at(number).gain * noise_power_w(own) for number in range(1, 6)]
    np.testing.assert_allclose(found, TRACE[rows], rtol=1e-12)


def test_too_few_rounds_are_refused_before_the_first(cell):
    own = cell({"gains": TRACE})
    require_size(own, 3, rounds=2)
    with pytest.raises(ConfigError, match=r"trace.npz has gains of 2 rounds, and round 3 is asked for; give a longer"):
        require_size(own, 3, rounds=3)


def test_a_smaller_cell_is_the_first_devices_and_sub_channels(cell):
    own = replace(cell({"gains": TRACE}), num_devices=2, num_channels=1)
    np.testing.assert_allclose(draw(own, 1).gain * noise_power_w(own), TRACE[0, :2, :1], rtol=1e-12)
    with pytest.raises(ConfigError, match="is of 3 devices and 2 sub-channels, and the cell has 2 and 1; give as many"):
        Trajectory(own, seed=1)


def test_another_content_of_the_same_file_is_read_again(cell):
    assert measured(cell({"gains": TRACE})).gains.shape == (2, 3, 2)
    assert measured(cell({"gains": TRACE[:1]})).gains.shape == (1, 3, 2)


def changed(index, value):
    found = TRACE.copy()
    found[index] = value
    return found


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"gain": TRACE}, "has gain, and no array gains"),
        ({"gains": TRACE.astype(complex)}, "trace.npz"),
        ({"gains": np.array([["a"]])}, "has gains of <U1; give real numbers"),
        ({"gains": np.ones(3)}, r"of shape (3,); give [device, channel] or [round, device, channel]"),
        ({"gains": np.ones((0, 3, 2))}, "of shape (0, 3, 2)"),
        ({"gains": changed((1, 2, 0), np.nan)}, "has nan at gains[1, 2, 0], which is no power gain"),
        ({"gains": changed((0, 1, 1), -1e-9)}, "has -1e-09 at gains[0, 1, 1]"),
        ({"gains": changed((1, 0, 0), 3.0)}, "has 3.0 at gains[1, 0, 0], which is no power gain; give ratios from 0"),
        ({"gains": changed((1, 0, 0), np.inf)}, "has inf at gains[1, 0, 0]"),
        ({"gains": TRACE, "distance_m": np.ones(2)}, "has no distance_m of 0 or more for each of 3 devices"),
        ({"gains": TRACE, "distance_m": -np.ones(3)}, "has no distance_m of 0 or more for each of 3 devices"),
    ],
)
def test_what_is_no_trace_is_refused_with_its_index(arrays, said, cell):
    with pytest.raises(ConfigError) as caught:
        measured(cell(arrays))
    (sentence,) = caught.value.faults
    assert said in sentence and "\n" not in sentence


def test_nan_and_gains_above_0_db_are_refused_in_db_too(cell):
    for value in (np.nan, 3.0):
        with pytest.raises(ConfigError, match=r"at gains\[0, 0, 1\], which is no power gain; give levels of 0 dB"):
            levels = -90.0 * np.ones((2, 3, 2))
            levels[0, 0, 1] = value
            measured(cell({"gains": levels}, gains_unit="db"))


def test_a_file_that_is_absent_or_no_npz_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"gains = 'trace.npz': there is no such file"):
        measured(replace(CELL, gains="trace.npz"))
    (tmp_path / "odd.npz").write_text("gains")
    with pytest.raises(ConfigError, match=r"gains: odd.npz .*; give an .npz file as numpy.savez writes it"):
        measured(replace(CELL, gains=str(tmp_path / "odd.npz")))
