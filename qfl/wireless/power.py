"""Transmit powers for a fixed assignment: two ways of climbing the sum rate, both monotone.

Neither finds the optimum for sure. That optimum is binary (Lemma 1, tested): with everything else fixed, the rate of a
sub-channel has no interior maximum in any one power, so some best powers are all at the ends of their ranges, and
choosing them is a combinatorial problem that belongs to scheduling.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError
from qfl.wireless.rates import require_channels, sum_by_channel
from qfl.wireless.uplink import UplinkInstance

Channel = Int64[ndarray, " device"]
PerDevice = Float64[ndarray, " device"]
FLATTEST = 1e-300  # slope, in place of 0


@dataclass(frozen=True)
class PowerSolution:
    """Powers, and how they were reached.

    Args:
        power_w: Watt; 0 where silent.
        trace: Weighted sum rate in bit/s, of the start and after each iteration; never falls. It is Shannon's: a
            cap on spectral efficiency (``se_cap``) is not optimised for.
    """

    power_w: PerDevice
    trace: tuple[float, ...]


@checked()
def power_range(instance: UplinkInstance, channel: Channel) -> tuple[PerDevice, PerDevice]:
    """Return the least and highest power of each device in watt under its assignment; 0 and 0 where silent.

    In variant optional_power an assigned device may be silent, so its least power is 0.
    """
    on = channel >= 0
    least = 0.0 if instance.variant == "optional_power" else instance.min_power_w
    return np.where(on, least, 0.0), np.where(on, instance.max_power_w, 0.0)


@checked(free="start", least="weights")
def wmmse_power(
    instance: UplinkInstance,
    channel: Channel,
    *,
    start: PerDevice | None = None,
    weights: PerDevice | None = None,
    iterations: int = 100,
    tolerance: float = 0.0,
) -> PowerSolution:
    r"""Return powers by scalar WMMSE, which is fractional programming (the quadratic transform) in closed form.

    With received powers q = pG, interference :math:`I_i = T_{c(i)} - q_i` and weights w, each iteration sets

    :math:`\gamma_i = q_i / I_i`, :math:`y_i = \sqrt{w_i (1 + \gamma_i) q_i} / T_{c(i)}`,
    :math:`q_i \leftarrow [\, w_i (1 + \gamma_i)\, y_i^2 / (\sum_{j: c(j) = c(i)} y_j^2)^2 \,]`

    with [ ] clipping to the range of powers. The first two make the lower bound
    :math:`\sum_i w_i (\log(1+\gamma_i) - \gamma_i) + 2 y_i \sqrt{w_i(1+\gamma_i) q_i} - y_i^2 T_{c(i)}` touch the rate,
    the third maximises it (it is concave in each :math:`\sqrt{q_i}` and a sum over devices), so the rate never falls.
    A device at power 0 stays there, and a strong one that starts low climbs slowly (alone, q grows by about 2 in an
    iteration): start high.

    Args:
        instance: The gains.
        channel: Each device's sub-channel; -1 is silent.
        start: Powers in watt; default all at the highest, so the result is no worse than those.
        weights: Of the devices' rates, 0 or more; default 1 each.
        iterations: At most.
        tolerance: Stops when an iteration gains less than this part of the value.

    Raises:
        ConfigError: If the start is outside the range of powers.

    Reference:
        Shi, Razaviyayn, Luo and He, 2011, IEEE Trans. Signal Process. 59(9), Table I, for one antenna; Shen and Yu,
        2018, IEEE Trans. Signal Process. 66(10), "Fractional programming for communication systems, part I" (the
        quadratic transform).
    """
    step = partial(_wmmse_step, instance, channel, _weights(channel, weights))
    return _climb(instance, channel, start, weights, iterations, tolerance, step)


@checked(free="start", least="weights")
def sca_power(
    instance: UplinkInstance,
    channel: Channel,
    *,
    start: PerDevice | None = None,
    weights: PerDevice | None = None,
    iterations: int = 20,
    tolerance: float = 0.0,
) -> PowerSolution:
    r"""Return powers by successive convex approximation of the difference of two concave functions.

    The rate of a sub-channel is :math:`\sum_i w_i \log T - \sum_i w_i \log(T - q_i)`. The second sum is replaced by its
    tangent at the current point, with slopes :math:`s_k = \sum_{i \ne k} w_i / (T - q_i)`; a logarithm lies below its
    tangent, so the result lies below the rate and touches it, and the rate never falls. What is left,
    :math:`W \log(1 + \sum_k q_k) - \sum_k s_k q_k` with :math:`W = \sum w_i`, is solved exactly: fill the devices up in
    the order of their slopes until T = W / s_k.

    Args:
        instance: The gains and the range of powers.
        channel: Each device's sub-channel; -1 is silent.
        start: Powers in watt to begin from; the highest if None.
        weights: Of the devices' rates, 0 or more; 1 if None.
        iterations: At most so many.
        tolerance: It stops where the (weighted) rate grows by no more than this part.

    Raises:
        ConfigError: If the start is outside the range of powers.

    Reference:
        Kha, Tuan and Nguyen, 2012, IEEE Trans. Wireless Commun. 11(2) (difference-of-concave power control); the
        filling is ours.
    """
    step = partial(_sca_step, instance, channel, _weights(channel, weights))
    return _climb(instance, channel, start, weights, iterations, tolerance, step)


def _wmmse_step(
    instance: UplinkInstance, channel: Channel, weight: PerDevice, q: PerDevice, low: PerDevice, high: PerDevice
) -> PerDevice:
    total = 1.0 + _shared(instance, channel, q)
    scale = weight * total / np.maximum(total - q, 1.0)  # w (1 + gamma)
    y2 = scale * q / total**2
    price = np.maximum(_shared(instance, channel, y2), np.finfo(float).tiny)
    return np.clip(scale * (y2 / price) / price, low, high)


def _sca_step(
    instance: UplinkInstance, channel: Channel, weight: PerDevice, q: PerDevice, low: PerDevice, high: PerDevice
) -> PerDevice:
    steep = weight / np.maximum(1.0 + _shared(instance, channel, q) - q, 1.0)
    # 0 for a device alone on its sub-channel, which never stops filling: its total is beyond any power, or the floats
    slope = np.maximum(_shared(instance, channel, steep) - steep, FLATTEST)
    with np.errstate(over="ignore"):
        wanted = _shared(instance, channel, weight) / slope  # the total at which a device stops filling
    order = np.lexsort((slope, channel))
    room = (high - low)[order]
    before = np.cumsum(room) - room
    first = np.searchsorted(channel[order], channel[order])  # where each sub-channel begins
    filled = np.empty_like(q)
    filled[order] = 1.0 + _shared(instance, channel, low)[order] + before - before[first]
    return low + np.clip(wanted - filled, 0.0, high - low)


def _climb(
    instance: UplinkInstance,
    channel: Channel,
    start: PerDevice | None,
    weights: PerDevice | None,
    iterations: int,
    tolerance: float,
    step: Callable[[PerDevice, PerDevice, PerDevice], PerDevice],
) -> PowerSolution:
    require_channels(instance, channel)
    least, most = power_range(instance, channel)
    power_w = _checked_start(most if start is None else start, least, most)
    gain = np.where(channel >= 0, instance.gain[np.arange(len(channel)), channel], 0.0)
    weight, q = _weights(channel, weights), power_w * gain
    trace = [_weighted_rate(instance, channel, weight, q)]
    for _ in range(iterations):
        tried = step(q, least * gain, most * gain)
        value = _weighted_rate(instance, channel, weight, tried)
        if value < trace[-1]:  # rounding, at a stationary point
            break
        q = tried
        trace.append(value)
        if value - trace[-2] <= tolerance * value:
            break
    reached = np.divide(q, gain, out=most.copy(), where=gain > 0)
    with np.errstate(over="ignore"):
        values = np.ldexp(trace, _unit(weights))
    return PowerSolution(np.clip(reached, least, most), tuple(values.tolist()))


def _checked_start(start: PerDevice, least: PerDevice, most: PerDevice) -> PerDevice:
    outside = np.sum(~((start >= least * (1 - 1e-9)) & (start <= most * (1 + 1e-9))))
    if outside:
        raise ConfigError(
            f"{outside} of {len(start)} starting powers are outside their range of {least.max():g} to {most.max():g} W "
            "(0 where silent); give powers within it"
        )
    return np.clip(start, least, most)


def _weights(channel: Channel, weights: PerDevice | None) -> PerDevice:
    """Return the weights in units of a power of two near the largest, so that no product leaves the floats."""
    own = 1.0 if weights is None else np.ldexp(weights, -_unit(weights))
    return np.where(channel >= 0, own, 0.0)


def _unit(weights: PerDevice | None) -> int:
    return 0 if weights is None else int(np.frexp(weights.max(initial=0.0))[1])


def _weighted_rate(instance: UplinkInstance, channel: Channel, weight: PerDevice, q: PerDevice) -> float:
    interference = np.maximum(1.0 + _shared(instance, channel, q) - q, 1.0)
    return float(instance.bandwidth_hz * np.sum(weight * np.log2(1.0 + q / interference)))


def _shared(instance: UplinkInstance, channel: Channel, amount: PerDevice) -> PerDevice:
    """Return, for each device, the sum over its sub-channel; what silent devices get has no meaning."""
    return sum_by_channel(instance, channel, amount)[channel]
