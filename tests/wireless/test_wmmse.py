"""WMMSE and its peers: monotone, calibrated against the published number, and scored on the right channel.

Also covers qfl/wireless/d2d_bounds.py, qfl/wireless/d2d_rates.py and qfl/wireless/d2d_search.py.
"""

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.wireless.d2d import SETUPS, sample_links
from qfl.wireless.d2d_bounds import branch_and_bound, no_interference_bound, pair_bound, two_pairs_optimum
from qfl.wireless.d2d_rates import link_snr, rates, sum_rate
from qfl.wireless.d2d_search import best_single_link, exact_on_off, greedy_on_off, max_power, random_power
from qfl.wireless.wmmse import best_of_starts, fractional_programming, wmmse


def draw(setup, count, pairs, seed=1):
    scenario = SETUPS[setup]
    links = sample_links(scenario.__class__(**{**vars(scenario), "num_pairs": pairs}), count, seed, "d2d-test")
    snr = link_snr(links.gain, scenario.max_power_w, scenario.noise_w)
    return torch.from_numpy(snr), torch.from_numpy(links.alpha)


def test_rates_are_the_formula():
    snr, _ = draw("reproduces_2_6", 1, 5)
    x = np.random.default_rng(1).random(5)
    s = snr[0].numpy()
    by_hand = [np.log2(1 + s[i, i] * x[i] / (1 + sum(s[i, j] * x[j] for j in range(5) if j != i))) for i in range(5)]
    assert rates(snr[0], torch.from_numpy(x)).numpy() == pytest.approx(by_hand)


@pytest.mark.parametrize("solve", [wmmse, fractional_programming])
@pytest.mark.parametrize("setup", ["printed", "reproduces_2_6"])
def test_no_iteration_lowers_the_weighted_sum_rate(solve, setup):
    snr, alpha = draw(setup, 20, 12)
    values = [sum_rate(snr, torch.ones_like(alpha), alpha)]
    solve(snr, alpha, on_iteration=lambda _, x: values.append(sum_rate(snr, x, alpha)))
    trace = torch.stack(values)
    assert len(trace) == 101 and trace[-1].mean() > 1.1 * trace[0].mean()
    assert (trace.diff(dim=0) >= -1e-9 * trace[1:]).all()


@pytest.mark.parametrize("solve", [wmmse, fractional_programming])
@pytest.mark.parametrize("exponent", [-1000, -100, 30, 900, 1022])
def test_powers_depend_on_the_ratios_of_weights_alone(solve, exponent):
    """Powers of two scale without rounding, so the powers are the same to the last bit."""
    snr, alpha = draw("reproduces_2_6", 8, 5)
    alpha = torch.where(alpha > 0.5, 1.0, 0.5).double()  # of few enough digits for the smallest doubles
    scaled = solve(snr, torch.from_numpy(np.ldexp(alpha.numpy(), exponent)))
    assert torch.equal(scaled, solve(snr, alpha))


def test_fractional_programming_and_wmmse_are_the_same_iterates():
    snr, alpha = draw("reproduces_2_6", 10, 8)
    x, same = (solve(snr, alpha, iterations=7) for solve in (wmmse, fractional_programming))
    assert torch.allclose(x, same, rtol=1e-9, atol=1e-12)


def test_the_set_up_of_shen_et_al_gives_their_200_bits():
    snr, alpha = draw("wcgcn", 250, 50)
    assert sum_rate(snr, wmmse(snr, alpha), alpha).mean().item() == pytest.approx(200, abs=4)


def test_scoring_on_the_transposed_channel_is_caught():
    snr, alpha = draw("reproduces_2_6", 200, 10)
    x = wmmse(snr, alpha)
    right, wrong = sum_rate(snr, x, alpha), sum_rate(snr.mT, x, alpha)
    assert right.mean() > 1.01 * wrong.mean()
    optimum = sum_rate(snr, exact_on_off(snr, alpha), alpha)
    assert 0.93 < (right / optimum).mean() < 1.0


def test_a_step_of_wmmse_is_optimal_against_brute_force():
    """At its end no single power, tried on a grid, does better: it is a stationary point."""
    snr, alpha = draw("reproduces_2_6", 5, 4)
    x = wmmse(snr, alpha, iterations=5000)
    value = sum_rate(snr, x, alpha)
    for pair in range(4):
        for step in (-1e-3, 1e-3):
            tried = x.clone()
            tried[:, pair] = (tried[:, pair] + step).clamp(0, 1)
            assert (sum_rate(snr, tried, alpha) <= value * (1 + 1e-6)).all()


def test_more_starts_are_never_worse():
    snr, alpha = draw("printed", 20, 10)
    one, many = sum_rate(snr, wmmse(snr, alpha), alpha), sum_rate(snr, best_of_starts(snr, alpha, starts=5), alpha)
    assert (many >= one).all() and many.mean() > one.mean()


def test_on_off_searches_against_every_combination():
    snr, alpha = draw("reproduces_2_6", 4, 6)
    choices = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=snr.dtype)] * 6)
    best = sum_rate(snr[:, None], choices, alpha[:, None]).max(-1).values
    assert torch.allclose(sum_rate(snr, exact_on_off(snr, alpha), alpha), best)
    greedy = sum_rate(snr, greedy_on_off(snr, alpha), alpha)
    single = sum_rate(snr, best_single_link(snr, alpha), alpha)
    assert (greedy <= best + 1e-12).all() and (single <= greedy + 1e-12).all()
    assert max_power(snr, alpha).eq(1).all() and 0 <= random_power(snr, alpha).min()


def test_branch_and_bound_certifies_and_bounds_hold():
    snr, alpha = draw("reproduces_2_6", 4, 4)
    for s, a, binary in zip(snr.numpy(), alpha.numpy(), sum_rate(snr, exact_on_off(snr, alpha), alpha), strict=True):
        found = branch_and_bound(s, a)
        assert found.bound - found.value <= 0.02 and found.value >= binary - 0.02
        grid = torch.cartesian_prod(*[torch.linspace(0, 1, 8, dtype=torch.float64)] * 4)
        assert sum_rate(torch.from_numpy(s), grid, torch.from_numpy(a)).max() <= found.bound
        assert found.bound <= pair_bound(s, a) + 0.02 <= no_interference_bound(s, a) + 0.03


def test_two_pairs_are_solved_in_closed_form():
    generator = np.random.default_rng(3)
    for _ in range(20):
        snr, alpha = generator.exponential(5.0, (2, 2)), generator.random(2)
        line = torch.linspace(0, 1, 201, dtype=torch.float64)
        grid = torch.cartesian_prod(line, line)
        best = sum_rate(torch.from_numpy(snr), grid, torch.from_numpy(alpha)).max().item()
        assert best <= two_pairs_optimum(snr, alpha) * (1 + 1e-12) <= best + 1e-3


@pytest.mark.parametrize(
    ("gain", "noise", "says"),
    [
        (np.array([[1.0, np.nan], [1.0, 1.0]]), 1.0, "NaN, infinite or negative"),
        (np.array([[1.0, -1.0], [1.0, 1.0]]), 1.0, "NaN, infinite or negative"),
        (np.array([[0.0, 1.0], [1.0, 1.0]]), 1.0, "a direct gain .* is 0"),
        (np.eye(2), -1.0, "noise of -1 W"),
        (np.eye(2), float("nan"), "noise of nan W"),
        (np.ones((2, 3)), 1.0, "as many receivers as transmitters"),
    ],
)
def test_impossible_channels_are_refused(gain, noise, says):
    with pytest.raises(ConfigError, match=says):
        link_snr(gain, 1.0, noise)


def test_searches_refuse_what_would_never_end():
    with pytest.raises(ConfigError, match="2\\^21 on/off combinations"):
        exact_on_off(torch.ones(1, 21, 21), torch.ones(1, 21))
    with pytest.raises(ConfigError, match="branch and bound over 6 pairs"):
        branch_and_bound(np.ones((6, 6)), np.ones(6))
