"""Powers climbed from several starts, against a grid."""

import pytest
import torch

from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.power import best_on_off, climb_powers, rates_at
from qfl.wireless.cell_free.precoders import slnr
from qfl.wireless.cell_free.rates import beam_gains

NETWORK, SAMPLES = CellFree(), 60
CHANNEL = draw(NETWORK, 1, SAMPLES).true
GAIN = (NETWORK.snr * beam_gains(CHANNEL, slnr(CHANNEL, NETWORK))).double()
USER = torch.tensor([[0, 1, 2, 0]]).expand(SAMPLES, 4).contiguous()


def worth(power, objective, sample=slice(None)):
    gain, user = GAIN[sample], USER[sample]
    rates = rates_at(power, gain.expand(len(power), -1, -1, -1), user.expand(len(power), -1), 0.1)
    return rates.amin(-1) if objective == "min_rate" else rates.sum(-1)


@pytest.mark.parametrize("objective", ["min_rate", "sum_rate"])
def test_no_sample_is_more_than_a_hundredth_below_a_grid_and_the_mean_is_above_it(objective):
    line = torch.linspace(0, 1, 11, dtype=torch.float64)
    grid = torch.cartesian_prod(line, line, line, line)
    best = torch.stack([worth(grid, objective, slice(k, k + 1)).max() for k in range(SAMPLES)])
    ratio = worth(climb_powers(GAIN, USER, 0.1, objective), objective) / best
    assert ratio.min() > 0.99 and ratio.mean() > 1.001


@pytest.mark.parametrize("objective", ["min_rate", "sum_rate"])
def test_more_starts_are_never_worse_and_on_off_is_the_floor(objective):
    one, many = (worth(climb_powers(GAIN, USER, 0.1, objective, num_starts=k), objective) for k in (1, 8))
    assert (many >= one - 1e-9).all()
    assert (one >= worth(best_on_off(GAIN, USER, 0.1, objective), objective) - 1e-12).all()


def test_a_sample_does_not_depend_on_the_others():
    alone = climb_powers(GAIN[5:6], USER[5:6], 0.1)
    torch.testing.assert_close(alone, climb_powers(GAIN, USER, 0.1)[5:6], rtol=1e-6, atol=1e-9)
