"""One whole simulated exchange: a link, a protocol, an eavesdropper, and the key or the reason why there is none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from qfl.errors import ConfigError
from qfl.qkd import e91
from qfl.qkd.bb84 import DECOY, Source, transmit
from qfl.qkd.channel import CHANNELS, Link
from qfl.qkd.distil import Distilled, distil
from qfl.qkd.eavesdropper import STRATEGIES, Eavesdropper
from qfl.qkd.estimation import estimate_bb84, estimate_e91
from qfl.qkd.expectation import expected_entangled_length, expected_length
from qfl.qkd.key_rate import Security
from qfl.seeds import stream

SINGLE = Source(key_basis=0.8)
REMEMBERED = 256  # exchanges, so that both ends of one process simulate each once


@dataclass(frozen=True)
class Setup:
    """What is simulated.

    Args:
        protocol: ``bb84`` (weak pulses with decoys), ``bb84_single`` (single photons) or ``e91`` (entangled pairs).
        channel: ``fibre`` or ``free_space``.
        distance_km: 0 or more.
        pulses: Sent in an exchange, or pairs made; 1 or more.
        depolarising: Probability per photon, 0 to 1.
        eavesdropper: On the channel.
        security: What may go wrong, and how often.

    Raises:
        ConfigError: If there is no such protocol or channel, or the protocol has no such eavesdropper.

    Example:
        >>> Setup("bb84_single", distance_km=10.0, pulses=1_000_000).expected_bits > 256
        True
        >>> Setup("b92")
        Traceback (most recent call last):
            ...
        qfl.errors.ConfigError: no protocol 'b92'; take one of bb84, bb84_single, e91
    """

    protocol: str = "bb84"
    channel: str = "fibre"
    distance_km: float = 10.0
    pulses: int = 3 * 10**7
    depolarising: float = 0.0
    eavesdropper: Eavesdropper = field(default_factory=Eavesdropper)
    security: Security = field(default_factory=Security)

    def __post_init__(self) -> None:
        for what, given, known in (
            ("protocol", self.protocol, tuple(PROTOCOLS)),
            ("channel", self.channel, tuple(CHANNELS)),
        ):
            if given not in known:
                raise ConfigError(f"no {what} {given!r}; take one of {', '.join(known)}")
        if self.eavesdropper.strategy not in ATTACKS[self.protocol]:
            raise ConfigError(
                f"eavesdropper {self.eavesdropper.strategy!r} cannot listen to {self.protocol}; take one of "
                f"{', '.join(ATTACKS[self.protocol])}"
            )

    @property
    def link(self) -> Link:
        """Channel and detectors."""
        return CHANNELS[self.channel](self.distance_km, depolarising=self.depolarising)

    @property
    def expected_bits(self) -> int:
        """Secure bits of an exchange with average counts and nobody on the line; 0 where there is no key."""
        if self.protocol == "e91":
            return expected_entangled_length(self.pulses, self.link, self.security)
        return expected_length(self.pulses, SOURCES[self.protocol], self.link, self.security)

    def require_possible(self) -> None:
        """Return if an exchange leaves a key where nobody listens.

        Raises:
            ConfigError: If it does not: the link is too long or too bad, or the pulses are too few.
        """
        if self.expected_bits <= 0:
            loss_db = -10 * np.log10(max(self.link.transmittance, 1e-99))
            raise ConfigError(
                f"{self.protocol} over {self.distance_km:g} km of {self.channel} ({loss_db:.0f} dB, {self.pulses:,} "
                "pulses) leaves no key even where nobody listens; shorten the link, or send more pulses"
            )


@lru_cache(REMEMBERED)
def exchange_keys(setup: Setup, seed: int, *path: str | int) -> Distilled:
    """Return what an exchange comes to; the same seed and path give the same at both ends.

    So the key is as secret as the seed, which it is not: this is a simulation.

    Args:
        setup: What is simulated.
        seed: Of all draws.
        path: Which exchange of this seed.

    Example:
        >>> exchange_keys(Setup("bb84_single", distance_km=1.0, pulses=100_000), 1, "doc").status.value
        'The exchange left a key.'
    """
    return PROTOCOLS[setup.protocol](setup, stream(seed, "qkd", *path))


def _bb84(setup: Setup, generator: np.random.Generator) -> Distilled:
    source = SOURCES[setup.protocol]
    found = transmit(setup.pulses, source, setup.link, setup.eavesdropper, generator)
    return distil(estimate_bb84(found, source, setup.security), setup.security, generator)


def _e91(setup: Setup, generator: np.random.Generator) -> Distilled:
    found = e91.share_pairs(setup.pulses, setup.link, setup.eavesdropper, generator)
    return distil(estimate_e91(found, setup.security, generator), setup.security, generator)


SOURCES = {"bb84": DECOY, "bb84_single": SINGLE}
PROTOCOLS: dict[str, Callable[[Setup, np.random.Generator], Distilled]] = {
    "bb84": _bb84,
    "bb84_single": _bb84,
    "e91": _e91,
}
ATTACKS = {
    "bb84": STRATEGIES,
    "bb84_single": tuple(s for s in STRATEGIES if s != "photon_number_splitting"),
    "e91": e91.STRATEGIES,
}
