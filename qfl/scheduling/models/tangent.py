"""The tangent of the sum rate as a QUBO: the quadratic transform, which is WMMSE, which is SCA."""

from itertools import combinations

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.models.occupancy import occupy, without
from qfl.scheduling.models.qubo import coupling_table
from qfl.scheduling.problem import Problem, require_devices
from qfl.scheduling.schedule import Schedule
from qfl.wireless.rates import sinr


@checked(some="block")
def tangent_model(problem: Problem, schedule: Schedule, devices: Int64[ndarray, " block"]) -> BlockModel:
    r"""Return a block model that is nowhere above the weighted sum rate, and equal to it at `schedule`.

    For option o = (device i, sub-channel c, power), let :math:`q_o` be what arrives and :math:`I_o(x)` noise plus what
    arrives from the others on c under the choice x, all over the noise. With :math:`\gamma_o = q_o / I_o(x_0)` and
    :math:`y_o^2 = q_o / (I_o(x_0) (I_o(x_0) + q_o))`,

    .. math::
        x_o \log(1 + q_o / I_o(x)) \ge x_o \bigl[\log(1 + \gamma_o) + \gamma_o - y_o^2 (q_o + I_o(x))\bigr].

    Proof. :math:`g(I) = \log(1 + q / I)` is convex in I > 0, so it lies above its tangent at :math:`I_0 = I_o(x_0)`.
    The slope there is :math:`-q / (I_0 (I_0 + q)) = -y_o^2`, hence the tangent :math:`g(I_0) - y_o^2 (I - I_0)
    = \log(1 + \gamma_o) - y_o^2 I + q_o / (I_0 + q_o)`. And :math:`q / (I_0 + q) = \gamma - y^2 q`, which gives the
    right side. Both sides are 0 at :math:`x_o = 0`. :math:`I_o` is linear in x, so the right side is quadratic in the
    binaries. It is the quadratic transform at its best auxiliaries, scalar WMMSE with weight :math:`1 + \gamma`, and
    the SCA tangent with the products kept. Auxiliaries are "as if" for options not taken: zeros would lock them off.

    As a model of reassignment it is poor: the tangent of a convex function over 70 dB underestimates wildly away from
    the point. Unlike `qfl.scheduling.models.qubo.pairwise_model`, an ascent on it never leaves the neighbourhood.

    Args:
        problem: A rate objective without `se_cap`, whose corner the tangent would not see.
        schedule: The point :math:`x_0`.
        devices: The block.

    Returns:
        The model in bit/s/Hz, its constant the devices outside the block.

    Reference:
        Shen and Yu, Fractional programming for communication systems, part I, 2018, eq. (14)-(18); Shi, Razaviyayn,
        Luo and He, An iteratively weighted MMSE approach, 2011, Theorem 1.
    """
    require_devices(problem.num_devices, devices)
    choice, instance = problem.options, problem.instance
    fixed = without(occupy(problem, schedule), devices[None])
    background, everyone = fixed.total[0], occupy(problem, schedule)
    received = choice.levels[:, None] * instance.gain[devices][:, None]
    # what the others of the block send at the point, on each sub-channel
    own = np.zeros((len(devices), problem.num_channels))
    on = np.flatnonzero(schedule.channel[devices] >= 0)
    where = schedule.channel[devices][on]
    own[on, where] = schedule.power_w[devices[on]] * instance.gain[devices[on], where]
    interference = (background + own.sum(axis=0) - own)[:, None]
    weight = problem.rate_weights[devices][:, None, None]
    slope = weight * received / (interference * (interference + received))
    ratio = received / interference
    rest, rest_slope = _rest(problem, schedule, devices, everyone.total)
    linear = weight * (np.log1p(ratio) + ratio) - slope * (received + background) - rest_slope * received
    pairs = list(combinations(range(len(devices)), 2))
    coupled = np.array(
        [-(slope[b][:, None] * received[e] + slope[e] * received[b][:, None]) for b, e in pairs]
    ).reshape(len(pairs), len(choice.levels), len(choice.levels), problem.num_channels)
    flat = np.zeros((len(devices), len(choice)))
    flat[:, : linear[0].size] = linear.reshape(len(devices), -1)
    table = coupling_table(coupled, pairs, len(devices), len(choice))
    return BlockModel(devices, rest / np.log(2), flat / np.log(2), table / np.log(2))


def _rest(
    problem: Problem, schedule: Schedule, devices: Int64[ndarray, " block"], total: Float64[ndarray, " channel"]
) -> tuple[float, Float64[ndarray, " channel"]]:
    """Return the tangents of the devices outside the block in nat at an empty block, and slopes by sub-channel."""
    rest = np.setdiff1d(np.flatnonzero(schedule.channel >= 0), devices)
    where = schedule.channel[rest]
    received = schedule.power_w[rest] * problem.instance.gain[rest, where]
    ratio = sinr(problem.instance, schedule.channel, schedule.power_w)[rest]
    interference = total[where] - received
    slope = problem.rate_weights[rest] * received / (interference * total[where])
    slopes = np.bincount(where, slope, problem.num_channels).astype(np.float64)
    gone = 1 + np.bincount(where, received, problem.num_channels)
    tangent = problem.rate_weights[rest] * np.log1p(ratio) + slope * (total - gone)[where]
    return float(tangent.sum()), slopes
