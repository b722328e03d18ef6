"""A user's own encoding and ansatz: plain functions that yield gates, made into one checked circuit.

::

    def encoding(qubits, num_features, **own):       # Feature(index, scale) are its parameters
        for wire in range(qubits):
            yield Gate("RY", (wire,), (Feature(wire, pi),))

    def ansatz(qubits, layers, **own):               # Angle(0), Angle(1), ... are its parameters
        angles = map(Angle, count())
        for _ in range(layers):
            for wire in range(qubits):
                yield Gate("RX", (wire,), (next(angles),))

An ansatz may ask for ``num_features`` too, and upload features between its layers. Settings of their own come from the
table ``[model.my]``, which both share.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from qfl.errors import ConfigError, UserError
from qfl.extend import is_reference, load_own, raised
from qfl.own_calls import call_own, taken
from qfl.quantum.ansatze import classifier, encoded, trained
from qfl.quantum.circuit import Circuit, Gate, z_words

MOST_QUBITS = 20
ENCODING, ANSATZ = "model.encoding", "model.ansatz"


def circuit_of(
    encoding: str,
    ansatz: str,
    num_qubits: int,
    num_layers: int,
    num_features: int,
    num_outputs: int,
    mine: Mapping[str, Any] | None = None,
) -> Circuit:
    """Return the circuit of a classifier whose encoding, ansatz or both may be a user's own function.

    Args:
        encoding: A name of `qfl.quantum.ansatze.classifier`, or a reference.
        ansatz: A key of `qfl.quantum.ansatze.ANSATZE`, or a reference.
        num_qubits: Wires, 1 to 20.
        num_layers: Trained layers.
        num_features: Length of a sample.
        num_outputs: Observables, in the order of `z_words`.
        mine: The user's own settings by name.

    Raises:
        ConfigError: If a function yields no gate, or something else than gates, uses a wire or a feature that there is
            not, skips an angle, or ends in an error.
        ValueError: If the features do not fit the qubits, or there are too few observables.

    Example:
        >>> circuit_of("angle", "real_ring", 2, 3, 2, 2) == classifier("angle", "real_ring", 2, 3, 2, 2)
        True
    """
    things = {key: load_own(name, key) for key, name in ((ENCODING, encoding), (ANSATZ, ansatz)) if is_reference(name)}
    if not things:
        return classifier(encoding, ansatz, num_qubits, num_layers, num_features, num_outputs)
    if num_qubits > MOST_QUBITS:
        raise ConfigError(f"model.qubits: the circuit would have {num_qubits}; give {MOST_QUBITS} or fewer")
    if ANSATZ in things and encoding == "reupload":
        raise ConfigError(f"{ENCODING} = 'reupload' goes with our ansatze; let your own upload features")
    if encoding == "angle" and num_features > num_qubits:
        raise ConfigError(f"{ENCODING} = 'angle' takes one feature per qubit; {num_features} do not fit {num_qubits}")
    given = {"qubits": num_qubits, "layers": num_layers, "num_features": num_features}
    own = {key: _gates(key, things, given, mine or {}) for key in things}
    first = own[ENCODING] if ENCODING in own else encoded(encoding, num_features)
    if any(True for gate in own.get(ENCODING, ()) for _ in gate.used()):
        raise ConfigError(f"{ENCODING} = {encoding!r} turns a gate by an angle; train angles in {ANSATZ}")
    rest = own[ANSATZ] if ANSATZ in own else trained(ansatz, num_qubits, num_layers)
    amplitudes = encoding == "amplitude"
    return Circuit(num_qubits, first + rest, z_words(num_qubits, num_outputs), amplitudes, num_features)


def _gates(key: str, things: Mapping[str, Any], given: Mapping[str, int], mine: Mapping[str, Any]) -> tuple[Gate, ...]:
    """Return the gates that a user's function yields, each of them checked."""
    thing = things[key]
    others = [taken(other, name) for name, other in things.items() if name != key]
    asked = taken(thing, key)
    own = {name: value for name, value in mine.items() if name in asked or not any(name in each for each in others)}
    found = _listed(call_own(thing, key, given, own), key, getattr(thing, "__name__", "it"))
    said = f"{key}: {getattr(thing, '__name__', 'it')}"
    for place, gate in enumerate(found):
        beyond = [wire for wire in gate.wires if not 0 <= wire < given["qubits"]]
        if beyond:
            raise ConfigError(
                f"{said} puts gate {place} ({gate.name}) on wire {beyond[0]}; the wires are 0 to {given['qubits'] - 1}"
            )
        read = [index for index in gate.read() if not 0 <= index < given["num_features"]]
        if read:
            raise ConfigError(
                f"{said} reads feature {read[0]} in gate {place} ({gate.name}); a sample has {given['num_features']}"
            )
    used = {index for gate in found for index in gate.used()}
    gaps = sorted(set(range(max(used, default=-1) + 1)) - used)
    if gaps:
        raise ConfigError(f"{said} uses angle {max(used)}, but no gate uses angle {gaps[0]}; number them 0, 1, 2, ...")
    if key == ANSATZ and not used:
        raise ConfigError(f"{said} trains nothing; give gates such as Gate('RX', (0,), (Angle(0),))")
    return found


def _listed(yielded: object, key: str, name: str) -> tuple[Gate, ...]:
    wanted = "yield gates such as Gate('RX', (0,), (Angle(0),))"
    if not isinstance(yielded, Iterable):
        raise ConfigError(f"{key}: {name} gives {type(yielded).__name__}; {wanted}")
    try:
        found = list(cast("Iterable[object]", yielded))
    except UserError:
        raise
    except Exception as error:
        raise ConfigError(f"{key}: {name} {raised(error)}") from error
    if not found:
        raise ConfigError(f"{key}: {name} yields no gate; {wanted}")
    gates: list[Gate] = []
    for each in found:
        if not isinstance(each, Gate):
            raise ConfigError(f"{key}: {name} yields {type(each).__name__}, which is no gate; {wanted}")
        gates.append(each)
    return tuple(gates)
