import logging

import pytest

from qfl.errors import ConfigError
from qfl.security.profiles import ALIASES, PROFILES, notice, profile


def sizes_of_fips_204(k: int, l: int, gamma1_bits: int, omega: int, lambda_bits: int) -> tuple[int, int]:  # noqa: E741
    """Lengths of public key and signature from the encodings (FIPS 204, algorithms 22 and 26)."""
    return 32 + 32 * k * 10, lambda_bits // 4 + l * 32 * gamma1_bits + omega + k


@pytest.mark.parametrize(
    "name, parameters",
    {
        "ML-DSA-44": (4, 4, 18, 80, 128),
        "ML-DSA-65": (6, 5, 20, 55, 192),
        "ML-DSA-87": (8, 7, 20, 75, 256),
    }.items(),
)
def test_sizes_follow_from_the_parameters_of_fips_204(name, parameters):
    found = profile(name)
    assert (found.public_bytes, found.signature_bytes) == sizes_of_fips_204(*parameters)


def test_names_and_cose_identifiers_are_unique():
    assert len({p.cose_alg for p in PROFILES.values()}) == len(PROFILES)
    assert all(name == p.name for name, p in PROFILES.items())


def test_falcon_has_identifiers_of_private_use():
    """RFC 9053, section 8: below -65536."""
    assert all(p.cose_alg < -65536 for name, p in PROFILES.items() if name.startswith("Falcon"))


@pytest.mark.parametrize("alias, standard", {"Dilithium2": 2, "Dilithium3": 3, "Dilithium5": 5}.items())
def test_a_name_of_dilithium_gives_ml_dsa_of_its_category_and_one_notice(alias, standard, caplog):
    profile.cache_clear()
    with caplog.at_level(logging.WARNING, logger="qfl"):
        found = profile(alias), profile(alias)
    assert found[0] is found[1] is ALIASES[alias]
    assert found[0].category == standard
    assert [record.message for record in caplog.records] == [notice(alias)]
    assert "FIPS 204" in notice(alias) and found[0].name in notice(alias)


def test_a_name_of_the_standard_gives_no_notice(caplog):
    profile.cache_clear()
    profile("ML-DSA-87")
    assert notice("ML-DSA-87") == "" and not caplog.records


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"RSA-2048.*ML-DSA-65"):
        profile("RSA-2048")
