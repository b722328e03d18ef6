r"""Exact QAOA on one-hot registers, in the subspace where every device holds exactly one option.

B devices with M options each take :math:`BM` qubits, but only :math:`M^B` of their :math:`2^{BM}` basis states are
one-hot, and neither the cost nor the mixer leaves them:

    .. math:: |\psi\rangle = \prod_{l=p}^{1} e^{-i \beta_l \sum_b (J_b - 1)} \, e^{-i \gamma_l e} \,
              |W\rangle^{\otimes B}

The cost is the reward e of a choice, shifted and scaled to mean 0 and standard deviation 1, so that angles transfer
between problems. The mixer is the XY mixer on the complete graph of each device's options: on one-hot states it is
J - 1 with J the matrix of ones, of rank one, so a layer costs :math:`O(B M^B)`. W is the even superposition.

This is the ideal mixer; one Trotter step of it is another one (`qfl.scheduling.solvers.pennylane_qaoa` runs both).

Reference: Hadfield et al., From the quantum approximate optimization algorithm to a quantum alternating operator
ansatz (2019), where XY mixers keep one-hot strings; Wang, Rubin, Dominy and Rieffel, XY mixers: analytical and
numerical results for QAOA (2020), which compares rings with complete graphs. The rank-one form is ours.
"""

import cmath
import math
from collections.abc import Sequence
from typing import cast

import numpy as np
from jaxtyping import Complex128, Float64, Int64
from numpy import ndarray
from numpy.typing import NDArray

from qfl.arrays import checked, real
from qfl.errors import InputError

Angles = Sequence[float] | ndarray


@checked(some="*option")
def one_hot_state(reward: Float64[ndarray, "*option"], gammas: Angles, betas: Angles) -> Complex128[ndarray, "*option"]:
    """Return the amplitudes of all choices, one axis per device; devices may differ in their number of options.

    Args:
        reward: What each choice is worth, to be maximised, in any unit.
        gammas: Angles of the cost, one per layer; positive ones lean towards high rewards.
        betas: Angles of the mixer, one per layer, with period 2 pi / options up to a phase.

    Returns:
        Amplitudes of norm 1.

    Raises:
        ValueError: If a reward is not finite, or the numbers of angles differ.

    Example:
        >>> psi = one_hot_state(np.array([0.0, 0.0, 3.0]), [0.8], [0.5])
        >>> (abs(psi) ** 2).round(3)
        array([0.036, 0.036, 0.928])
    """
    return evolve(normalised(reward), gammas, betas, reward.ndim)


@checked(some="*option")
def one_hot_states(
    rewards: Float64[ndarray, "table *option"], gammas: Angles, betas: Angles
) -> Complex128[ndarray, "table *option"]:
    """Return the states of many rewards under the same angles, in one program; see `one_hot_state`.

    Args:
        rewards: What each choice is worth, in any unit; the first axis counts tables, one axis per device follows.
        gammas: Angles of the cost, one per layer.
        betas: Angles of the mixer, one per layer.

    Example:
        >>> one_hot_states(np.eye(3), [0.8], [0.5]).shape
        (3, 3)
    """
    devices = rewards.ndim - 1
    # the table's axis goes last: every operation below then runs along contiguous memory
    by_table = np.ascontiguousarray(np.moveaxis(rewards, 0, -1))
    energies = normalised(by_table, tuple(range(devices)))
    return np.moveaxis(evolve(energies, gammas, betas, devices), -1, 0)


@checked(some="*option")
def sample(
    reward: Float64[ndarray, "*option"], gammas: Angles, betas: Angles, shots: int, generator: np.random.Generator
) -> Int64[ndarray, "shot device"]:
    """Measure the state: return the option of each device, shot by shot.

    Args:
        reward: What each choice is worth, in any unit, one axis per device.
        gammas: Angles of the cost, one per layer.
        betas: Angles of the mixer, one per layer.
        shots: Measurements, 0 or more.
        generator: Source of randomness, from `qfl.seeds.stream`.

    Example:
        >>> sample(np.eye(4), [0.8], [0.5], 100, np.random.default_rng(1)).shape
        (100, 2)
    """
    cumulative = cast("NDArray[np.float64]", np.cumsum(probabilities(one_hot_state(reward, gammas, betas))))
    # the first state whose cumulative probability exceeds the draw; states of probability 0 are never that
    draws = generator.random(shots) * cumulative[-1]
    chosen = cast("NDArray[np.int64]", np.searchsorted(cumulative, draws, side="right"))
    return np.stack(np.unravel_index(chosen, reward.shape), axis=-1)


@checked(some="*option")
def expected_reward(reward: Float64[ndarray, "*option"], gammas: Angles, betas: Angles) -> float:
    """Return the mean of what `sample` draws, in the unit of the reward.

    Args:
        reward: What each choice is worth, in any unit, one axis per device.
        gammas: Angles of the cost, one per layer.
        betas: Angles of the mixer, one per layer.

    Example:
        >>> round(expected_reward(np.array([0.0, 0.0, 3.0]), [0.8], [0.5]), 2)
        2.78
    """
    return float(np.sum(probabilities(one_hot_state(reward, gammas, betas)) * reward))


@checked()
def probabilities(psi: Complex128[ndarray, "*option"]) -> Float64[ndarray, "*option"]:
    """Return the squared magnitudes."""
    return np.asarray(np.square(np.real(psi)) + np.square(np.imag(psi)))


@checked(some="*axis")
def normalised(reward: Float64[ndarray, "*axis"], axes: tuple[int, ...] | None = None) -> Float64[ndarray, "*axis"]:
    """Return the reward with mean 0 and standard deviation 1 over the axes (all of them if None); a constant gives 0.

    Raises:
        ValueError: If a reward is not finite.

    Example:
        >>> normalised(np.array([1.0, 2.0, 3.0])).round(3)
        array([-1.225,  0.   ,  1.225])
    """
    mean = reward.mean(axis=axes, keepdims=True)
    if not np.isfinite(mean).all():
        raise InputError("a reward is infinite or not a number; give finite rewards")
    centred = reward - mean
    spread = np.sqrt(np.square(centred).mean(axis=axes, keepdims=True))
    return centred / np.where(spread > 0, spread, 1.0)


@checked(some="*axis")
def evolve(
    energy: Float64[ndarray, "*axis"], gammas: Angles, betas: Angles, num_devices: int
) -> Complex128[ndarray, "*axis"]:
    """Return the states under normalised rewards whose first axes are devices; a further axis counts tables.

    Args:
        energy: Rewards of mean 0 and deviation 1 over their devices (`normalised`).
        gammas: Angles of the cost, one per layer.
        betas: Angles of the mixer, one per layer.
        num_devices: How many of the first axes are devices; the others count tables.

    Example:
        >>> abs(evolve(np.zeros((2, 2)), [], [], 2))
        array([[0.5, 0.5],
               [0.5, 0.5]])
    """
    gammas, betas = (_angles(name, given) for name, given in (("gammas", gammas), ("betas", betas)))
    if len(gammas) != len(betas):
        raise InputError(f"{len(gammas)} gammas and {len(betas)} betas were given; each layer takes one of both")
    if energy.ndim < num_devices:
        raise InputError(f"rewards have {energy.ndim} axes for {num_devices} devices; give an axis for each")
    # the mixer's phase exp(i beta) per device and layer commutes with everything: it is paid here, once
    start = cmath.exp(1j * num_devices * sum(betas)) / math.sqrt(math.prod(energy.shape[:num_devices]))
    psi = np.full(energy.shape, start, dtype=np.complex128)
    for gamma, beta in zip(gammas, betas, strict=True):
        psi *= phases(energy, gamma)
        mix(psi, beta, num_devices)
    return psi


@checked()
def _angles(name: str, given: Angles) -> list[float]:
    angles = real(name, given)
    if angles.ndim != 1:
        raise InputError(f"{name} have {angles.ndim} axes; give a list of angles, one for each layer")
    return angles.tolist()


def phases(energy: Float64[ndarray, "*axis"], gamma: float) -> Complex128[ndarray, "*axis"]:
    r"""Return :math:`e^{-i\gamma e} = (1 - t^2 + 2it) / (1 + t^2)` with :math:`t = -\tan(\gamma e / 2)`.

    numpy vectorises the tangent, but neither sine and cosine nor the complex exponential. The modulus is 1 to rounding.
    """
    t = energy * (-gamma / 2)
    np.tan(t, out=t)
    w = t * t
    w += 1
    np.divide(2, w, out=w)
    parts = np.empty((*energy.shape, 2))
    np.subtract(w, 1, out=parts[..., 0])
    np.multiply(t, w, out=parts[..., 1])
    return parts.view(np.complex128)[..., 0]


def mix(psi: Complex128[ndarray, "*axis"], beta: float, num_devices: int) -> None:
    r"""Apply :math:`e^{-i\beta J} = 1 + (e^{-i\beta M} - 1) J / M` along each device's axis, in place.

    Args:
        psi: Amplitudes, which are changed.
        beta: The mixer's angle.
        num_devices: How many of the first axes are devices.
    """
    for axis in range(num_devices):
        options = psi.shape[axis]
        psi += ((cmath.exp(-1j * beta * options) - 1) / options) * np.add.reduce(psi, axis=axis, keepdims=True)
