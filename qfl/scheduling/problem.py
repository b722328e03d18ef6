"""What is to be scheduled: an uplink instance and an objective."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float64, Int64, Real
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError, InputError
from qfl.number_types import as_numpy
from qfl.scheduling.options import Options, uplink_options
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.specs import Kind
from qfl.wireless.rates import rates
from qfl.wireless.uplink import UplinkInstance

OBJECTIVES = {
    "sum_rate": "sum of the rates, all transmitting at once, in bit/s (to maximise)",
    "weighted_sum_rate": "sum of weight times rate, all transmitting at once, in bit/s (to maximise)",
    "round_time": "time until every update is in, one device at a time on a sub-channel (TDMA), in s (to minimise)",
}


@dataclass(frozen=True, eq=False)
class Problem:
    """An instance and an objective; equal only to itself, so what is derived from it can be kept.

    The variant of the instance (`qfl.config.cell.VARIANTS`) says who may transmit at once and holds for the two rate
    objectives. Under `round_time` one device at a time has a sub-channel to itself, so every device has one, whatever
    the variant, and its limit on devices that share a sub-channel does not apply.

    Args:
        instance: The gains and the limits.
        objective: One of `OBJECTIVES`.
        payload_bits: Size of each device's update in bit, above 0; needed by `round_time`.
        weights: Weight of each device, 0 or more and not all 0; needed by `weighted_sum_rate`.

    Raises:
        ConfigError: If the objective is unknown, or what it needs is missing or out of range.

    Example:
        >>> gain = np.array([[8.0, 1.0], [1.0, 3.0]])
        >>> instance = UplinkInstance(gain, np.ones(2), 0.0, 1.0, 1.0, "all_active", 2, 0.0)
        >>> Problem(instance).value(Schedule(np.array([0, 1]), np.ones(2))).__round__(3)  # log2 9 + log2 4
        5.17
    """

    instance: UplinkInstance
    objective: str = "sum_rate"
    payload_bits: Real[ndarray, " device"] | None = None
    weights: Real[ndarray, " device"] | None = None

    def __post_init__(self):
        for name in ("payload_bits", "weights"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, as_numpy(name, getattr(self, name), bits=64))
        if faults := _faults(self):
            raise ConfigError(faults)

    @property
    def num_devices(self) -> int:
        """Number of devices N."""
        return self.instance.gain.shape[0]

    @property
    def num_choosers(self) -> int:
        """How many choose: the devices."""
        return self.num_devices

    @property
    def num_channels(self) -> int:
        """Number of sub-channels C."""
        return self.instance.gain.shape[1]

    @property
    def maximise(self) -> bool:
        """Whether a larger value is better."""
        return self.objective != "round_time"

    @property
    def kind(self) -> Kind:
        """Which solvers do for it."""
        return "rates" if self.maximise else "round_time"

    @cached_property
    def options(self) -> Options:
        """What a device may choose, if it keeps to two powers."""
        return uplink_options(self.instance, self.maximise)

    @cached_property
    def rate_weights(self) -> Float64[ndarray, " device"]:
        """Weight of each device's rate: ones, unless the objective has weights."""
        if self.objective == "weighted_sum_rate" and self.weights is not None:
            return self.weights
        return np.ones(self.num_devices)

    def value(self, schedule: Schedule) -> float:
        """Return the objective of a schedule: bit/s for rates, seconds for `round_time`."""
        if self.objective == "round_time":
            return float(channel_loads(self, schedule).max())
        return float(self.rate_weights @ rates(self.instance, schedule.channel, schedule.power_w))

    def better(self, value: float, than: float) -> bool:
        """Return whether one value of the objective is strictly better than another."""
        return value > than if self.maximise else value < than

    @checked(some="block")
    def changed(
        self, schedule: Schedule, devices: Int64[ndarray, " block"], picks: Int64[ndarray, " block"]
    ) -> Schedule | None:
        """Return the schedule after some devices have taken options; None if nothing changes or capacity forbids it.

        Args:
            schedule: The one before.
            devices: Their numbers, each once.
            picks: Their options, see `options`.

        Raises:
            InputError: If there are no such devices or options.
        """
        require_devices(self.num_devices, devices)
        channel, power_w = self.options.at(picks)
        if np.all(schedule.channel[devices] == channel) and np.all(schedule.power_w[devices] == power_w):
            return None
        tried = schedule.replaced(devices, channel, power_w)
        limited = self.instance.variant == "capacity"  # in the others every combination of options is feasible
        return None if limited and self.check(tried) else tried

    def check(self, schedule: Schedule) -> list[str]:
        """Return one sentence per constraint that the schedule violates; none if it is feasible.

        Example:
            >>> instance = UplinkInstance(np.ones((2, 1)), np.ones(2), 0.1, 1.0, 1.0, "all_active", 2, 0.0)
            >>> Problem(instance).check(Schedule(np.array([0, -1]), np.array([2.0, 0.0])))
            ['1 of 2 devices have no sub-channel', '1 of 2 devices are outside [0.1, 1] W']
        """
        return _violations(self, schedule)


@checked(least="power_w")
def upload_times(problem: Problem, power_w: Float64[ndarray, " device"]) -> Float64[ndarray, "device channel"]:
    """Return the seconds each device needs alone on each sub-channel; inf where the gain or the power is 0."""
    instance = problem.instance
    if len(power_w) != problem.num_devices:
        raise InputError(f"power_w has {len(power_w)} devices, but there are gains of {problem.num_devices}; give both")
    efficiency = np.log2(1 + power_w[:, None] * instance.gain)
    if instance.se_cap is not None:
        efficiency = np.minimum(efficiency, instance.se_cap)
    if problem.payload_bits is None:
        raise ConfigError("an upload time needs the size of the updates; give payload_bits, one number for each device")
    with np.errstate(divide="ignore"):
        return problem.payload_bits[:, None] / (instance.bandwidth_hz * efficiency)


def require_devices(num_devices: int, devices: Int64[ndarray, " block"]) -> None:
    """Refuse a block of devices that there are not, or that counts one of them twice.

    Raises:
        InputError: With what was given.
    """
    if len(np.unique(devices)) != len(devices) or np.any((devices < 0) | (devices >= num_devices)):
        raise InputError(f"devices are {devices.tolist()}; give different ones, from 0 to {num_devices - 1}")


def channel_loads(problem: Problem, schedule: Schedule) -> Float64[ndarray, " channel"]:
    """Return the seconds each sub-channel is busy when its devices send one after the other (inf if one is silent)."""
    times = upload_times(problem, schedule.power_w)
    if np.any(schedule.channel < 0):
        return np.full(problem.num_channels, np.inf)
    if np.any(schedule.channel >= problem.num_channels):
        raise InputError(f"channel has numbers above {problem.num_channels - 1}; give sub-channels, or -1")
    own = times[np.arange(problem.num_devices), schedule.channel]
    return np.bincount(schedule.channel, own, problem.num_channels)


def _faults(problem: Problem) -> list[str]:
    if problem.objective not in OBJECTIVES:
        return [f"objective is {problem.objective!r}; give one of {', '.join(OBJECTIVES)}"]
    needed = {"weighted_sum_rate": "weights", "round_time": "payload_bits"}.get(problem.objective)
    faults: list[str] = []
    for name in ("weights", "payload_bits"):
        given = getattr(problem, name)
        if given is None:
            if name == needed:
                faults.append(f"{problem.objective} needs {name}; give one number for each device")
        elif given.shape != (problem.num_devices,):
            faults.append(
                f"{name} has {given.size} numbers for {problem.num_devices} devices; give one for each device"
            )
        elif not np.all(np.isfinite(given) & (given >= 0)):
            faults.append(f"{name} has numbers that are negative or not finite; give numbers of 0 or more")
        elif name == "payload_bits" and not np.all(given > 0):
            faults.append("payload_bits has zeros; give sizes above 0")
        elif name == "weights" and not np.any(given > 0):
            faults.append("weights are all 0; give at least one above 0")
    return faults


def _violations(problem: Problem, schedule: Schedule) -> list[str]:
    instance, (channel, power_w) = problem.instance, (schedule.channel, schedule.power_w)
    if len(channel) != problem.num_devices:
        return [f"it is of {len(channel)} devices, and the problem of {problem.num_devices}"]
    together = problem.objective != "round_time"
    silent_allowed = together and instance.variant == "optional_channel"
    least = 0.0 if together and instance.variant == "optional_power" else instance.min_power_w
    on = channel >= 0
    inside = (power_w >= least * (1 - 1e-12)) & (power_w <= instance.max_power_w * (1 + 1e-12))
    crowded = np.bincount(channel[on], minlength=problem.num_channels) > instance.max_per_channel
    counts = {
        "have no sub-channel": 0 if silent_allowed else int(np.sum(~on)),
        f"have a sub-channel above {problem.num_channels - 1}": int(np.sum(channel >= problem.num_channels)),
        f"are outside [{least:g}, {instance.max_power_w:g}] W": int(np.sum(on & ~inside)),
        "are silent with a power above 0": int(np.sum(~on & (power_w != 0))),
    }
    found = [f"{count} of {problem.num_devices} devices {what}" for what, count in counts.items() if count]
    if together and np.any(crowded):
        found.append(f"{int(np.sum(crowded))} sub-channels have more than {instance.max_per_channel} devices")
    return found
