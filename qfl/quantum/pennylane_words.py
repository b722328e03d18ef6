"""PennyLane's operators and measurements in our words: gates by name, observables as sums of Pauli words."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PennyLane has no type stubs)

from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qfl.errors import ConfigError
from qfl.quantum.circuit import GATES, WIDE_GATES, Gate
from qfl.quantum.observables import Observable, PauliSum
from qfl.quantum.traces import Points, Trace
from qfl.quantum.unitaries import check_unitary

RENAMED = {"Hadamard": "H", "PauliX": "X", "PauliY": "Y", "PauliZ": "Z"}
NAMES = RENAMED | {name: name for name in (*GATES, *WIDE_GATES) if name not in RENAMED.values()}
NOTHING = {"Identity", "GlobalPhase", "Barrier", "WireCut", "Snapshot"}
"""Operators that no expectation value sees."""
STATES = {"StatePrep", "AmplitudeEmbedding"}
MOST_OUTCOMES = 6  # wires whose 64 probabilities are sums of 64 words each
SMALLEST = 1e-12


def expanded(tape: Any, name: str) -> Any:
    """Return a tape whose operators are ours, with templates and other operators expanded.

    Args:
        tape: PennyLane's.
        name: Of the program, for the sentence.

    Raises:
        ConfigError: If there is an operator that PennyLane cannot write in ours, or a mid-circuit measurement.
    """
    from pennylane.devices.preprocess import decompose
    from pennylane.exceptions import DeviceError

    for operator in tape.operations:
        if "MidMeasure" in type(operator).__name__ or type(operator).__name__ in ("Conditional", "MeasurementValue"):
            raise ConfigError(f"{name} measures in the middle of the circuit; measure at the end")
        if operator.batch_size is not None:
            raise ConfigError(f"{name}: {operator.name} is broadcast over samples; write the function for one sample")
    try:
        options = {"skip_initial_state_prep": False, "name": "qfl", "error": DeviceError}
        whole: Any = decompose(tape, stopping_condition=_ours, **options)
        (new,), _ = whole
    except (DeviceError, RecursionError):
        bad = next((op.name for op in tape.operations if not _ours(op) and not op.has_decomposition), "an operator")
        raise ConfigError(f"{name} has {bad}, which cannot be written in gates that we have; take another") from None
    return new


def wire_order(tape: Any, wires: Any, name: str) -> dict[Any, int]:
    """Return our number of each wire: those of the device in its order, else the program's in ascending order.

    Args:
        tape: PennyLane's.
        wires: Of the device; None where it names none.
        name: Of the program, for the sentence.
    """
    own = list(wires) if wires else list(tape.wires)
    if not wires and all(isinstance(wire, int) for wire in own):
        own.sort()
    missing = [wire for wire in tape.wires if wire not in own]
    if missing:
        raise ConfigError(f"{name} acts on wire {missing[0]!r}, which its device has not; give the device that wire")
    return {wire: place for place, wire in enumerate(own)}


def prepared(operations: list[list[Any]], points: Points, order: dict[Any, int], name: str) -> bool:
    """Take an amplitude encoding of the sample off the front of each list of operators; return whether there was one.

    Args:
        operations: At each point.
        points: From `qfl.quantum.traces.trace_points`.
        order: Our number of each wire.
        name: Of the program, for the sentence.

    Raises:
        ConfigError: If the circuit starts in another state than |0> or the sample.
    """
    if not operations[0] or operations[0][0].name not in STATES:
        if any(op.name in STATES for op in operations[0]):
            raise ConfigError(f"{name} prepares a state after a gate; prepare it first")
        return False
    if [order[wire] for wire in operations[0][0].wires] != list(range(len(order))):
        raise ConfigError(f"{name} encodes amplitudes on some wires; encode them on all wires, in their order")
    for own, (_, features) in zip(operations, points, strict=True):
        sample = torch.nn.functional.pad(features.detach(), (0, 2 ** len(order) - features.numel()))
        state = torch.as_tensor(own[0].parameters[0]).detach().to(torch.complex128).flatten()
        if state.shape != sample.shape or not torch.allclose(state / state.norm(), (sample / sample.norm()).to(state)):
            raise ConfigError(
                f"{name} starts in a state that is neither |0> nor the sample, padded with zeros and normalised; "
                "encode inputs as they are"
            )
        del own[0]
    return True


def gate_of(operator: Any, traces: list[Trace], wires: tuple[int, ...], name: str) -> list[Gate]:
    """Return the gate of one of PennyLane's operators; none for an operator that no expectation value sees.

    Args:
        operator: The operator.
        traces: Of its parameters.
        wires: Ours.
        name: Of the program, for the sentence.

    Raises:
        ConfigError: If it is none of ours.
    """
    if operator.name in NOTHING:
        return []
    parameters = tuple(each.parameter for each in traces)
    own = NAMES.get(operator.name)
    if own is None:
        raise ConfigError(f"{name} has {operator.name}, which we do not have; take another gate")
    if own == "PauliRot":
        word = operator.hyperparameters["pauli_word"]
        return [Gate(own, wires, parameters, word=word)] if set(word) != {"I"} else []
    if own == "QubitUnitary":
        return [Gate(own, wires, matrix=check_unitary(own, _matrix(traces[0].constant), len(wires)))]
    return [Gate(own, wires, parameters)]


def observables_of(tape: Any, order: dict[Any, int], name: str) -> tuple[Observable, ...]:
    """Return what a tape measures.

    Args:
        tape: PennyLane's.
        order: Our number of each wire.
        name: Of the program, for the sentence.

    Raises:
        ConfigError: If it is no expectation value of an observable that is a sum of Pauli words, and no probabilities
            of a few wires.
    """
    from pennylane.measurements import ExpectationMP, ProbabilityMP

    found: list[Observable] = []
    for measurement in tape.measurements:
        if isinstance(measurement, ProbabilityMP) and measurement.obs is None:
            found += _outcomes([order[wire] for wire in measurement.wires or order], name)
        elif isinstance(measurement, ExpectationMP) and measurement.obs is not None:
            found.append(_observable(measurement.obs, order, name))
        else:
            what = type(measurement).__name__.removesuffix("MP")
            raise ConfigError(f"{name} returns {what}; return qml.expval(...) of one observable or more")
    return tuple(found)


def _ours(operator: Any) -> bool:
    if operator.name in STATES:  # fixed states are expanded; one that depends on the sample is an encoding
        return any(isinstance(value, Tensor) and value.requires_grad for value in operator.parameters)
    return operator.name in NAMES or operator.name in NOTHING


def _matrix(value: Any) -> Any:
    return np.asarray(value.detach() if isinstance(value, Tensor) else value, dtype=complex)


def _observable(operator: Any, order: dict[Any, int], name: str) -> Observable:
    import pennylane as qp

    sentence: Any = operator.pauli_rep
    if sentence is None and operator.has_matrix:
        sentence = qp.pauli_decompose(_matrix(operator.matrix()), wire_order=operator.wires, pauli=True)
    if sentence is None:
        raise ConfigError(f"{name} measures {operator.name}, which is no sum of Pauli words; measure one")
    terms: list[tuple[float, str]] = []
    for word, coefficient in sentence.items():
        number = complex(_matrix(coefficient))
        if abs(number.imag) > SMALLEST:
            raise ConfigError(f"{name} measures an operator that is not Hermitian; give real coefficients")
        if abs(number) > SMALLEST:
            letters = sorted((order[wire], letter) for wire, letter in word.items())
            terms.append((number.real, " ".join(f"{letter}{wire}" for wire, letter in letters)))
    if len(terms) == 1 and terms[0][0] == 1 and terms[0][1] and set(terms[0][1]) <= set("Z 0123456789"):
        return tuple(int(each[1:]) for each in terms[0][1].split())
    return PauliSum(tuple(terms) or ((0.0, ""),))


def _outcomes(wires: list[int], name: str) -> list[Observable]:
    """Return the probability of each outcome as a sum of words: the product of (1 +- Z) / 2 over the wires."""
    if len(wires) > MOST_OUTCOMES:
        raise ConfigError(f"{name} returns probabilities of {len(wires)} wires; give {MOST_OUTCOMES} or fewer")
    found: list[Observable] = []
    for bits in product((0, 1), repeat=len(wires)):
        terms: list[tuple[float, str]] = []
        for chosen in product((0, 1), repeat=len(wires)):
            sign = (-1) ** sum(bit * own for bit, own in zip(bits, chosen, strict=True))
            word = " ".join(f"Z{wire}" for wire, own in zip(wires, chosen, strict=True) if own)
            terms.append((sign / 2 ** len(wires), word))
        found.append(PauliSum(tuple(terms)))
    return found
