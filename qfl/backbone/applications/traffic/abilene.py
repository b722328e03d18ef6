"""The 12 nodes of Abilene, and demands over a day: gravity between cities that wake and sleep in four time zones.

The topology is public knowledge (SNDlib's ``abilene``); capacities in Mbit/s. Populations are rounded and those of
metropolitan areas, in millions; what a city sends is its population times 0.35 by night and 1.0 at 14 h local time.
"""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.applications.traffic.topology import Topology
from qfl.errors import ConfigError
from qfl.seeds import stream

WIDE, NARROW = 9920.0, 2480.0
CITIES = {  # population in millions, hours behind UTC
    "ATLAM5": (0.5, 5),
    "ATLA": (5.5, 5),
    "CHIN": (9.5, 6),
    "DNVR": (2.9, 7),
    "HSTN": (6.5, 6),
    "IPLS": (2.0, 5),
    "KSCY": (2.1, 6),
    "LOSA": (13.0, 8),
    "NYCM": (19.5, 5),
    "SNVA": (6.5, 8),
    "STTL": (3.9, 8),
    "WASH": (6.2, 5),
}
EDGES = (
    "ATLAM5-ATLA ATLA-HSTN ATLA-IPLS ATLA-WASH CHIN-IPLS CHIN-NYCM DNVR-KSCY DNVR-SNVA DNVR-STTL HSTN-KSCY HSTN-LOSA "
    "IPLS-KSCY LOSA-SNVA NYCM-WASH SNVA-STTL"
).split()


def _topology() -> Topology:
    pairs = [(a, b) for a, b in (edge.split("-") for edge in EDGES)]
    links = [link for a, b in pairs for link in ((a, b), (b, a))]
    width = {link: NARROW if set(link) == {"ATLA", "IPLS"} else WIDE for link in links}
    return Topology(tuple(CITIES), tuple(links), tuple(width.values()))


ABILENE = _topology()


def hourly_demands(hour: int, *, seed: int, total_mbps: float = 20_000.0) -> Float64[ndarray, "node node"]:
    """Return the demands of an hour in Mbit/s.

    Args:
        hour: Of the day, UTC.
        seed: Of the factor of each pair, log-normal with 0.3.
        total_mbps: What all would send together were it 14 h everywhere, before that factor.

    Raises:
        ConfigError: If ``total_mbps`` is not a finite number above 0.

    Example:
        >>> night, day = (hourly_demands(hour, seed=1).sum() for hour in (9, 20))
        >>> bool(night < day)
        True
    """
    if not (np.isfinite(total_mbps) and total_mbps > 0):
        raise ConfigError(f"total_mbps is {total_mbps:g}; give a finite number above 0")
    people, behind = np.array(list(CITIES.values())).T
    local = (hour - behind - 14 + 12) % 24 - 12  # hours from 14 h, the short way round
    mass = people * (0.35 + 0.65 * np.exp(-((local / 5) ** 2) / 2))
    pairs, largest = np.outer(mass, mass), np.outer(people, people)
    factor = np.exp(0.3 * stream(seed, "backbone", "abilene", hour).standard_normal(pairs.shape))
    apart = 1 - np.eye(len(people))
    return total_mbps * pairs * factor * apart / (largest * apart).sum()
