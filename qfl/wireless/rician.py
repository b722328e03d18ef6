"""Small-scale fading of one moment: a steady ray plus many weak ones."""

import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import InputError
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.units import db_to_linear

PerChannel = Complex128[ndarray, "device channel"]


@checked()
def rician(k_db: float, phase: Float64[ndarray, " device"], diffuse: PerChannel) -> PerChannel:
    r"""Return Rician amplitudes of mean power 1.

    :math:`h_{ic} = \sqrt{K/(K+1)}\, e^{j\phi_i} + \sqrt{1/(K+1)}\, g_{ic}` with the linear K factor K and g circular
    Gaussian of power 1. The steady ray's phase is common to a device's sub-channels. The power |h|^2 has mean 1 and
    variance (2K + 1)/(K + 1)^2.

    Args:
        k_db: K factor in dB; -inf is Rayleigh fading.
        phase: Of the steady ray, in radians.
        diffuse: The weak rays together, power 1.

    Example:
        >>> h = rician(9.0, np.zeros(1), np.zeros((1, 1), dtype=complex))
        >>> round(float(abs(h[0, 0]) ** 2), 3)  # K/(K+1), K = 7.94
        0.888

    Reference:
        Tse and Viswanath, Fundamentals of Wireless Communication, 2005, section 2.4.2.
    """
    k = float(db_to_linear(k_db))
    steady = np.sqrt(k / (k + 1)) * np.exp(1j * phase)[:, None]
    return steady + diffuse / np.sqrt(k + 1)


def white(generator: np.random.Generator, shape: tuple[int, ...]) -> Complex128[ndarray, "..."]:
    """Return circular complex Gaussians of power 1, independent."""
    real, imaginary = generator.standard_normal((2, *shape))
    return (real + 1j * imaginary) / np.sqrt(2)


@checked()
def colour(scenario: UplinkScenario, independent: PerChannel) -> PerChannel:
    """Return the diffuse part with the sub-channels of a device correlated, if the scenario says so."""
    if not scenario.correlated:
        return independent
    if independent.shape[1] != scenario.num_channels:
        raise InputError(f"fading has {independent.shape[1]} sub-channels, not {scenario.num_channels}; give as many")
    return independent @ np.linalg.cholesky(channel_correlation(scenario)).T


def channel_correlation(scenario: UplinkScenario) -> Complex128[ndarray, "channel channel"]:
    r"""Return E[g_a g_b*] of the diffuse part on two sub-channels, for an exponential power delay profile.

    The profile's Fourier transform: :math:`R_{ab} = 1 / (1 + j 2 \pi \tau (f_a - f_b))`, with the root-mean-square
    delay spread tau and neighbouring sub-channels one bandwidth apart. A hundred-millionth is added to the diagonal
    and divided out again, so that the matrix stays positive definite where the spread is 0.
    """
    frequency_hz = scenario.bandwidth_hz * np.arange(scenario.num_channels)
    apart = frequency_hz[:, None] - frequency_hz[None, :]
    exact = 1.0 / (1.0 + 2j * np.pi * scenario.delay_spread_s * apart)
    return (exact + 1e-8 * np.eye(scenario.num_channels)) / (1.0 + 1e-8)
