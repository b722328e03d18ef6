import numpy as np
import pytest
from scipy.stats import binom

from qfl.qkd.bb84 import DECOY, Source, transmit
from qfl.qkd.channel import Link, fibre
from qfl.qkd.e91 import share_pairs
from qfl.qkd.eavesdropper import Eavesdropper
from qfl.qkd.estimation import bell_margin, decoy_counts, estimate_bb84, estimate_e91, upper_limit
from qfl.qkd.key_rate import Security, decoy_bounds
from qfl.seeds import stream


@pytest.mark.parametrize("errors,tested", [(0, 50), (3, 100), (40, 200)])
def test_at_the_limit_so_few_errors_are_as_rare_as_asked(errors, tested):
    assert binom.cdf(errors, tested, upper_limit(errors, tested, 1e-3)) == pytest.approx(1e-3)


def test_all_wrong_has_no_limit_below_one():
    assert upper_limit(5, 5, 0.01) == 1.0 == upper_limit(0, 0, 0.01)


def test_decoys_bound_what_really_had_one_photon_also_where_somebody_splits():
    for strategy in ("none", "photon_number_splitting"):
        draw = stream(1, "test", strategy)
        found = transmit(10**8, DECOY, fibre(25.0), Eavesdropper(strategy), draw)
        counts = decoy_counts(found, DECOY)
        assert sum(counts.key) == len(found.sifted(0)) and sum(counts.test) == len(found.sifted(1))
        free = len(found.sifted(0)) * (2 - 2 * found.sifted(0).known) if strategy != "none" else np.inf
        assert decoy_bounds(counts, Security()).single <= free * 1.01


def test_no_bit_is_both_disclosed_and_key():
    found = share_pairs(10**5, Link(), Eavesdropper(), np.random.default_rng(1))
    estimate = estimate_e91(found, Security(), np.random.default_rng(2))
    assert len(estimate.key) + estimate.tested == len(found.sifted()) and estimate.bell == found.bell
    single = transmit(10**4, Source(), Link(), Eavesdropper(), np.random.default_rng(1))
    own = estimate_bb84(single, Source(), Security())
    assert len(own.key) == len(single.sifted(0)) and own.tested == len(single.sifted(1))


def test_the_margin_of_s_shrinks_with_the_root_of_the_pairs():
    few, many = (share_pairs(n, Link(), Eavesdropper(), np.random.default_rng(1)) for n in (10**4, 10**6))
    assert bell_margin(few, 1e-10) / bell_margin(many, 1e-10) == pytest.approx(10, rel=0.05)
    assert bell_margin(share_pairs(1, Link(), Eavesdropper(), np.random.default_rng(1)), 0.1) == 4.0
