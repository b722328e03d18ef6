"""What rounds add up to: the library's own composition, closed forms, and the noise that a budget asks for."""

import sys

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from qfl.errors import MissingExtra
from qfl.privacy.accountant import epsilon, joint_multiplier, noise_multiplier, require_library

dp_accounting = pytest.importorskip("dp_accounting")


def analytic(multiplier, delta):
    """Balle and Wang, 2018, arXiv:1805.06083, Theorem 8: the exact epsilon of one Gaussian release."""

    def excess(eps):
        half = 1 / (2 * multiplier)
        return norm.cdf(half - eps * multiplier) - np.exp(eps) * norm.cdf(-half - eps * multiplier) - delta

    return brentq(excess, 0, 500)


@pytest.mark.parametrize("spent", [{5.0: 30}, {1.0: 1}, {2.0: 3, 8.0: 40}])
def test_rdp_is_what_the_library_composes(spent):
    own = dp_accounting.rdp.RdpAccountant()
    for multiplier, count in spent.items():
        own.compose(dp_accounting.GaussianDpEvent(multiplier), count)
    assert epsilon(spent, 1e-5) == pytest.approx(own.get_epsilon(1e-5), rel=1e-9)


@pytest.mark.parametrize("spent", [{5.0: 30}, {3.0: 1}, {2.0: 3, 8.0: 40}])
def test_pld_is_the_exact_epsilon_of_the_joint_gaussian_and_never_below(spent):
    wanted = analytic(joint_multiplier(spent), 1e-5)
    found = epsilon(spent, 1e-5, "pld")
    assert wanted <= found * (1 + 1e-9) and found == pytest.approx(wanted, rel=1e-3)
    assert found < epsilon(spent, 1e-5, "rdp")


@pytest.mark.parametrize(("target", "accountant"), [(0.5, "rdp"), (8.0, "rdp"), (2.0, "pld")])
def test_the_noise_for_a_budget_is_enough_and_hardly_more(target, accountant):
    found = noise_multiplier(target, 12, 1e-5, accountant)
    assert target * 0.99 < epsilon({found: 12}, 1e-5, accountant) <= target
    assert epsilon({found: 13}, 1e-5, accountant) > target


def test_a_budget_that_no_noise_keeps_is_refused():
    with pytest.raises(ValueError, match="costs as little as"):
        noise_multiplier(1e-9, 1, 1e-15)


def test_nothing_released_costs_nothing():
    assert epsilon({}, 1e-5) == epsilon({}, 1e-5, "pld") == 0.0


def test_without_the_library_a_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    with pytest.raises(MissingExtra, match="privacy"):
        require_library()
