"""How many secret bits a simulated exchange may yield, by the published bounds; 0 or less means that it yields none."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, inf, isfinite, log, log2, sqrt
from typing import cast

from scipy.optimize import brentq

from qfl.errors import ConfigError
from qfl.qkd.channel import Link

RECONCILIATION = 1.16  # bits disclosed over n h(Q), as Lim et al. (2014) assume; ours is measured
CLASSICAL, QUANTUM = 2.0, 2 * sqrt(2)  # bounds of S


@dataclass(frozen=True)
class Security:
    """What may go wrong, and with which probability.

    Args:
        secrecy: That the key is not secret, above 0 and below 1.
        correctness: That the two ends hold different keys, above 0 and below 1.

    Example:
        >>> Security().hash_bits
        50
    """

    secrecy: float = 1e-10
    correctness: float = 1e-15

    def __post_init__(self) -> None:
        for name in ("secrecy", "correctness"):
            if not 0 < getattr(self, name) < 1:
                raise ConfigError(f"{name} = {getattr(self, name)!r}; give a number above 0 and below 1")

    @property
    def hash_bits(self) -> int:
        """Bits of a universal hash that two different keys pass no more often than `correctness`."""
        return ceil(log2(1 / self.correctness))


def binary_entropy(p: float) -> float:
    """Return h(p) = -p log2 p - (1 - p) log2 (1 - p).

    Example:
        >>> binary_entropy(0.5), binary_entropy(0.0)
        (1.0, 0.0)
    """
    return sum(x * log2(1 / x) for x in (p, 1 - p) if x > 0)


def one_way_threshold(reconciliation: float = 1.0) -> float:
    """Return the error rate Q at which 1 - h(Q) - f h(Q) = 0: no key above it, however long the exchange.

    Reference:
        Shor and Preskill, "Simple proof of security of the BB84 quantum key distribution protocol", 2000.

    Example:
        >>> round(one_way_threshold(), 6)
        0.110028
    """
    if not (isfinite(reconciliation) and reconciliation >= 1):
        raise ConfigError(f"reconciliation = {reconciliation!r}; give a number from 1 on")
    return cast(float, brentq(lambda q: 1 - (1 + reconciliation) * binary_entropy(q), 1e-9, 0.5))


def single_photon_length(key_bits: int, test_bits: int, error_rate: float, leak_bits: float, security: Security) -> int:
    """Return the secret bits of single photons.

    ``l = n (1 - h(Q + mu)) - leak - log2(2 / (eps_sec^2 eps_cor))``, with
    ``mu = sqrt((n + k) / (n k) (k + 1) / k ln(2 / eps_sec))``. Unlike the paper, which fixes a tolerated Q beforehand,
    Q is the error rate that was seen in the k bits of the other basis.

    Args:
        key_bits: n, 0 or more.
        test_bits: k, disclosed, 0 or more.
        error_rate: Q, of the test bits, 0 to 1.
        leak_bits: Disclosed to correct errors; the hash that verifies is in eps_cor.
        security: The probabilities.

    Reference:
        Tomamichel, Lim, Gisin and Renner, "Tight finite-key analysis for quantum cryptography", 2012, Eqs. (1), (2).

    Example:
        >>> single_photon_length(9000, 1000, 0.5, 0.0, Security()) <= 0
        True
    """
    if min(key_bits, test_bits) < 1:
        return 0
    n, k = key_bits, test_bits
    mu = sqrt((n + k) / (n * k) * (k + 1) / k * log(2 / security.secrecy))
    spent = leak_bits + log2(2 / (security.secrecy**2 * security.correctness))
    return int((n * (1 - binary_entropy(error_rate + mu)) - spent) // 1) if error_rate + mu < 0.5 else 0


@dataclass(frozen=True)
class DecoyCounts:
    """What both ends count of three kinds of pulses.

    Args:
        intensities: Mean photons, the largest first.
        probabilities: Of each kind.
        key: Sifted bits of the key's basis, by kind.
        test: Sifted bits of the other basis, by kind.
        test_errors: Errors among those.
    """

    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    key: tuple[float, ...]
    test: tuple[float, ...]
    test_errors: tuple[float, ...]


@dataclass(frozen=True)
class DecoyBounds:
    """What the counts prove about pulses of the key's basis.

    Args:
        vacuum: At least so many had no photon.
        single: At least so many had exactly one.
        phase_error: At most so large is the phase error rate of those.
    """

    vacuum: float
    single: float
    phase_error: float


def decoy_bounds(counts: DecoyCounts, security: Security) -> DecoyBounds:
    """Return the finite-size bounds of three intensities, mu_1 > mu_2 + mu_3.

    Reference:
        Lim, Curty, Walenta, Xu and Zbinden, "Concise security bounds for practical decoy-state quantum key
        distribution", 2014, Eqs. (2) to (5), with Hoeffding's inequality.

    Raises:
        ConfigError: If there are not three intensities of which the first exceeds the sum of the others.
    """
    mu = counts.intensities
    if len(mu) != 3 or not (mu[0] > mu[1] + mu[2] and mu[1] > mu[2]):
        raise ConfigError(f"intensities = {mu}; give three, the first above the sum of the two others")
    vacuum, single = _photons(counts, counts.key, security)
    _, tested = _photons(counts, counts.test, security)
    _, high = _scaled(counts, counts.test_errors, security)
    low, _ = _scaled(counts, counts.test_errors, security)
    wrong = max(0.0, _weight(counts, 1) * (high[1] - low[2]) / (mu[1] - mu[2]))
    if min(single, tested) <= 0:
        return DecoyBounds(max(0.0, vacuum), 0.0, 0.5)
    rate = wrong / tested
    return DecoyBounds(max(0.0, vacuum), single, min(0.5, rate + _gamma(security.secrecy, rate, tested, single)))


def decoy_length(bounds: DecoyBounds, leak_bits: float, security: Security) -> int:
    """Return the secret bits: ``s_0 + s_1 (1 - h(phi)) - leak - 6 log2(21 / eps_sec) - log2(2 / eps_cor)``.

    Args:
        bounds: Of `decoy_bounds`.
        leak_bits: Disclosed to correct errors.
        security: The probabilities.

    Reference:
        Lim et al. (2014), Eq. (1).
    """
    found = bounds.vacuum + bounds.single * (1 - binary_entropy(bounds.phase_error))
    return int((found - leak_bits - 6 * log2(21 / security.secrecy) - log2(2 / security.correctness)) // 1)


def entangled_length(key_bits: int, bell: float, leak_bits: float, security: Security) -> int:
    """Return the secret bits of entangled pairs: ``n (1 - chi(S)) - leak - 7 sqrt(n log2(2 / eps)) - ...``.

    chi(S) = h((1 + sqrt((S/2)^2 - 1)) / 2) bounds what an eavesdropper may know of a bit, whatever the devices do. It
    holds for collective attacks; the term in sqrt(n) makes it finite. Clicks that are lost are taken to be lost at
    random (fair sampling), so with the losses of any fibre this is not device-independent.

    Args:
        key_bits: n, 0 or more.
        bell: The least S that the test allows.
        leak_bits: Disclosed to correct errors.
        security: The probabilities.

    Reference:
        Acín, Brunner, Gisin, Massar, Pironio and Scarani, 2007, Eq. (3); Renner's thesis, 2005, Corollary 3.3.7.

    Example:
        >>> entangled_length(10**6, 2.0, 0.0, Security()) <= 0
        True
    """
    if key_bits < 1 or bell <= CLASSICAL:
        return 0
    within = sqrt((min(bell, QUANTUM) / 2) ** 2 - 1)
    known = binary_entropy((1 + within) / 2)
    finite = 7 * sqrt(key_bits * log2(2 / security.secrecy)) + log2(2 / (security.secrecy**2 * security.correctness))
    return int((key_bits * (1 - known) - leak_bits - finite) // 1)


def asymptotic_rate(link: Link, intensity: float, reconciliation: float = RECONCILIATION) -> float:
    """Return the secret bits per pulse of endless decoys, ``(1/2) (Q_1 (1 - h(e_1)) - f Q h(E))``; 0 at least.

    Args:
        link: Channel and detectors.
        intensity: Mean photons mu of a pulse, above 0.
        reconciliation: f, 1 or more.

    Reference:
        Ma, Qi, Zhao and Lo, 2005, Eqs. (1) and (8) to (11).

    Example:
        >>> asymptotic_rate(Link(), 0.5) > 0
        True
    """
    if not intensity > 0:
        raise ConfigError(f"intensity = {intensity!r}; give a number above 0")
    eta, y0 = link.efficiency, link.dark_count
    lit = 1 - exp(-eta * intensity)
    gain = 1 - (1 - y0) * exp(-eta * intensity)
    error = (y0 / 2 * (1 - lit) + link.flip * lit) / gain if gain else 0.5
    yield_1 = link.click(1)
    error_1 = (y0 / 2 * (1 - eta) + link.flip * eta) / yield_1 if yield_1 else 0.5
    single = yield_1 * intensity * exp(-intensity)
    rate = single * (1 - binary_entropy(min(0.5, error_1))) - gain * reconciliation * binary_entropy(error)
    return max(0.0, rate / 2)


def _photons(counts: DecoyCounts, bits: Sequence[float], security: Security) -> tuple[float, float]:
    """Return the least numbers of bits without a photon, and with one."""
    mu, (low, high) = counts.intensities, _scaled(counts, bits, security)
    none, one = _weight(counts, 0), _weight(counts, 1)
    vacuum = max(0.0, none * (mu[1] * low[2] - mu[2] * high[1]) / (mu[1] - mu[2]))
    many = (mu[1] ** 2 - mu[2] ** 2) / mu[0] ** 2 * (high[0] - vacuum / none)
    single = one * mu[0] * (low[1] - high[2] - many) / (mu[0] * (mu[1] - mu[2]) - mu[1] ** 2 + mu[2] ** 2)
    return vacuum, single


def _scaled(counts: DecoyCounts, bits: Sequence[float], security: Security) -> tuple[list[float], list[float]]:
    """Return e^mu / p times the counts, less and plus what chance may have done."""
    apart = sqrt(sum(bits) / 2 * log(21 / security.secrecy))
    factors = [exp(mu) / p for mu, p in zip(counts.intensities, counts.probabilities, strict=True)]
    low = [factor * (n - apart) for factor, n in zip(factors, bits, strict=True)]
    return low, [factor * (n + apart) for factor, n in zip(factors, bits, strict=True)]


def _weight(counts: DecoyCounts, photons: int) -> float:
    """Return the probability that a pulse has so many photons, 0 or 1."""
    pairs = zip(counts.intensities, counts.probabilities, strict=True)
    return sum(p * exp(-mu) * mu**photons for mu, p in pairs)


def _gamma(secrecy: float, rate: float, tested: float, single: float) -> float:
    """Return what a rate of errors may differ between two random parts (Lim et al., below Eq. 5)."""
    if not 0 < rate < 1:
        return 0.0 if rate <= 0 else inf
    both, product = tested + single, tested * single
    inner = both / (product * (1 - rate) * rate) * 21**2 / secrecy**2
    return sqrt(both * (1 - rate) * rate / (product * log(2)) * log2(inner))
