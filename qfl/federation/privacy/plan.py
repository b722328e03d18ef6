"""The noise of a run: how much, of which bits, and what being asked once more costs."""

import os
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import sqrt

import numpy as np
from jaxtyping import Float

from qfl.angles import AngleLayout
from qfl.config import PrivacySettings, Settings
from qfl.config.named_clients import named_clients
from qfl.errors import ConfigError
from qfl.extend import is_reference
from qfl.federation.grids.named_selection import among
from qfl.federation.grids.selection import Pool, choose
from qfl.privacy.accountant import epsilon, noise_multiplier, require_library
from qfl.privacy.discrete_sum import BITS, share_variance, summed_multiplier
from qfl.privacy.keystream import SEED_BYTES, Keystream
from qfl.security.masking.graph import default_threshold, num_holders
from qfl.seeds import stream

CENTRAL, LOCAL, DISTRIBUTED = "central", "local", "distributed"


@dataclass(frozen=True, eq=False)
class Plan:
    """Differential privacy of one run.

    Args:
        own: The settings of it.
        seed: The run's.
        deployed: Whether noise must come from the operating system: else it follows from the seed.
        multiplier: Noise over sensitivity.
        periods: Of each entry, in radians.
    """

    own: PrivacySettings
    seed: int
    deployed: bool
    multiplier: float
    periods: Float[np.ndarray, " angle"]

    @property
    def sensitivity(self) -> float:
        """The most that a client can change what is released, in radians."""
        return self.own.clip * (2 if self.own.mechanism == LOCAL else 1)

    @property
    def deviation(self) -> float:
        """Standard deviation of the noise of a release, in radians: of a sum, or of one client's movement (local)."""
        return self.multiplier * self.sensitivity

    def epsilon(self, asked: int) -> float:
        """Return what a client has spent that was asked in so many rounds."""
        return epsilon({self.multiplier: asked} if asked else {}, self.own.delta, self.own.accountant)

    def allows(self, asked: int) -> bool:
        """Return whether a client's budget lasts for so many rounds."""
        return self.own.epsilon is None or self.epsilon(asked) <= self.own.epsilon

    def bits(self, *path: str | int) -> Keystream:
        """Return the bits of one noise.

        Args:
            path: Whose, and of which round.
        """
        seed = os.urandom(SEED_BYTES) if self.deployed else stream(self.seed, "privacy", *path).bytes(SEED_BYTES)
        return Keystream(seed)

    def share(self, threshold: int) -> int:
        """Return the variance of a client's share of the noise of a masked sum, in steps of 2^-32 rad, squared.

        Shares of survivors that the server knows are no noise to it: what remains must be enough.

        Args:
            threshold: Clients that are in every sum that is unmasked.
        """
        shares = threshold - self.own.colluding
        return share_variance(self.multiplier, self.own.clip, len(self.periods), shares)

    def mean_noise(self, asked: int, accepted: int, threshold: int = 0) -> float:
        """Return the standard deviation of the noise of each entry of a round's mean, in radians.

        Args:
            asked: Clients that were.
            accepted: Those whose update is in the mean.
            threshold: Clients that are in every sum that is unmasked (distributed).
        """
        if self.own.mechanism == LOCAL:
            return self.deviation / sqrt(accepted) if accepted else 0.0
        if self.own.mechanism == DISTRIBUTED:
            return sqrt(accepted * self.share(threshold)) * 2.0**-BITS / asked
        return self.deviation / asked


def plan_of(settings: Settings, layout: AngleLayout) -> Plan | None:
    """Return the privacy of a run; None where there is none.

    Args:
        settings: The run's.
        layout: Of its entries.

    Raises:
        ConfigError: If the budget does not last for one round, or the noise for no number of colluding clients.
        MissingExtra: If dp-accounting is not installed.
    """
    own = settings.privacy
    if own.mechanism == "none":
        return None
    require_library()
    multiplier = own.noise_multiplier or _calibrated(own, releases(settings))
    plan = Plan(own, settings.seed, settings.backend == "deployed", multiplier, np.array(layout.periods))
    if not plan.allows(1):
        raise ConfigError(
            f"privacy.epsilon = {own.epsilon:g}, but one round with privacy.noise-multiplier = {multiplier:g} costs "
            f"{plan.epsilon(1):.4g}; give more of either"
        )
    if own.mechanism == DISTRIBUTED:
        _require_shares(plan, settings)
    return plan


def _calibrated(own: PrivacySettings, rounds: int) -> float:
    try:
        return noise_multiplier(own.epsilon or 0.0, rounds, own.delta, own.accountant)
    except ValueError as fault:
        raise ConfigError(f"privacy.epsilon = {own.epsilon:g} for {rounds} rounds: {fault}; give more") from None


def _require_shares(plan: Plan, settings: Settings) -> None:
    """Return if the noise that survivors add is as much as is accounted for."""
    threshold = least_survivors(settings)
    if plan.own.colluding >= threshold:
        raise ConfigError(
            f"privacy.colluding = {plan.own.colluding}, but no more than {threshold} clients are sure to be in a sum "
            "(security.threshold); give less"
        )
    shares = threshold - plan.own.colluding
    proven = summed_multiplier(plan.share(threshold), plan.own.clip, len(plan.periods), shares)
    if proven < plan.multiplier * (1 - 1e-9):
        raise ConfigError(f"privacy.clip = {plan.own.clip:g} is too fine for noise on whole numbers; give more")


def least_survivors(settings: Settings) -> int:
    """Return how many clients are in every masked sum that is unmasked."""
    own = settings.security
    return own.threshold or default_threshold(num_holders(settings.clients.asked, own.neighbours or 0))


@lru_cache(maxsize=8)
def releases(settings: Settings) -> int:
    """Return the most rounds in which any client is asked, as far as the settings alone say; else all rounds.

    Args:
        settings: Their seed fixes who is asked, unless a rule of the user's own chooses.

    Example:
        >>> releases(Settings.from_flat({"rounds": 7}))
        7
    """
    clients, rounds = settings.clients, range(1, settings.rounds + 1)
    if is_reference(clients.selection):
        return settings.rounds
    if (named := named_clients(clients)) is not None:
        asked = (among(named, settings.seed, clients.asked, number) for number in rounds)
    else:
        pool = Pool(settings.seed, clients.count)
        asked = (choose(clients.selection, pool, clients.asked, number) for number in rounds)
    return max(Counter(chain.from_iterable(asked)).values())
