"""One decision for the uplink: a sub-channel and a power for each device."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import check_fields


@dataclass(frozen=True)
class Schedule:
    """A sub-channel and a power for each device.

    Args:
        channel: Sub-channel of each device; -1 = silent.
        power_w: Power of each device in watt; 0 where silent.
    """

    channel: Int64[ndarray, " device"]
    power_w: Float64[ndarray, " device"]

    def __post_init__(self):
        check_fields(self)

    def replaced(
        self, devices: Int64[ndarray, " some"], channel: Int64[ndarray, " some"], power_w: Float64[ndarray, " some"]
    ) -> "Schedule":
        """Return the schedule in which some devices have other sub-channels and powers.

        Args:
            devices: Their numbers.
            channel: Their sub-channels; -1 = silent.
            power_w: Their powers in watt.
        """
        channels, powers_w = self.channel.copy(), self.power_w.copy()
        channels[devices], powers_w[devices] = channel, power_w
        return Schedule(channels, powers_w)


def empty_schedule(num_devices: int) -> Schedule:
    """Return the schedule in which no device has a sub-channel."""
    return Schedule(np.full(num_devices, -1), np.zeros(num_devices))
