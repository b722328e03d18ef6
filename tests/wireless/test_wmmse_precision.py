"""Power control in either precision, on whole numbers, and where a pair is silent, worthless or out of reach."""

import pytest
import torch

from qfl.errors import ConfigError
from qfl.models.features import Features
from qfl.wireless.d2d_rates import rates, require_links, sum_rate
from qfl.wireless.d2d_search import best_single_link, exact_on_off, greedy_on_off, max_power, random_power
from qfl.wireless.wmmse import best_of_starts, fractional_programming, wmmse

ITERATED = [wmmse, fractional_programming]
SOLVERS = [*ITERATED, best_of_starts, greedy_on_off, exact_on_off, best_single_link, max_power]


def gains(pairs=4, samples=3):
    draw = torch.Generator().manual_seed(1)
    return torch.empty(samples, pairs, pairs, dtype=torch.float64).exponential_(generator=draw) * 10


def awkward():
    """Return gains, weights and starts, by what is unusual in them."""
    snr, ones = gains(), torch.ones(3, 4, dtype=torch.float64)
    silent, mute = ones.clone(), ones.clone()
    silent[:, 1] = 0
    mute[0] = 0
    deaf, alone = snr.clone(), snr.clone()
    deaf[:, 2, 2] = 0
    alone[:, 0, 1:] = alone[:, 1:, 0] = 0
    decades = 10.0 ** torch.linspace(-30, 30, 48, dtype=torch.float64).reshape(3, 4, 4)
    return {
        "a silent pair": (snr, ones, silent),
        "all silent": (snr, ones, 0 * ones),
        "no weight": (snr, silent, ones),
        "no weight at all": (snr, mute, ones),
        "no direct gain": (deaf, ones, ones),
        "no gain": (0 * snr, ones, ones),
        "nobody disturbed": (alone, ones, ones),
        "60 decades": (decades, ones, ones),
        "one pair": (gains(1), ones[:, :1], ones[:, :1]),
        "no sample": (snr[:0], ones[:0], ones[:0]),
    }


@pytest.mark.parametrize("solve", ITERATED)
@pytest.mark.parametrize("case", awkward())
def test_single_precision_equals_double_to_its_digits(case, solve):
    snr, alpha, start = awkward()[case]
    exact = solve(snr, alpha, start=start)
    single = solve(snr.float(), alpha.float(), start=start.float())
    assert exact.dtype == torch.float64 and single.dtype == torch.float32
    assert torch.isfinite(exact).all() and ((exact >= 0) & (exact <= 1)).all()
    found, best = (sum_rate(snr, x.double(), alpha) for x in (single, exact))
    torch.testing.assert_close(found, best, rtol=1e-5, atol=1e-6)
    assert (best >= sum_rate(snr, start, alpha) * (1 - 1e-9)).all()


@pytest.mark.parametrize("solve", ITERATED)
def test_a_pair_that_starts_silent_stays_silent_and_the_others_are_solved_without_it(solve):
    snr, alpha, start = awkward()["a silent pair"]
    x = solve(snr.float(), alpha.float(), start=start.float())
    others = [0, 2, 3]
    apart = solve(snr[:, others][:, :, others], alpha[:, others])
    assert (x[:, 1] == 0).all()
    torch.testing.assert_close(x[:, others].double(), apart, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("solve", [*SOLVERS, random_power])
def test_whole_numbers_are_numbers(solve):
    snr, alpha = gains().round().long(), torch.ones(3, 4, dtype=torch.int64)
    found = solve(snr, alpha)
    torch.testing.assert_close(found, solve(snr.double(), alpha.double()), rtol=0, atol=0)
    assert found.dtype == torch.float64
    torch.testing.assert_close(sum_rate(snr, found, alpha), sum_rate(snr.double(), found, alpha.double()))


@pytest.mark.parametrize("solve", SOLVERS)
@pytest.mark.parametrize(
    ("snr", "alpha", "says"),
    [
        (gains().index_fill(0, torch.tensor([1]), torch.nan), torch.ones(3, 4), "gains hold NaN"),
        (gains().index_fill(0, torch.tensor([1]), torch.inf), torch.ones(3, 4), "gains hold NaN, infinite"),
        (-gains(), torch.ones(3, 4), "negative"),
        (gains(), -torch.ones(3, 4), "weights hold NaN, infinite or negative"),
    ],
)
def test_what_no_power_control_works_on_is_refused_in_a_sentence(solve, snr, alpha, says):
    with pytest.raises(ConfigError, match=says):
        solve(snr, alpha)


@pytest.mark.parametrize(
    ("snr", "alpha", "says"),
    [
        (gains(), torch.ones(3, 3), r"weights of shape \(3, 3\): expected \(3, 4\)"),
        (gains()[:, :3], torch.ones(3, 4), r"gains of shape \(3, 3, 4\): expected \(samples, pairs, pairs\)"),
        (gains()[0], torch.ones(4), r"gains of shape \(4, 4\)"),
        (gains()[:, :0, :0], torch.ones(3, 0), "a pair or more"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_in_a_sentence(snr, alpha, says):
    with pytest.raises(ConfigError, match=says):
        require_links(snr, alpha)


def test_rates_of_mixed_precisions_are_those_of_the_wider_one():
    snr, x = gains(), torch.rand(3, 4)
    torch.testing.assert_close(rates(snr, x), rates(snr, x.double()), rtol=0, atol=0)


def test_a_gain_of_zero_is_the_same_feature_in_either_precision():
    snr = awkward()["nobody disturbed"][0]
    features = Features(
        tuple((name, 0.0, 1.0) for name in ("direct", "interference", "caused")),
        tuple((name, 0.0, 1.0) for name in ("from", "to", "from-own", "to-own")),
    )
    exact = [features.node_values(snr), *features.edge_values(snr)]
    single = [features.node_values(snr.float()), *features.edge_values(snr.float())]
    for one, other in zip(single, exact, strict=True):
        assert torch.isfinite(other).all()
        torch.testing.assert_close(one.double(), other, rtol=1e-5, atol=1e-5)
