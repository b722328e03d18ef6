"""What an exchange without an eavesdropper would yield on average: counts in closed form, then the same bounds."""

from dataclasses import dataclass
from math import exp, log, sqrt

from qfl.qkd.bb84 import KEY_BASIS, Source
from qfl.qkd.channel import Link
from qfl.qkd.estimation import TESTED_SHARE
from qfl.qkd.key_rate import (
    QUANTUM,
    RECONCILIATION,
    DecoyCounts,
    Security,
    binary_entropy,
    decoy_bounds,
    decoy_length,
    entangled_length,
    single_photon_length,
)


@dataclass(frozen=True)
class Seen:
    """How often a kind of pulse clicks, and how often wrongly.

    Args:
        gain: Clicks per pulse.
        errors: Wrong clicks per pulse, in equal bases.
    """

    gain: float
    errors: float


def seen(link: Link, intensity: float | None) -> Seen:
    """Return clicks and errors per pulse of mean photons mu, or of exactly one photon for None.

    Reference:
        Ma, Qi, Zhao and Lo, 2005, Eqs. (10) and (11).

    Example:
        >>> from qfl.qkd.channel import Link
        >>> seen(Link(transmittance=0.25), None)
        Seen(gain=0.25, errors=0.0)
    """
    lit = link.efficiency if intensity is None else 1 - exp(-link.efficiency * intensity)
    dark = link.dark_count * (1 - lit)
    return Seen(lit + dark, link.flip * lit + dark / 2)


def expected_length(pulses: float, source: Source, link: Link, security: Security) -> int:
    """Return the secure length in bits that BB84 would have with average counts; 0 or less where there is none.

    Args:
        pulses: Sent.
        source: The sender's.
        link: Channel and detectors.
        security: The probabilities.

    Example:
        >>> from qfl.qkd.channel import fibre
        >>> expected_length(1e9, Source(), fibre(10.0), Security()) > 0
        True
        >>> expected_length(1e12, Source(), fibre(500.0), Security())
        0
    """
    kinds = [seen(link, mu) for mu in source.intensities or (None,)]
    shares = [pulses * p for p in source.probabilities]
    key = [n * source.key_basis**2 * kind.gain for n, kind in zip(shares, kinds, strict=True)]
    test = [n * (1 - source.key_basis) ** 2 * kind.gain for n, kind in zip(shares, kinds, strict=True)]
    wrong = [n * (1 - source.key_basis) ** 2 * kind.errors for n, kind in zip(shares, kinds, strict=True)]
    rate = sum(wrong) / sum(test) if sum(test) else 0.5
    leak = RECONCILIATION * sum(key) * binary_entropy(rate)
    if not source.intensities:
        return max(0, single_photon_length(int(key[KEY_BASIS]), int(test[0]), rate, leak, security))
    counts = DecoyCounts(source.intensities, source.probabilities, tuple(key), tuple(test), tuple(wrong))
    return max(0, decoy_length(decoy_bounds(counts, security), leak, security))


def expected_entangled_length(pairs: float, link: Link, security: Security) -> int:
    """Return the secure length in bits that E91 would have with average counts; 0 where there is none.

    Args:
        pairs: Made.
        link: Channel and detectors of the receiver; the sender has the same detectors.
        security: The probabilities.

    Example:
        >>> from qfl.qkd.channel import fibre
        >>> expected_entangled_length(1e9, fibre(1.0), Security()) > 0
        True
    """
    both = link.lossless().click(1) * link.click(1)
    clicks = pairs * both
    visibility = link.detector_efficiency * link.efficiency / both * (1 - 2 * link.flip) if both else 0.0
    key = int(clicks * 2 / 9 * (1 - TESTED_SHARE))
    if not key:
        return 0
    margin = 4 * sqrt(2 * log(4 / security.secrecy) / (clicks / 9))
    leak = RECONCILIATION * key * binary_entropy((1 - visibility) / 2)
    return max(0, entangled_length(key, QUANTUM * visibility - margin, leak, security))
