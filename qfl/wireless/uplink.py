"""One realisation of the uplink: the gains that a scheduler sees."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.wireless.scenario import UplinkScenario, check


@dataclass(frozen=True)
class UplinkInstance:
    """Gains, distances and limits of one moment; all that scheduling needs.

    Args:
        gain: Gain over noise power, linear, in 1/W: transmitting with power p gives the SNR p * gain.
        distance_m: Ground distance of each device from the base station.
        min_power_w: Least power of a device that transmits.
        max_power_w: Highest power of a device.
        bandwidth_hz: Of one sub-channel.
        variant: ``V1`` to ``V4``, see `qfl.wireless.scenario.VARIANTS`.
        max_per_channel: Most devices on one sub-channel (the number of devices where there is no limit).
        se_cap: Highest spectral efficiency in bit/s/Hz; 0 = none.

    Raises:
        ConfigError: If a gain is negative or not a number, a distance is negative, or the powers are out of order.
    """

    gain: Float64[ndarray, "device channel"]
    distance_m: Float64[ndarray, " device"]
    min_power_w: float
    max_power_w: float
    bandwidth_hz: float
    variant: str
    max_per_channel: int
    se_cap: float

    def __post_init__(self):
        if faults := _faults(self):
            raise ConfigError(faults)


def draw(scenario: UplinkScenario, seed: int) -> UplinkInstance:
    """Return one realisation of a scenario: where the devices are and how each sub-channel fades.

    Raises:
        ConfigError: If the scenario cannot be.
    """
    check(scenario)
    raise NotImplementedError(seed)


def _faults(instance: UplinkInstance) -> list[str]:
    faults = []
    if not np.all(np.isfinite(instance.gain) & (instance.gain >= 0)):
        bad = int(np.sum(~(np.isfinite(instance.gain) & (instance.gain >= 0))))
        faults.append(
            f"{bad} of {instance.gain.size} gains are negative or not a number; give gains of 0 or more, in 1/W"
        )
    if not np.all(np.isfinite(instance.distance_m) & (instance.distance_m >= 0)):
        faults.append("a distance is negative or not a number; give distances of 0 or more, in metres")
    if not 0 <= instance.min_power_w <= instance.max_power_w:
        faults.append(
            f"min_power_w is {instance.min_power_w:g} and max_power_w is {instance.max_power_w:g}; "
            "give powers in watt with 0 <= minimum <= maximum"
        )
    return faults
