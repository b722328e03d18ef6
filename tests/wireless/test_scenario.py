"""Every impossible scenario is refused with a sentence that names what was given.

Also covers qfl/config/cell.py.
"""

import math
from dataclasses import replace

import pytest

from qfl.errors import ConfigError
from qfl.wireless.scenario import UplinkScenario, channel_limit, check

GOOD = UplinkScenario(num_devices=12, num_channels=4)

BAD = [
    ({"num_devices": 0}, "num_devices is 0"),
    ({"num_channels": -1}, "num_channels is -1"),
    ({"min_distance_m": -5.0}, "min_distance_m is -5; give a number above 0"),
    ({"min_distance_m": 0.0}, "min_distance_m is 0; give a number above 0"),
    ({"radius_m": 0.5}, "min_distance_m is 1 and radius_m is 0.5; give a minimum not above the maximum"),
    ({"radius_m": math.inf}, "radius_m is inf"),
    ({"min_power_dbm": 30.0}, "min_power_dbm is 30 and max_power_dbm is 24; give a minimum not above the maximum"),
    ({"max_power_dbm": math.nan}, "max_power_dbm is nan; give a number that is finite"),
    ({"bandwidth_hz": 0.0}, "bandwidth_hz is 0"),
    ({"shadowing_db": -1.0}, "shadowing_db is -1; give a number of 0 or more"),
    ({"rician_k_db": math.inf}, "rician_k_db is inf; give a number that is finite, or -inf"),
    ({"se_cap": -0.1}, "se_cap is -0.1"),
    ({"carrier_hz": 0.0}, "carrier_hz is 0"),
    ({"delay_spread_s": -1e-9}, "delay_spread_s is -1e-09"),
    ({"drop": "uniform"}, "drop is 'uniform'; give one of distance, area"),
    ({"path_loss": "hata"}, "path_loss is 'hata'; give one of 3gpp_128"),
    ({"variant": "V5"}, "variant is 'V5'; give one of all_active, optional_channel, optional_power, capacity"),
    ({"max_per_channel": 3}, "max_per_channel is 3 but variant is all_active; only capacity has such a limit"),
    ({"variant": "capacity", "max_per_channel": 1}, "4 sub-channels of at most 1 devices hold 4 of the 12 devices"),
]


@pytest.mark.parametrize(("change", "sentence"), BAD)
def test_a_scenario_that_cannot_be_is_refused(change, sentence):
    with pytest.raises(ConfigError) as refusal:
        check(replace(GOOD, **change))
    assert len(refusal.value.faults) == 1
    assert sentence in refusal.value.faults[0]


def test_all_faults_are_told_at_once():
    with pytest.raises(ConfigError) as refusal:
        check(replace(GOOD, num_devices=0, variant="V9", min_power_dbm=99.0))
    assert len(refusal.value.faults) == 3


@pytest.mark.parametrize("change", [{}, {"rician_k_db": -math.inf}, {"min_power_dbm": -math.inf}, {"radius_m": 1.0}])
def test_the_edges_of_what_can_be_are_accepted(change):
    check(replace(GOOD, **change))


def test_the_limit_of_a_sub_channel_is_rounded_up():
    assert channel_limit(GOOD) == 12
    assert channel_limit(replace(GOOD, variant="capacity")) == 3
    assert channel_limit(replace(GOOD, variant="capacity", num_devices=13)) == 4
    assert channel_limit(replace(GOOD, variant="capacity", max_per_channel=5)) == 5
