"""The virtual clock: from a schedule and sizes in bit to the moment at which each upload is in, or not in time."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.array_ranges import check_range, rules
from qfl.arrays import check_fields, checked, real
from qfl.errors import InputError
from qfl.scheduling.problem import Problem, upload_times
from qfl.scheduling.schedule import Schedule
from qfl.wireless.rates import rates, require_channels
from qfl.wireless.uplink import UplinkInstance

PerDevice = Float64[ndarray, " device"]

SAME = 1 + 1e-12  # moments that differ by less are one
LAST = 1e-9  # of a payload: what rounding may leave of it


@dataclass(frozen=True)
class Uploads:
    """What became of each device's upload up to some moment.

    Args:
        end_s: When its update is in; inf if it is not yet.
        airtime_s: How long it has been sending.
        sent_bits: What it has got through.
        energy_j: What it has transmitted.
    """

    end_s: PerDevice
    airtime_s: PerDevice
    sent_bits: PerDevice
    energy_j: PerDevice

    def __post_init__(self):
        every = "end_s airtime_s sent_bits energy_j"
        check_fields(self, least=every, infinite=every)


def nothing_sent(num_devices: int) -> Uploads:
    """Return the uploads of devices that have not begun.

    Example:
        >>> nothing_sent(2).end_s
        array([inf, inf])
    """
    zeros = np.zeros(num_devices)
    return Uploads(np.full(num_devices, np.inf), zeros, zeros, zeros)


@checked(least="ready_s", infinite="ready_s")
def one_after_another(problem: Problem, schedule: Schedule, ready_s: PerDevice, until_s: float = np.inf) -> Uploads:
    """Return the uploads when one device at a time has a sub-channel (TDMA), as `round_time` counts.

    Of those that are ready, the one with the shortest upload goes first, which lets the most in before any deadline;
    it is not interrupted, except by the end.

    Args:
        problem: With payloads.
        schedule: A sub-channel and a power for each device.
        ready_s: From when on each has something to send; inf is never.
        until_s: When all stop.

    Example:
        >>> instance = UplinkInstance(np.ones((3, 1)), np.ones(3), 0.0, 1.0, 1.0, "all_active", 3, 0.0)
        >>> problem = Problem(instance, "round_time", payload_bits=np.array([3.0, 1.0, 2.0]))
        >>> one_after_another(problem, Schedule(np.zeros(3, int), np.ones(3)), np.zeros(3)).end_s
        array([6., 1., 3.])
    """
    _require(problem.instance, schedule, ready_s)
    real("until_s", until_s, infinite=True)
    alone_s = upload_times(problem, schedule.power_w)[np.arange(problem.num_devices), schedule.channel]
    alone_s = np.where((schedule.channel >= 0) & np.isfinite(ready_s), alone_s, np.inf)
    heard, start_s = np.isfinite(alone_s), np.zeros(problem.num_devices)
    for channel in range(problem.num_channels):
        own = np.flatnonzero((schedule.channel == channel) & heard)
        start_s[own] = _queue(alone_s[own], ready_s[own])
    end_s = start_s + alone_s
    airtime_s = np.where(heard, np.minimum(np.maximum(until_s - start_s, 0.0), alone_s), 0.0)
    share = np.divide(airtime_s, alone_s, out=np.zeros_like(alone_s), where=heard)
    bits = problem.payload_bits if problem.payload_bits is not None else np.zeros(problem.num_devices)
    in_time = np.where(end_s <= until_s * SAME, end_s, np.inf)
    return Uploads(in_time, airtime_s, bits * share, schedule.power_w * airtime_s)


@checked(least="bits ready_s", infinite="ready_s")
def all_at_once(
    instance: UplinkInstance,
    schedule: Schedule,
    bits: PerDevice,
    ready_s: PerDevice,
    from_s: float = 0.0,
    until_s: float = np.inf,
) -> Uploads:
    """Return the uploads when all transmit at once, as the rate objectives count, and interfere.

    A device that is done is silent from then on, so the others of its sub-channel become faster: rates are those of
    `qfl.wireless.rates.rates` between two moments at which somebody begins or ends.

    Args:
        instance: The gains.
        schedule: A sub-channel and a power for each device; it is kept.
        bits: What each has to send; 0 = nothing.
        ready_s: From when on.
        from_s: When the schedule begins.
        until_s: When it ends.

    Example:
        >>> instance = UplinkInstance(np.array([[3.0], [1.0]]), np.ones(2), 0.0, 1.0, 1.0, "all_active", 2, 0.0)
        >>> both = all_at_once(instance, Schedule(np.zeros(2, int), np.ones(2)), np.full(2, 2.0), np.zeros(2))
        >>> both.end_s.round(2)  # log2(1 + 3/2) bit/s to the first end, the second then log2(1 + 1)
        array([1.51, 3.03])
    """
    _require(instance, schedule, ready_s)
    for name, moment in (("from_s", from_s), ("until_s", until_s)):
        real(name, moment, infinite=True)
    now, left, able = from_s, bits.copy(), (schedule.channel >= 0) & (schedule.power_w > 0)
    found = nothing_sent(len(bits))
    while now < until_s:
        on = able & (left > 0) & (ready_s <= now * SAME)
        rate = rates(instance, np.where(on, schedule.channel, -1), schedule.power_w)
        done_s = now + np.divide(left, rate, out=np.full_like(left, np.inf), where=on & (rate > 0))
        begins_s = ready_s[able & (left > 0) & ~on]
        then = min(until_s, float(done_s.min(initial=np.inf)), float(begins_s.min(initial=np.inf)))
        if not np.isfinite(then):
            break
        lasted = np.where(on, then - now, 0.0)
        ended = (done_s <= then * SAME) | (on & (left - rate * lasted <= LAST * left))
        sent = np.where(ended, left, rate * lasted)
        left = np.where(ended, 0.0, left - sent)
        found = Uploads(
            np.where(ended, then, found.end_s),
            found.airtime_s + lasted,
            found.sent_bits + sent,
            found.energy_j + schedule.power_w * lasted,
        )
        now = then
    return found


def accumulate(one: Uploads, other: Uploads) -> Uploads:
    """Return two spans of time together.

    Raises:
        InputError: If they are not of as many devices.
    """
    if len(one.end_s) != len(other.end_s):
        raise InputError(f"uploads are of {len(one.end_s)} and of {len(other.end_s)} devices; give two of the same")
    return Uploads(
        np.minimum(one.end_s, other.end_s),
        one.airtime_s + other.airtime_s,
        one.sent_bits + other.sent_bits,
        one.energy_j + other.energy_j,
    )


def _require(instance: UplinkInstance, schedule: Schedule, ready_s: PerDevice) -> None:
    """Refuse a schedule that is not of the instance's devices and sub-channels, or has powers below 0."""
    require_channels(instance, schedule.channel)
    check_range("power_w", schedule.power_w, rules(least="power_w"))
    if len(ready_s) != len(schedule.channel):
        raise InputError(f"ready_s has {len(ready_s)} devices, not {len(schedule.channel)}; give one for each")


def _queue(alone_s: PerDevice, ready_s: PerDevice) -> PerDevice:
    """Return when each device of one sub-channel begins."""
    start_s, now = np.zeros(len(alone_s)), 0.0
    waiting: Int64[ndarray, " waiting"] = np.arange(len(alone_s))
    while len(waiting):
        now = max(now, float(ready_s[waiting].min()))
        ready = waiting[ready_s[waiting] <= now]
        first = ready[alone_s[ready].argmin()]
        start_s[first], now = now, now + float(alone_s[first])
        waiting = waiting[waiting != first]
    return start_s
