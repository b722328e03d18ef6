"""A star circuit as data: PennyLane runs it with shots and noise, the star engine runs it exactly.

Wires: 0 is the centre, 1 ... k are the neighbours in the order in which they update it, k + 1 ... 2k their edges.
Features: theta and phi of every wire, in the order of the wires. Angles: those of the convolution.
"""

import warnings
from functools import lru_cache
from itertools import product

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.quantum import exact
from qfl.quantum.blocks import BLOCKS
from qfl.quantum.circuit import Circuit, Feature, Gate
from qfl.quantum.convolution import Convolution
from qfl.quantum.samples import Array, circuit_arguments
from qfl.quantum.star_chain import bloch, chain
from qfl.quantum.transfer import TO_Z

AXES = ("X", "Y", "Z")
SQM = Convolution("cartan", "cartan")


def star_circuit(k: int, convolution: Convolution = SQM, axis: str = "Z") -> Circuit:
    """Return the circuit of a star with k neighbours, measuring the centre along an axis.

    Args:
        k: Neighbours.
        convolution: What the star does with each of them.
        axis: ``X``, ``Y`` or ``Z``; X and Y are turned to Z by one gate.

    Raises:
        ValueError: If the convolution is no sequence of gates.

    Example:
        >>> circuit = star_circuit(6)
        >>> circuit.num_qubits, circuit.num_angles, circuit.num_features
        (13, 30, 26)
    """
    gates: list[Gate] = []
    for wire in range(2 * k + 1):
        gates += [Gate(name, (wire,), (Feature(2 * wire + place),)) for place, name in enumerate(("RY", "RZ"))]
    gates += convolution.gates(k)
    if axis in TO_Z:
        name, angle = TO_Z[axis]
        gates.append(Gate(name, (0,), (angle,)))
    return Circuit(2 * k + 1, tuple(gates), ((0,),), num_features=2 * (2 * k + 1))


def expectations(circuit: Circuit, angles: Array, inputs: Array) -> Float[Tensor, "*client sample observable"]:
    """Return the expectation values of a star circuit in O(k), and of any other from its statevector.

    A circuit that is no star is run on `qfl.quantum.exact`, with a warning that says why.

    Args:
        circuit: One of `star_circuit`, or any other.
        angles: [angle] or [client angle], in radians.
        inputs: [sample feature], or of as many clients [client sample feature]: theta and phi of every wire.

    Example:
        >>> import torch
        >>> circuit = star_circuit(40)  # 81 qubits
        >>> round(float(expectations(circuit, torch.zeros(30), torch.zeros(1, 162))), 5)
        1.0
    """
    angles, inputs = circuit_arguments(circuit, angles, inputs)
    form = _form(circuit)
    if form is None:
        warnings.warn(f"not a star circuit: {why_no_star(circuit)}; its statevector is run instead", stacklevel=2)
        return exact.expectations(circuit, angles, inputs)
    if angles.ndim == 1:
        return expectations(circuit, angles[None], inputs[None])[0]
    if 0 in inputs.shape[:2]:
        return exact.expectations(circuit, angles, inputs)
    convolution, axis = form
    # [client sample feature] -> [client (theta or phi) wire sample]
    qubits = bloch(torch.unflatten(inputs, -1, (-1, 2)).permute(0, 3, 2, 1))
    k = circuit.num_qubits // 2
    centre, neighbour, edge = torch.split(qubits, [1, k, k], 2)
    values = chain(convolution.joint(angles), centre.squeeze(2), neighbour, edge)
    return values[:, AXES.index(axis), :, None]


def why_no_star(circuit: Circuit) -> str | None:
    """Return the reason why a circuit is no star, or None if it is one."""
    if _form(circuit) is not None:
        return None
    if circuit.observables != ((0,),):
        return f"it measures {list(circuit.observables)}, and a star measures its centre, wire 0, alone"
    if circuit.num_qubits % 2 == 0:
        return f"it has {circuit.num_qubits} qubits, and a star has 2k + 1"
    k, closed = circuit.num_qubits // 2, dict[int, str]()
    for place, gate in enumerate(circuit.gates):
        again = [wire for wire in gate.wires if wire in closed]
        if again:
            return f"gate {place} ({gate.name}) uses wire {again[0]} again, after {closed[again[0]]}"
        for wire in gate.wires if 0 in gate.wires else ():
            if 1 <= wire <= k:  # a neighbour at the centre: its edge and the earlier neighbours are done
                closed[wire + k] = f"its neighbour {wire} has met the centre"
                closed |= {earlier: f"neighbour {wire} has met the centre" for earlier in range(1, wire)}
    return "its gates are not those of `star_circuit`"


@lru_cache(maxsize=64)
def _form(circuit: Circuit) -> tuple[Convolution, str] | None:
    """Return convolution and axis of the star that the circuit is."""
    if circuit.num_qubits % 2 == 0:
        return None
    two, three = ([n for n, block in BLOCKS.items() if block.gates and block.num_wires == wires] for wires in (2, 3))
    kinds = [Convolution(*pair) for pair in product(two, two + three)] + [Convolution(name) for name in three]
    for convolution, axis in product(kinds, AXES):
        if convolution.num_angles == circuit.num_angles and circuit == star_circuit(
            circuit.num_qubits // 2, convolution, axis
        ):
            return convolution, axis
    return None
