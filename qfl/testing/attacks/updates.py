"""Attacks of clients that know nothing of each other: each sends something else than what it trained.

Movements are measured around the circle, the shorter way round, so that an angle that was sent wrapped is reversed or
scaled as the one that it means. What is sent is not wrapped: a boosted angle of more than half a period is one that a
straight mean takes at its word, and a rule around the circle does not.
"""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.local import local_differences
from qfl.angles import AngleLayout
from qfl.arrays import checked

Angles = Float[np.ndarray, " angle"]
Updates = Float[np.ndarray, "attacker angle"]


@checked(some="attacker")
def flip_sign(angles: Angles, updates: Updates, layout: AngleLayout, strength: float = 1.0) -> Updates:
    r"""Return updates that go the other way: :math:`\theta_t - s\, d_k`.

    Args:
        angles: What was broadcast, in radians.
        updates: What attackers trained.
        layout: Gives the periods.
        strength: :math:`s`, at least 0.

    Reference:
        Li, Xu, Chen, Giannakis and Ling, RSA: Byzantine-robust stochastic aggregation methods, 2019, arXiv:1811.03761,
        the sign-flipping attack of section 5.

    Example:
        >>> flip_sign(np.array([3.1]), np.array([[3.2 - 2 * np.pi]]), AngleLayout(("a",), (2 * np.pi,))).round(6)
        array([[3.]])
    """
    return angles - strength * _moved(angles, updates, layout)


@checked(some="attacker")
def scale(angles: Angles, updates: Updates, layout: AngleLayout, strength: float = 10.0) -> Updates:
    r"""Return updates that go the same way, further: :math:`\theta_t + s\, d_k`, so that a mean is mostly theirs.

    Args:
        angles: What was broadcast, in radians.
        updates: What attackers trained.
        layout: Gives the periods.
        strength: :math:`s`, at least 0.

    Example:
        >>> scale(np.zeros(1), np.array([[0.1]]), AngleLayout(("a",), (2 * np.pi,)), 3.0).round(6)
        array([[0.3]])
    """
    return angles + strength * _moved(angles, updates, layout)


@checked(some="attacker")
def replace_model(
    angles: Angles, updates: Updates, layout: AngleLayout, share: float, strength: float = 0.0
) -> Updates:
    r"""Return updates boosted until a mean of all clients is what the attackers trained: :math:`\theta_t + \gamma d_k`.

    With :math:`\gamma = 1 / \mathrm{share}`, and honest clients that stay where they are, the mean of all is the mean
    of what attackers trained.

    Unlike the paper, whose one attacker subtracts what honest clients are expected to send, here they are expected to
    be near convergence (its Eq. (3)), as the paper itself goes on to assume; and all attackers share the boost.

    Args:
        angles: What was broadcast, in radians.
        updates: What attackers trained, on samples with their trigger.
        layout: Gives the periods.
        share: Of all clients, those that attack, in (0, 1].
        strength: :math:`\gamma`; 0 takes one over the share.

    Reference:
        Bagdasaryan, Veit, Hua, Estrin and Shmatikov, How to backdoor federated learning, 2020, arXiv:1807.00459,
        Eq. (3).

    Example:
        >>> replace_model(np.zeros(1), np.array([[0.1]]), AngleLayout(("a",), (2 * np.pi,)), share=0.25).round(6)
        array([[0.4]])
    """
    return scale(angles, updates, layout, strength or 1 / share)


@checked(some="attacker")
def ride_free(angles: Angles, updates: Updates, rng: np.random.Generator, strength: float = 0.01) -> Updates:
    """Return what was broadcast with a little noise: nothing was trained, and it looks as if something had been.

    Args:
        angles: What was broadcast, in radians.
        updates: What attackers would have trained; only how many is looked at.
        rng: Of the noise.
        strength: Its standard deviation in rad, at least 0.

    Reference:
        Fraboni, Vidal and Lorenzi, Free-rider attacks on model aggregation in federated learning, 2021,
        arXiv:2006.11901, section 3.2, disguised free-riding with noise that stays alike over the rounds.

    Example:
        >>> ride_free(np.ones(2), np.zeros((1, 2)), np.random.default_rng(1), strength=0.0)
        array([[1., 1.]])
    """
    return angles + strength * rng.normal(size=updates.shape)


@checked(some="attacker")
def flip_bits(updates: Updates, rng: np.random.Generator, strength: float = 4.0) -> Updates:
    """Return updates of which some bits have changed where they lie in memory, as a fault that somebody injects does.

    Any bit of any number may be hit; one of an exponent makes a number huge, tiny, or none.

    Args:
        updates: What was trained, in the precision in which it is sent.
        rng: Says which bits.
        strength: Bits of each update, at least 0 and rounded.

    Reference:
        Rakin, He and Fan, Bit-flip attack: crushing neural network with progressive bit search, 2019, arXiv:1903.12269;
        unlike there, bits are not searched for but hit at random.

    Example:
        >>> one = np.ones((1, 3), dtype=np.float32)
        >>> int((flip_bits(one, np.random.default_rng(1), 1.0) != one).sum())
        1
    """
    found = np.ascontiguousarray(updates).copy()
    words = found.view(f"u{found.itemsize}")
    width, (num, length) = 8 * found.itemsize, words.shape
    hits = min(round(strength), width * length)
    for row in range(num):
        for place in rng.choice(width * length, hits, replace=False):
            words[row, place // width] ^= words.dtype.type(1 << int(place % width))
    return found


def _moved(angles: Angles, updates: Updates, layout: AngleLayout) -> Updates:
    return local_differences(angles, updates, np.array(layout.periods))
