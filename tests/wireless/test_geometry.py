"""Where devices are dropped."""

import numpy as np
import pytest
from scipy.stats import kstest

from qfl.wireless.geometry import drop_devices, ground_distance
from qfl.wireless.scenario import UplinkScenario


@pytest.mark.parametrize(
    ("drop", "law"),
    [("distance", lambda r: (r - 35) / (500 - 35)), ("area", lambda r: (r**2 - 35**2) / (500**2 - 35**2))],
)
def test_distances_follow_their_law(drop, law):
    scenario = UplinkScenario(num_devices=4000, drop=drop, min_distance_m=35.0, radius_m=500.0)
    distance = ground_distance(scenario, drop_devices(scenario, np.random.default_rng(1)))
    assert distance.min() >= 35 and distance.max() <= 500
    assert kstest(distance, law).pvalue > 0.01


def test_directions_are_uniform():
    places = drop_devices(UplinkScenario(num_devices=4000), np.random.default_rng(2))
    assert kstest(np.angle(places) / (2 * np.pi) + 0.5, "uniform").pvalue > 0.01


def test_a_device_on_the_base_station_is_heard_at_the_smallest_distance():
    scenario = UplinkScenario(num_devices=2)
    assert ground_distance(scenario, np.array([0j, 3 + 4j])).tolist() == [1.0, 5.0]
