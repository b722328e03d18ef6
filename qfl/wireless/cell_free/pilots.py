"""Pilots: how much two users may share one, who gets which, and what is estimated from them."""

import numpy as np
from jaxtyping import Complex128, Float64, Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError


@checked()
def pilot_correlation(pilots: Complex128[ndarray, "user length"]) -> Float64[ndarray, "user user"]:
    r"""Return :math:`\xi_{kl} = |\xi_k^H \xi_l|^2` of unit pilots: 0 for orthogonal ones, 1 for a shared one.

    Example:
        >>> pilot_correlation(np.array([[1, 0], [1, 1j]]) / np.sqrt([[1], [2]])).round(3).tolist()
        [[1.0, 0.5], [0.5, 1.0]]
    """
    return np.abs(pilots.conj() @ pilots.T) ** 2


@checked(positive="gain", some="ap")
def correlation_limit(gain: Float64[ndarray, "ap user"], epsilon: float) -> Float64[ndarray, "user user"]:
    r"""Return the largest :math:`\xi_{kl}` of the pilots of users k and l that footnote 15 allows.

    .. math:: \xi_{kl} \le \frac{\epsilon}{(\max_m a_{lm} / a_{km})^2}

    at most 1. The paper calls a "path loss values" and does not say epsilon. We read a as the mean gain, so that the
    contamination :math:`\xi_{kl} (a_{lm} / a_{km})^2` of k's estimate at any access point is at most epsilon; with a
    loss it would bound the contamination where it is least. The limit is not symmetric: a pair that shares must
    satisfy both.

    Args:
        gain: Mean gains, linear.
        epsilon: Allowed contamination, linear.

    Raises:
        ConfigError: If epsilon is not above 0.
    """
    if not epsilon > 0:
        raise ConfigError(f"epsilon is {epsilon:g}; give the allowed pilot contamination, a number above 0")
    worst = (gain[:, None, :] / gain[:, :, None]).max(axis=0)
    return np.minimum(1.0, epsilon / worst**2)


@checked(least="gain", some="ap")
def assign_pilots(gain: Float64[ndarray, "ap user"], num_pilots: int) -> Int64[ndarray, " user"]:
    """Return each user's pilot: the first users get one each, a later one the least disturbed at its best access point.

    Reference:
        Demir, Björnson and Sanguinetti, Foundations of User-Centric Cell-Free Massive MIMO, 2021, its basic algorithm
        for pilots and clusters.
    """
    num_users = gain.shape[1]
    pilot = np.arange(num_users)
    for user in range(num_pilots, num_users):
        master = gain[:, user].argmax()
        load = np.bincount(pilot[:user], weights=gain[master, :user], minlength=num_pilots)
        pilot[user] = load.argmin()
    return pilot


@checked(least="gain", some="ap user")
def serving_by_pilot(gain: Float64[ndarray, "ap user"], pilot: Int64[ndarray, " user"]) -> ndarray:
    """Return the user-centric clusters: each access point serves, of the users on each pilot, the strongest.

    And a user's best access point serves it in any case, so that nobody is left out.

    Reference:
        Foundations of User-Centric Cell-Free Massive MIMO, as above; the best one is its "master" access point.
    """
    serves = np.zeros(gain.shape, bool)
    for shared in np.unique(pilot):
        users = np.flatnonzero(pilot == shared)
        serves[np.arange(len(gain)), users[gain[:, users].argmax(axis=1)]] = True
    serves[gain.argmax(axis=0), np.arange(gain.shape[1])] = True
    return serves


@checked(least="gain", index={"pilot": "pilot"})
def mmse_estimate(
    true: Complex128[ndarray, "ap user antenna"],
    gain: Float64[ndarray, "ap user"],
    pilot: Int64[ndarray, " user"],
    pilot_snr: float,
    noise: Complex128[ndarray, "ap pilot antenna"],
) -> Complex128[ndarray, "ap user antenna"]:
    r"""Return the estimate from pilots that several users share, for fading that is independent between antennas.

    .. math::
        y_{mt} = \sqrt{s} \sum_{i: t_i = t} h_{mi} + n, \qquad
        \hat h_{mk} = \frac{\sqrt{s} \, \beta_{mk}}{s \sum_{i: t_i = t_k} \beta_{mi} + 1} \, y_{m t_k}

    Args:
        true: h.
        gain: beta, mean gains.
        pilot: Each user's pilot.
        pilot_snr: s, pilot energy (length times uplink power) over noise power, for a gain of 1.
        noise: n, of power 1.

    Reference:
        Foundations of User-Centric Cell-Free Massive MIMO, its MMSE estimate with R = beta I; derived here.
    """
    members = (pilot[:, None] == np.arange(noise.shape[1])).astype(float)
    received = np.sqrt(pilot_snr) * np.einsum("mka,kt->mta", true, members) + noise
    weight = np.sqrt(pilot_snr) * gain / (pilot_snr * (gain @ members)[:, pilot] + 1)
    return weight[..., None] * received[:, pilot]
