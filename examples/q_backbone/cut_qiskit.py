"""A circuit cut and put together by qiskit-addon-cutting, an optional extra; only `cut_peers` imports this."""

# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# (optional, and without type stubs)

from math import inf
from typing import Any

import numpy as np
from qiskit import QuantumCircuit, transpile
from qiskit.quantum_info import PauliList
from qiskit_addon_cutting import (
    cut_wires,
    expand_observables,
    generate_cutting_experiments,
    partition_problem,
    reconstruct_expectation_values,
)
from qiskit_addon_cutting.instructions import CutWire
from qiskit_addon_cutting.utils.simulation import ExactSampler

from qfl.quantum.circuit import Circuit
from qfl.quantum.observables import only_z_words
from qfl.seeds import stream

from .cut_peers import Counted, Stopwatch


def estimate(circuit: Circuit, across: list[int], kind: str, shots: int | None, seed: int) -> Counted:
    """Return values, counts and seconds.

    Args:
        circuit: A chain of RX, RY and CZ with numbers for angles.
        across: Positions of the gates between its halves.
        kind: ``gate`` or ``wire``.
        shots: In all; None for exact values.
        seed: Of the shots.
    """
    watch, half = Stopwatch(), circuit.num_qubits // 2
    words = PauliList([_word(word, circuit.num_qubits) for word in only_z_words(circuit.observables, "Qiskit")])
    written = _written(circuit, across[0] if kind == "wire" else None)
    labels = "A" * half + "B" * (circuit.num_qubits - half)
    if kind == "wire":
        whole, written = written, cut_wires(written)
        words, labels = expand_observables(words, whole, written), "A" * half + "B" * (circuit.num_qubits + 1 - half)
    parts: Any = partition_problem(circuit=written, partition_labels=labels, observables=words)
    made: Any = generate_cutting_experiments(parts.subcircuits, parts.subobservables, num_samples=inf)
    experiments, coefficients = made
    count, overhead = sum(map(len, experiments.values())), float(np.prod([basis.overhead for basis in parts.bases]))
    build_s = watch.lap_s()
    results = {label: _run(own, shots and shots // count, seed) for label, own in experiments.items()}
    run_s = watch.lap_s()
    values = reconstruct_expectation_values(results, coefficients, parts.subobservables)
    return Counted(np.array(values), count, overhead, build_s, run_s, watch.lap_s())


def _run(circuits: list[Any], shots: int | None, seed: int) -> Any:
    if shots is None:
        return ExactSampler().run(circuits).result()
    from qiskit_aer.primitives import SamplerV2

    sampler = SamplerV2(seed=int(stream(seed, "peer").integers(2**31)))
    return sampler.run(transpile(circuits, basis_gates=BASIS, optimization_level=0), shots=shots).result()


BASIS = ["rx", "ry", "rz", "cz", "h", "s", "sdg", "sx", "x", "z", "p", "measure", "reset"]


def _written(circuit: Circuit, cut_before: int | None) -> Any:
    """Return the circuit in Qiskit's words, with a cut of the first wire of a gate before that gate."""
    written = QuantumCircuit(circuit.num_qubits)
    for k, gate in enumerate(circuit.gates):
        if k == cut_before:
            written.append(CutWire(), [gate.wires[0]])
        getattr(written, gate.name.lower())(*gate.parameters, *gate.wires)
    return written


def _word(word: tuple[int, ...], qubits: int) -> str:
    return "".join("Z" if wire in word else "I" for wire in reversed(range(qubits)))
