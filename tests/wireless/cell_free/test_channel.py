"""The statistics of the channel, and what draws have in common.

Also covers qfl/wireless/cell_free/network.py.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.wireless.cell_free.channel import distances, draw, grid, rows, steering
from qfl.wireless.cell_free.network import CellFree, check


@pytest.mark.parametrize("fading", ["antenna", "path"])
@pytest.mark.parametrize("num_paths", [1, 3])
def test_the_mean_power_is_the_path_loss(fading, num_paths):
    network = CellFree(fading=fading, num_paths=num_paths)
    channel = draw(network, 1, 4000)
    power = (channel.true.abs().square() / channel.gain[..., None]).mean(dim=0)
    # as printed, paths share a gain: the mean of a phase uniform on [-pi/2, pi/2] is 2/pi
    expected = 1 + (num_paths - 1) * (2 / np.pi) ** 2 if fading == "antenna" else 1.0
    assert power.flatten().tolist() == pytest.approx([expected] * 24, abs=0.17)
    expected = distances(network, 1, 4000) ** -2.3
    assert channel.gain.numpy() == pytest.approx(expected)


def test_a_gain_for_every_antenna_is_rayleigh_and_independent():
    channel = draw(CellFree(), 1, 20_000)
    h = channel.true[:, 0, 0] / channel.gain[:, 0, 0, None].sqrt()
    assert float(h.abs().pow(4).mean()) == pytest.approx(2.0, abs=0.1)  # of an exponential power
    assert abs(complex((h[:, 0] * h[:, 1].conj()).mean())) < 0.02


def test_one_path_leaves_the_antennas_a_phase_apart():
    channel = draw(CellFree(fading="path"), 1, 10)
    assert torch.allclose(channel.true[..., 0].abs(), channel.true[..., 1].abs())
    assert steering(np.array([0.25]), 2)[0] == pytest.approx(np.exp([0.25j * np.pi, -0.25j * np.pi]))


def test_longer_draws_begin_with_the_same_samples_and_purposes_differ():
    network = CellFree(csi_error=0.1, phase_error_rad=0.5, fading="path", num_paths=2)
    short, long = draw(network, 1, 5), draw(network, 1, 9).part(0, 5)
    assert all(torch.equal(a, b) for a, b in zip(short, long, strict=True))
    assert not torch.equal(short.true, draw(network, 1, 5, "test").true)
    assert not torch.equal(short.true, draw(network, 2, 5).true)


def test_the_estimate_errs_by_the_variance_asked_for():
    assert draw(CellFree(), 1, 5).known is not None
    channel = draw(CellFree(csi_error=0.2), 1, 4000)
    error = (channel.known - channel.true).abs().square() / channel.gain[..., None]
    assert float(error.mean()) == pytest.approx(0.2, rel=0.03)
    assert torch.equal(draw(CellFree(), 1, 5).known, draw(CellFree(), 1, 5).true)


def test_an_unknown_phase_turns_all_of_an_access_point_alike():
    plain, turned = draw(CellFree(), 1, 50), draw(CellFree(phase_error_rad=0.3), 1, 50)
    turn = turned.true / plain.true
    assert torch.allclose(turn, turn[:, :, :1, :1].expand_as(turn))
    assert float(turn.angle().abs().max()) <= 0.3
    assert torch.equal(turned.known, plain.true)


def test_places_stay_in_the_square():
    for layout in ("uniform", "grid"):
        far = distances(CellFree(layout=layout), 1, 2000)
        assert far.min() == pytest.approx(0.05) and far.max() <= 1.0
    assert np.abs(grid(9).reshape(3, 3)[1, 1] - (0.5 + 0.5j)) < 1e-12


def test_impossible_networks_are_refused_all_faults_at_once():
    network = CellFree(num_aps=0, interference=1.5, layout="hexagon")
    with pytest.raises(ConfigError) as caught:
        check(network)
    assert [fault.split(" is ")[0] for fault in caught.value.faults] == ["num_aps", "interference", "layout"]
    for change in ({"snr_db": float("nan")}, {"min_distance": 0.0}, {"phase_error_rad": 4.0}):
        with pytest.raises(ConfigError):
            draw(replace(CellFree(), **change), 1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"csi_error": 0.1, "phase_error_rad": 0.5},
        {"fading": "path", "num_paths": 3},
        {"layout": "grid", "num_paths": 2},
    ],
)
def test_an_access_point_draws_its_own_part_of_the_network_alone(changes):
    network = CellFree(**changes)
    whole, own = draw(network, 3, 1500, "edge"), draw(network, 3, 1500, "edge", aps=[2, 0])
    assert all(torch.equal(part, every[:, [2, 0]]) for part, every in zip(own, whole, strict=True))


def test_what_passes_by_of_others_is_wiped():
    passed = []

    def fresh(shape):
        passed.append(np.ones(shape))
        return passed[-1]

    assert (rows(fresh, 1500, (4, 2), [1]) == 1).all() and len(passed) == 2
    assert not any(each.any() for each in passed)
