"""What no D2D power control can exceed: certified by branch and bound where pairs are few, loose bounds elsewhere."""

import heapq
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError

MOST_PAIRS = 5  # of branch and bound: boxes multiply with every pair


@dataclass(frozen=True)
class Certified:
    """What branch and bound found.

    Args:
        x: Best powers seen, as parts of the highest.
        value: Their weighted sum rate in bit/s/Hz.
        bound: No powers exceed this.
        boxes: How many boxes were looked at.
    """

    x: Float64[ndarray, " pair"]
    value: float
    bound: float
    boxes: int


@checked(least="snr alpha", some="rx", same="rx tx pair")
def branch_and_bound(
    snr: Float64[ndarray, "rx tx"],
    alpha: Float64[ndarray, " pair"],
    *,
    gap: float = 0.02,
    most_boxes: int = 60_000,
) -> Certified:
    r"""Return the global optimum of one sample up to a gap, by mixed monotonic programming.

    In a box [l, u] of powers the rate of pair i is at most
    :math:`\log_2(1 + u_i s_{ii} / (1 + \sum_{j \ne i} s_{ij} l_j))`; the box with the highest bound is halved along its
    longest edge until that bound is within the gap of the best value seen. For i.i.d. fading this closes in a fraction
    of a second at K = 5; with gains from geometry it may not close, and the bound says how far it came.

    Args:
        snr: Gain times highest power over noise, linear.
        alpha: Weights of the pairs' rates, 0 or more.
        gap: In bit/s/Hz, above 0: bound and value are at most so far apart at the end.
        most_boxes: After so many boxes it stops, with the gap that is left.

    Raises:
        ConfigError: For more than 5 pairs.

    Reference:
        Matthiesen, Hellings, Jorswieck and Utschick, 2020, Mixed monotonic programming for fast global optimization,
        arXiv:1910.07853, section IV-A.
    """
    pairs = len(alpha)
    if pairs > MOST_PAIRS:
        raise ConfigError(
            f"branch and bound over {pairs} pairs: expected at most {MOST_PAIRS}; use exact_on_off or the bounds"
        )
    low, high = np.zeros(pairs), np.ones(pairs)
    best, x, boxes = _rate(snr, alpha, high, high), high, 1
    heap = [(-_rate(snr, alpha, high, low), boxes, low, high)]
    while heap and -heap[0][0] > best + gap and boxes < most_boxes:
        _, _, low, high = heapq.heappop(heap)
        edge = int(np.argmax(high - low))
        middle = (low[edge] + high[edge]) / 2
        for half in (0, 1):
            own = (low.copy(), high.copy())
            own[1 - half][edge] = middle
            boxes += 1
            for corner in own:
                if (value := _rate(snr, alpha, corner, corner)) > best:
                    best, x = value, corner
            bound = _rate(snr, alpha, own[1], own[0])
            if bound > best:
                heapq.heappush(heap, (-bound, boxes, *own))
    return Certified(x, best, max(best, -heap[0][0] if heap else best), boxes)


@checked(least="snr alpha", some="rx", same="rx tx pair")
def no_interference_bound(snr: Float64[ndarray, "*s rx tx"], alpha: Float64[ndarray, "*s pair"]) -> ndarray:
    """Return the weighted sum rate if nobody disturbed anybody: an upper bound, and a loose one.

    Example:
        >>> float(no_interference_bound(np.array([[3.0, 9.0], [9.0, 1.0]]), np.ones(2)))
        3.0
    """
    return np.asarray((alpha * np.log2(1.0 + np.diagonal(snr, axis1=-2, axis2=-1))).sum(-1))


@checked(least="snr alpha", some="rx", same="rx tx pair")
def pair_bound(snr: Float64[ndarray, "rx tx"], alpha: Float64[ndarray, " pair"]) -> float:
    r"""Return an upper bound from what any two pairs can reach with all others silent: loose, but rigorous.

    It is the linear program of the largest :math:`\sum_i \rho_i` with :math:`\rho_i + \rho_j \le R_{ij}`, the optimum
    of the two pairs alone, and :math:`\rho_i` at most what pair i reaches alone.
    """
    from scipy.optimize import linprog

    alone = alpha * np.log2(1.0 + np.diagonal(snr))
    two = list(combinations(range(len(alpha)), 2))
    if not two:
        return float(alone.sum())
    rows = np.zeros((len(two), len(alpha)))
    for row, pair in zip(rows, two, strict=True):
        row[list(pair)] = 1.0
    most = [two_pairs_optimum(snr[np.ix_(pair, pair)], alpha[list(pair)]) for pair in two]
    found = linprog(-np.ones(len(alpha)), rows, most, bounds=[(0.0, own) for own in alone])
    return float(-found.fun)


@checked(least="snr alpha")
def two_pairs_optimum(snr: Float64[ndarray, "2 2"], alpha: Float64[ndarray, "2"]) -> float:
    """Return the optimum of two pairs, in closed form.

    Scaling both powers up raises both rates, so one of them is at its highest. Along that edge the derivative in the
    other is a quadratic over something positive; its roots and the ends are all the candidates.
    """
    candidates = [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]
    for first in (0, 1):
        s = snr if first == 0 else snr[::-1, ::-1]
        a1, a2 = alpha[first], alpha[1 - first]
        # pair `first` at 1, the other at x: a1 log(1 + s00 / (1 + s01 x)) + a2 log(1 + s11 x / (1 + s10))
        square = a2 * s[1, 1] * s[0, 1] ** 2
        linear = a2 * s[1, 1] * s[0, 1] * (2.0 + s[0, 0]) - a1 * s[0, 0] * s[0, 1] * s[1, 1]
        rest = a2 * s[1, 1] * (1.0 + s[0, 0]) - a1 * s[0, 0] * s[0, 1] * (1.0 + s[1, 0])
        inside = [root.real for root in np.roots([square, linear, rest]) if 0.0 < root.real < 1.0]
        candidates += [(1.0, x) if first == 0 else (x, 1.0) for x in inside]
    return max(_rate(snr, alpha, np.array(x), np.array(x)) for x in candidates)


def _rate(snr: ndarray, alpha: ndarray, own: ndarray, others: ndarray) -> float:
    """Return the weighted sum rate with each pair at ``own`` while it hears the rest at ``others``."""
    direct = np.diagonal(snr)
    return float(alpha @ np.log2(1.0 + direct * own / (1.0 + snr @ others - direct * others)))
