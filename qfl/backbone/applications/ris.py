r"""Phases of a reconfigurable intelligent surface: the power that its elements and the direct link bring to the users.

.. math:: \max_\theta \sum_k \lVert h_k + G_k \theta \rVert^2, \quad \theta_n \in \{1, -1\} \text{ or } \{1, j, -1, -j\}

One bit an element is a spin; two bits are two spins, :math:`\theta = \tfrac{1 + j}{2} s_1 + \tfrac{1 - j}{2} s_2`, and
the power is quadratic in the spins without any penalty. A request has ``direct``, the channel of each user and antenna
as ``[re, im]``, ``cascaded``, for each of these the channel over every element, and ``bits``, 1 or 2.

Reference:
    Wu and Zhang, Intelligent reflecting surface enhanced wireless network via joint active and passive beamforming,
    IEEE Trans. Wireless Commun. 18, 5394 (2019), Eq. (8), with the users' powers added up.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

import dimod
import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.backbone.applications.posed import Posed, Sample, take
from qfl.errors import ConfigError
from qfl.seeds import stream

MOST_EXHAUSTIVE = 20  # spins


def pose(request: Mapping[str, Any]) -> Posed:
    """Return the problem; its answer has ``phases`` in units of pi/2 and ``power``, recomputed from the channels.

    Raises:
        ConfigError: If the channels do not fit each other or are not finite, or bits is neither 1 nor 2.

    Example:
        >>> posed = pose({"direct": [[1.0, 0.0]], "cascaded": [[[0.5, 0.0], [-0.5, 0.0]]], "bits": 1})
        >>> posed.read({0: 1, 1: 0})
        {'phases': [0, 2], 'power': 4.0}
    """
    direct, cascaded, bits = take("ris", request, {"direct": list, "cascaded": list}, {"bits": 1})
    h, g = _complex("direct", direct, 1), _complex("cascaded", cascaded, 2)
    if bits not in (1, 2) or g.shape[0] != h.shape[0]:
        raise ConfigError(
            f"ris: {h.shape[0]} direct channels, {g.shape[0]} rows of cascaded ones and {bits} bits; give as many of "
            "both, and 1 or 2 bits"
        )
    spread = spins_to_phases(g.shape[1], bits)

    def read(sample: Sample) -> dict[str, Any]:
        theta = spread @ np.array([2 * int(sample[v]) - 1 for v in range(spread.shape[1])])
        turns = np.rint(np.angle(theta) / (np.pi / 2)).astype(int) % 4
        return {"phases": turns.tolist(), "power": power(h, g, theta)}

    return Posed(_model(h, g @ spread), read)


def power(
    direct: Complex128[ndarray, " antenna"],
    cascaded: Complex128[ndarray, "antenna element"],
    theta: Complex128[ndarray, " element"],
) -> float:
    """Return the power that arrives, over all users and antennas.

    Args:
        direct: Channel of every user and antenna.
        cascaded: Channel over every element.
        theta: Reflection of each element, of modulus 1.
    """
    return float(np.sum(np.abs(direct + cascaded @ theta) ** 2))


def spins_to_phases(elements: int, bits: int) -> Complex128[ndarray, "element spin"]:
    """Return the matrix from spins to reflections: one spin an element, or two."""
    if bits == 1:
        return np.eye(elements, dtype=np.complex128)
    return np.kron(np.eye(elements), np.array([[(1 + 1j) / 2, (1 - 1j) / 2]]))


def coordinate_descent(
    direct: Complex128[ndarray, " antenna"], cascaded: Complex128[ndarray, "antenna element"], bits: int, seed: int
) -> Complex128[ndarray, " element"]:
    """Return reflections that no change of one element improves, from a random start: the usual heuristic.

    Args:
        direct: Channel of every user and antenna.
        cascaded: Channel over every element.
        bits: 1 or 2 an element.
        seed: Of the start.
    """
    choices = np.array([1, -1] if bits == 1 else [1, 1j, -1, -1j], dtype=np.complex128)
    theta = stream(seed, "ris").choice(choices, cascaded.shape[1])
    best, better = power(direct, cascaded, theta), True
    while better:
        better = False
        for n, choice in product(range(len(theta)), choices):
            tried = theta.copy()
            tried[n] = choice
            if (value := power(direct, cascaded, tried)) > best + 1e-12:
                theta, best, better = tried, value, True
    return theta


def exhaustive(
    direct: Complex128[ndarray, " antenna"], cascaded: Complex128[ndarray, "antenna element"], bits: int
) -> float:
    """Return the largest power over all phases.

    Args:
        direct: Channel of every user and antenna.
        cascaded: Channel over every element.
        bits: 1 or 2 an element.

    Raises:
        ConfigError: If these are more than 20 spins.
    """
    spins = cascaded.shape[1] * bits
    if spins > MOST_EXHAUSTIVE:
        raise ConfigError(f"ris: {spins} spins have too many values to try; give at most {MOST_EXHAUSTIVE}")
    signs = 1 - 2 * ((np.arange(2**spins)[:, None] >> np.arange(spins)) & 1)
    arrived = direct + signs @ (cascaded @ spins_to_phases(cascaded.shape[1], bits)).T
    return float((np.abs(arrived) ** 2).sum(1).max())


def draw_channels(
    elements: int, antennas: int, direct: float, seed: int
) -> tuple[Complex128[ndarray, " antenna"], Complex128[ndarray, "antenna element"]]:
    """Return i.i.d. Rayleigh channels, the direct one and those over the elements.

    Args:
        elements: Of the surface.
        antennas: Of all users together.
        direct: Standard deviation of the direct channel; that over an element is 1.
        seed: Of the draw.
    """
    draw = stream(seed, "ris", "channels")

    def rayleigh(*shape: int) -> Complex128[ndarray, "..."]:
        return (draw.normal(size=shape) + 1j * draw.normal(size=shape)) / np.sqrt(2)

    return direct * rayleigh(antennas), rayleigh(antennas, elements)


def _model(h: Complex128[ndarray, " antenna"], c: Complex128[ndarray, "antenna spin"]) -> dimod.BinaryQuadraticModel:
    """Return minus the power in binary variables of the spins."""
    gram: Float64[ndarray, "spin spin"] = np.real(c.conj().T @ c)
    field = 2 * np.real(c.conj().T @ h)
    model = dimod.BinaryQuadraticModel(dimod.SPIN)
    model.add_linear_from_array((-field).tolist())
    model.add_quadratic_from_dense(-2 * np.triu(gram, 1))
    model.offset -= float(np.trace(gram) + np.sum(np.abs(h) ** 2))
    return model.change_vartype(dimod.BINARY, inplace=False)


def _complex(what: str, value: list[Any], axes: int) -> Any:
    try:
        pairs: Any = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        pairs = np.zeros(())
    if pairs.ndim != axes + 1 or pairs.shape[-1] != 2 or not pairs.size or not np.isfinite(pairs).all():
        raise ConfigError(
            f"ris: {what} is no {'list' if axes == 1 else 'table'} of [re, im]; give finite numbers, all rows alike"
        )
    return pairs[..., 0] + 1j * pairs[..., 1]
