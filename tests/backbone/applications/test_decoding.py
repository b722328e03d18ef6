"""Decoding: the model's minimum is the word of maximum likelihood."""

import dimod
import numpy as np
import pytest

from qfl.backbone.applications.decoding import (
    belief_propagation,
    codewords,
    decoding_model,
    draw_ratios,
    maximum_likelihood,
    regular_checks,
    unmet,
)
from qfl.backbone.applications.posed import pose
from qfl.errors import ConfigError

HAMMING = [[0, 1, 2, 4], [0, 1, 3, 5], [0, 2, 3, 6]]
TREE = [[0, 1, 2], [2, 3, 4], [4, 5, 6]]


def test_codewords_are_all_words_that_meet_the_checks():
    words = codewords(HAMMING, 7)
    everything = (np.arange(128)[:, None] >> np.arange(7)) & 1
    expected = {tuple(word) for word in everything.tolist() if not unmet(HAMMING, np.array(word))}
    assert len(words) == 16 and {tuple(word) for word in words.tolist()} == expected


@pytest.mark.parametrize("seed", range(4))
def test_the_models_minimum_is_the_likeliest_word(seed):
    sent = codewords(HAMMING, 7)[seed]
    ratios = np.clip(draw_ratios(sent, 1.0, 4 / 7, seed), -12, 12)
    likeliest = maximum_likelihood(HAMMING, ratios)
    best = dimod.ExactSolver().sample(decoding_model(HAMMING, ratios, 50.0)).first
    assert best.energy == pytest.approx(ratios @ likeliest)
    answer = pose("decoding", {"checks": HAMMING, "llr": ratios.tolist(), "penalty": 20.0}).read(
        {v: int(x) for v, x in best.sample.items()}
    )
    assert answer == {"word": likeliest.tolist(), "unmet": 0, "cost": pytest.approx(ratios @ likeliest)}


@pytest.mark.parametrize("seed", range(6))
def test_belief_propagation_is_exact_bit_by_bit_on_a_tree(seed):
    """The sum-product algorithm gives each bit's own posterior there."""
    ratios = draw_ratios(np.zeros(7, dtype=np.int64), 0.0, 4 / 7, seed)
    words = codewords(TREE, 7)
    weight = np.exp(-(words @ ratios))
    posterior = (weight[:, None] * words).sum(0) / weight.sum()
    found = belief_propagation(TREE, ratios, rounds=10)
    if not unmet(TREE, (posterior > 0.5).astype(np.int64)):  # else it goes on to the last round, where it is exact
        assert np.array_equal(found, (posterior > 0.5).astype(np.int64))


def test_a_regular_code_is_regular():
    checks = regular_checks(24, 3, 6, seed=1)
    assert len(checks) == 12 and all(len(set(check)) == 6 for check in checks)
    assert np.bincount([bit for check in checks for bit in check]).tolist() == [3] * 24


def test_little_noise_is_decoded_by_all():
    checks = regular_checks(12, 3, 6, seed=1)
    sent = codewords(checks, 12)[-1]
    ratios = draw_ratios(sent, 9.0, len(codewords(checks, 12)).bit_length() / 12, 1)
    assert np.array_equal(belief_propagation(checks, ratios), sent)
    assert np.array_equal(maximum_likelihood(checks, ratios), sent)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"checks": [[0, 3]]}, "positions from 0 to 2"),
        ({"checks": [[0, 0]]}, "positions from 0 to 2"),
        ({"checks": [[]]}, "positions from 0 to 2"),
        ({"llr": []}, "0 entries"),
        ({"llr": [1.0, float("inf"), 0.0]}, "finite numbers"),
        ({"llr": [1.0, "a", 0.0]}, "finite numbers"),
        ({"penalty": -1.0}, "penalty is -1"),
    ],
)
def test_what_is_no_code_is_refused(change, said):
    with pytest.raises(ConfigError, match=said):
        pose("decoding", {"checks": [[0, 1, 2]], "llr": [1.0, 2.0, -1.0], **change})
