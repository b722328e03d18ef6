"""Five checks for a tampered contribution, two by entanglement and three by arithmetic: a score for every client.

"An anomalous model update would break the expected quantum correlations" (Section IV-A of "Quantum Federated Learning
for 6G"). Which correlations? Those of the shared states cannot break: turning one's own qubit by another phase is what
the protocol asks for, and no measurement of check states depends on it (`state_scores`). What can differ is the
overlap of states that clients prepare from their updates, which a swap test measures (`swap_scores`), a pair at a time
and up to shot noise; the server then holds states of single updates, so the sum hides them no longer. Beside them stand
the norm of an update, its direction, and its distance from the others, which is what a swap test measures
(`norm_scores`, `direction_scores`, `distance_scores`).
"""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.entanglement.ghz_sum import SharedStates
from qfl.entanglement.source_check import check_states
from qfl.errors import ConfigError

Updates = Float64[ndarray, "client angle"]
Scores = Float64[ndarray, " client"]
TINY = 1e-12


def norm_scores(updates_rad: Updates) -> Scores:
    """Return how far each update's norm is from the median norm, over the median of these distances.

    Example:
        >>> norm_scores(np.array([[1.0], [1.1], [0.9], [5.0]])).argmax()
        np.int64(3)
    """
    norms = np.linalg.norm(_checked(updates_rad), axis=1)
    apart = np.abs(norms - np.median(norms))
    return apart / max(float(np.median(apart)), TINY)


def direction_scores(updates_rad: Updates) -> Scores:
    """Return 1 less the cosine between each update and the coordinate-wise median of all.

    Example:
        >>> direction_scores(np.array([[1.0, 0.0], [1.0, 0.1], [-1.0, 0.0]])).argmax()
        np.int64(2)
    """
    median = np.median(_checked(updates_rad), axis=0)
    norms = np.linalg.norm(updates_rad, axis=1) * np.linalg.norm(median)
    return 1 - updates_rad @ median / np.maximum(norms, TINY)


def distance_scores(updates_rad: Updates) -> Scores:
    """Return the mean squared distance of each update from the others, rad^2.

    Reference:
        Blanchard, El Mhamdi, Guerraoui and Stainer, "Machine learning with adversaries", 2017: Krum's score, over all.

    Example:
        >>> distance_scores(np.array([[1.0], [1.0], [2.0]])).tolist()
        [0.5, 0.5, 1.0]
    """
    apart = _checked(updates_rad)[:, None] - updates_rad[None]
    return (apart**2).sum((1, 2)) / (len(updates_rad) - 1)


def swap_scores(updates_rad: Updates, shots: int, generator: np.random.Generator) -> Scores:
    """Return 1 less the mean overlap of each client's state with the others', as swap tests of so many shots find it.

    An angle is the phase of a qubit, so the overlap of two clients is F = prod cos^2((u - v) / 2); a swap test says 0
    with probability (1 + F) / 2.

    Args:
        updates_rad: Of at least two clients.
        shots: Of each pair's test; 0 gives the overlaps exactly, as no number of shots does.
        generator: Of outcomes.

    Reference:
        Buhrman, Cleve, Watrous and de Wolf, "Quantum fingerprinting", 2001.

    Example:
        >>> swap_scores(np.array([[0.1], [0.1], [2.0]]), 0, np.random.default_rng(1)).argmax()
        np.int64(2)
    """
    apart = _checked(updates_rad)[:, None] - updates_rad[None]
    overlap = np.prod(np.cos(apart / 2) ** 2, axis=2)
    if shots:
        zeros = generator.binomial(shots, (1 + np.triu(overlap, 1)) / 2)
        upper = np.triu(2 * zeros / shots - 1, 1)
        overlap = upper + upper.T
    np.fill_diagonal(overlap, 0.0)
    return 1 - overlap.sum(1) / (len(updates_rad) - 1)


def state_scores(updates_rad: Updates, checks: int, states: SharedStates, generator: np.random.Generator) -> Scores:
    """Return the share of failed checks of states that each client shares with the server, an EPR pair each.

    The updates decide nothing here but how many clients there are; that is the point.

    Args:
        updates_rad: Of at least two clients.
        checks: States that are spent on each client, 1 or more.
        states: How good they are.
        generator: Of outcomes.

    Raises:
        ConfigError: If there are no checks.
    """
    if checks < 1:
        raise ConfigError(f"checks = {checks}; give 1 or more")
    each = [check_states(checks, 2, states, generator).failed for _ in _checked(updates_rad)]
    return np.array(each) / checks


def _checked(updates_rad: Updates) -> Updates:
    if updates_rad.ndim != 2 or len(updates_rad) < 2 or not np.isfinite(updates_rad).all():
        raise ConfigError(f"updates of shape {updates_rad.shape}; give finite ones of two clients or more, a row each")
    return updates_rad
