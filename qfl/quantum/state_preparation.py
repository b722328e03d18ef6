"""A state as gates: the amplitudes of a sample prepared by turns about Y and Z and CNOTs.

Reference:
    Mottonen, Vartiainen, Bergholm and Salomaa, "Transformation of quantum states using uniformly controlled rotations",
    2005, arXiv:quant-ph/0407010; PennyLane decomposes it, and the gates are ours.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PennyLane has no type stubs)

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from qfl.errors import ConfigError, InputError
from qfl.quantum.circuit import Circuit, Gate

TURNS = ("RY", "RZ", "CNOT")


def prepared(circuit: Circuit, sample: ArrayLike) -> Circuit:
    """Return a circuit without features that begins with the gates that encode one sample in its amplitudes.

    Args:
        circuit: One whose sample is its initial state.
        sample: [feature], not all zeros.

    Raises:
        ConfigError: If the circuit encodes no amplitudes.
        InputError: If the sample has another length, or no direction.

    Example:
        >>> own = Circuit(1, (), ((0,),), amplitudes=True, num_features=2)
        >>> [gate.name for gate in prepared(own, [3.0, 4.0]).gates]
        ['RY']
    """
    import pennylane as qp

    if not circuit.amplitudes or any(True for gate in circuit.gates for _ in gate.read()):
        raise ConfigError(
            "the circuit has gates that read features, or encodes no amplitudes; bind its features instead"
        )
    values = np.asarray(sample, dtype=np.float64)
    if values.shape != (circuit.num_features,) or not np.isfinite(values).all() or not values.any():
        raise InputError(
            f"the sample has the shape {values.shape}; expected {circuit.num_features} finite numbers, not all zero"
        )
    state = np.zeros(2**circuit.num_qubits)
    state[: len(values)] = values / np.linalg.norm(values)
    operations = qp.MottonenStatePreparation.compute_decomposition(state, wires=range(circuit.num_qubits))
    gates = tuple(
        Gate(own.name, tuple(own.wires), tuple(float(value) for value in own.parameters))
        for own in operations
        if own.name in TURNS
    )
    return replace(circuit, gates=gates + circuit.gates, amplitudes=False, num_features=0)
