r"""What a sum of discrete Gaussians protects, where each client adds its share.

The sum of :math:`n` discrete Gaussians is none itself, but so near to one that (Kairouz, Liu and Steinke, 2021,
arXiv:2102.06387, Proposition 14) a sum of sensitivity :math:`\Delta` in :math:`d` dimensions satisfies
:math:`\tfrac12 \varepsilon^2`-concentrated differential privacy with

.. math::
    \varepsilon = \min\left\{ \sqrt{\frac{\Delta^2}{n \sigma^2} + \frac{\tau d}{2}},\;
    \frac{\Delta}{\sqrt{n}\,\sigma} + \tau \sqrt{d} \right\}, \qquad
    \tau = 10 \sum_{k=1}^{n-1} e^{-2 \pi^2 \sigma^2 \frac{k}{k+1}}

A Gaussian of noise multiplier :math:`1/\varepsilon` has the same Renyi divergences: the accountant is given that one.
"""

from math import ceil, exp, pi, sqrt

BITS = 32  # behind the binary point of a movement's words: `qfl.federation.masking.words`


def whole_sensitivity(clip: float, dimension: int) -> float:
    """Return the longest movement in steps of 2^-32 rad: rounding to whole ones moves each entry by half a step.

    Args:
        clip: Longest movement, in rad.
        dimension: Entries.
    """
    return clip * 2.0**BITS + sqrt(dimension) / 2


def share_variance(multiplier: float, clip: float, dimension: int, shares: int) -> int:
    """Return the variance of one client's share, in steps squared, rounded up.

    Args:
        multiplier: Noise of the whole sum over its sensitivity, above 0.
        clip: Longest movement, in rad.
        dimension: Entries.
        shares: That are sure to be in the sum and unknown to the server, at least 1.

    Example:
        >>> share_variance(1.0, 2.0**-30, 4, 1)
        25
    """
    return ceil((multiplier * whole_sensitivity(clip, dimension)) ** 2 / shares)


def summed_multiplier(variance: int, clip: float, dimension: int, shares: int) -> float:
    """Return the noise multiplier of the Gaussian that protects as well as a sum of shares does.

    Args:
        variance: Of one share, in steps squared.
        clip: Longest movement, in rad.
        dimension: Entries.
        shares: In the sum, at least 1.
    """
    ratio = whole_sensitivity(clip, dimension) / sqrt(shares * variance)
    tau = 10 * sum(exp(-2 * pi**2 * variance * k / (k + 1)) for k in range(1, shares))
    return 1 / min(sqrt(ratio**2 + tau * dimension / 2), ratio + tau * sqrt(dimension))
