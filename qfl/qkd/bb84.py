"""BB84, simulated: pulses of one photon, or of weak laser light with decoys, through a link with an eavesdropper on it.

Only pulses that click are drawn one by one. How many do is drawn for every intensity and number of photons from the
binomial distribution it has, which is exact, so a hundred million pulses cost what their clicks cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from scipy.stats import poisson

from qfl.errors import ConfigError
from qfl.qkd.bits import Sifted
from qfl.qkd.channel import Link
from qfl.qkd.eavesdropper import Eavesdropper, tap

KEY_BASIS, TEST_BASIS = 0, 1
MOST_PHOTONS = 20  # of a pulse; at an intensity of 1, more come once in 10^20 pulses
MOST_CLICKS = 50_000_000  # that are held in memory


@dataclass(frozen=True)
class Source:
    """What the sender's laser does, and how often both ends choose the basis of the key.

    Args:
        intensities: Mean photons of each kind of pulse, falling; empty for a source of exactly one photon.
        probabilities: Of each kind; they sum to 1.
        key_basis: Probability of the basis whose bits become the key, above 0 and below 1; the other's are disclosed.

    Example:
        >>> Source((0.5, 0.1), (0.9, 0.2))
        Traceback (most recent call last):
            ...
        qfl.errors.ConfigError: probabilities = (0.9, 0.2); give one for each intensity, 1 in all
    """

    intensities: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = (1.0,)
    key_basis: float = 0.5

    def __post_init__(self) -> None:
        if not all(0 <= mu <= 1 for mu in self.intensities) or list(self.intensities) != sorted(self.intensities)[::-1]:
            raise ConfigError(f"intensities = {self.intensities}; give numbers from 0 to 1, the largest first")
        wanted = len(self.intensities) or 1
        given = self.probabilities
        if len(given) != wanted or min(given) <= 0 or not abs(sum(given) - 1) < 1e-9:
            raise ConfigError(f"probabilities = {given}; give one for each intensity, 1 in all")
        if not 0 < self.key_basis < 1:
            raise ConfigError(f"key_basis = {self.key_basis!r}; give a number above 0 and below 1")

    def photons(self, kind: int) -> ndarray:
        """Return the probabilities of 0, 1, 2, ... photons of a kind of pulse."""
        if not self.intensities:
            return np.array([0.0, 1.0])
        found = poisson.pmf(np.arange(MOST_PHOTONS + 1), self.intensities[kind])
        return found / found.sum()


DECOY = Source((0.65, 0.29, 2e-4), (0.3, 0.47, 0.23), key_basis=0.8)
"""Vacuum and weak decoys; found by a search for the longest key of 10^8 pulses over 25 km of fibre."""


@dataclass(frozen=True, eq=False)
class Detections:
    """What both ends and the eavesdropper hold of the pulses that clicked.

    Args:
        pulses: That were sent.
        kind: Of each pulse: which intensity.
        sent_in: Basis of the sender.
        measured_in: Basis of the receiver.
        bits: What they hold.
    """

    pulses: int
    kind: UInt8[ndarray, " click"]
    sent_in: UInt8[ndarray, " click"]
    measured_in: UInt8[ndarray, " click"]
    bits: Sifted

    @property
    def sifted_fraction(self) -> float:
        """Share of the pulses that clicked in a basis that both ends chose."""
        return float(np.sum(self.sent_in == self.measured_in)) / self.pulses

    def sifted(self, basis: int | None = None) -> Sifted:
        """Return the bits of equal bases, or those of one basis."""
        return self.bits.at(self._kept(basis))

    def kinds(self, basis: int) -> UInt8[ndarray, " bit"]:
        """Return the intensities behind `sifted` of a basis."""
        return self.kind[self._kept(basis)]

    def _kept(self, basis: int | None) -> ndarray:
        same = self.sent_in == self.measured_in
        return same if basis is None else same & (self.sent_in == basis)


def transmit(
    pulses: int, source: Source, link: Link, eavesdropper: Eavesdropper, generator: np.random.Generator
) -> Detections:
    """Return what clicks of so many pulses.

    Args:
        pulses: 1 or more.
        source: The sender's.
        link: Channel and detectors.
        eavesdropper: On the channel.
        generator: Of all draws.

    Raises:
        ConfigError: If more would click than fit into memory.

    Reference:
        Bennett and Brassard, 1984; with decoys, Lo, Ma and Chen, 2005.

    Example:
        >>> found = transmit(1000, Source(), Link(), Eavesdropper(), np.random.default_rng(1))
        >>> len(found.bits), found.sifted().error_rate
        (1000, 0.0)
    """
    if pulses < 1:
        raise ConfigError(f"pulses = {pulses}; give a number from 1 on")
    groups = list(_groups(pulses, source, link, eavesdropper, generator))
    clicks = sum(count for *_, count, _ in groups)
    if clicks > MOST_CLICKS:
        raise ConfigError(f"{clicks:,} of {pulses:,} pulses click; ask for pulses of which {MOST_CLICKS:,} do at most")
    order = generator.permutation(clicks)
    kind, photons, touched = (
        np.repeat([group[field] for group in groups], [group[3] for group in groups]).astype(np.uint8)[order]
        for field in (0, 1, 2)
    )
    dark = np.concatenate([np.arange(count) < without for *_, count, without in groups])[order]
    sent = generator.integers(2, size=clicks, dtype=np.uint8)
    sent_in, measured_in = (_bases(clicks, source.key_basis, generator) for _ in range(2))
    tapped = tap(eavesdropper.strategy, sent, sent_in, measured_in, photons > 1, touched.astype(bool), generator)
    read = tapped.arriving ^ (generator.random(clicks) < link.flip).astype(np.uint8)
    read = np.where(dark, generator.integers(2, size=clicks, dtype=np.uint8), read)
    return Detections(pulses, kind, sent_in, measured_in, Sifted(sent, read, tapped.held))


def _groups(
    pulses: int, source: Source, link: Link, eavesdropper: Eavesdropper, generator: np.random.Generator
) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield kind, photons, whether it is tapped, the clicks, and how many of them no photon made."""
    hers = split_yields(source, link) if eavesdropper.strategy == "photon_number_splitting" else None
    for kind, sent in enumerate(generator.multinomial(pulses, source.probabilities)):
        for photons, number in enumerate(generator.multinomial(sent, source.photons(kind))):
            tapped = generator.binomial(number, eavesdropper.touches)
            for touched, part in ((0, number - tapped), (1, tapped)):
                click = hers[photons] if touched and hers is not None else link.click(photons)
                clicks = generator.binomial(part, click)
                without = link.dark_count * (1 - _lit(click, link.dark_count)) / click if click else 0.0
                yield kind, photons, touched, int(clicks), int(generator.binomial(clicks, min(1.0, without)))


def split_yields(source: Source, link: Link) -> list[float]:
    """Return how often a pulse of 0, 1, 2, ... photons clicks once the eavesdropper splits numbers of photons.

    She keeps one photon of two and more, sends the rest over a line without loss, and holds back as many others as make
    the brightest pulses click as often as they would without her.

    Reference:
        Brassard, Lütkenhaus, Mor and Sanders, "Limitations on practical quantum cryptography", 2000.
    """
    chances = source.photons(0)
    numbers = np.arange(len(chances))
    better = link.lossless().efficiency
    lit = np.where(numbers > 1, 1 - (1 - better) ** np.maximum(numbers - 1, 0), np.where(numbers == 1, better, 0.0))
    wanted = float(chances @ (1 - (1 - link.efficiency) ** numbers))
    many = float((chances * lit)[2:].sum())
    split = min(1.0, wanted / many) if many else 0.0
    single = min(1.0, max(0.0, wanted - split * many) / (chances[1] * better)) if better else 0.0
    passed = np.where(numbers == 1, single, split) * lit
    return [float(y) for y in 1 - (1 - link.dark_count) * (1 - passed)]


def _lit(click: float, dark: float) -> float:
    """Return how often a photon clicks, from how often anything does."""
    return 1 - (1 - click) / (1 - dark) if dark < 1 else 0.0


def _bases(number: int, key_basis: float, generator: np.random.Generator) -> ndarray:
    return (generator.random(number) >= key_basis).astype(np.uint8)
