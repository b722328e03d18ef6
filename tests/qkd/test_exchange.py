import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.qkd.distil import KeyStatus
from qfl.qkd.eavesdropper import Eavesdropper
from qfl.qkd.exchange import Setup, exchange_keys

SETUPS = {
    "bb84": Setup("bb84", distance_km=5.0),
    "bb84_single": Setup("bb84_single", "free_space", 5.0, 200_000),
    "e91": Setup("e91", pulses=3 * 10**7, distance_km=5.0),
}


@pytest.mark.parametrize("name", SETUPS)
def test_every_protocol_leaves_about_the_key_that_is_expected(name):
    found = exchange_keys(SETUPS[name], 1, "test")
    assert found.status is KeyStatus.KEY
    assert found.secure_bits == pytest.approx(SETUPS[name].expected_bits, rel=0.35)
    again = exchange_keys.__wrapped__(SETUPS[name], 1, "test")
    assert np.array_equal(found.key, again.key)


def test_the_default_link_has_keys_for_its_rounds():
    assert Setup().expected_bits > 10 * 256
    Setup().require_possible()


@pytest.mark.parametrize("protocol", ["bb84", "bb84_single", "e91"])
@pytest.mark.parametrize("change", [{"distance_km": 500.0, "pulses": 10**12}, {"pulses": 1}, {"depolarising": 1.0}])
def test_what_can_leave_no_key_is_refused_before(protocol, change):
    with pytest.raises(ConfigError, match="leaves no key even where nobody listens"):
        Setup(protocol, **change).require_possible()


@pytest.mark.parametrize(
    "given",
    [
        {"protocol": "b92"},
        {"channel": "moon"},
        {"protocol": "e91", "eavesdropper": Eavesdropper("breidbart")},
        {"protocol": "bb84_single", "eavesdropper": Eavesdropper("photon_number_splitting")},
    ],
)
def test_unknown_words_and_impossible_attacks_are_refused(given):
    with pytest.raises(ConfigError, match="take one of"):
        Setup(**given)
