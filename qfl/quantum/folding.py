"""The adjoint of a gate, and circuits that do the same with more gates, hence with more noise.

Reference:
    Giurgica-Tiron, Hindy, LaRose, Mari and Zeng, Digital zero noise extrapolation for quantum error mitigation, 2020,
    arXiv:2005.10921, section III: gates are folded, G -> G (G^dagger G)^n. Which gates are folded further where not
    all can be is ours: evenly spread ones.
"""

from dataclasses import replace
from math import isfinite

import numpy as np

from qfl.errors import ConfigError
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.sums import Sum, Term

OWN_ADJOINT = {"H", "X", "Y", "Z", "CNOT", "CY", "CZ", "SWAP", "CSWAP", "Toffoli"}
ADJOINTS = {name: f"Adjoint({name})" for name in ("S", "T", "SX")} | {
    f"Adjoint({name})": name for name in ("S", "T", "SX")
}


def adjoint(gate: Gate) -> Gate:
    """Return the gate that undoes a gate.

    Example:
        >>> adjoint(Gate("Rot", (0,), (0.1, 0.2, 0.3))).parameters
        (-0.3, -0.2, -0.1)
    """
    if gate.name in OWN_ADJOINT:
        return gate
    if gate.name in ADJOINTS:
        return replace(gate, name=ADJOINTS[gate.name])
    if gate.name == "QubitUnitary":
        return replace(
            gate, matrix=tuple(tuple(z.conjugate() for z in column) for column in zip(*gate.matrix, strict=True))
        )
    minus = [_minus(parameter) for parameter in gate.parameters]
    if gate.name == "Rot":
        minus = minus[::-1]
    elif gate.name == "U3":  # U3(theta, phi, lambda)
        minus = [minus[0], minus[2], minus[1]]
    return replace(gate, parameters=tuple(minus))


def folded(circuit: Circuit, scale: float) -> Circuit:
    """Return a circuit of the same unitary with about ``scale`` times as many gates.

    Args:
        circuit: Any.
        scale: 1 or more; of 2 n + 1, every gate is folded n times, and in between some once more.

    Raises:
        ConfigError: If the scale is below 1 or not finite.

    Example:
        >>> [gate.name for gate in folded(Circuit(1, (Gate("S", (0,)),), ((0,),)), 3.0).gates]
        ['S', 'Adjoint(S)', 'S']
    """
    if not (isfinite(scale) and scale >= 1):
        raise ConfigError(f"noise is scaled by {scale:g}; give a finite number of 1 or more")
    count = len(circuit.gates)
    pairs = round((scale - 1) * count / 2)
    times = (np.arange(1, count + 1) * pairs) // max(count, 1) - (np.arange(count) * pairs) // max(count, 1)
    gates = [each for gate, n in zip(circuit.gates, times, strict=True) for each in [gate, *[adjoint(gate), gate] * n]]
    return replace(circuit, gates=tuple(gates))


def _minus(parameter: Parameter) -> Parameter:
    if isinstance(parameter, Angle):
        return Sum((Term(-1.0, angles=(parameter.index,)),))
    if isinstance(parameter, Feature):
        return replace(parameter, scale=-parameter.scale)
    return parameter.times(-1.0) if isinstance(parameter, Sum) else -parameter
