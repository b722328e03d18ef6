"""The cell and its motion: one definition for run file, scenario and simulation, with a source for every default."""

from dataclasses import fields

import pytest

from qfl.config import KEYS, Cell, Motion, RadioSettings
from qfl.config.cell import order_faults, part_of, range_faults
from qfl.config.setting import settings_of
from qfl.wireless.scenario import UplinkScenario


def test_run_file_and_scenario_inherit_every_field_of_the_cell():
    for kind in (RadioSettings, UplinkScenario):
        assert settings_of(Cell).items() <= settings_of(kind).items()
    assert settings_of(Motion).items() <= settings_of(RadioSettings).items()
    assert fields(UplinkScenario)[0].name == "num_devices" and fields(RadioSettings)[0].name == "on"


def test_every_default_of_cell_and_motion_says_where_it_is_from():
    own = settings_of(Cell) | settings_of(Motion)
    assert [name for name, each in own.items() if not each.source] == ["max_per_channel"]  # none: it is derived


def test_a_part_has_the_values_of_the_whole():
    radio = RadioSettings(num_channels=3, motion="velocity", deadline_s=1.0)
    assert part_of(radio, Cell) == Cell(num_channels=3) and part_of(radio, Motion) == Motion("velocity")
    assert part_of(radio, UplinkScenario, num_devices=7) == UplinkScenario(7, 3)


@pytest.mark.parametrize(("name", "value"), [("bandwidth_hz", 0.0), ("interval_s", 0.0), ("num_channels", 10_001)])
def test_python_and_a_run_file_refuse_the_same(name, value):
    kind = Motion if name in settings_of(Motion) else Cell
    (fault,) = range_faults(kind(**{name: value}))
    assert fault.startswith(f"{name} is {value:g}; give a ") and not KEYS["radio." + name.replace("_", "-")].within(
        value
    )


def test_a_minimum_above_the_maximum_is_told_for_every_pair():
    cell = Cell(min_distance_m=5.0, radius_m=5.0, min_power_dbm=30.0)
    assert order_faults(cell, ("min_distance_m", "radius_m"), ("min_power_dbm", "max_power_dbm")) == [
        "min_power_dbm is 30 and max_power_dbm is 24; give a minimum not above the maximum"
    ]
