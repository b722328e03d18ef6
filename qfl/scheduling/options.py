"""The discrete choices of one device: a sub-channel and one of two powers, or silence."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import InputError
from qfl.wireless.uplink import UplinkInstance


@dataclass(frozen=True)
class Options:
    """All choices of a device, level by level: option = level * C + channel, silence last (optional_channel only).

    Args:
        channel: Sub-channel of each option; -1 = silent.
        power_w: Power of each option in watt.
        levels: The powers.
    """

    channel: Int64[ndarray, " option"]
    power_w: Float64[ndarray, " option"]
    levels: Float64[ndarray, " level"]

    def __len__(self) -> int:
        return len(self.channel)

    @checked()
    def at(self, picks: Int64[ndarray, " some"]) -> tuple[Int64[ndarray, " some"], Float64[ndarray, " some"]]:
        """Return the sub-channels and the powers of some options.

        Raises:
            InputError: If there are no such options.
        """
        if np.any((picks < 0) | (picks >= len(self))):
            raise InputError(f"picks are {picks.tolist()}; give options from 0 to {len(self) - 1}")
        return self.channel[picks], self.power_w[picks]

    def index(self, channel: int, power_w: float) -> int:
        """Return the number of an option, or -1 if the power is none of the levels."""
        if channel < 0:
            return len(self) - 1 if self.channel[-1] < 0 else -1
        for level, known_w in enumerate(self.levels):
            if power_w == known_w:
                return level * (len(self) // len(self.levels)) + channel
        return -1


def uplink_options(instance: UplinkInstance, maximise: bool) -> Options:
    r"""Return the options of a device: M = 2C, one more under optional_channel; C where there is one power.

    Under `round_time` that is the highest.

    Two levels lose nothing. For a fixed assignment the (weighted) sum rate of a sub-channel,
    :math:`f = \sum_i w_i \log(T / (T - q_i))` with :math:`T = 1 + \sum_j q_j`, has no interior maximum in any
    :math:`q_k`: where :math:`\sum_{i \ne k} w_i / (T - q_i) = W / T`, with :math:`W = \sum_i w_i`, Cauchy's inequality
    gives :math:`f'' = \sum_{i \ne k} w_i / (T - q_i)^2 - W / T^2 \ge \frac{W}{T^2} \frac{w_k}{W - w_k} \ge 0`. So the
    optimum over a box is at a corner. With `se_cap` the two levels are a restriction.

    Example:
        >>> from qfl.wireless.uplink import UplinkInstance
        >>> instance = UplinkInstance(np.ones((2, 3)), np.ones(2), 0.1, 1.0, 1.0, "optional_channel", 2, 0.0)
        >>> len(uplink_options(instance, maximise=True))
        7

    Reference:
        Inaltekin and Hanly, Optimality of binary power control for the single cell uplink, 2012 (minimum power 0).
    """
    num_channels = int(instance.gain.shape[1])
    levels = np.array([0.0 if instance.variant == "optional_power" else instance.min_power_w, instance.max_power_w])
    if not maximise or levels[0] == levels[1]:
        levels = levels[1:]
    channel: Int64[ndarray, " option"] = np.tile(np.arange(num_channels), len(levels))
    power_w: Float64[ndarray, " option"] = np.repeat(levels, num_channels)
    if instance.variant == "optional_channel" and maximise:
        channel, power_w = np.append(channel, -1), np.append(power_w, 0.0)
    return Options(channel, power_w, levels)
