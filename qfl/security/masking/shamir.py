"""Shamir's secret sharing of 32 bytes over a prime field: any `threshold` shares give the secret, fewer say nothing.

The secret is a polynomial's value at 0, the shares its values elsewhere. To interpolate at 0 is a weighted sum, and the
weights depend on where the shares are taken alone, so they are worked out once for all secrets that the same clients
hold. Integers of Python, of 257 bits: side channels are not considered.

Reference:
    Shamir, How to share a secret, 1979, doi:10.1145/359168.359176.
"""

import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache

from qfl.security.reasons import rejection

PRIME = 2**256 + 297  # the smallest prime that no secret of 32 bytes exceeds
SECRET_BYTES, SHARE_BYTES = 32, 33


def split(secret: bytes, places: Iterable[int], threshold: int) -> dict[int, bytes]:
    """Return one share of 33 bytes for each place.

    Args:
        secret: 32 bytes.
        places: Where the polynomial is taken, different numbers from 1.
        threshold: Shares that give the secret, from 1 to the number of places.

    Raises:
        ValueError: If there can be no such shares.

    Example:
        >>> shares = split(b"s" * 32, [1, 2, 3, 4, 5], 3)
        >>> combine({place: shares[place] for place in (5, 1, 3)}, 3) == b"s" * 32
        True
    """
    places = list(places)
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a secret has {SECRET_BYTES} bytes, not {len(secret)}")
    if not 1 <= threshold <= len(places):
        raise ValueError(f"{threshold} of {len(places)} shares cannot give a secret; ask for 1 to {len(places)}")
    if len(set(places)) < len(places) or min(places) < 1 or max(places) >= PRIME:
        raise ValueError(f"shares are taken at different places from 1, not at {places[:10]}")
    coefficients = [secrets.randbelow(PRIME) for _ in range(threshold - 1)]
    return {place: _value(coefficients, int.from_bytes(secret, "big"), place) for place in places}


def combine(shares: Mapping[int, bytes], threshold: int) -> bytes:
    """Return the secret of at least `threshold` shares; a false share gives another secret, or none.

    Args:
        shares: By place; of more than `threshold`, those at the smallest places are taken.
        threshold: As the secret was split.

    Raises:
        Rejection: ``too-few-shares``, or ``false-share`` if no secret has these shares.
    """
    places = tuple(sorted(shares)[:threshold])
    if len(places) < threshold:
        raise rejection("too-few-shares", f"{len(places)} of {threshold}")
    values = [int.from_bytes(shares[place], "big") for place in places]
    secret = sum(weight * value for weight, value in zip(weights_at_zero(places), values, strict=True)) % PRIME
    if max(values) >= PRIME or secret >> 8 * SECRET_BYTES:
        raise rejection("false-share")
    return secret.to_bytes(SECRET_BYTES, "big")


@lru_cache(maxsize=4096)
def weights_at_zero(places: tuple[int, ...]) -> tuple[int, ...]:
    r"""Return Lagrange's weights :math:`\lambda_i = \prod_{j \ne i} x_j / (x_j - x_i) \bmod p` of different places.

    Example:
        >>> weights_at_zero((1, 2)) == (2, PRIME - 1)
        True
    """
    product = 1
    for place in places:
        product = product * place % PRIME
    found: list[int] = []
    for own in places:
        below = own
        for other in places:
            if other != own:
                below = below * (other - own) % PRIME
        found.append(product * pow(below, -1, PRIME) % PRIME)
    return tuple(found)


def _value(coefficients: list[int], constant: int, place: int) -> bytes:
    value = 0
    for coefficient in coefficients:  # Horner's scheme
        value = (value + coefficient) * place % PRIME
    return ((value + constant) % PRIME).to_bytes(SHARE_BYTES, "big")
