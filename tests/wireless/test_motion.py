"""Places over time against step-by-step walking."""

import numpy as np
import pytest
from scipy.stats import kstest

from qfl.errors import ConfigError
from qfl.wireless.motion import Motion, check_motion, places, reflected, speeds
from qfl.wireless.scenario import UplinkScenario

CELL = UplinkScenario(num_devices=40, num_channels=2, radius_m=100.0)
moving = pytest.mark.parametrize("model", ["velocity", "waypoint"])


def walk(place, course, length, radius, steps):
    """Straight steps; a step over the rim is mirrored there."""
    step = length / steps
    for _ in range(steps):
        ahead = place + step * course
        if abs(ahead) > radius:
            along = (place * np.conj(course)).real
            to_rim = -along + np.sqrt(along**2 + radius**2 - abs(place) ** 2)
            rim = place + to_rim * course
            normal = rim / radius
            course = course - 2 * (course * np.conj(normal)).real * normal
            ahead = rim + (step - to_rim) * course
        place = ahead
    return place


def test_reflection_is_that_of_a_mirror():
    generator = np.random.default_rng(1)
    start = 10 * np.sqrt(generator.random(20)) * np.exp(2j * np.pi * generator.random(20))
    course, way = np.exp(2j * np.pi * generator.random(20)), generator.uniform(0, 200, 20)
    found = reflected(start, course, way, 10.0)
    slow = [walk(s, c, w, 10.0, 3000) for s, c, w in zip(start, course, way, strict=True)]
    assert found == pytest.approx(np.array(slow), abs=1e-8)


@moving
def test_devices_stay_in_the_cell_and_keep_their_speed(model):
    motion = Motion(model, min_speed_mps=1.0, max_speed_mps=3.0)
    speed = speeds(CELL, motion, seed=4)
    assert speed.min() >= 1 and speed.max() <= 3
    track = np.array([places(CELL, motion, 4, t) for t in np.arange(0, 300, 1.5)])
    assert np.abs(track).max() <= 100 * (1 + 1e-9)
    step = np.abs(np.diff(track, axis=0))
    assert np.all(step <= speed * 1.5 + 1e-9)
    straight = np.isclose(step, speed * 1.5)
    assert straight.mean() > 0.9


@moving
def test_a_place_does_not_depend_on_what_was_asked_before(model):
    motion = Motion(model)
    later = places(CELL, motion, 4, 500.0)
    places(CELL, motion, 4, 3.0)
    assert np.array_equal(later, places(CELL, motion, 4, 500.0))
    assert not np.any(later == places(CELL, motion, 5, 500.0))


def test_walking_straight_on_keeps_devices_uniform_in_area():
    """Reflection in a circle preserves area, so a uniform drop stays uniform."""
    cell = UplinkScenario(num_devices=4000, drop="area", radius_m=100.0)
    later = places(cell, Motion("velocity", min_speed_mps=1.0), 3, 700.0)
    assert kstest(np.abs(later) ** 2 / 100**2, "uniform").pvalue > 0.01


def test_still_devices_stay():
    assert np.array_equal(places(CELL, Motion(), 1, 0.0), places(CELL, Motion(), 1, 1e6))


@pytest.mark.parametrize(
    ("motion", "sentence"),
    [
        (Motion("teleport"), "motion is 'teleport'; give one of still, velocity, waypoint"),
        (Motion(fading="rayleigh"), "fading is 'rayleigh'"),
        (Motion(min_speed_mps=-1.0), "min_speed_mps is -1; give a number of 0 or more"),
        (Motion(min_speed_mps=9.0), "min_speed_mps is 9 and max_speed_mps is 1.5"),
        (Motion(interval_s=0.0), "interval_s is 0; give a number above 0"),
        (Motion(max_speed_mps=float("nan")), "max_speed_mps is nan"),
    ],
)
def test_a_motion_that_cannot_be_is_refused(motion, sentence):
    with pytest.raises(ConfigError, match=sentence):
        check_motion(motion)
