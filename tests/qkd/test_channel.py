import pytest

from qfl.errors import ConfigError
from qfl.qkd.channel import CHANNELS, Link, fibre, free_space


def test_ten_decibel_of_fibre_let_a_tenth_through():
    assert fibre(50.0).transmittance == pytest.approx(0.1)
    assert fibre(25.0, loss_db_per_km=0.4).transmittance == pytest.approx(0.1)


def test_a_beam_that_fits_into_the_receiver_loses_only_to_the_air():
    assert free_space(1.0, loss_db_per_km=3.0).transmittance == pytest.approx(10**-0.3)
    assert free_space(100.0).transmittance < free_space(10.0).transmittance


def test_a_pulse_clicks_by_any_of_its_photons_or_by_none():
    link = Link(transmittance=0.3, detector_efficiency=0.5, dark_count=0.01)
    for photons in range(5):
        assert link.click(photons) == pytest.approx(1 - 0.99 * 0.85**photons)


def test_flips_of_misalignment_and_depolarising_combine():
    assert Link(misalignment=0.1, depolarising=0.2).flip == pytest.approx(0.1 * 0.8 + 0.5 * 0.2)


@pytest.mark.parametrize("name", ["transmittance", "detector_efficiency", "dark_count", "misalignment", "depolarising"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_what_is_no_probability_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=f"{name} = .*; give a number from 0 to"):
        Link(**{name: value})


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("distance", [-1.0, float("nan"), float("inf")])
def test_a_distance_is_finite_and_not_negative(channel, distance):
    with pytest.raises(ConfigError, match="distance_km = "):
        CHANNELS[channel](distance)
