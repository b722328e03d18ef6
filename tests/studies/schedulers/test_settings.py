"""Comparisons are read strictly, and every fault is a sentence."""

from pathlib import Path

import pytest

from qfl.errors import ConfigError
from qfl.studies.schedulers.panel import EXPOSING, names
from qfl.studies.schedulers.settings import ComparisonSettings, comparison_from, flat_settings, read_comparison

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "qfl_6g" / "fig4a.toml"


def test_the_example_is_the_case_study_with_the_whole_panel():
    found = read_comparison(EXAMPLE)
    assert found.scenario == ComparisonSettings().scenario and found.panel == ()
    assert found.seeds >= 12 and found.scenario.variant == "all_active" and found.objective == "sum_rate"


def test_settings_survive_their_flat_form():
    found = comparison_from({"num-devices": 20, "num-channels": 4, "panel": list(EXPOSING)})
    assert comparison_from(flat_settings(found)) == found


@pytest.mark.parametrize(
    ("flat", "sentence"),
    [
        ({"min-distance-m": -1}, "min_distance_m is -1; give a number above 0"),
        ({"min-power-dbm": 30}, "min_power_dbm is 30 and max_power_dbm is 24; give a minimum not above the maximum"),
        (
            {"variant": "capacity", "max-per-channel": 1},
            "20 sub-channels of at most 1 devices hold 20 of the 200 devices",
        ),
        ({"max-power-dbm": float("nan")}, "max_power_dbm is nan; give a number that is finite"),
        ({"radius": 5.0}, "unknown setting 'radius'; did you mean 'radius-m'?"),
        ({"seeds": 1}, "seeds = 1: give 2 or more"),
        ({"seeds": 10**9}, "seeds = 1000000000: give 100000 or fewer"),
        ({"seeds": "many"}, "seeds = 'many': expected a whole number"),
        ({"panel": "qaoa_bcd"}, "panel = 'qaoa_bcd': expected a list of names"),
        ({"panel": ["quantum"]}, "panel names quantum; under all_active give some of random,"),
        ({"objective": "round_time"}, "objective = 'round_time': its bound is on every page"),
        ({"payload-bits": 0}, "payload-bits = 0: give a number above 0"),
        ({"processes": 0}, "processes = 0: give 1 or more"),
    ],
)
def test_a_fault_is_one_sentence(flat, sentence):
    with pytest.raises(ConfigError) as caught:
        comparison_from(flat)
    assert len(caught.value.faults) == 1 and caught.value.faults[0].startswith(sentence)


def test_a_panel_without_its_exposing_baselines_is_refused():
    with pytest.raises(ConfigError, match=r"panel leaves out best_gain_wmmse, .*matching_dump_1opt; methods are not"):
        comparison_from({"panel": ["qaoa_bcd", "random_sca_power"]})


def test_matching_is_in_the_panel_where_silence_is_allowed():
    assert (
        "matching" in names("optional_channel")
        and "matching" in names("optional_power")
        and "matching" not in names("all_active")
    )
