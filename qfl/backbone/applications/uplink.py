r"""The uplink of a cell: who sends on which sub-channel, for the largest sum of rates or the shortest round.

A request has ``gain``, for each device its power gain over the noise power on every sub-channel, in 1/W; ``objective``,
``sum_rate`` (all at once) or ``round_time`` (one after the other); ``max_power_w``; ``bandwidth_hz`` of a sub-channel;
and ``payload_bits`` of each device, which a round's time needs. One variable says that a device takes an option, a
sub-channel at full power or at next to none; all devices of the request are one block.

The model of ``round_time`` is that of squared loads (`qfl.scheduling.solvers.load_balancing`); that of the sum of rates
is exact in pairs (`qfl.scheduling.models.qubo`). Whatever it says, an answer's value is that of the true objective.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.applications.posed import Posed, Sample, take
from qfl.errors import ConfigError
from qfl.scheduling.bounds import bound
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.models.qubo import pairwise_model
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule, empty_schedule
from qfl.scheduling.solvers.load_balancing import squared_loads_model
from qfl.wireless.uplink import UplinkInstance

OTHERS = {"objective": "sum_rate", "max_power_w": 0.25, "bandwidth_hz": 180e3, "payload_bits": []}
OBJECTIVES = ("sum_rate", "round_time")
LEAST_POWER_W = 1e-3
MOST_DEVICES = 100


def pose(request: Mapping[str, Any]) -> Posed:
    """Return the problem; its answer has ``channel``, ``power_w``, ``value`` in bit/s or s, and the ``bound`` of all.

    Raises:
        ConfigError: If gains and payloads do not fit each other or are not finite, or there is no such objective.

    Example:
        >>> posed = pose({"gain": [[40.0, 4.0], [40.0, 4.0]], "max_power_w": 1.0, "bandwidth_hz": 1.0})
        >>> posed.model.num_variables
        8
        >>> posed.read({v: int(v in (0, 5)) for v in range(8)})["channel"]
        [0, 1]
    """
    problem = _problem(*take("uplink", request, {"gain": list}, OTHERS))
    block = np.arange(problem.num_devices)
    nobody = empty_schedule(problem.num_devices)
    model = (pairwise_model if problem.maximise else squared_loads_model)(problem, nobody, block)
    most = bound(problem).value

    def read(sample: Sample) -> dict[str, Any]:
        found = _schedule(problem, model, sample)
        answer = {"channel": found.channel.tolist(), "power_w": found.power_w.tolist()}
        value = problem.value(found)
        return answer | {"value": value if isfinite(value) else None, "bound": float(most)}

    return Posed(model.to_bqm(), read, lambda sample: one_hot(model, sample))


def one_hot(model: BlockModel, sample: Sample) -> bool:
    """Return whether a sample takes one option for each device, as it stands."""
    taken = np.array([sample[v] for v in range(model.linear.size)]).reshape(model.linear.shape)
    return bool((taken.sum(axis=1) == 1).all())


def _schedule(problem: Problem, model: BlockModel, sample: Sample) -> Schedule:
    channel, power_w = problem.options.at(np.array(model.decode(sample)))
    return Schedule(channel, power_w)


def _problem(gain: list, objective: str, max_power_w: float, bandwidth_hz: float, payload_bits: list) -> Problem:
    gains = table("uplink", "gain", gain)
    devices, bits = len(gains), numbers("uplink", "payload_bits", payload_bits)
    if objective not in OBJECTIVES:
        raise ConfigError(f"uplink: objective is {objective!r}; give one of {', '.join(OBJECTIVES)}")
    if devices > MOST_DEVICES:
        raise ConfigError(f"uplink: {devices} devices are too many for one block; give at most {MOST_DEVICES}")
    if len(bits) not in ((devices,) if objective == "round_time" else (0, devices)) or (bits <= 0).any():
        raise ConfigError(
            f"uplink: payload_bits has {len(bits)} numbers for {devices} devices; give one above 0 for each"
        )
    if silent := np.flatnonzero(~gains.any(axis=1)).tolist():
        raise ConfigError(f"uplink: device {silent[0]} is heard on no sub-channel; give it a gain, or leave it out")
    if not max_power_w > LEAST_POWER_W:
        raise ConfigError(f"uplink: max_power_w is {max_power_w:g}; give watts above {LEAST_POWER_W:g}")
    place = np.zeros(devices)
    instance = UplinkInstance(gains, place, LEAST_POWER_W, max_power_w, bandwidth_hz, "all_active", devices, None)
    return Problem(instance, objective, payload_bits=bits if len(bits) else None)


def table(application: str, what: str, value: list, axes: int = 2) -> Float64[ndarray, "..."]:
    """Return a request's table of finite numbers of 0 or more.

    Args:
        application: For sentences.
        what: Its word.
        value: As it was sent.
        axes: Depth of its lists.

    Raises:
        ConfigError: If it is none.
    """
    try:
        found = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.zeros(())
    if found.ndim != axes or not found.size or not np.isfinite(found).all() or (found < 0).any():
        shape = "rows of numbers" if axes == 2 else f"{axes} lists deep"
        raise ConfigError(
            f"{application}: {what} is no table, {shape}; give finite numbers of 0 or more, all rows alike"
        )
    return found


def numbers(application: str, what: str, value: list) -> Float64[ndarray, " number"]:
    """Return a request's list of finite numbers, which may be empty.

    Args:
        application: For sentences.
        what: Its word.
        value: As it was sent.

    Raises:
        ConfigError: If it is none.
    """
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in value):
        raise ConfigError(f"{application}: {what} is no list of numbers; give finite ones")
    found = np.array(value, dtype=np.float64)
    if not np.isfinite(found).all():
        raise ConfigError(f"{application}: {what} has a number that is not finite; give finite ones")
    return found
