"""What a schedule means for the devices: rates, fairness, time and energy."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.scheduling.problem import Problem, channel_loads, upload_times
from qfl.scheduling.schedule import Schedule
from qfl.wireless.rates import rates

PARTICIPANT_BPS = 10e3
"""Rate from which a device counts as a participant where all transmit at once."""


@dataclass(frozen=True)
class Report:
    """Figures of one schedule.

    Args:
        sum_rate_bps: Sum of the rates: all at once, or under `round_time` all payloads over the round time.
        rates: Each device's, in bit/s; under `round_time` while it has its sub-channel.
        jain: Jain's fairness index of the rates, from 1/N (one has all) to 1 (equal).
        participants: Devices with at least `PARTICIPANT_BPS`; under `round_time` those whose upload ends.
        round_time_s: Seconds until the last update is in; inf if one never is; nan without payloads.
        energy_j: Transmitted by all until their updates are in (inf if one never is); nan without payloads.
        violations: One sentence for each broken constraint.
    """

    sum_rate_bps: float
    rates: Float64[ndarray, " device"]
    jain: float
    participants: int
    round_time_s: float
    energy_j: float
    violations: tuple[str, ...]


def report(problem: Problem, schedule: Schedule) -> Report:
    """Return the figures of a schedule: one after the other under `round_time`, else all at once and kept so.

    Example:
        >>> from qfl.wireless.uplink import UplinkInstance
        >>> instance = UplinkInstance(np.array([[1.0], [3.0]]), np.ones(2), 0.0, 1.0, 1e6, "optional_power", 2, 0.0)
        >>> found = report(Problem(instance), Schedule(np.array([0, 0]), np.array([0.0, 1.0])))
        >>> found.sum_rate_bps, found.jain, found.participants
        (2000000.0, 0.5, 1)

    Reference:
        Jain, Chiu and Hawe, A quantitative measure of fairness and discrimination, 1984 (the index).
    """
    seconds, rate = _times_and_rates(problem, schedule)
    if problem.objective == "round_time":
        round_time_s = float(channel_loads(problem, schedule).max())
        total = float(problem.payload_bits.sum()) / round_time_s if problem.payload_bits is not None else 0.0
        participants = int(np.sum(np.isfinite(seconds)))
    else:
        round_time_s, total = float(seconds.max()), float(rate.sum())
        participants = int(np.sum(rate >= PARTICIPANT_BPS))
    return Report(
        total,
        rate,
        jain_index(rate),
        participants,
        round_time_s,
        # a device that is silent spends nothing, however long it waits
        float(np.multiply(schedule.power_w, seconds, out=np.zeros_like(rate), where=schedule.power_w > 0).sum()),
        tuple(problem.check(schedule)),
    )


@checked()
def jain_index(amounts: Float64[ndarray, " device"]) -> float:
    """Return Jain's fairness index (sum x)^2 / (N sum x^2); 0 if all are 0.

    Example:
        >>> jain_index(np.array([1.0, 0.0, 0.0, 0.0]))
        0.25
    """
    squares = float(np.square(amounts).sum())
    return float(amounts.sum()) ** 2 / (len(amounts) * squares) if squares > 0 else 0.0


def _times_and_rates(
    problem: Problem, schedule: Schedule
) -> tuple[Float64[ndarray, " device"], Float64[ndarray, " device"]]:
    """Return each device's upload in seconds, and its rate during it in bit/s."""
    every = np.arange(problem.num_devices)
    if problem.objective == "round_time" and problem.payload_bits is not None:
        on = schedule.channel >= 0
        seconds = np.where(on, upload_times(problem, schedule.power_w)[every, schedule.channel], np.inf)
        return seconds, problem.payload_bits / seconds
    rate = rates(problem.instance, schedule.channel, schedule.power_w)
    if problem.payload_bits is None:
        return np.full(problem.num_devices, np.nan), rate
    return np.divide(problem.payload_bits, rate, out=np.full_like(rate, np.inf), where=rate > 0), rate
