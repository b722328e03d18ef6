"""QAOA angles for rewards of mean 0 and standard deviation 1: fixed ones that transfer, and the best for one reward.

The fixed ones maximise the geometric mean, over blocks of the uplink (N = 200, C = 20, seeds 101 to 104, during
descent), of the probability of the best choice. On blocks of other seeds they draw the best choice several times as
often as uniform draws do. Their sign and order matter: backwards, or with gamma negated, they do worse.
"""

from typing import Any, NamedTuple, cast

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError
from qfl.quantum.one_hot import evolve, mix, normalised, phases


class QaoaAngles(NamedTuple):
    """Angles of the layers: gammas of the cost, which grow, and betas of the mixer, which fall."""

    gammas: tuple[float, ...]
    betas: tuple[float, ...]


# (options per device, devices, layers) -> angles; two options are qubits under a transverse field, fitted on random
# spin glasses with fields
SCHEDULES: dict[tuple[int, int, int], QaoaAngles] = {
    (2, 8, 1): QaoaAngles((1.161,), (0.4744,)),
    (2, 8, 3): QaoaAngles((0.836, 1.463, 1.616), (0.6215, 0.4672, 0.2724)),
    (2, 12, 3): QaoaAngles((0.966, 1.667, 1.952), (0.5717, 0.4001, 0.2508)),
    (20, 2, 1): QaoaAngles((0.837,), (0.0783,)),
    (20, 2, 2): QaoaAngles((0.597, 1.035), (0.0797, 0.0544)),
    (20, 2, 3): QaoaAngles((0.593, 1.019, 2.142), (0.0829, 0.0521, 0.0418)),
    (20, 2, 4): QaoaAngles((0.571, 1.044, 1.915, 2.958), (0.0890, 0.0573, 0.0405, 0.0333)),
    (20, 2, 5): QaoaAngles((0.484, 0.844, 1.017, 1.348, 2.312), (0.0924, 0.0598, 0.0406, 0.0336, 0.0334)),
    (20, 3, 3): QaoaAngles((0.656, 1.226, 2.497), (0.0768, 0.0450, 0.0396)),
    (40, 2, 1): QaoaAngles((0.641,), (0.0327,)),
    (40, 2, 2): QaoaAngles((0.568, 1.107), (0.0359, 0.0219)),
    (40, 2, 3): QaoaAngles((0.542, 1.011, 2.482), (0.0373, 0.0218, 0.0158)),
}


def fixed_angles(options: float, devices: int, layers: int) -> QaoaAngles:
    r"""Return the fixed angles that fit a register best.

    The nearest size in `SCHEDULES` is taken and its betas are scaled by :math:`M_0 / M`, since the mixer depends on
    :math:`\beta M` alone; a depth that is not there is interpolated from the deepest ramp of that size.

    Args:
        options: Options per device; the mean where devices differ.
        devices: Number of devices.
        layers: Depth p, at least 1.

    Raises:
        ValueError: If there is no layer.

    Example:
        >>> fixed_angles(20, 2, 1) == SCHEDULES[20, 2, 1]
        True
        >>> [round(beta, 4) for beta in fixed_angles(10, 2, 1).betas]  # twice those of 20 options
        [0.1566]
    """
    if layers < 1:
        raise ValueError(f"{layers} layers were asked for; give at least 1")
    size = min({key[:2] for key in SCHEDULES}, key=lambda key: _distance(key, options, devices))
    depths = [key[2] for key in SCHEDULES if key[:2] == size]
    ramp = SCHEDULES[*size, layers if layers in depths else max(depths)]
    gammas, betas = _stretched(ramp.gammas, layers), _stretched(ramp.betas, layers)
    return QaoaAngles(gammas, tuple(beta * size[0] / options for beta in betas))


def _distance(size: tuple[int, int], options: float, devices: int) -> tuple[bool, float, int]:
    # qubits are compared with qubits only
    return (size[0] > 2) != (options > 2), abs(float(np.log(size[0] / options))), abs(size[1] - devices)


def _stretched(angles: tuple[float, ...], layers: int) -> tuple[float, ...]:
    places = np.linspace(0, 1, layers) if layers > 1 else [0.0]
    return tuple(np.asarray(np.interp(places, np.linspace(0, 1, len(angles)), angles)).tolist())


@checked(some="*option")
def optimise(reward: Float64[ndarray, "*option"], layers: int, start: QaoaAngles | None = None) -> QaoaAngles:
    """Return the angles that maximise the expected reward, by L-BFGS with exact gradients.

    Args:
        reward: What each choice is worth, one axis per device.
        layers: Depth p, at least 1.
        start: Where to start; the fixed angles if None. The result is never worse.

    Example:
        >>> from qfl.quantum.one_hot import expected_reward
        >>> reward = np.array([0.0, 0.0, 3.0])
        >>> round(expected_reward(reward, *optimise(reward, 1)), 2)
        3.0
    """
    from scipy.optimize import minimize  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    energy = normalised(reward)
    first = start or choose_angles(reward, layers)

    def loss(angles: ndarray) -> tuple[float, ndarray]:
        value, gradient = value_and_gradient(energy, angles[:layers], angles[layers:])
        return -value, -gradient

    found = cast("Any", minimize(loss, np.concatenate(first), jac=True, method="L-BFGS-B"))
    best = cast("list[float]", found.x.tolist())
    return QaoaAngles(tuple(best[:layers]), tuple(best[layers:]))


@checked(some="*option")
def value_and_gradient(
    energy: Float64[ndarray, "*option"], gammas: Float64[ndarray, " layer"], betas: Float64[ndarray, " layer"]
) -> tuple[float, Float64[ndarray, " angle"]]:
    r"""Return the expected energy and its derivatives by the gammas, then the betas, in twice the time of the state.

    Layers are undone one by one on :math:`\psi` and on :math:`\lambda = e \psi`, so nothing is stored:
    :math:`\partial_{\beta_l} = 2\,\mathrm{Im} \langle\lambda| \sum_b J_b |\psi\rangle` after mixer l and
    :math:`\partial_{\gamma_l} = 2\,\mathrm{Im} \langle\lambda| e |\psi\rangle` before it.

    Args:
        energy: Rewards of mean 0 and deviation 1, one axis per device.
        gammas: Angles of the cost.
        betas: Angles of the mixer.

    Reference:
        Jones and Gacon, Efficient calculation of gradients in classical simulations of variational quantum
        algorithms, 2020, arXiv:2009.02823.

    Example:
        >>> value, _ = value_and_gradient(np.array([-1.0, 1.0]), np.array([np.pi / 4]), np.array([np.pi / 4]))
        >>> round(value, 6)  # the best of two options for sure
        1.0
    """
    psi = evolve(energy, gammas, betas, energy.ndim)
    adjoint = energy * psi
    value = float(np.vdot(psi, adjoint).real)
    by_gamma, by_beta = np.zeros(len(gammas)), np.zeros(len(betas))
    for layer in reversed(range(len(gammas))):
        by_beta[layer] = 2 * sum(_imaginary(adjoint.sum(axis), psi.sum(axis)) for axis in range(energy.ndim))
        mix(psi, -betas[layer], energy.ndim)
        mix(adjoint, -betas[layer], energy.ndim)
        by_gamma[layer] = 2 * _imaginary(adjoint, energy * psi)
        turn_back = phases(energy, -gammas[layer])
        psi *= turn_back
        adjoint *= turn_back
    return value, np.concatenate([by_gamma, by_beta])


@checked(some="*option")
def choose_angles(reward: Float64[ndarray, "*option"], layers: int, angles: QaoaAngles | str = "fixed") -> QaoaAngles:
    """Return the angles that a sampler was asked to use.

    Args:
        reward: What each choice is worth, one axis per device.
        layers: Depth p; of no effect where angles are given.
        angles: ``fixed``, ``optimised`` for this reward, or the angles themselves.

    Raises:
        ConfigError: If the word is neither.

    Example:
        >>> choose_angles(np.eye(20), 3) == fixed_angles(20, 2, 3)
        True
    """
    if isinstance(angles, QaoaAngles):
        return angles
    if angles == "optimised":
        return optimise(reward, layers)
    if angles != "fixed":
        raise ConfigError(f'angles = {angles!r}; use "fixed", "optimised" or a QaoaAngles of gammas and betas')
    return fixed_angles(float(np.mean(reward.shape)), reward.ndim, layers)


def _imaginary(left: Any, right: Any) -> float:
    """Return the imaginary part of <left|right>."""
    return float(np.imag(cast("complex", np.vdot(left, right))))
