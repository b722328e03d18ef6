"""The pairwise-exact model of a block: what each option, and each pair of options, does to the true sum rate."""

from itertools import combinations

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.scheduling.block_model import BlockModel
from qfl.scheduling.occupancy import Occupancy, occupy, without
from qfl.scheduling.options import options
from qfl.scheduling.problem import Problem, Schedule


def pairwise_model(problem: Problem, schedule: Schedule, devices: Int64[ndarray, " block"]) -> BlockModel:
    r"""Return the block model whose reward is the weighted sum rate in bit/s/Hz, everybody else as in `schedule`.

    .. math::
        h_b(o) = F(o) - F(\emptyset), \qquad J_{bb'}(o, o') = F(o, o') - F(o) - F(o') + F(\emptyset)

    F is the true weighted sum rate with the rest of the block silent. A coupling is not 0 only on equal sub-channels.
    Exact for blocks of up to two devices, and for any block none of whose sub-channels takes three of its devices.
    Options that the limit of V4 forbids cost more than any block can earn. It takes 1 + 2B + 2B(B - 1) passes over the
    network, each O(N + C).

    Reference:
        Ours; the expansion is the ANOVA decomposition, cut after pairs.
    """
    choice = options(problem)
    others = without(occupy(problem, schedule), devices[None])
    num_levels, num_channels = len(choice.levels), problem.num_channels
    # block, level, channel
    received = choice.levels[:, None] * problem.instance.gain[devices][:, None]
    weight = problem.rate_weights[devices]
    pairs = list(combinations(range(len(devices)), 2))
    first, second = np.array(pairs, int).reshape(-1, 2).T
    base = others.total[0]
    alone = base + received
    # pair, first level, second level, channel
    together = base + received[first][:, :, None] + received[second][:, None]
    rows = np.concatenate([base[None], alone.reshape(-1, num_channels), together.reshape(-1, num_channels)])
    present = others.rates_at(rows)
    change = present[1:] - present[0]
    singles = change[: len(devices) * num_levels].reshape(alone.shape)
    singles = singles + weight[:, None, None] * _rate(others, alone, received)
    both = change[len(devices) * num_levels :].reshape(together.shape)
    both = both + weight[first][:, None, None, None] * _rate(others, together, received[first][:, :, None])
    both = both + weight[second][:, None, None, None] * _rate(others, together, received[second][:, None])
    coupled = both - singles[first][:, :, None] - singles[second][:, None]
    singles, coupled = _forbid_crowds(singles, coupled, problem.instance.max_per_channel - others.count[0])
    return BlockModel(
        devices,
        float(present[0].sum()),
        _linear(singles, len(choice)),
        coupling_table(coupled, pairs, len(devices), len(choice)),
    )


def _rate(
    others: Occupancy, total: Float64[ndarray, "*case channel"], received: Float64[ndarray, "*any channel"]
) -> Float64[ndarray, "*case channel"]:
    return np.minimum(np.log2(total / (total - received)), others.se_cap)


def _forbid_crowds(
    singles: Float64[ndarray, "block level channel"],
    coupled: Float64[ndarray, "pair level level channel"],
    room: Int64[ndarray, " channel"],
) -> tuple[Float64[ndarray, "block level channel"], Float64[ndarray, "pair level level channel"]]:
    if room.min() > 1:
        return singles, coupled
    reach = np.ptp(singles, axis=(1, 2)).sum() + np.abs(coupled).max(axis=(1, 2, 3), initial=0.0).sum()
    cost = 1 + 2 * reach
    return singles - cost * (room < 1), coupled - cost * (room == 1)


def _linear(singles: Float64[ndarray, "block level channel"], num_options: int) -> Float64[ndarray, "block option"]:
    linear = np.zeros((len(singles), num_options))
    flat = singles.reshape(len(singles), -1)
    linear[:, : flat.shape[1]] = flat
    return linear


def coupling_table(
    coupled: Float64[ndarray, "pair level level channel"],
    pairs: list[tuple[int, int]],
    num_devices: int,
    num_options: int,
) -> Float64[ndarray, "block block option option"]:
    """Return J from the couplings on equal sub-channels, the only ones there are."""
    num_levels, num_channels = coupled.shape[1], coupled.shape[-1]
    table = np.zeros((num_devices, num_devices, num_options, num_options))
    option = np.arange(num_levels * num_channels).reshape(num_levels, num_channels)
    for (b, e), values in zip(pairs, coupled, strict=True):
        table[b, e, option[:, None], option[None]] = values
    return table
