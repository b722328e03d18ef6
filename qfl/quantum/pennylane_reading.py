"""From PennyLane to a circuit: a QNode, a quantum function or a tape, with its templates expanded.

The function is called with tensors for its arguments, and what reaches the gates is followed back to them
(`qfl.quantum.traces`): an argument called ``inputs`` is the data, all others are trained. Which words of PennyLane we
have is in `qfl.quantum.pennylane_words`.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PennyLane has no type stubs)

import inspect
from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import torch
from torch import Tensor

from qfl.errors import ConfigError
from qfl.extend import raised
from qfl.quantum.circuit import Circuit, Gate
from qfl.quantum.pennylane_words import expanded, gate_of, observables_of, prepared, wire_order
from qfl.quantum.traces import Trace, trace, trace_points

MOST_QUBITS = 20
Shape = int | tuple[int, ...]


def from_pennylane(
    program: Any,
    weight_shapes: Mapping[str, Shape] | None = None,
    num_features: int = 0,
    *,
    inputs: str = "inputs",
    fixed: Mapping[str, Any] | None = None,
) -> Circuit:
    """Return the circuit of a PennyLane program, with its observables.

    Args:
        program: A QNode or a quantum function that returns its measurements, or a tape, whose trainable parameters are
            the angles.
        weight_shapes: Shape of each trained argument, in the order of the angle vector; a default value in the
            signature, or the function's attribute ``weight_shapes``, says it too.
        num_features: Length of a sample, which the argument ``inputs`` receives.
        inputs: Name of the argument that is the data.
        fixed: Values of further arguments.

    Raises:
        ConfigError: With a sentence for what we cannot represent: an operator, a measurement, a parameter that is not
            linear in the angles, an angle or a weight that is not used, a state that is not |0>.

    Example:
        >>> import pennylane as qp
        >>> def classify(inputs, weights):
        ...     qp.AngleEmbedding(inputs, wires=range(2))
        ...     qp.BasicEntanglerLayers(weights, wires=range(2))
        ...     return qp.expval(qp.Z(0))
        >>> circuit = from_pennylane(classify, {"weights": (1, 2)}, num_features=2)
        >>> circuit.num_angles, [gate.name for gate in circuit.gates], circuit.observables
        (2, ['RX', 'RX', 'RX', 'RX', 'CNOT'], ((0,),))
    """
    from pennylane.tape import QuantumScript

    if isinstance(program, QuantumScript):
        return _of_tape(program)
    name = getattr(program, "__name__", type(program).__name__)
    function = getattr(program, "func", program)
    if not callable(function):
        raise ConfigError(f"{name} is no QNode, quantum function or tape; give one")
    device = getattr(program, "device", None)
    shapes = _shapes(function, name, weight_shapes, inputs, fixed or {})
    counts = {key: prod(_axes(shape)) for key, shape in shapes.items()}
    takes_inputs = inputs in _parameters(function, name)
    if num_features and not takes_inputs:
        raise ConfigError(f"{name} takes no argument {inputs!r} for the {num_features} features; add one")

    def script(angles: Tensor, features: Tensor) -> Any:
        parts = torch.split(angles, list(counts.values()))
        own = {key: part.reshape(_axes(shapes[key])) for key, part in zip(shapes, parts, strict=True)}
        return _script(function, name, own | ({inputs: features} if takes_inputs else {}) | dict(fixed or {}))

    names = tuple(_names(shapes))
    return _traced(script, names, num_features, name, None if device is None else device.wires)


def _of_tape(tape: Any) -> Circuit:
    start = tape.get_parameters(trainable_only=True)
    sizes = [torch.as_tensor(value).numel() for value in start]

    def script(angles: Tensor, features: Tensor) -> Any:
        parts = torch.split(angles, sizes)
        own = [part.reshape(torch.as_tensor(old).shape) for part, old in zip(parts, start, strict=True)]
        return tape.bind_new_parameters(own, tape.trainable_params)

    return _traced(script, tuple(f"parameter.{k}" for k in range(sum(sizes))), 0, "the tape", None)


def _traced(
    script: Callable[[Tensor, Tensor], Any], names: tuple[str, ...], num_features: int, name: str, wires: Any
) -> Circuit:
    points = trace_points(len(names), num_features)
    tapes = [expanded(script(*point), name) for point in points]
    order = wire_order(tapes[0], wires, name)
    if len(order) > MOST_QUBITS:
        raise ConfigError(f"{name} has {len(order)} wires; a statevector takes {MOST_QUBITS} at most, take fewer")
    amplitudes, gates = _gates(tapes, points, order, names, name)
    measured = observables_of(tapes[0], order, name)
    unused = sorted(set(range(len(names))) - {index for gate in gates for index in gate.used()})
    if unused:
        raise ConfigError(f"{name} never uses {names[unused[0]]} in a gate; take it out, or use it")
    return Circuit(len(order), gates, measured, amplitudes, num_features, names)


def _gates(
    tapes: list[Any], points: list[tuple[Tensor, Tensor]], order: dict[Any, int], names: tuple[str, ...], name: str
) -> tuple[bool, tuple[Gate, ...]]:
    """Return whether the sample is the initial state, and the gates."""
    operations = [list(tape.operations) for tape in tapes]
    amplitudes = prepared(operations, points, order, name)
    shapes = [[(op.name, tuple(op.wires)) for op in own] for own in operations]
    if any(own != shapes[0] for own in shapes):
        raise ConfigError(f"{name} has other gates for other angles or features; give it the same gates for all")
    gates: list[Gate] = []
    for column in zip(*operations, strict=True):
        traces: list[Trace] = []
        for values in zip(*(op.parameters for op in column), strict=True):
            fixed = column[0].name == "QubitUnitary"
            traces.append(trace(list(values), points, f"{name}: {column[0].name}", names, fixed=fixed))
        gates += gate_of(column[0], traces, tuple(order[wire] for wire in column[0].wires), name)
    return amplitudes, tuple(gates)


def _script(function: Callable[..., Any], name: str, arguments: dict[str, Any]) -> Any:
    from pennylane.tape import make_qscript

    try:
        tape: Any = make_qscript(function)(**arguments)
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(
            f"{name} {raised(error)}; it is called with torch tensors of one sample and of the weights, so write it "
            "with torch or qml.math"
        ) from error
    if not tape.measurements:
        raise ConfigError(f"{name} returns no measurement; return qml.expval(...) of one observable or more")
    return tape


def _parameters(function: Callable[..., Any], name: str) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        raise ConfigError(f"{name} has no signature to read; give a plain function") from None


def _shapes(
    function: Callable[..., Any], name: str, given: Mapping[str, Shape] | None, inputs: str, fixed: Mapping[str, Any]
) -> dict[str, Shape]:
    """Return the shape of each trained argument, in the order of the signature."""
    asked = _parameters(function, name)
    known: dict[str, Any] = dict(given if given is not None else getattr(function, "weight_shapes", {}))
    for key in [key for key in (*known, *fixed) if key not in asked]:
        raise ConfigError(f"{name} takes no argument {key!r}; it takes {', '.join(asked) or 'none'}")
    shapes: dict[str, Shape] = {}
    for key, parameter in asked.items():
        if key == inputs or key in fixed:
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise ConfigError(f"{name} takes arguments without a name, {parameter}; name each")
        if key not in known and not hasattr(parameter.default, "shape"):
            if parameter.default is not parameter.empty:
                continue  # its default is its value
            raise ConfigError(f"{name}: the shape of {key!r} is not known; give weight_shapes={{{key!r}: (2, 3)}}")
        shapes[key] = known[key] if key in known else tuple(parameter.default.shape)
    return shapes


def _names(shapes: Mapping[str, Shape]) -> list[str]:
    return [f"{key}.{place}" for key, shape in shapes.items() for place in range(prod(_axes(shape)))]


def _axes(shape: Shape) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)
