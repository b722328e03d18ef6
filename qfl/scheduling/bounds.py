"""Certificates: values that no schedule can beat, and when a schedule reaches them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError, InputError
from qfl.scheduling.matched import heaviest_pairs
from qfl.scheduling.problem import Problem, require_devices, upload_times
from qfl.scheduling.schedule import Schedule


@dataclass(frozen=True)
class Bound:
    """A value no schedule can beat.

    Args:
        value: An upper bound in bit/s, or a lower bound in seconds.
        tight: Whether it is known to be reached, by `schedule`.
        schedule: One that reaches it, if it is tight.
        holds_for: What it is proved for, in words.
    """

    value: float
    tight: bool
    schedule: Schedule | None
    holds_for: str


def bound(problem: Problem) -> Bound:
    """Return the bound that is proved for the objective of the problem.

    Raises:
        ConfigError: If none is (`weighted_sum_rate`).
    """
    if problem.objective == "round_time":
        return round_time_bound(problem)
    return matching_bound(problem)


def matching_bound(problem: Problem) -> Bound:
    r"""Return the matching bound U on the unweighted sum rate.

    .. math:: U = B \max_{\text{matchings}} \sum_{(i,c)} \max(\log_2(1 + p_{\max} G_{ic}),\ \log_2 e)

    Proof. On one sub-channel let :math:`q_i \in [0, Q]` with Q that of its strongest device at full power. The sum
    rate is largest at a corner (see `qfl.scheduling.options.uplink_options`), so with n devices at Q and the rest at 0,
    where it is :math:`\varphi(n) = n \log\frac{1 + nQ}{1 + (n-1)Q}`. With :math:`z = Q / (1 + nQ)` the sign of
    :math:`\varphi'(n)` is that of :math:`1/Q - \sum_{m \ge 2} z^{m-2} / (m (m-1))`, which grows with n, so
    :math:`\varphi` falls first and rises later, and :math:`\varphi \le \max(\varphi(1), \varphi(\infty)) = \max(\log(1
    + Q), 1)` nat. The strongest devices of different sub-channels are different, hence the matching. Rules that only
    forbid (the variants, `se_cap`) leave an upper bound an upper bound.

    Under optional_channel and optional_power the matching is itself a schedule. It reaches U, and is optimal, if every
    matched device has an SNR of at least e - 1 (2.35 dB), all C sub-channels are matched (or no device is
    left), and no rate is capped.

    Raises:
        ConfigError: If the objective is not `sum_rate`: with weights, sharing a sub-channel can beat every single user.

    Example:
        >>> from qfl.wireless.uplink import UplinkInstance
        >>> gain = np.array([[7.0, 1.0], [1.0, 3.0], [1.0, 1.0]])
        >>> instance = UplinkInstance(gain, np.ones(3), 0.0, 1.0, 1.0, "optional_channel", 3, None)
        >>> certificate = matching_bound(Problem(instance))
        >>> certificate.value, certificate.tight, certificate.schedule.channel
        (5.0, True, array([ 0,  1, -1]))

    Reference:
        The corner property with least power 0: Inaltekin and Hanly, arXiv:1105.5861. The rest is ours.
    """
    if problem.objective != "sum_rate":
        raise ConfigError(
            f"the matching bound is proved for sum_rate and the objective is {problem.objective}; "
            "give objective sum_rate, or compare without a bound"
        )
    instance = problem.instance
    efficiency = np.log2(1 + instance.max_power_w * instance.gain)
    device, channel = heaviest_pairs(np.maximum(efficiency, np.log2(np.e)))
    matched = efficiency[device, channel]
    reached = bool(np.all(matched >= np.log2(np.e))) and (not instance.se_cap or bool(matched.max() <= instance.se_cap))
    can_rest = instance.variant in ("optional_channel", "optional_power") or len(device) == problem.num_devices
    return Bound(
        float(instance.bandwidth_hz * np.maximum(matched, np.log2(np.e)).sum()),
        reached and can_rest,
        matched_schedule(problem, device, channel) if reached and can_rest else None,
        "the unweighted sum rate of every variant",
    )


@checked()
def matched_schedule(problem: Problem, device: Int64[ndarray, " pair"], channel: Int64[ndarray, " pair"]) -> Schedule:
    """Return matched devices at full power and the others silent: no sub-channel, or (optional_power) power 0.

    Args:
        problem: The instance.
        device: Matched devices, each once.
        channel: The sub-channel of each of them.
    """
    require_devices(problem.num_devices, device)
    if np.any((channel < 0) | (channel >= problem.num_channels)):
        raise InputError(f"channel is {channel.tolist()}; give sub-channels from 0 to {problem.num_channels - 1}")
    rest = 0 if problem.instance.variant == "optional_power" else -1
    channels, power_w = np.full(problem.num_devices, rest), np.zeros(problem.num_devices)
    channels[device], power_w[device] = channel, problem.instance.max_power_w
    return Schedule(channels, power_w)


def round_time_bound(problem: Problem) -> Bound:
    r"""Return a lower bound on the time of a round in which devices send one after the other on each sub-channel.

    .. math:: \max\Bigl(\frac{1}{C} \sum_i \min_c t_{ic},\ \max_i \min_c t_{ic}\Bigr)

    The busy seconds of all sub-channels add up to at least the sum of the shortest uploads, and one of the C is busy
    for at least the mean; no update is in before its own upload ends. Valid for TDMA only: it counts no simultaneous
    transmission on a sub-channel, and each update stays on one sub-channel.

    Example:
        >>> from qfl.wireless.uplink import UplinkInstance
        >>> instance = UplinkInstance(np.ones((4, 2)), np.ones(4), 0.0, 1.0, 1.0, "all_active", 4, 0.0)
        >>> round_time_bound(Problem(instance, "round_time", payload_bits=np.ones(4))).value
        2.0
    """
    shortest = shortest_uploads(problem)
    value = max(float(shortest.sum()) / problem.num_channels, float(shortest.max()))
    return Bound(value, False, None, "one device at a time on each sub-channel (TDMA)")


def shortest_uploads(problem: Problem) -> Float64[ndarray, " device"]:
    """Return the seconds each device needs alone on its best sub-channel at full power."""
    full_w = np.full(problem.num_devices, problem.instance.max_power_w)
    return upload_times(problem, full_w).min(axis=1)
