"""Who is on which sub-channel, kept so that the effect of one device costs one pass over the others."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.array_ranges import check_range, rules
from qfl.arrays import checked
from qfl.errors import InputError
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.wireless.rates import require_channels


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

    @checked(positive="total")
    def rates_at(self, total: Float64[ndarray, "*any channel"]) -> Float64[ndarray, "*any channel"]:
        """Return the weighted rate of the present devices on each sub-channel, in bit/s/Hz, if T were `total`.

        Raises:
            InputError: If it is of other sub-channels or cases, or not above what a device on it has.
        """
        if total.shape[-1] != len(self.first):
            raise InputError(f"total has {total.shape[-1]} sub-channels, not {len(self.first)}; give one for each")
        try:
            clear = (total.take(self.channel, axis=-1) > self.received).all()
        except ValueError:
            raise InputError(
                f"total has the axes {total.shape}, the occupancy {self.total.shape}; give as many cases"
            ) from None
        if not clear:
            raise InputError("total has numbers not above what arrives of one device; give 1 + what arrives of all")
        return _rates_at(self, total)

    def rate(self) -> float:
        """Return the weighted sum rate in bit/s/Hz."""
        return float(_rates_at(self, self.total).sum())


def occupy(problem: Problem, schedule: Schedule) -> Occupancy:
    """Return the occupancy of a schedule.

    Example:
        >>> from qfl.wireless.uplink import UplinkInstance
        >>> instance = UplinkInstance(np.array([[1.0], [3.0]]), np.ones(2), 0.0, 1.0, 1.0, "all_active", 2, 0.0)
        >>> occupy(Problem(instance), Schedule(np.array([0, 0]), np.array([0.0, 1.0]))).rate()
        2.0
    """
    require_channels(problem.instance, schedule.channel)
    check_range("power_w", schedule.power_w, rules(least="power_w"))
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


@checked()
def without(present: Occupancy, devices: Int64[ndarray, "case removed"]) -> Occupancy:
    """Return the occupancy after some devices have gone silent, one case for each row of `devices`.

    Raises:
        InputError: If there are no such devices, one of them twice in a row, or cases already.
    """
    _require_removable(present, devices)
    places = present.place[devices]
    rows = np.arange(len(devices))[:, None]
    received = np.repeat(present.received[None], len(devices), axis=0)
    received[rows, places] = 0.0  # a silent device's place is -1: the last one, which is empty anyway
    count = np.repeat(present.count[None], len(devices), axis=0)
    np.subtract.at(count, (rows, present.channel[places]), places >= 0)
    # summed afresh: a difference would leave the rounding of a strong device that went
    total = 1 + np.add.reduceat(received, present.first, axis=-1)
    return replace(present, received=received, total=total, count=count)


@checked(least="received weight")
def insertion_gains(
    others: Occupancy, received: Float64[ndarray, "case level channel"], weight: Float64[ndarray, " case"]
) -> Float64[ndarray, "case level channel"]:
    """Return the change of the weighted sum rate in bit/s/Hz when one more device transmits on a sub-channel.

    Args:
        others: Who transmits already, with one axis of cases.
        received: What would arrive from the device on each sub-channel, for each of its powers.
        weight: Of the device.

    Raises:
        InputError: If the occupancy has other cases or sub-channels.
    """
    if others.total.shape != (len(received), received.shape[2]):
        raise InputError(
            f"received is of {len(received)} cases and {received.shape[2]} sub-channels, and the occupancy's axes "
            f"[case channel] are {others.total.shape}; give as many of both"
        )
    # an axis for the levels: case, level, place or channel
    before, count = others.total[:, None], others.count[:, None]
    spread = replace(others, received=others.received[:, None], total=before, count=count)
    total = before + received
    rates = _rates_at(spread, np.concatenate([before, total], axis=1))
    own = np.minimum(np.log2(total / before), others.se_cap)
    return rates[:, 1:] - rates[:, :1] + weight[:, None, None] * own


def _rates_at(present: Occupancy, total: Float64[ndarray, "*any channel"]) -> Float64[ndarray, "*any channel"]:
    # take keeps the places next to each other in memory; indexing would not, and is five times slower
    shared = total.take(present.channel, axis=-1, mode="clip")
    rates = np.log2(shared / (shared - present.received))
    if present.se_cap < np.inf:
        rates = np.minimum(rates, present.se_cap)
    return np.add.reduceat(present.weight * rates, present.first, axis=-1)


def _require_removable(present: Occupancy, devices: Int64[ndarray, "case removed"]) -> None:
    if present.total.ndim != 1:
        raise InputError(f"the occupancy has the axes {present.total.shape} of cases; give one without cases")
    num_devices = len(present.place)
    if devices.size and not 0 <= np.minimum.reduce(devices, None) <= np.maximum.reduce(devices, None) < num_devices:
        raise InputError(f"devices are {devices.min()} to {devices.max()}; give some from 0 to {num_devices - 1}")
    if devices.shape[1] > 1:
        ordered = np.sort(devices, axis=1)
        if np.any(ordered[:, 1:] == ordered[:, :-1]):
            raise InputError("devices have one of them twice in a case; give each once")
