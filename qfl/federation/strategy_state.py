"""What a strategy carries from round to round, as arrays and plain values for the checkpoint.

Most strategies start every round from the broadcast alone. FedAvgM keeps its velocity and its own copy of the model;
the FedOpt family keeps two moments (its copy of the model is replaced by every broadcast). The step size is no state
either: it follows from the round (`qfl.federation.server_step`).
"""

from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord
from flwr.serverapp.strategy import FedAdagrad, FedAdam, FedAvgM, FedYogi, Strategy
from numpy.typing import NDArray

from qfl.errors import RunFolderError

STATE_ATTRIBUTES: dict[type[Strategy], tuple[str, ...]] = {
    FedAvgM: ("current_arrays", "momentum_vector"),
    FedAdam: ("m_t", "v_t"),
    FedYogi: ("m_t", "v_t"),
    FedAdagrad: ("m_t", "v_t"),
}


def export_state(strategy: Strategy) -> tuple[dict[str, NDArray], dict[str, Any]]:
    """Return a strategy's state between two rounds.

    Returns:
        Arrays under names such as ``m_t/angles``, and plain values that JSON can hold: the strategy's class, and for
        each attribute whether it is a Flower record, a dict or a list (absent before the first round).

    Example:
        >>> export_state(FedAvgM())
        ({}, {'strategy': 'FedAvgM', 'kinds': {}})
    """
    attributes = STATE_ATTRIBUTES.get(type(strategy), ())
    values = {name: getattr(strategy, name) for name in attributes if getattr(strategy, name) is not None}
    arrays = {f"{name}/{key}": item for name, value in values.items() for key, item in _items(value).items()}
    kinds = {name: type(value).__name__ for name, value in values.items()}
    return arrays, {"strategy": type(strategy).__name__, "kinds": kinds}


def restore_state(strategy: Strategy, arrays: dict[str, NDArray], plain: dict[str, Any]) -> None:
    """Put an exported state back into a new strategy made from the same settings.

    Raises:
        RunFolderError: If the state was exported from another class of strategy.
    """
    if plain["strategy"] != type(strategy).__name__:
        raise RunFolderError(
            f"the checkpoint was written with {plain['strategy']}, but the settings ask for {type(strategy).__name__}; "
            "resume with the strategy of the run, or start a new run"
        )
    for name, kind in plain["kinds"].items():
        prefix = f"{name}/"
        items = {key.removeprefix(prefix): np.array(item) for key, item in arrays.items() if key.startswith(prefix)}
        setattr(strategy, name, _value(kind, items))


def _items(value: ArrayRecord | dict[str, NDArray] | list[NDArray]) -> dict[str, NDArray]:
    if isinstance(value, ArrayRecord):
        return {key: array.numpy() for key, array in value.items()}
    return {str(key): item for key, item in (value.items() if isinstance(value, dict) else enumerate(value))}


def _value(kind: str, items: dict[str, NDArray]) -> ArrayRecord | dict[str, NDArray] | list[NDArray]:
    if kind == "ArrayRecord":
        return ArrayRecord({key: Array(item) for key, item in items.items()})
    return [items[key] for key in sorted(items, key=int)] if kind == "list" else items
