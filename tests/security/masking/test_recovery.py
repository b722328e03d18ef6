"""The sum is exact whoever drops out when, and false shares are found. Also covers masks.py."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.security.masking.masks import mask_words, pair_seed
from qfl.security.masking.recovery import recover

STEPS = ("advertise", "share", "upload", "agree", "unmask")


@pytest.mark.parametrize("step", [None, *STEPS])
@pytest.mark.parametrize(("count", "neighbours", "threshold"), [(6, 0, 4), (10, 4, 3), (3, 0, 3)])
def test_the_sum_of_the_survivors_is_exact_whoever_drops_out_when(new_round, step, count, neighbours, threshold):
    gone = {2: step} if step and count > 3 else {}
    played = new_round(count, neighbours=neighbours, threshold=threshold, gone=gone).played()
    assert (played.recover() == played.plain_sum).all()
    survivors = set(range(count)) - ({2} if gone and step not in ("agree", "unmask") else set())
    assert set(played.masked) == survivors


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32), gone=st.dictionaries(st.integers(0, 6), st.sampled_from(STEPS), max_size=2))
def test_any_few_may_drop_out_at_any_step(new_round, seed, gone):
    played = new_round(7, threshold=5, gone=gone, seed=seed).played()
    assert (played.recover() == played.plain_sum).all()


def test_a_masked_vector_is_the_vector_under_all_its_masks(new_round):
    """Against the protocol's equation, written out: y = x + PRG(b) + sum PRG(s) - sum PRG(s)."""
    played = new_round(4, threshold=3).played("agree")
    context, roots = played.start.session, {k: played.members[k].root for k in range(4)}
    for k in range(4):
        expected = played.vectors[k] + mask_words(played.members[k].own, 5)
        for other in range(4):
            seed = pair_seed(roots[min(k, other)], context, min(k, other), max(k, other))
            if other != k:
                expected = expected + mask_words(seed, 5) if other > k else expected - mask_words(seed, 5)
        assert (expected == played.masked[k]).all()


def test_a_few_false_shares_are_found_and_passed_over_where_others_are_left(new_round):
    played = new_round(6, threshold=4).played()
    played.shares[1] = {owner: bytes(33) for owner in played.shares[1]}
    assert (played.recover() == played.plain_sum).all()


def test_false_shares_are_refused_where_too_few_true_ones_are_left(new_round, refused):
    played = new_round(6, threshold=6).played()
    played.shares[1][4] = bytes(33)
    assert refused(played.recover) == "false-share"
    played.shares[1][4] = b"\xff" * 33  # no number of the field
    assert refused(played.recover) == "false-share"


@pytest.mark.parametrize("gone", [{}, {2: "upload"}])
def test_too_few_shares_unmask_nothing(new_round, refused, gone):
    played = new_round(6, threshold=4, gone=gone).played()
    for holder in (0, 1, 3):
        del played.shares[holder]
    assert refused(played.recover) == "too-few-shares"


def test_a_survivor_that_sent_another_pair_seed_than_it_masked_with_is_named(new_round, refused):
    """Client 5 dropped out, so nobody could tell before; the sum would be wrong."""
    played = new_round(6, threshold=4, gone={5: "upload"}).played()
    collected = played.collected()
    advert = replace(collected.adverts[0], pairs=bytes(len(collected.adverts[0].pairs)))
    lied = replace(collected, adverts={**collected.adverts, 0: advert})
    total = sum(played.masked.values(), np.zeros(5, dtype=np.uint64))
    assert refused(lambda: recover(lied, total, played.shares)) == "false-pair-seed"
