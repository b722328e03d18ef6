"""A cell with its devices, checked as a whole; each parameter by itself is `qfl.config.cell`'s."""

from dataclasses import dataclass

from qfl.config.cell import Cell, order_faults, range_faults
from qfl.config.setting import Subject, setting
from qfl.errors import ConfigError


@dataclass(frozen=True)
class Devices(Subject):
    """Who is in a cell."""

    num_devices: int = setting(200, "devices", low=1, source="case study")


@dataclass(frozen=True)
class UplinkScenario(Cell, Devices):
    """One cell: devices in a disc around a base station that share sub-channels.

    ``num_devices`` comes first, then the fields of `qfl.config.cell.Cell`, which says where each default is from.
    Nothing is checked here; `check` does, and `qfl.wireless.uplink.draw` calls it.

    Example:
        >>> UplinkScenario(50).max_power_dbm
        24.0
    """


def check(scenario: UplinkScenario) -> None:
    """Refuse a scenario that cannot be, with one sentence per fault.

    Raises:
        ConfigError: If a number is out of range, a name is unknown, or the devices do not fit into the sub-channels.

    Example:
        >>> check(UplinkScenario(min_power_dbm=30.0))
        Traceback (most recent call last):
        qfl.errors.ConfigError: min_power_dbm is 30 and max_power_dbm is 24; give a minimum not above the maximum
    """
    faults = range_faults(scenario)
    faults += order_faults(scenario, ("min_distance_m", "radius_m"), ("min_power_dbm", "max_power_dbm"))
    if faults := faults or _capacity(scenario):
        raise ConfigError(faults)


def channel_limit(scenario: UplinkScenario) -> int:
    """Return the most devices that one sub-channel takes: capacity's limit, or all devices.

    Example:
        >>> channel_limit(UplinkScenario(variant="capacity"))
        10
    """
    if scenario.variant != "capacity":
        return scenario.num_devices
    if scenario.max_per_channel is None:
        return -(-scenario.num_devices // scenario.num_channels)
    return scenario.max_per_channel


def crowded(devices: int, channels: int, limit: int) -> str:
    """Return the sentence for sub-channels that do not hold all devices.

    Args:
        devices: How many there are.
        channels: How many sub-channels there are.
        limit: Most devices on one.
    """
    return (
        f"{channels} sub-channels of at most {limit} devices hold {channels * limit} of the {devices} devices; "
        "give more sub-channels, a larger max_per_channel, or a variant other than capacity"
    )


def _capacity(scenario: UplinkScenario) -> list[str]:
    if scenario.variant != "capacity":
        given = scenario.max_per_channel
        why = f"max_per_channel is {given} but variant is {scenario.variant}; only capacity has such a limit"
        return [] if given is None else [why]
    limit = channel_limit(scenario)
    if limit * scenario.num_channels >= scenario.num_devices:
        return []
    return [crowded(scenario.num_devices, scenario.num_channels, limit)]
