"""Who is on which sub-channel, kept so that the effect of one device costs one pass over the others."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.scheduling.problem import Problem, Schedule


@dataclass(frozen=True)
class Occupancy:
    """The devices that transmit, sorted by sub-channel, each sub-channel ending with an empty place.

    All devices of a sub-channel share T = 1 + sum of q, with q = power * gain; a rate is log2(T / (T - q)). Several
    cases of who is silent may be kept at once, as leading axes of `received`, `total` and `count`.

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
    received: Float64[ndarray, "*case place"]
    weight: Float64[ndarray, " place"]
    first: Int64[ndarray, " channel"]
    total: Float64[ndarray, "*case channel"]
    count: Int64[ndarray, "*case channel"]
    place: Int64[ndarray, " device"]
    se_cap: float

    def rates_at(self, total: Float64[ndarray, "*any channel"]) -> Float64[ndarray, "*any channel"]:
        """Return the weighted rate of the present devices on each sub-channel, in bit/s/Hz, if T were `total`."""
        # take keeps the places next to each other in memory; indexing would not, and is five times slower
        shared = total.take(self.channel, axis=-1, mode="clip")
        rates = np.log2(shared / (shared - self.received))
        if self.se_cap < np.inf:
            rates = np.minimum(rates, self.se_cap)
        return np.add.reduceat(self.weight * rates, self.first, axis=-1)

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


def without(present: Occupancy, devices: Int64[ndarray, "case removed"]) -> Occupancy:
    """Return the occupancy after some devices have gone silent, one case for each row of `devices`."""
    places = present.place[devices]
    rows = np.arange(len(devices))[:, None]
    received = np.repeat(present.received[None], len(devices), axis=0)
    received[rows, places] = 0.0  # a silent device's place is -1: the last one, which is empty anyway
    count = np.repeat(present.count[None], len(devices), axis=0)
    np.subtract.at(count, (rows, present.channel[places]), places >= 0)
    # summed afresh: a difference would leave the rounding of a strong device that went
    total = 1 + np.add.reduceat(received, present.first, axis=-1)
    return replace(present, received=received, total=total, count=count)


def insertion_gains(
    others: Occupancy, received: Float64[ndarray, "case level channel"], weight: Float64[ndarray, " case"]
) -> Float64[ndarray, "case level channel"]:
    """Return the change of the weighted sum rate in bit/s/Hz when one more device transmits on a sub-channel.

    Args:
        others: Who transmits already, with one axis of cases.
        received: What would arrive from the device on each sub-channel, for each of its powers.
        weight: Of the device.
    """
    # an axis for the levels: case, level, place or channel
    before, count = others.total[:, None], others.count[:, None]
    spread = replace(others, received=others.received[:, None], total=before, count=count)
    total = before + received
    rates = spread.rates_at(np.concatenate([before, total], axis=1))
    own = np.minimum(np.log2(total / before), others.se_cap)
    return rates[:, 1:] - rates[:, :1] + weight[:, None, None] * own
