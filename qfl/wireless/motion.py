"""How devices move: places at any time in closed form, so that a resumed run finds them where they would be."""

import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.config.cell import Motion, order_faults, range_faults
from qfl.errors import ConfigError
from qfl.seeds import stream
from qfl.wireless.geometry import drop_devices
from qfl.wireless.scenario import UplinkScenario

Places = Complex128[ndarray, " device"]
Speeds = Float64[ndarray, " device"]


def check_motion(motion: Motion) -> None:
    """Refuse a motion that cannot be, with one sentence per fault.

    Raises:
        ConfigError: If a name is unknown or a number out of range.
    """
    if faults := range_faults(motion) or order_faults(motion, ("min_speed_mps", "max_speed_mps")):
        raise ConfigError(faults)


def speeds(scenario: UplinkScenario, motion: Motion, seed: int) -> Speeds:
    """Return each device's speed in m/s; 0 where devices are still.

    Args:
        scenario: How many devices there are.
        motion: Least and highest speed.
        seed: Of the run.
    """
    if motion.motion == "still":
        return np.zeros(scenario.num_devices)
    generator = stream(seed, "uplink", "speed")
    return generator.uniform(motion.min_speed_mps, motion.max_speed_mps, scenario.num_devices)


def places(scenario: UplinkScenario, motion: Motion, seed: int, time_s: float) -> Places:
    """Return where the devices are after a time; at time 0 where `qfl.wireless.uplink.draw` has them.

    Args:
        scenario: The cell, whose rim reflects and whose drop gives the waypoints.
        motion: How devices move.
        seed: Of the run.
        time_s: After the start, in s, 0 or more.
    """
    start = drop_devices(scenario, stream(seed, "uplink", "place"))
    way_m = speeds(scenario, motion, seed) * time_s
    if motion.motion == "velocity":
        course = stream(seed, "uplink", "course").uniform(0.0, 2 * np.pi, scenario.num_devices)
        return reflected(start, np.exp(1j * course), way_m, scenario.radius_m)
    if motion.motion == "waypoint":
        return _between_waypoints(scenario, seed, start, way_m)
    return start


@checked(least="way_m")
def reflected(start: Places, course: Places, way_m: Speeds, radius_m: float) -> Places:
    """Return places after straight ways that a circle reflects like a mirror.

    Between reflections a way is a chord, every chord is as long as the next, and each is the last one turned about
    the centre by the same angle; so the number of whole chords tells the place without walking them.

    Args:
        start: Inside the circle.
        course: Directions, of absolute value 1.
        way_m: Lengths of the ways.
        radius_m: Of the circle.

    Example:
        >>> end = reflected(np.array([0j]), np.array([1 + 0j]), np.array([15.0]), 10.0)
        >>> complex(np.round(end[0], 9))
        (5+0j)
    """
    along = np.real(start * course.conj())
    to_rim = -along + np.sqrt(np.maximum(along**2 + radius_m**2 - np.abs(start) ** 2, 0.0))
    hit = start + to_rim * course
    outward = np.real(hit * course.conj()) / radius_m  # cosine of the angle of incidence
    onward = course - 2 * outward * hit / radius_m
    chord = np.maximum(2 * outward * radius_m, 1e-9 * radius_m)
    turn = np.angle((hit + chord * onward) * hit.conj())
    chords = np.floor((way_m - to_rim) / chord)
    beyond = np.exp(1j * turn * chords) * (hit + (way_m - to_rim - chords * chord) * onward)
    return np.where(way_m <= to_rim, start + way_m * course, beyond)


def _between_waypoints(scenario: UplinkScenario, seed: int, start: Places, way_m: Speeds) -> Places:
    """Random waypoint (Johnson and Maltz, 1996) without pauses; waypoints follow the scenario's drop."""
    place, left, leg = start.copy(), way_m.copy(), 0
    while np.any(left > 0):
        goal = drop_devices(scenario, stream(seed, "uplink", "waypoint", leg))
        step = np.minimum(left, np.abs(goal - place))
        length = np.maximum(np.abs(goal - place), np.finfo(float).tiny)
        place, left, leg = place + step / length * (goal - place), left - step, leg + 1
    return place
