"""Allocations that are carried from one problem to the next, for some of the devices each time."""

from dataclasses import replace

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import InputError
from qfl.scheduling.problem import Problem, require_devices
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.schedule import empty_schedule as empty_schedule
from qfl.wireless.uplink import UplinkInstance

Some = Int64[ndarray, " some"]


@checked(some="some")
def subset(instance: UplinkInstance, devices: Some) -> UplinkInstance:
    """Return the instance of some of the devices.

    Raises:
        InputError: If there are none, not such ones, or one of them twice.
    """
    require_devices(len(instance.gain), devices)
    return replace(instance, gain=instance.gain[devices], distance_m=instance.distance_m[devices])


@checked()
def warm_start(problem: Problem, memory: Schedule, devices: Some) -> Schedule | None:
    """Return the allocation before as a start for some devices; None where it breaks a constraint.

    A device without one, which was not asked then, begins on its best sub-channel at full power; where it may
    have none (optional_channel) silent.

    Args:
        problem: What is to be solved for these devices.
        memory: The allocation before, of all devices of the cell.
        devices: Their numbers in the cell, each once.

    Raises:
        InputError: If the devices are not those of the problem, one for each, or not in the memory.
    """
    require_devices(len(memory.channel), devices)
    _require_as_many(problem.num_devices, devices)
    channel, power_w = memory.channel[devices], memory.power_w[devices]
    if not np.any(channel >= 0):
        return None
    if problem.instance.variant != "optional_channel" or problem.objective == "round_time":
        new = channel < 0
        channel = np.where(new, problem.instance.gain.argmax(axis=1), channel)
        power_w = np.where(new, problem.instance.max_power_w, power_w)
    start = Schedule(channel, power_w)
    return None if problem.check(start) else start


@checked()
def scatter(memory: Schedule, some: Some, new: Schedule) -> Schedule:
    """Return a schedule of all devices in which some have the new sub-channels and powers.

    Args:
        memory: A schedule of all devices.
        some: Numbers of some of them, each once.
        new: What these have now, in their order.

    Example:
        >>> scatter(empty_schedule(3), np.array([2]), Schedule(np.array([5]), np.array([0.1]))).channel
        array([-1, -1,  5])

    Raises:
        InputError: If the new schedule is of other devices, or the memory has not all of them.
    """
    require_devices(len(memory.channel), some)
    _require_as_many(len(new.channel), some)
    return memory.replaced(some, new.channel, new.power_w)


def _require_as_many(num_devices: int, devices: Some) -> None:
    if len(devices) != num_devices:
        raise InputError(f"there are {len(devices)} devices with an allocation of {num_devices}; give one for each")
