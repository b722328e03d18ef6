"""What is assumed about the cell and its motion: every parameter with unit, range and where its default is from.

The case study that the defaults follow ("Empowering AI-Native 6G Wireless Networks with Quantum
Federated Learning", section V) states the number of
devices and sub-channels, the bandwidth, the distances, Rician fading and the powers, and nothing else. What it
leaves open is our choice, marked "ours" below. The K factor was checked against two public transcriptions of
TR 38.901, the noise figure against one of TR 36.942, Table 4.6; we have not read the reports themselves.
"""

from dataclasses import dataclass
from typing import TypeVar

from qfl.config.setting import Subject, setting, settings_of
from qfl.specs import UPLINK_CHANNELS

Some = TypeVar("Some", bound=Subject)

CASE, OURS = "case study", "ours"
VARIANTS = {
    "all_active": "every device transmits, on one sub-channel each",
    "optional_channel": "every device transmits on at most one sub-channel; a device without one is silent",
    "optional_power": "every device has one sub-channel, and may be silent on it",
    "capacity": "as all_active, with at most max_per_channel devices on a sub-channel",
}
OLD_VARIANTS = {f"V{number}": name for number, name in enumerate(VARIANTS, start=1)}


@dataclass(frozen=True)
class Cell(Subject):
    """One cell, whoever is in it: a disc around a base station whose devices share sub-channels.

    Example:
        >>> Cell().max_power_dbm
        24.0
    """

    num_channels: int = setting(20, "sub-channels", low=1, high=10_000, source=CASE)
    bandwidth_hz: float = setting(
        180e3, "of one sub-channel, Hz", low=0.0, above=True, source="case study; one LTE resource block"
    )
    radius_m: float = setting(1800.0, "largest distance from the base station, m", low=0.0, above=True, source=CASE)
    min_distance_m: float = setting(1.0, "smallest distance, m", low=0.0, above=True, source=CASE)
    drop: str = setting(
        "distance",
        "where devices are: uniform in distance or in area",
        choices=("distance", "area"),
        source="distance is the literal reading; area is ours",
    )
    path_loss: str = setting(
        "3gpp_128",
        "path loss model, or your own: a function of distance_m to dB, such as channel.py:path_loss",
        choices=UPLINK_CHANNELS,
        own=True,
        source="ours; see qfl.wireless.path_loss",
    )
    shadowing_db: float = setting(0.0, "standard deviation of shadowing, dB", low=0.0, source=OURS)
    min_coupling_loss_db: float = setting(
        70.0,
        "smallest loss between device and receiver, dB",
        low=0.0,
        source="ours; the path loss model would give 15 dB at 1 m without it",
    )
    rician_k_db: float = setting(
        9.0,
        "K factor of Rician fading, dB; -300 is Rayleigh",
        or_off=True,
        source="ours; mean of UMa LOS, TR 38.901 Table 7.5-6",
    )
    correlated: bool = setting(False, "sub-channels of a device correlated by their frequency distance", source=OURS)
    delay_spread_s: float = setting(
        100e-9, "root mean square delay spread, s (correlated)", low=0.0, source="ours; exponential profile"
    )
    noise_figure_db: float = setting(
        5.0, "of the base station, dB", low=0.0, source="ours; TR 36.942 Table 4.6, over -174 dBm/Hz"
    )
    antenna_gain_dbi: float = setting(0.0, "of the base station, dBi", source=OURS)
    min_power_dbm: float = setting(
        0.0, "least power of a device that transmits, dBm; 0 dBm is 1 mW, not off", or_off=True, source=CASE
    )
    max_power_dbm: float = setting(24.0, "highest power of a device, dBm", source=CASE)
    variant: str = setting(
        "all_active",
        "who sends at once: all, or a device may have no sub-channel, or no power, or a sub-channel holds so many",
        choices=VARIANTS,
        renamed=OLD_VARIANTS,
        source="the case study does not say; all_active is its literal reading",
    )
    max_per_channel: int | None = setting(
        None, "most devices on a sub-channel (capacity); 0 is devices over sub-channels", low=0, means={0: None}
    )
    se_cap: float | None = setting(
        None,
        "highest spectral efficiency, bit/s/Hz; 0 sets no cap",
        low=0.0,
        means={0.0: None},
        source="none in the case study's formula, Shannon's",
    )
    carrier_hz: float = setting(
        2e9, "carrier frequency, Hz", low=0.0, above=True, source="ours; 128.1 + 37.6 log10(d) is stated for 2 GHz"
    )
    gains: str = setting(
        "",
        "measured power gains in place of a channel model: an .npz file with gains [device, channel] or "
        "[round, device, channel], and distance_m [device] if known",
        source=OURS,
    )
    gains_unit: str = setting("linear", "what the file of gains is in", choices=("linear", "db"), source=OURS)
    gains_end: str = setting(
        "refuse",
        "rounds beyond the file's: refused, the last one held, or again from the first",
        choices=("refuse", "hold", "wrap"),
        source=OURS,
    )
    my: str = setting("", "settings of objects of your own: a table, [radio.my], or [my] of a comparison", source=OURS)


@dataclass(frozen=True)
class Motion(Subject):
    """How devices move between rounds, and how their fading remembers.

    Each device keeps one speed, uniform between the two. With ``velocity`` it goes straight on and is reflected at the
    rim; with ``waypoint`` it goes from one random place to the next.

    Example:
        >>> Motion("waypoint", fading="gauss_markov").interval_s
        1.0
    """

    motion: str = setting("still", "how devices move", choices=("still", "velocity", "waypoint"), source=OURS)
    fading: str = setting(
        "independent",
        "memory of the fading between rounds",
        choices=("independent", "gauss_markov", "jakes"),
        source="ours; see qfl.wireless.fading",
    )
    min_speed_mps: float = setting(0.5, "least speed of a device, m/s", low=0.0, source="ours; walking")
    max_speed_mps: float = setting(1.5, "highest speed, m/s", low=0.0, source="ours; walking")
    interval_s: float = setting(
        1.0, "seconds between rounds, as motion and fading see them", low=0.0, above=True, source=OURS
    )
    shadow_distance_m: float = setting(
        37.0,
        "way after which shadowing's correlation is 1/e, m",
        low=0.0,
        above=True,
        source="UMa LOS, TR 38.901 Table 7.5-6, as in Sionna's tests",
    )


def part_of(whole: Subject, kind: type[Some], **more: object) -> Some:
    """Return the part of some settings that is a cell, or a motion.

    Args:
        whole: Has every field of the part.
        kind: The part's class.
        more: Fields that the whole has not.

    Example:
        >>> from qfl.config import RadioSettings
        >>> part_of(RadioSettings(motion="velocity"), Motion) == Motion("velocity")
        True
    """
    return kind(**{name: getattr(whole, name) for name in settings_of(kind) if name not in more}, **more)


def range_faults(node: Subject) -> list[str]:
    """Return a sentence for every field that is not what it may be by itself.

    Example:
        >>> range_faults(Cell(bandwidth_hz=0.0, drop="uniform"))
        ['bandwidth_hz is 0; give a number above 0', "drop is 'uniform'; give one of distance, area"]
    """
    values = {name: (own, getattr(node, name)) for name, own in settings_of(type(node)).items()}
    return [
        f"{name} is {_shown(value)}; give {own.wanted()}"
        for name, (own, value) in values.items()
        if not own.holds(value)
    ]


def order_faults(node: Subject, *pairs: tuple[str, str]) -> list[str]:
    """Return a sentence for every pair of fields whose first, the minimum, is above the second."""
    return [
        f"{low} is {getattr(node, low):g} and {high} is {getattr(node, high):g}; give a minimum not above the maximum"
        for low, high in pairs
        if getattr(node, low) > getattr(node, high)
    ]


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)
