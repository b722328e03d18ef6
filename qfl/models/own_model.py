"""A model of the user's own, ``model.name = "models.py:Net"``: what the name may stand for, and how that is told apart.

In this order:

1. a **QNode** of PennyLane: converted into a circuit (`qfl.models.vqc.vqc_from_qnode`);
2. a `qfl.quantum.circuit.Circuit`, or an object with ``layout``, ``initial`` and ``logits``, which is a model already
   (`qfl.models.model.Model`);
3. a function or callable object with the arguments ``angles`` and ``inputs``: outputs of one client in torch
   operations, which says how many angles there are (`qfl.models.own_outputs`);
4. a function with the argument ``inputs`` and without ``angles``: a quantum function of PennyLane, as a QNode;
5. any other function or class is a **maker**: it is called with those of ``num_features`` and ``num_labels`` that it
   asks for and with its own settings, the table ``[model.my]``, and gives one of 1 to 4, or a ``torch.nn.Module``
   (`qfl.models.torch_module`); a class of modules is one.

Circuits have the head, the scale and the spread of ``[model]``, as ``vqc`` has. The other kinds have their own.
"""

import inspect
import sys
from collections.abc import Mapping
from typing import Any, cast

import torch

from qfl.config import ModelSettings
from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.extend import load_own
from qfl.models.model import Model
from qfl.models.own_outputs import TAKES, model_of_outputs, name_of
from qfl.models.torch_module import model_of_module
from qfl.models.vqc import Vqc, vqc_from_qnode
from qfl.own_calls import call_own, table_of
from qfl.quantum.circuit import Circuit

KEY = "model.name"
MOST_QUBITS = 20
GIVE = (
    "a torch.nn.Module, a QNode, a Circuit, a function of angles and inputs, or an object with layout, initial, logits"
)


def own_model(settings: ModelSettings, num_features: int, num_labels: int) -> Model:
    """Return the model that a reference names; whether it computes what it should is looked at by `own_checks`.

    Args:
        settings: ``name`` is the reference, ``my`` its own settings.
        num_features: Length of a sample.
        num_labels: Number of outputs of a sample.

    Raises:
        ConfigError: If there is no such object, it is nothing that this file lists, or it cannot be made.

    Example:
        >>> own_model(ModelSettings(name="models.py:Net"), 4, 2)
        Traceback (most recent call last):
            ...
        qfl.errors.ConfigError: model.name = 'models.py:Net': there is no file models.py in the app's folder; ...
    """
    thing, mine = load_own(settings.name, KEY), unfold(settings.my)
    given = {"num_features": num_features, "num_labels": num_labels}
    kind = kind_of(thing)
    if kind == "module":
        raise ConfigError(f"{KEY}: {settings.name} is a network that is made already; name its class, or what makes it")
    if kind == "maker":
        made = call_own(thing, KEY, given, mine)
        kind = kind_of(made)
        if kind == "module":
            return model_of_module(lambda: call_own(thing, KEY, given, mine), num_features, f"{KEY}: {name_of(thing)}")
        if kind == "maker":
            raise ConfigError(f"{KEY}: {name_of(thing)} gives {type(made).__name__}; give {GIVE}")
        thing, mine = made, dict[str, Any]()
    return _of_kind(kind, thing, settings, given, mine)


def kind_of(thing: object) -> str:
    """Return what an object is: ``module``, ``qnode``, ``circuit``, ``model``, ``outputs`` or else ``maker``.

    Example:
        >>> kind_of(torch.nn.Linear(3, 2)), kind_of(torch.nn.Linear), kind_of(lambda angles, inputs: inputs)
        ('module', 'maker', 'outputs')
    """
    if isinstance(thing, torch.nn.Module):
        return "module"
    pennylane = sys.modules.get("pennylane")  # nobody has a QNode without it
    if pennylane is not None and isinstance(thing, pennylane.QNode):
        return "qnode"
    if isinstance(thing, Circuit):
        return "circuit"
    if inspect.isclass(thing):
        return "maker"
    if all(hasattr(thing, name) for name in ("layout", "initial", "logits")):
        return "model"
    asked = _arguments(thing)
    return "outputs" if set(TAKES) <= asked else "qnode" if "inputs" in asked else "maker"


def _of_kind(
    kind: str, thing: Any, settings: ModelSettings, given: Mapping[str, int], mine: Mapping[str, Any]
) -> Model:
    if kind == "outputs":
        return model_of_outputs(thing, KEY, given, mine)
    if mine:
        raise ConfigError(
            f"{KEY}: [{table_of(KEY)}] is set, but {name_of(thing)} takes no settings; return it from a function "
            "that does"
        )
    if kind == "model":
        return cast("Model", thing)
    if kind == "qnode":
        shapes = getattr(thing, "weight_shapes", None)
        try:
            return vqc_from_qnode(thing, *given.values(), settings=settings, weight_shapes=shapes)
        except ConfigError as error:
            raise ConfigError([f"{KEY}: {fault}" for fault in error.faults]) from error
    return _of_circuit(thing, settings, given)


def _of_circuit(circuit: Circuit, settings: ModelSettings, given: Mapping[str, int]) -> Vqc:
    features = given["num_features"]
    if not circuit.num_angles:
        raise ConfigError(f"{KEY}: the circuit trains nothing; give it gates such as Gate('RX', (0,), (Angle(0),))")
    if circuit.num_features != features:
        raise ConfigError(f"{KEY}: the circuit encodes {circuit.num_features} features, but a sample has {features}")
    if circuit.num_qubits > MOST_QUBITS:
        raise ConfigError(
            f"{KEY}: the circuit has {circuit.num_qubits} qubits; a statevector takes {MOST_QUBITS} at most"
        )
    return Vqc(settings, features, given["num_labels"], circuit=circuit)


def _arguments(thing: object) -> set[str]:
    try:
        return set(inspect.signature(cast("Any", thing)).parameters)
    except (TypeError, ValueError):
        return set()
