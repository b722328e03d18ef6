"""One realisation of the uplink: the gains that a scheduler sees."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex128, Float64, Real
from numpy import ndarray

from qfl.arrays import checked
from qfl.config.cell import VARIANTS, Cell
from qfl.config.setting import settings_of
from qfl.errors import ConfigError
from qfl.number_types import as_numpy
from qfl.seeds import stream
from qfl.wireless.geometry import drop_devices, ground_distance
from qfl.wireless.measured import Measured, measured
from qfl.wireless.path_loss import coupling_loss_db, draws_fading, floored_db
from qfl.wireless.rician import colour, rician, white
from qfl.wireless.scenario import UplinkScenario, channel_limit, check, crowded
from qfl.wireless.sionna_uma import sionna_uma
from qfl.wireless.units import db_to_linear, dbm_to_w

NOISE_DENSITY_DBM_HZ = -174.0  # k T at 290 K is -173.98 dBm/Hz


@dataclass(frozen=True)
class UplinkInstance:
    """Gains, distances and limits of one moment; all that scheduling needs.

    Args:
        gain: Gain over noise power, linear, in 1/W, kept in double precision: power p gives the SNR p * gain.
        distance_m: Ground distance of each device from the base station.
        min_power_w: Least power of a device that transmits.
        max_power_w: Highest power of a device.
        bandwidth_hz: Of one sub-channel.
        variant: A key of `qfl.config.cell.VARIANTS`.
        max_per_channel: Most devices on one sub-channel (the number of devices where there is no limit).
        se_cap: Highest spectral efficiency in bit/s/Hz; None or 0 = none.

    Raises:
        InputError: If gains or distances are no arrays of real numbers.
        ConfigError: If a gain or a distance is negative or not a number, the powers are out of order, or the
            sub-channels do not hold all devices.
    """

    gain: Real[ndarray, "device channel"]
    distance_m: Real[ndarray, " device"]
    min_power_w: float
    max_power_w: float
    bandwidth_hz: float
    variant: str
    max_per_channel: int
    se_cap: float | None

    def __post_init__(self):
        for name in ("gain", "distance_m"):
            object.__setattr__(self, name, as_numpy(name, getattr(self, name), bits=64))
        for name in ("variant", "se_cap"):
            object.__setattr__(self, name, settings_of(Cell)[name].from_flat(getattr(self, name), name))
        if faults := _faults(self):
            raise ConfigError(faults)


def draw(scenario: UplinkScenario, seed: int) -> UplinkInstance:
    """Return one realisation of a scenario: where the devices are and how each sub-channel fades.

    A pure function of scenario and seed. Positions, sight, shadowing and fading have streams of their own, so two
    scenarios that differ in one of them share the others. Of measured gains, seed s is the file's round s, from 1 on.

    Raises:
        ConfigError: If the scenario cannot be, with one sentence per fault.
        MissingExtra: If the path loss is ``sionna_uma`` and Sionna is not installed.

    Example:
        >>> instance = draw(UplinkScenario(num_devices=6, num_channels=3), seed=1)
        >>> instance.gain.shape
        (6, 3)
    """
    check(scenario)
    if scenario.gains:
        return instance_of(scenario, measured(scenario), seed - 1)
    place = drop_devices(scenario, stream(seed, "uplink", "place"))
    distance_m = ground_distance(scenario, place)
    sight = stream(seed, "uplink", "sight").random(scenario.num_devices)
    shadow = stream(seed, "uplink", "shadow", 0).standard_normal(scenario.num_devices)
    if draws_fading(scenario.path_loss):
        loss_db, fading = sionna_uma(scenario, place, sight, stream(seed, "uplink", "sionna", 0))
        return assemble(scenario, distance_m, floored_db(scenario, distance_m, loss_db, shadow), fading)
    phase = 2 * np.pi * stream(seed, "uplink", "phase").random(scenario.num_devices)
    diffuse = white(stream(seed, "uplink", "diffuse", 0), (scenario.num_devices, scenario.num_channels))
    loss_db = coupling_loss_db(scenario, distance_m, sight, shadow)
    return assemble(scenario, distance_m, loss_db, rician(scenario.rician_k_db, phase, colour(scenario, diffuse)))


@checked(least="distance_m", infinite="loss_db")
def assemble(
    scenario: UplinkScenario,
    distance_m: Float64[ndarray, " device"],
    loss_db: Float64[ndarray, " device"],
    fading: Complex128[ndarray, "device channel"],
) -> UplinkInstance:
    r"""Return the instance of losses in dB and fading amplitudes: :math:`G = |h|^2 10^{-L/10} / \sigma^2`.

    Args:
        scenario: Noise, powers and limits.
        distance_m: Ground distance of each device, in metres.
        loss_db: Mean loss of each device, in dB.
        fading: Amplitudes h of mean power 1.
    """
    return _instance(scenario, distance_m, np.abs(fading) ** 2 * db_to_linear(-loss_db)[:, None])


def instance_of(scenario: UplinkScenario, trace: Measured, number: int) -> UplinkInstance:
    """Return the instance of a round of measured gains: those of the first devices and sub-channels of the file.

    Args:
        scenario: Noise, powers and limits.
        trace: The file's gains.
        number: The round, from 0.

    Raises:
        ConfigError: If the file has too few devices, sub-channels or rounds.
    """
    gain = trace.at(max(number, 0), scenario.gains_end)[: scenario.num_devices, : scenario.num_channels]
    if gain.shape != (scenario.num_devices, scenario.num_channels):
        raise ConfigError(
            f"{trace.name} is of {gain.shape[0]} devices and {gain.shape[1]} sub-channels, and {scenario.num_devices} "
            f"and {scenario.num_channels} are asked for; give as many of both"
        )
    return _instance(scenario, trace.distance_m[: scenario.num_devices], gain)


def _instance(
    scenario: UplinkScenario, distance_m: Float64[ndarray, " device"], gain: Float64[ndarray, "device channel"]
) -> UplinkInstance:
    return UplinkInstance(
        gain=gain / noise_power_w(scenario),
        distance_m=distance_m,
        min_power_w=float(dbm_to_w(scenario.min_power_dbm)),
        max_power_w=float(dbm_to_w(scenario.max_power_dbm)),
        bandwidth_hz=scenario.bandwidth_hz,
        variant=scenario.variant,
        max_per_channel=channel_limit(scenario),
        se_cap=scenario.se_cap,
    )


def noise_power_w(scenario: UplinkScenario) -> float:
    """Return the noise power in one sub-channel: -174 dBm/Hz (290 K) times bandwidth and noise figure.

    Example:
        >>> round(float(10 * np.log10(1000 * noise_power_w(UplinkScenario()))), 1)  # dBm
        -116.4
    """
    return float(dbm_to_w(NOISE_DENSITY_DBM_HZ + scenario.noise_figure_db)) * scenario.bandwidth_hz


def _faults(instance: UplinkInstance) -> list[str]:
    if instance.gain.ndim != 2 or not instance.gain.size or instance.distance_m.shape != instance.gain.shape[:1]:
        return [
            f"gains of shape {instance.gain.shape} and distances of shape {instance.distance_m.shape}: expected "
            "[device, channel] and [device], one or more of each"
        ]
    devices, channels = instance.gain.shape
    faults = []
    if bad := int(np.sum(~(np.isfinite(instance.gain) & (instance.gain >= 0)))):
        faults.append(f"{bad} of {instance.gain.size} gains are negative or not a number; give gains in 1/W, 0 or more")
    if not np.all(np.isfinite(instance.distance_m) & (instance.distance_m >= 0)):
        faults.append("a distance is negative or not a number; give distances of 0 or more, in metres")
    if not 0 <= instance.min_power_w <= instance.max_power_w < np.inf:
        faults.append(
            f"min_power_w is {instance.min_power_w:g} and max_power_w is {instance.max_power_w:g}; "
            "give powers in watt with 0 <= minimum <= maximum"
        )
    if not 0 < instance.bandwidth_hz < np.inf:
        faults.append(f"bandwidth_hz is {instance.bandwidth_hz:g}; give a number above 0")
    if instance.se_cap is not None and not 0 < instance.se_cap < np.inf:
        faults.append(f"se_cap is {instance.se_cap:g}; give a number of 0 or more")
    if instance.variant not in VARIANTS:
        faults.append(f"variant is {instance.variant!r}; give one of {', '.join(VARIANTS)}")
    if instance.variant != "optional_channel" and instance.max_per_channel * channels < devices:
        faults.append(crowded(devices, channels, instance.max_per_channel))
    return faults
