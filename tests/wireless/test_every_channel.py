"""Every channel passes the kit that is shipped to those who write one (`qfl.testing.kits.channel`)."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.testing.kits import run
from qfl.testing.kits.channel import checks
from qfl.wireless import uplink
from qfl.wireless.cell_free import channel, user_centric
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.d2d import SETUPS, sample_links
from qfl.wireless.scenario import UplinkScenario

CELL = UplinkScenario(num_devices=6, num_channels=3)
NETWORK = CellFree()


def cell(**changes):
    """Return draws of a cell: its samples are those of consecutive seeds."""
    scenario = replace(CELL, **changes)
    return lambda seed, count: np.stack([uplink.draw(scenario, 1000 * seed + k).gain for k in range(count)])


def network(**changes):
    chosen = replace(NETWORK, **changes)
    return lambda seed, count: channel.draw(chosen, seed, count).known.abs().square().numpy()


def square(**changes):
    chosen = user_centric.UserCentric(num_aps=5, num_users=3, num_antennas=2, **changes)
    return lambda seed, count: user_centric.draw(chosen, seed, count).known.abs().square().numpy()


def pairs(name):
    scenario = replace(SETUPS[name], num_pairs=4)
    return lambda seed, count: sample_links(scenario, count, seed, "d2d-train").gain


CELL_SHAPE, NETWORK_SHAPE = (6, 3), (NETWORK.num_aps, NETWORK.num_users, NETWORK.num_antennas)
CHANNELS = {
    "cell": (cell(), CELL_SHAPE, True),
    "cell, Rayleigh": (cell(rician_k_db=-np.inf), CELL_SHAPE, True),
    "cell, in sight": (cell(path_loss="uma_los", shadowing_db=4.0), CELL_SHAPE, True),
    "cell, partly in sight": (cell(path_loss="uma_mix", drop="area"), CELL_SHAPE, True),
    "cell, correlated": (cell(correlated=True), CELL_SHAPE, True),
    **{f"pairs, {name}": (pairs(name), (4, 4), False) for name in SETUPS},
    "network": (network(), NETWORK_SHAPE, True),
    "network, estimated": (network(csi_error=0.1), NETWORK_SHAPE, True),
    "network, user-centric": (square(perfect_csi=True), (5, 3, 2), True),
    "network, user-centric with pilots": (square(), (5, 3, 2), True),
    "network, by path": (network(fading="path", num_paths=2), NETWORK_SHAPE, True),
}


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_conforms(name):
    draw, shape, longer_begins_alike = CHANNELS[name]
    assert run(checks(draw, shape, longer_begins_alike=longer_begins_alike)) == []
