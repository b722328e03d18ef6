r"""The best least rate for a given assignment: a semidefinite program, solved by bisection (optional extra ``sdp``)."""

from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

import numpy as np
from jaxtyping import Bool, Complex128
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError, MissingExtra
from qfl.shipped import install
from qfl.wireless.cell_free.network import CellFree

REMEDY = f"`{install('sdp')}`"


class MaxMin(NamedTuple):
    """The optimum of one sample.

    Args:
        bound: The relaxation's optimum in bit/s/Hz, within the tolerance: no precoders give a larger least rate.
        reached: Least rate of the precoders; below the bound where a matrix has not rank one.
        precoder: The principal vectors of the matrices found.
    """

    bound: float
    reached: float
    precoder: Complex128[ndarray, "ap antenna"]


@checked(some="ap user antenna")
def max_min(
    network: CellFree,
    channel: Complex128[ndarray, "ap user antenna"],
    serves: Bool[ndarray, "ap user"],
    tolerance: float = 1e-3,
) -> MaxMin:
    r"""Return the precoders with the largest least rate for a given assignment, and a certificate.

    In :math:`V_m = v_m v_m^H` all powers are linear, so a rate of :math:`\log_2(1 + t)` for everybody is feasible if

    .. math::
        \sum_{m \in A_k} h_{mk}^T V_m h_{mk}^* - t \Big( \mu \sum_{n \notin A_k} h_{nk}^T V_n h_{nk}^* + 1/\rho \Big)
        \ge s, \qquad V_m \succeq 0, \quad \mathrm{tr} V_m \le 1

    with a slack s of 0 or more. The relaxation forgets that V has rank one; there is an optimum where at most one of
    the matrices has not, so the bound is nearly tight and often exact.

    Args:
        network: Not coherent.
        channel: h.
        serves: gamma, one user for each access point.
        tolerance: Of the bisection, bit/s/Hz.

    Raises:
        MissingExtra: If cvxpy is not installed.
        ConfigError: If an access point serves several users or none, or the network is coherent.

    Reference:
        Bengtsson and Ottersten, Optimum and suboptimum transmit beamforming, 2001; Pataki, On the rank of extreme
        matrices in semidefinite programs, 1998.
    """
    if network.coherent or not (serves.sum(axis=1) == 1).all():
        raise ConfigError("the SDP is for access points that serve one user each, not coherent; give such a network")
    problem, target, slack, matrices = _program(network, channel, serves)
    low, high = 0.0, _no_interference(network, channel, serves)
    best = [np.zeros((channel.shape[-1], channel.shape[-1]), complex)] * len(channel)
    while high - low > tolerance:
        middle = (low + high) / 2
        target.value = 2.0**middle - 1
        with catch_warnings():
            # near the optimum the slack is nearly 0, and cvxpy warns that it knows it only to its tolerance
            simplefilter("ignore", UserWarning)
            problem.solve(solver="CLARABEL")
        if slack.value is not None and slack.value >= -1e-9:
            low, best = middle, [matrix.value for matrix in matrices]
        else:
            high = middle
    pairs = [np.linalg.eigh(matrix) for matrix in best]
    precoder = np.stack([np.sqrt(max(values[-1], 0.0)) * vectors[:, -1] for values, vectors in pairs])
    return MaxMin(high, _least_rate(network, channel, serves, precoder), precoder)


def _program(network: CellFree, channel: ndarray, serves: ndarray) -> tuple[Any, Any, Any, list[Any]]:
    try:
        import cvxpy as cp  # type: ignore[import-not-found]
    except ImportError:
        raise MissingExtra(f"the SDP of max-min precoding needs cvxpy, which is not installed; {REMEDY}") from None
    num_aps, num_users, num_antennas = channel.shape
    # V = X + iY; in real numbers, else cvxpy compiles anew for every target
    real = [cp.Variable((num_antennas, num_antennas), symmetric=True) for _ in range(num_aps)]
    imaginary = [cp.Variable((num_antennas, num_antennas)) for _ in range(num_aps)]
    slack, target = cp.Variable(), cp.Parameter(nonneg=True)
    constraints: list[Any] = [cp.trace(x) <= 1 for x in real] + [y == -y.T for y in imaginary]
    constraints += [cp.bmat([[x, -y], [y, x]]) >> 0 for x, y in zip(real, imaginary, strict=True)]
    for k in range(num_users):
        # in units of the strongest link, so that the solver sees numbers near 1
        scale = np.linalg.norm(channel[:, k], axis=-1).max() ** 2
        # h^T V h^* = tr(B V) with B = h^* h^T
        outer = [np.outer(h.conj(), h) / scale for h in channel[:, k]]
        power = [
            cp.sum(cp.multiply(b.real, x)) + cp.sum(cp.multiply(b.imag, y))
            for b, x, y in zip(outer, real, imaginary, strict=True)
        ]
        wanted = sum(power[m] for m in range(num_aps) if serves[m, k])
        foreign = sum(power[m] for m in range(num_aps) if not serves[m, k])
        constraints.append(wanted - target * (network.interference * foreign + 1 / (network.snr * scale)) >= slack)
    matrices = [x + 1j * y for x, y in zip(real, imaginary, strict=True)]
    return cp.Problem(cp.Maximize(slack), constraints), target, slack, matrices


def _no_interference(network: CellFree, channel: ndarray, serves: ndarray) -> float:
    strength = np.linalg.norm(channel, axis=-1) ** 2
    return float(np.log2(1 + network.snr * (strength * serves).sum(axis=0)).min())


def _least_rate(network: CellFree, channel: ndarray, serves: ndarray, precoder: ndarray) -> float:
    power = np.abs(np.einsum("mka,ma->mk", channel, precoder)) ** 2
    wanted = (power * serves).sum(axis=0)
    foreign = power.sum(axis=0) - wanted
    return float(np.log2(1 + network.snr * wanted / (network.snr * network.interference * foreign + 1)).min())
