"""Signature algorithms by name, each with its sizes and its source."""

import logging
from dataclasses import dataclass
from functools import lru_cache

from qfl.errors import ConfigError


@dataclass(frozen=True)
class SignatureProfile:
    """One parameter set of a signature algorithm.

    Args:
        name: The name in the standard.
        cose_alg: COSE algorithm identifier.
        public_bytes: Length of a public key.
        signature_bytes: Length of a signature, or its upper bound if `fixed` is False.
        category: NIST security category, 1 to 5.
        libraries: The libraries that offer it, the default first.
        source: Where the numbers come from.
        secret_bytes: Length of an expanded secret key, as liboqs keeps it.
        fixed: True if every signature has the same length.
    """

    name: str
    cose_alg: int
    public_bytes: int
    signature_bytes: int
    category: int
    libraries: tuple[str, ...]
    source: str
    secret_bytes: int
    fixed: bool = True


_BOTH = ("cryptography", "liboqs")
_FIPS204 = "NIST FIPS 204 (2024), tables 1 and 2; COSE identifier: RFC 9964"
# Falcon has no registered COSE identifier; RFC 9053 (section 8) leaves values below -65536 to private use.
_FALCON = "Fouque et al., Falcon specification v1.2 (2020), as in liboqs (not FIPS 206); COSE identifier: private use"

ML_DSA_44 = SignatureProfile("ML-DSA-44", -48, 1312, 2420, 2, _BOTH, _FIPS204, 2560)
ML_DSA_65 = SignatureProfile("ML-DSA-65", -49, 1952, 3309, 3, _BOTH, _FIPS204, 4032)
ML_DSA_87 = SignatureProfile("ML-DSA-87", -50, 2592, 4627, 5, _BOTH, _FIPS204, 4896)
FALCON_512 = SignatureProfile("Falcon-512", -70512, 897, 752, 1, ("liboqs",), _FALCON, 1281, fixed=False)
FALCON_1024 = SignatureProfile("Falcon-1024", -71024, 1793, 1462, 5, ("liboqs",), _FALCON, 2305, fixed=False)

PROFILES = {p.name: p for p in (ML_DSA_44, ML_DSA_65, ML_DSA_87, FALCON_512, FALCON_1024)}
BY_COSE_ALG = {p.cose_alg: p for p in PROFILES.values()}
ALIASES = {"Dilithium2": ML_DSA_44, "Dilithium3": ML_DSA_65, "Dilithium5": ML_DSA_87}


@lru_cache
def profile(name: str) -> SignatureProfile:
    """Return the parameter set of a name; the names of Dilithium are read as ML-DSA, with one notice a process.

    Raises:
        ConfigError: If the name is unknown.

    Example:
        >>> profile("ML-DSA-65").signature_bytes
        3309
    """
    if name in ALIASES:
        logging.getLogger("qfl").warning(notice(name))
        return ALIASES[name]
    if name not in PROFILES:
        raise ConfigError(f"unknown signature algorithm {name!r}; known are {', '.join(PROFILES)}")
    return PROFILES[name]


def notice(name: str) -> str:
    """Return what to tell a user who asks for a name that is not the standard's; empty for all others.

    Example:
        >>> notice("Dilithium3")[:42]
        'Dilithium3 is read as ML-DSA-65 (FIPS 204)'
    """
    if name not in ALIASES:
        return ""
    standard = ALIASES[name].name
    return (
        f"{name} is read as {standard} (FIPS 204), the standard that followed it; "
        f"signatures of the two are not interchangeable"
    )
