"""Water-filling against a search over all ways to split a few shots."""

from itertools import product
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.backbone.orchestration.timeline import Offer, offers, pour, take

TIMES = st.integers(0, 20).map(lambda n: n / 10)
OFFERS = st.lists(
    st.tuples(TIMES, TIMES, st.sampled_from([0.1, 0.15, 0.4]), st.sampled_from([0.2, 0.9, inf])), min_size=1, max_size=3
)


def made(rows):
    """Offers from start, set-up, seconds of a shot and length; the first without an end."""
    return [
        Offer(k, start, start + setup, inf if k == 0 else start + setup + length, shot)
        for k, (start, setup, shot, length) in enumerate(rows)
    ]


@given(OFFERS, st.integers(1, 6))
def test_no_split_ends_earlier(rows, shots):
    given = made(rows)
    poured = pour(given, shots, 0.0)
    ways = (w for w in product(range(shots + 1), repeat=len(given)) if sum(w) == shots)
    best = min(max(o.end_of(n) for o, n in zip(given, way, strict=True) if n) for way in ways)
    assert sum(n for _, n in poured) == shots
    assert max(o.end_of(n) for o, n in poured) == pytest.approx(best)


@given(OFFERS, st.integers(1, 6))
def test_without_splitting_the_offer_that_ends_first_takes_all(rows, shots):
    given = made(rows)
    assert [o.end_of(n) for o, n in pour(given, shots, inf)] == [min(o.end_of(shots) for o in given)]


def test_a_fragment_that_is_not_worth_its_set_up_is_not_opened():
    two = [Offer(0, 0.0, 0.0, inf, 0.1), Offer(1, 0.0, 1.0, inf, 0.1)]
    assert [(o.qpu, n) for o, n in pour(two, 14, 0.0)] == [(0, 12), (1, 2)]
    assert [(o.qpu, n) for o, n in pour(two, 14, 1.0)] == [(0, 14)]


def test_the_last_fragment_that_holds_the_rest_stays_however_short_it_is():
    two = [Offer(0, 0.0, 0.0, 1.0, 0.1), Offer(1, 0.0, 3.0, inf, 0.1)]
    assert [(o.qpu, n) for o, n in pour(two, 12, 5.0)] == [(0, 10), (1, 2)]


def test_idle_intervals_too_short_for_a_shot_are_no_offer():
    idle = [[(0.0, 0.55), (2.0, inf)]]
    assert [(o.start_s, o.end_s) for o in offers(idle, 0.0, [(0, 0.5, 0.1)])] == [(2.0, inf)]
    assert [o.start_s for o in offers(idle, 2.5, [(0, 0.5, 0.1)])] == [2.5]


def test_time_is_taken_from_the_interval_that_holds_it():
    idle = [[(0.0, 1.0), (2.0, inf)]]
    take(idle, 0, 0.25, 0.5)
    take(idle, 0, 2.0, 3.0)
    assert idle == [[(0.0, 0.25), (0.5, 1.0), (3.0, inf)]]
    with pytest.raises(AssertionError, match="QPU 0 is not idle"):
        take(idle, 0, 0.2, 0.3)


def test_what_begins_a_rounding_before_an_interval_is_in_it():
    idle = [[(1.0 + 1e-15, 5.0)]]
    take(idle, 0, 1.0, 2.0)
    assert idle == [[(2.0, 5.0)]]
