"""The panel: exposing baselines are in it, colours are known, what is wanted is taken in its order.

Also covers qfl/studies/schedulers/colours.py.
"""

import pytest

from qfl.studies.schedulers.colours import DARK, LIGHT
from qfl.studies.schedulers.panel import (
    EXPOSING,
    MATCHING,
    PANEL,
    SMALL,
    missing_baselines,
    names,
    panel,
    small_panel,
)


@pytest.mark.parametrize("variant", ["all_active", "optional_channel", "optional_power", "capacity"])
def test_every_variant_has_the_baselines_that_expose_a_weak_comparison(variant):
    assert set(EXPOSING) <= set(names(variant)) and not missing_baselines(names(variant))
    assert (MATCHING.name in names(variant)) == (variant in ("optional_channel", "optional_power"))


def test_every_family_has_a_colour_on_light_and_on_dark():
    assert {entry.family for entry in (*PANEL, MATCHING, *SMALL)} <= LIGHT.keys() == DARK.keys()


def test_what_is_wanted_is_taken_in_the_panels_order():
    assert [entry.name for entry in panel("all_active", ("greedy", "random"))] == ["random", "greedy"]
    assert missing_baselines(("sca_1opt",)) == [name for name in EXPOSING if name != "sca_1opt"]


def test_small_cases_always_have_brute_force_and_never_the_long_descents():
    assert [entry.name for entry in small_panel(("greedy",))] == ["greedy", "brute_force"]
    assert not [entry.name for entry in small_panel() if entry.name.endswith("_3000")]
