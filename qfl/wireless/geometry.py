"""Where the devices are: points of the plane as complex numbers, in metres, the base station at 0."""

import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.wireless.scenario import UplinkScenario


def drop_devices(scenario: UplinkScenario, generator: np.random.Generator) -> Complex128[ndarray, " device"]:
    r"""Return places of devices that are independent of each other, in every direction alike.

    With u uniform on [0, 1] and the distances a (smallest) and b (largest),

    - ``distance``: :math:`r = a + (b - a) u`, uniform in distance, so dense near the base station;
    - ``area``: :math:`r = \sqrt{a^2 + (b^2 - a^2) u}`, uniform in area.

    Example:
        >>> places = drop_devices(UplinkScenario(num_devices=3), np.random.default_rng(0))
        >>> bool(np.all(np.abs(places) <= 1800))
        True
    """
    low, high = scenario.min_distance_m, scenario.radius_m
    part = generator.random(scenario.num_devices)
    if scenario.drop == "area":
        distance = np.sqrt(low**2 + (high**2 - low**2) * part)
    else:
        distance = low + (high - low) * part
    return distance * np.exp(2j * np.pi * generator.random(scenario.num_devices))


@checked()
def ground_distance(scenario: UplinkScenario, place: Complex128[ndarray, " device"]) -> Float64[ndarray, " device"]:
    """Return the distances from the base station in metres, held within the scenario's smallest and largest.

    A device that walks over the base station is heard as if it passed at the smallest distance.
    """
    return np.clip(np.abs(place), scenario.min_distance_m, scenario.radius_m)
