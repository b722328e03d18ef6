"""The textbook's set-up, quantity by quantity."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.wireless.cell_free.user_centric import UserCentric, draw, shadowing, wrapped

SMALL = UserCentric(num_aps=16, num_users=6)


def test_no_two_points_of_the_wrapped_square_are_further_apart_than_half_its_diagonal():
    generator = np.random.default_rng(1)
    place = 1000 * (generator.random(300) + 1j * generator.random(300))
    apart = np.abs(wrapped(place[:, None] - place, 1000.0))
    shifted = [np.abs(place[:, None] - place + 1000 * (a + 1j * b)) for a in (-1, 0, 1) for b in (-1, 0, 1)]
    assert apart == pytest.approx(np.min(shifted, axis=0))
    assert apart.max() <= 1000 / np.sqrt(2)


def test_shadowing_has_its_deviation_and_halves_its_correlation_in_nine_metres():
    user = np.array([0, 9, 500], complex)
    setup = replace(SMALL, num_aps=40_000, num_users=3)
    drawn = shadowing(setup, user, np.random.default_rng(1))
    assert drawn.std(axis=0) == pytest.approx([4, 4, 4], rel=0.02)
    correlation = np.corrcoef(drawn.T)
    assert correlation[0, 1] == pytest.approx(0.5, abs=0.02)
    assert correlation[0, 2] == pytest.approx(0.0, abs=0.02)


def test_gains_are_over_the_noise_at_full_power():
    """The nearest possible link, 10 m, has 30.5 + 36.7 dB of loss; 23 dBm over -94 dBm make 117 dB."""
    quiet = replace(SMALL, shadowing_db=0.0)
    best = 10 * np.log10(draw(quiet, 1, 30).gain.numpy()).max()
    assert 23.01 + 93.99 - 30.5 - 36.7 - 25 < best <= 23.01 + 93.99 - 30.5 - 36.7 + 0.01


def test_estimates_err_and_perfect_ones_do_not():
    channel = draw(SMALL, 1, 8)
    error = (channel.known - channel.true).abs().square().mean(dim=-1) / channel.gain
    assert 0 < float(error.median()) < 1
    perfect = draw(replace(SMALL, perfect_csi=True), 1, 8)
    assert (perfect.known == perfect.true).all() and (perfect.true == channel.true).all()


def test_sizes_that_cannot_be_are_refused():
    with pytest.raises(ConfigError, match="num_pilots is 0"):
        draw(replace(SMALL, num_pilots=0), 1, 1)
