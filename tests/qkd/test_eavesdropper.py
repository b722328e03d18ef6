import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.qkd.eavesdropper import STRATEGIES, Eavesdropper, tap


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_she_does_not_touch_arrives_as_it_was_sent(strategy):
    draw = np.random.default_rng(1)
    sent, nothing = draw.integers(2, size=1000, dtype=np.uint8), np.zeros(1000, bool)
    basis = np.zeros(1000, np.uint8)
    found = tap(strategy, sent, basis, basis, ~nothing, nothing, draw)
    assert (found.arriving == sent).all() and 0.4 < np.mean(found.held == sent) < 0.6


def test_she_knows_split_pulses_and_no_others():
    draw = np.random.default_rng(2)
    sent, basis = draw.integers(2, size=1000, dtype=np.uint8), draw.integers(2, size=1000, dtype=np.uint8)
    splits = draw.random(1000) < 0.5
    found = tap("photon_number_splitting", sent, basis, basis, splits, np.ones(1000, bool), draw)
    assert (found.arriving == sent).all() and (found.held[splits] == sent[splits]).all()
    assert 0.4 < np.mean(found.held[~splits] == sent[~splits]) < 0.6


@pytest.mark.parametrize("given", [("listen", 1.0), ("breidbart", 1.5), ("breidbart", float("nan")), ("jammer", -1.0)])
def test_strategies_are_named_and_shares_are_shares(given):
    with pytest.raises(ConfigError):
        Eavesdropper(*given)


def test_without_her_nothing_is_touched():
    assert Eavesdropper().touches == 0 and Eavesdropper("jammer", 0.3).touches == 0.3
