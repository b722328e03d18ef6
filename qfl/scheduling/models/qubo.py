"""The pairwise-exact model of a block: what each option, and each pair of options, does to the true sum rate."""

from itertools import combinations

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.models.occupancy import Occupancy, occupy, without
from qfl.scheduling.problem import Problem, require_devices
from qfl.scheduling.schedule import Schedule


@checked(some="block")
def pairwise_model(problem: Problem, schedule: Schedule, devices: Int64[ndarray, " block"]) -> BlockModel:
    r"""Return the block model whose reward is the weighted sum rate in bit/s/Hz, everybody else as in `schedule`.

    .. math::
        h_b(o) = F(o) - F(\emptyset), \qquad J_{bb'}(o, o') = F(o, o') - F(o) - F(o') + F(\emptyset)

    F is the true weighted sum rate with the rest of the block silent. A coupling is not 0 only on equal sub-channels.
    Exact for blocks of up to two devices, and for any block none of whose sub-channels takes three of its devices.
    Options that the limit of capacity forbids cost more than any block can earn. It takes nine passes over the
    network, O(N + C) each, for each pair of devices.

    Args:
        problem: A rate objective.
        schedule: What everybody else does.
        devices: The block, 1 or more devices, each once.

    Reference:
        Ours; the expansion is the ANOVA decomposition, cut after pairs.
    """
    require_devices(problem.num_devices, devices)
    choice = problem.options
    others = without(occupy(problem, schedule), devices[None])
    # block, level (first: absent), channel
    received = np.zeros((max(2, len(devices)), 1 + len(choice.levels), problem.num_channels))
    received[: len(devices), 1:] = choice.levels[:, None] * problem.instance.gain[devices][:, None]
    pairs = list(combinations(range(len(received)), 2))  # a device alone is paired with nobody
    first, second = np.array(pairs).T
    weight = np.append(problem.rate_weights[devices], 1.0)
    rates = _pair_rates(others, received[first][:, :, None], received[second][:, None], weight[first], weight[second])
    change = rates - rates[:, :1, :1]
    of_first, of_second = change[:, 1:, :1], change[:, :1, 1:]
    coupled = change[:, 1:, 1:] - of_first - of_second
    singles = np.empty((len(received), *of_first[0, :, 0].shape))
    singles[first], singles[second] = of_first[:, :, 0], of_second[:, 0]
    singles, coupled = _forbid_crowds(
        singles[: len(devices)], coupled, problem.instance.max_per_channel - others.count[0]
    )
    linear = np.zeros((len(devices), len(choice)))  # silence, if it is an option, adds nothing
    linear[:, : singles[0].size] = singles.reshape(len(devices), -1)
    real = pairs if len(devices) > 1 else []
    coupling = coupling_table(coupled[: len(real)], real, len(devices), len(choice))
    return BlockModel(devices, float(rates[0, 0, 0].sum()), linear, coupling)


def _pair_rates(
    others: Occupancy,
    first: Float64[ndarray, "pair level 1 channel"],
    second: Float64[ndarray, "pair 1 level channel"],
    first_weight: Float64[ndarray, " pair"],
    second_weight: Float64[ndarray, " pair"],
) -> Float64[ndarray, "pair level level channel"]:
    """Return the weighted rate of each sub-channel with what arrives from both devices of each pair, in bit/s/Hz."""
    total = others.total[0] + first + second
    rates = others.rates_at(total.reshape(-1, total.shape[-1])).reshape(total.shape)
    for received, weight in ((first, first_weight), (second, second_weight)):
        own = np.log2(total / (total - received))
        rates += weight[:, None, None, None] * np.minimum(own, others.se_cap)
    return rates


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


@checked()
def coupling_table(
    coupled: Float64[ndarray, "pair level level channel"],
    pairs: list[tuple[int, int]],
    num_devices: int,
    num_options: int,
) -> Float64[ndarray, "block block option option"]:
    """Return J from the couplings on equal sub-channels, the only ones there are.

    Args:
        coupled: Couplings in the unit of the reward, on each sub-channel.
        pairs: The two devices of each coupling, as numbers b < b' in the block.
        num_devices: Devices B of the block.
        num_options: Options M of a device: levels times sub-channels, and silence where it is one.
    """
    num_levels, num_channels = int(coupled.shape[1]), int(coupled.shape[-1])
    table = np.zeros((num_devices, num_devices, num_options, num_options))
    option = np.arange(num_levels * num_channels).reshape(num_levels, num_channels)
    for (b, e), values in zip(pairs, coupled, strict=True):
        table[b, e, option[:, None], option[None]] = values
    return table
