"""What is assumed about the cell: every parameter with its unit, its default and where the default is from.

The case study that the defaults follow ("Empowering AI-Native 6G Wireless Networks with Quantum
Federated Learning", section V) states the number of
devices and sub-channels, the bandwidth, the distances, Rician fading and the powers, and nothing else. What it
leaves open is our choice, marked "ours" below. The K factor was checked against two public transcriptions of
TR 38.901, the noise figure against one of TR 36.942, Table 4.6; we have not read the reports themselves.
"""

from dataclasses import dataclass
from math import isfinite

from qfl.errors import ConfigError

DROPS = ("distance", "area")
PATH_LOSSES = ("3gpp_128", "uma_los", "uma_mix", "sionna_uma")
VARIANTS = {
    "V1": "every device transmits, on one sub-channel each",
    "V2": "every device transmits on at most one sub-channel; a device without one is silent",
    "V3": "every device has one sub-channel, and may be silent on it",
    "V4": "as V1, with at most max_per_channel devices on a sub-channel",
}


@dataclass(frozen=True)
class UplinkScenario:
    """One cell: devices in a disc around a base station that share sub-channels.

    Nothing is checked here; `check` does, and `qfl.wireless.uplink.draw` calls it.

    Example:
        >>> UplinkScenario().max_power_dbm
        24.0
    """

    num_devices: int = 200  # [case study]
    num_channels: int = 20  # [case study]
    bandwidth_hz: float = 180e3  # of one sub-channel [case study]; one LTE resource block
    radius_m: float = 1800.0  # largest distance [case study]
    min_distance_m: float = 1.0  # smallest distance [case study]
    drop: str = "distance"  # uniform in distance (the literal reading) or in area [ours]
    path_loss: str = "3gpp_128"  # see qfl.wireless.path_loss [ours]
    shadowing_db: float = 0.0  # standard deviation; 0 = none [ours]
    min_coupling_loss_db: float = 70.0  # the path loss model would give 15 dB at 1 m without it [ours]
    rician_k_db: float = 9.0  # mean of UMa LOS, TR 38.901 Table 7.5-6; -inf = Rayleigh [ours]
    correlated: bool = False  # sub-channels of a device correlated by their frequency distance [ours]
    noise_figure_db: float = 5.0  # of the base station, TR 36.942 Table 4.6 [ours]; over -174 dBm/Hz
    antenna_gain_dbi: float = 0.0  # of the base station [ours]
    min_power_dbm: float = 0.0  # 0 dBm is 1 mW, not off [case study]; -inf = off
    max_power_dbm: float = 24.0  # [case study]
    variant: str = "V1"  # see VARIANTS; the case study does not say, V1 is its literal reading
    max_per_channel: int = 0  # V4 only; 0 = devices / sub-channels, rounded up
    se_cap: float = 0.0  # highest spectral efficiency, bit/s/Hz; 0 = none, as Shannon's formula in the case study
    carrier_hz: float = 2e9  # [ours]; 128.1 + 37.6 log10(d) is stated for 2 GHz
    delay_spread_s: float = 100e-9  # root mean square, exponential profile; used if correlated [ours]


def check(scenario: UplinkScenario) -> None:
    """Refuse a scenario that cannot be, with one sentence per fault.

    Raises:
        ConfigError: If a number is out of range, a name is unknown, or the devices do not fit into the sub-channels.

    Example:
        >>> check(UplinkScenario(min_power_dbm=30.0))
        Traceback (most recent call last):
        qfl.errors.ConfigError: min_power_dbm is 30 and max_power_dbm is 24; give a minimum not above the maximum
    """
    faults = [*_counts(scenario), *_numbers(scenario), *_names(scenario), *_order(scenario)]
    if faults := faults or _capacity(scenario):
        raise ConfigError(faults)


def channel_limit(scenario: UplinkScenario) -> int:
    """Return the most devices that one sub-channel takes: V4's limit, or all devices.

    Example:
        >>> channel_limit(UplinkScenario(variant="V4"))
        10
    """
    if scenario.variant != "V4":
        return scenario.num_devices
    return scenario.max_per_channel or -(-scenario.num_devices // scenario.num_channels)


def crowded(devices: int, channels: int, limit: int) -> str:
    """Return the sentence for sub-channels that do not hold all devices."""
    return (
        f"{channels} sub-channels of at most {limit} devices hold {channels * limit} of the {devices} devices; "
        "give more sub-channels, a larger max_per_channel, or a variant other than V4"
    )


def _counts(scenario: UplinkScenario) -> list[str]:
    lowest = {"num_devices": 1, "num_channels": 1, "max_per_channel": 0}
    return [
        f"{name} is {getattr(scenario, name)!r}; give a whole number from {low} on"
        for name, low in lowest.items()
        if not (isinstance(getattr(scenario, name), int) and getattr(scenario, name) >= low)
    ]


def _numbers(scenario: UplinkScenario) -> list[str]:
    positive = ("bandwidth_hz", "radius_m", "min_distance_m", "carrier_hz")
    not_negative = ("shadowing_db", "min_coupling_loss_db", "noise_figure_db", "se_cap", "delay_spread_s")
    finite = ("antenna_gain_dbi", "max_power_dbm")
    or_off = ("rician_k_db", "min_power_dbm")
    rules = [(name, "above 0", lambda x: isfinite(x) and x > 0) for name in positive]
    rules += [(name, "of 0 or more", lambda x: isfinite(x) and x >= 0) for name in not_negative]
    rules += [(name, "that is finite", isfinite) for name in finite]
    rules += [(name, "that is finite, or -inf", lambda x: isfinite(x) or x == float("-inf")) for name in or_off]
    return [
        f"{name} is {getattr(scenario, name):g}; give a number {wanted}"
        for name, wanted, holds in rules
        if not holds(getattr(scenario, name))
    ]


def _names(scenario: UplinkScenario) -> list[str]:
    known = {"drop": DROPS, "path_loss": PATH_LOSSES, "variant": tuple(VARIANTS)}
    return [
        f"{name} is {getattr(scenario, name)!r}; give one of {', '.join(names)}"
        for name, names in known.items()
        if getattr(scenario, name) not in names
    ]


def _order(scenario: UplinkScenario) -> list[str]:
    pairs = (("min_distance_m", "radius_m"), ("min_power_dbm", "max_power_dbm"))
    return [
        f"{low} is {getattr(scenario, low):g} and {high} is {getattr(scenario, high):g}; "
        "give a minimum not above the maximum"
        for low, high in pairs
        if getattr(scenario, low) > getattr(scenario, high)
    ]


def _capacity(scenario: UplinkScenario) -> list[str]:
    if scenario.variant != "V4":
        given = scenario.max_per_channel
        return (
            [f"max_per_channel is {given} but variant is {scenario.variant}; only V4 has such a limit"] if given else []
        )
    limit = channel_limit(scenario)
    if limit * scenario.num_channels >= scenario.num_devices:
        return []
    return [crowded(scenario.num_devices, scenario.num_channels, limit)]
