r"""What releases add up to, by Google's ``dp-accounting``.

Releases of noise :math:`z_i` (standard deviation over sensitivity) together are one of noise
:math:`(\sum_i n_i z_i^{-2})^{-1/2}`: Gaussians compose to a Gaussian (Dong, Roth and Su, 2022, arXiv:1905.02383,
Corollary 3.3), and so do bounds of concentrated privacy (Bun and Steinke, 2016, arXiv:1605.02065, Lemma 1.7). The
library is asked for the epsilon of that one.

Nothing is taken off for sampling: who is asked follows from the seed, which clients know, and stands in the run
folder, so the choice is no secret, and amplification by sampling needs one. Only rounds in which a client is asked
count for it.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import inf, sqrt
from typing import Any

from qfl.errors import MissingExtra
from qfl.shipped import install

REMEDY = f"`{install('privacy')}`"
STEP = 1e-4  # of privacy losses (pld), times their size where that is above 1; epsilon is never told too small by it
LEAST, MOST = 1e-3, 1e6  # noise multipliers that are looked through
NEAR = {"rdp": 1e-6, "pld": 1e-3}  # how near the least one is come, as a share of it


def joint_multiplier(spent: Mapping[float, int]) -> float:
    """Return the noise multiplier of all releases together; inf where there are none.

    Args:
        spent: Releases by noise multiplier, above 0.

    Example:
        >>> joint_multiplier({2.0: 4}), joint_multiplier({})
        (1.0, inf)
    """
    loss = sum(count / multiplier**2 for multiplier, count in spent.items())
    return 1 / sqrt(loss) if loss else inf


def epsilon(spent: Mapping[float, int], delta: float, accountant: str = "rdp") -> float:
    """Return the epsilon that releases have cost, at most.

    Args:
        spent: Releases by noise multiplier, above 0.
        delta: Probability with which it may not hold, in (0, 1).
        accountant: ``rdp`` or ``pld``.

    Raises:
        MissingExtra: If dp-accounting is not installed.

    Example:
        >>> round(epsilon({5.0: 30}, 1e-5), 2), epsilon({}, 1e-5)
        (5.25, 0.0)
    """
    joint = joint_multiplier(spent)
    return 0.0 if joint == inf else _epsilon(joint, delta, accountant)


def noise_multiplier(target: float, releases: int, delta: float, accountant: str = "rdp") -> float:
    """Return the least noise multiplier with which so many releases cost no more than an epsilon.

    Args:
        target: The epsilon, above 0.
        releases: At least 1.
        delta: In (0, 1).
        accountant: ``rdp`` or ``pld``.

    Raises:
        MissingExtra: If dp-accounting is not installed.
        ValueError: If no noise that is looked through is enough.

    Example:
        >>> epsilon({noise_multiplier(2.0, 30, 1e-5): 30}, 1e-5) <= 2.0
        True
    """
    low, high = LEAST, MOST
    if accountant == "pld":  # Renyi divergences give a little more noise, in no time
        high = noise_multiplier(target, 1, delta) * (1 + NEAR["pld"])
        low = high / 4
    if _epsilon(high, delta, accountant) > target:
        raise ValueError(f"no noise multiplier up to {high:g} costs as little as epsilon = {target:g}")
    while high / low > 1 + NEAR[accountant]:
        middle = sqrt(low * high)
        low, high = (low, middle) if _epsilon(middle, delta, accountant) <= target else (middle, high)
    return high * sqrt(releases) * (1 + 1e-9)  # so that rounding tells no epsilon above the target


@lru_cache(maxsize=10_000)
def _epsilon(multiplier: float, delta: float, accountant: str) -> float:
    library = require_library()
    own: Any = _made(library, accountant, multiplier)
    own.compose(library.GaussianDpEvent(multiplier))
    return float(own.get_epsilon(delta))


def _made(library: Any, accountant: str, multiplier: float) -> Any:
    """Return a fresh accountant; losses of little noise are wide, and are put on a grid as much wider."""
    if accountant == "rdp":
        return library.rdp.RdpAccountant()
    relation = library.NeighboringRelation.ADD_OR_REMOVE_ONE
    return library.pld.PLDAccountant(relation, STEP * max(1.0, 1 / multiplier**2))


def require_library() -> Any:
    """Return the module ``dp_accounting``.

    Raises:
        MissingExtra: If it is not installed.
    """
    try:
        import dp_accounting  # type: ignore[import-not-found]
        import dp_accounting.pld  # type: ignore[import-not-found]
        import dp_accounting.rdp  # type: ignore[import-not-found]
    except ImportError:
        raise MissingExtra(f"privacy.mechanism needs dp-accounting, which is not installed; {REMEDY}") from None
    return dp_accounting
