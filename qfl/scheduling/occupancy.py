"""Who is on which sub-channel, kept so that the effect of one device costs one pass over the others."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.scheduling.problem import Problem, Schedule


@dataclass(frozen=True)
class Occupancy:
    """The devices that transmit, sorted by sub-channel, each sub-channel ending with an empty place.

    All devices of a sub-channel share T = 1 + sum of q, with q = power * gain; a rate is log2(T / (T - q)).

    Args:
        channel: Sub-channel of each place.
        received: q of each place (0 if empty).
        weight: Weight of the rate of each place.
        first: First place of each sub-channel.
        total: T of each sub-channel.
        count: Devices on each sub-channel.
        place: Place of each device; -1 = silent.
        se_cap: Highest spectral efficiency in bit/s/Hz; inf = none.
    """

    channel: Int64[ndarray, " place"]
    received: Float64[ndarray, " place"]
    weight: Float64[ndarray, " place"]
    first: Int64[ndarray, " channel"]
    total: Float64[ndarray, " channel"]
    count: Int64[ndarray, " channel"]
    place: Int64[ndarray, " device"]
    se_cap: float

    def rates_at(self, total: Float64[ndarray, "*case channel"]) -> Float64[ndarray, "*case channel"]:
        """Return the weighted rate of the present devices on each sub-channel, in bit/s/Hz, if T were `total`."""
        shared = total[..., self.channel]
        rates = np.log2(shared / (shared - self.received))
        return np.add.reduceat(self.weight * np.minimum(rates, self.se_cap), self.first, axis=-1)

    def rate(self) -> float:
        """Return the weighted sum rate in bit/s/Hz."""
        return float(self.rates_at(self.total).sum())


def occupy(problem: Problem, schedule: Schedule) -> Occupancy:
    """Return the occupancy of a schedule.

    Example:
        >>> from qfl.wireless.uplink import UplinkInstance
        >>> instance = UplinkInstance(np.array([[1.0], [3.0]]), np.ones(2), 0.0, 1.0, 1.0, "V1", 2, 0.0)
        >>> occupy(Problem(instance), Schedule(np.array([0, 0]), np.array([0.0, 1.0]))).rate()
        2.0
    """
    num_channels, instance = problem.num_channels, problem.instance
    on = np.flatnonzero(schedule.channel >= 0)
    where = schedule.channel[on]
    count = np.bincount(where, minlength=num_channels)
    order = np.argsort(where, kind="stable")
    # each sub-channel before this one has one empty place
    positions = np.arange(len(on)) + where[order]
    place = np.full(problem.num_devices, -1)
    place[on[order]] = positions
    received, weight = np.zeros((2, len(on) + num_channels))
    received[place[on]] = schedule.power_w[on] * instance.gain[on, where]
    weight[place[on]] = problem.rate_weights[on]
    first = np.cumsum(count + 1) - count - 1
    return Occupancy(
        np.repeat(np.arange(num_channels), count + 1),
        received,
        weight,
        first,
        1 + np.add.reduceat(received, first),
        count,
        place,
        instance.se_cap or np.inf,
    )


def without(present: Occupancy, devices: Int64[ndarray, " removed"]) -> Occupancy:
    """Return the occupancy after some devices have gone silent."""
    places = present.place[devices]
    places = places[places >= 0]
    received, total, count = present.received.copy(), present.total.copy(), present.count.copy()
    np.subtract.at(count, present.channel[places], 1)
    received[places] = 0.0
    for channel in present.channel[places]:
        begin = present.first[channel]
        end = begin + np.searchsorted(present.channel[begin:], channel, side="right")
        total[channel] = 1 + received[begin:end].sum()
    return replace(present, received=received, total=total, count=count)


def own_rate(
    present: Occupancy, received: Float64[ndarray, "*case channel"], weight: float
) -> Float64[ndarray, "*case channel"]:
    """Return the weighted rate in bit/s/Hz of one more device that arrives with `received` on each sub-channel."""
    return weight * np.minimum(np.log2(1 + received / present.total), present.se_cap)


def insertion_gains(
    present: Occupancy, received: Float64[ndarray, "*case channel"], weight: float
) -> Float64[ndarray, "*case channel"]:
    """Return the change of the weighted sum rate in bit/s/Hz when one more device transmits on a sub-channel."""
    others = present.rates_at(present.total + received) - present.rates_at(present.total)
    return others + own_rate(present, received, weight)
