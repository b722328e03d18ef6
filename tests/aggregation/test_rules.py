"""Every aggregation rule passes the kit; a new rule is a new row of `RULES`.

What `qfl.aggregation.aggregate`, `delta` and `blocks` do is tested here, too.

Also covers qfl/aggregation/aggregate.py, qfl/aggregation/blocks.py, qfl/aggregation/delta.py,
qfl/aggregation/entries.py.
"""

from functools import partial
from math import inf

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from qfl.aggregation.aggregate import shares
from qfl.aggregation.blocks import block_mean
from qfl.aggregation.circular import circular_mean
from qfl.aggregation.delta import delta_mean
from qfl.aggregation.entries import entry_mean
from qfl.aggregation.geometric_median import geometric_median
from qfl.aggregation.mean_around_median import mean_around_median
from qfl.aggregation.noise_aware import noise_aware_mean
from qfl.aggregation.normalised import normalised_mean
from qfl.aggregation.screens import direction_screened_mean, norm_screened_mean
from qfl.aggregation.su2 import su2_mean
from qfl.aggregation.trimmed_circular import trimmed_circular_mean
from qfl.angles import FOUR_PI, TWO_PI, AngleLayout
from qfl.errors import InputError
from qfl.testing.kits import run
from qfl.testing.kits.aggregation import checks

# two Rot gates, a rotation, a controlled rotation, a bias
LAYOUT = AngleLayout(tuple("abcdefghi"), (TWO_PI,) * 7 + (FOUR_PI, inf), ((0, 1, 2), (3, 4, 5)))
PERIODS = np.array(LAYOUT.periods)
WHOLE = np.where(np.isfinite(PERIODS), PERIODS, 0.0)  # adding multiples of this changes no model
ONE = AngleLayout(("a",), (TWO_PI,))

RULES = {
    "delta": delta_mean,
    "circular": circular_mean,
    "su2": su2_mean,
    "noise-aware": noise_aware_mean,
    "blocks": block_mean,
    "entries": entry_mean,
    "normalised": normalised_mean,
    "geometric-median": geometric_median,
    "meamed": partial(mean_around_median, byzantine=1),
    "trimmed-circular-mean": trimmed_circular_mean,
    "norm-screen": norm_screened_mean,
    "direction-screen": direction_screened_mean,
}
ROBUST = ("geometric-median", "meamed", "trimmed-circular-mean")
SCREENED = {"norm-screen": lambda step: 2.5 * step, "direction-screen": lambda step: -step}
BY_CLIENT = {"noise-aware": {"noise": np.linspace(0.0, 2.0, 5)}, "normalised": {"steps": np.full(5, 3.0)}}
PERIODIC = {name: RULES[name] for name in ("circular", "su2", *ROBUST, *SCREENED)}
seeds = st.integers(0, 2**32 - 1)
fifty = settings(max_examples=50)


def case(seed, spread):
    """Return received angles, updates scattered around them, and weights."""
    rng = np.random.default_rng(seed)
    received = rng.uniform(-7, 7, len(LAYOUT))
    updates = received + rng.normal(0, spread, (5, len(LAYOUT)))
    return received, updates, rng.uniform(0.5, 9.0, 5)


def wrapped(angles):
    """Return angles in (-P/2, P/2], as a client might send them, and other entries as they are."""
    turns = np.where(np.isfinite(PERIODS), np.round(angles / PERIODS), 0.0)
    return angles - turns * WHOLE


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("layout", [LAYOUT, ONE], ids=["nine entries", "one angle"])
def test_every_rule_conforms(name, layout):
    kinds = {"periodic": name in PERIODIC, "robust": name in ROBUST, "screened": SCREENED.get(name)}
    assert run(checks(RULES[name], layout, by_client=BY_CLIENT.get(name), **kinds)) == []


@pytest.mark.parametrize("rule", PERIODIC.values(), ids=PERIODIC)
@fifty
@given(seeds)
def test_updates_wrapped_into_one_period_give_what_unwrapped_ones_give(rule, seed):
    received, updates, weights = case(seed, 0.3)
    first, second = (rule(received, u, weights, LAYOUT).angles for u in (updates, wrapped(updates)))
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-8)


def test_the_delta_mean_of_wrapped_updates_is_wrong_which_is_why_there_is_a_circular_mean():
    received, updates = np.full(9, 3.1), np.array([[3.1], [3.2]]) * np.ones(9)
    delta, circular = (
        rule(received, wrapped(updates), np.ones(2), LAYOUT).angles for rule in (delta_mean, circular_mean)
    )
    np.testing.assert_allclose(circular, 3.15, atol=1e-9)
    np.testing.assert_allclose(delta[:7], 3.15 - np.pi, atol=1e-9)


def test_a_block_that_nobody_moved_stays_and_the_others_come_from_those_that_moved_them():
    layout = AngleLayout(("0/a", "1/a", "1/b", "2/a"), (TWO_PI,) * 4)
    updates = np.array([[0.2, 0, 0, 0], [0, 0.6, 0, 0], [0, 0.0, 0.3, 0]])
    found = block_mean(np.zeros(4), updates, np.array([5.0, 1.0, 2.0]), layout)
    np.testing.assert_allclose(found.angles, [0.2, 0.2, 0.2, 0.0], rtol=1e-12)
    assert found.diagnostics == {"blocks_moved": 2.0}


def test_an_entry_comes_from_those_that_moved_it_by_their_samples():
    updates = np.array([[0.2, 0.4, 0.0], [0.6, 0.0, 0.0], [0.1, 0.8, 0.0]])
    layout = AngleLayout(tuple("abc"), (TWO_PI,) * 3)
    found = entry_mean(np.zeros(3), updates, np.array([1.0, 2.0, 3.0]), layout)
    np.testing.assert_allclose(found.angles, [(0.2 + 1.2 + 0.3) / 6, (0.4 + 2.4) / 4, 0.0], rtol=1e-12)
    assert found.diagnostics == {"entries_moved": 2.0, "fewest_movers": 2.0}


@pytest.mark.parametrize("weights", [[-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]], ids=str)
def test_weights_that_are_no_weights_are_refused_in_a_sentence(weights):
    with pytest.raises(InputError, match="weights must be finite, not negative and not all zero"):
        shares(np.array(weights))
