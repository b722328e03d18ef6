"""What a strategy carries from round to round, as arrays and plain values for the checkpoint.

A run keeps one strategy object through all its rounds, so that nothing which a strategy remembers is lost: attributes,
nested objects (the strategy within a wrapper), random generators, the closure of a function that was put in a method's
place. Between two rounds all of it is written down: a failed round is undone with it, and a resumed run begins with it.
No pickle is in it, for a checkpoint is a file that anybody may have touched.

What is found without being asked for:

- the attributes of the strategy, and of the objects they hold, however deep (`qfl.federation.strategy.object_writer`);
- data (numbers, text, arrays, and lists and dicts of them) in class attributes of the strategy's own classes, and in
  the closures of their methods.

A strategy that knows better declares its state (`Stateful`); then that is taken, and nothing is looked for. What cannot
be written is refused by name: before the first round where it is there from the start, else after the round in which it
came to be. The step size is no state: it follows from the round (`qfl.federation.strategy.step`).
"""

from collections.abc import Mapping
from typing import Any, Protocol, cast

import numpy as np
from flwr.app import Array, ArrayRecord
from flwr.serverapp.strategy import FedAvgM, Strategy
from flwr.serverapp.strategy.fedopt import FedOpt
from numpy.typing import NDArray

from qfl.errors import ConfigError, RunFolderError
from qfl.federation.strategy.object_reader import Misfit, Reader
from qfl.federation.strategy.object_writer import Node, Unsaved, Writer, declares_state
from qfl.federation.strategy.shared_state import own_modules, put_shared, refuse_globals, shared_places

Memory = tuple[dict[str, NDArray], dict[str, Any]]
FLOWERS: dict[type[Strategy], tuple[str, ...]] = {
    FedAvgM: ("current_arrays", "momentum_vector"),
    FedOpt: ("current_arrays", "m_t", "v_t"),
}
"""What Flower's classes carry on, for one that derives from them and declares its own state alone."""
DAMAGE = (Misfit, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)


class Stateful(Protocol):
    """A strategy that declares what it carries on; one of Flower's that it derives from need not be repeated."""

    def state(self) -> Mapping[str, Any]:
        """Return all that the next round needs: arrays, numbers, text, and lists and dicts of them, by name."""
        ...

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave, in this process or in a later one."""
        ...


def export_state(strategy: Strategy) -> Memory:
    """Return a strategy's state between two rounds.

    Returns:
        Arrays under names such as ``m_t/angles``, and plain values that JSON can hold.

    Raises:
        ConfigError: If the strategy holds what no checkpoint can, by name.

    Example:
        >>> from flwr.serverapp.strategy import FedAdam
        >>> strategy = FedAdam()
        >>> strategy.m_t = {"angles": np.zeros(2)}
        >>> list(export_state(strategy)[0])
        ['m_t/angles']
    """
    writer, name = Writer(own_modules(strategy)), type(strategy).__name__
    try:
        refuse_globals(strategy)
        if declares_state(strategy):
            return writer.arrays, {
                "strategy": name,
                "declared": _declared(cast(Any, strategy), writer),
                "held": writer.held,
            }
        fields = writer.fields(strategy, "")
    except (Unsaved, RecursionError) as fault:
        raise ConfigError(_refusal(name, str(fault))) from None
    shared = {}
    for place, value in shared_places(strategy).items():
        shared |= writer.if_data(value, place)
    return writer.arrays, {"strategy": name, "fields": fields, "held": writer.held, "shared": shared}


def restore_state(strategy: Strategy, arrays: dict[str, NDArray], plain: dict[str, Any]) -> None:
    """Put an exported state back into the strategy, or into a new one made from the same settings.

    Raises:
        RunFolderError: If the state was exported from another class of strategy, or does not fit this one.
    """
    name = type(strategy).__name__
    if plain["strategy"] != name:
        raise RunFolderError(
            f"the checkpoint was written with {plain['strategy']}, but the settings ask for {name}; "
            "resume with the strategy of the run, or start a new run"
        )
    try:
        _restore(strategy, arrays, plain)
    except DAMAGE as fault:
        raise RunFolderError(
            f"the checkpoint's state of {name} does not fit the strategy ({type(fault).__name__}: {fault}); "
            "resume with the strategy of the run as it was, or start a new run"
        ) from None


def changed_since(made: Memory, now: Memory) -> Memory:
    """Return a state without the attributes that are as they were when the strategy was made.

    Those are its settings, and a resumed run makes them anew: ``rounds`` may have grown.

    Raises:
        ConfigError: If the state holds code or foreign objects that a new strategy would not.
    """
    (arrays, plain), (before, first) = now, made
    for place, what in plain["held"].items():
        if first["held"].get(place) != what:
            raise ConfigError(_refusal(plain["strategy"], f"{place!r} ({what}), which it made during a round"))
    if "declared" in plain or _woven(plain["fields"]):
        return now
    own = {name: _under(name, arrays) for name in plain["fields"]}
    kept = [
        name
        for name, node in plain["fields"].items()
        if name in first["fields"] and _bare(node) == _bare(first["fields"][name])
        if _equal(own[name], _under(name, before))
    ]
    fields = {name: node for name, node in plain["fields"].items() if name not in kept}
    dropped = {name for each in kept for name in own[each]}
    return {name: array for name, array in arrays.items() if name not in dropped}, plain | {
        "fields": fields,
        "kept": kept,
    }


def _declared(strategy: Any, writer: Writer) -> dict[str, Node]:
    own = dict(strategy.state())
    names = [name for kind, names in FLOWERS.items() if isinstance(strategy, kind) for name in names]
    return {name: writer.node(getattr(strategy, name), name) for name in names} | {
        "state()": writer.node(own, "state()")
    }


def _restore(strategy: Any, arrays: dict[str, NDArray], plain: dict[str, Any]) -> None:
    if "kinds" in plain:
        _restore_first_form(strategy, arrays, plain["kinds"])
        return
    reader = Reader(arrays, own_modules(strategy))
    if "declared" in plain:
        nodes = dict(plain["declared"])
        declared = nodes.pop("state()")
        for name, node in nodes.items():
            setattr(strategy, name, reader.value(node))
        strategy.load_state(reader.value(declared))
        return
    reader.fill(strategy, plain["fields"], keep=frozenset(plain.get("kept", ())))
    for place, node in plain["shared"].items():
        put_shared(strategy, place, reader.value(node))


def _restore_first_form(strategy: Strategy, arrays: dict[str, NDArray], kinds: dict[str, str]) -> None:
    """Restore from a checkpoint of the time when four of Flower's classes alone kept their state."""
    for name, kind in kinds.items():
        prefix = f"{name}/"
        items = {key.removeprefix(prefix): np.array(item) for key, item in arrays.items() if key.startswith(prefix)}
        value: Any = [items[key] for key in sorted(items, key=int)] if kind == "list" else items
        record = kind == "ArrayRecord"
        setattr(strategy, name, ArrayRecord({key: Array(item) for key, item in items.items()}) if record else value)


def _refusal(strategy: str, what: str) -> str:
    return (
        f"the strategy {strategy} keeps {what}, which no checkpoint can hold, so a resumed run would be another one; "
        "keep numbers, arrays, lists and dicts, or declare what it carries on with state() and load_state()"
    )


def _under(name: str, arrays: dict[str, NDArray]) -> dict[str, NDArray]:
    return {key: array for key, array in arrays.items() if key == name or key.startswith((f"{name}/", f"{name}'"))}


def _equal(one: dict[str, NDArray], other: dict[str, NDArray]) -> bool:
    return one.keys() == other.keys() and all(
        array.dtype == other[key].dtype and array.shape == other[key].shape and array.tobytes() == other[key].tobytes()
        for key, array in one.items()
    )


def _bare(node: Node) -> Node:
    """Return a node without its numbers, which depend on what was written before."""
    if isinstance(node, dict):
        return {key: _bare(item) for key, item in node.items() if key != "id"}
    return [_bare(item) for item in node] if isinstance(node, list) else node


def _woven(fields: dict[str, Node]) -> bool:
    """Tell whether attributes share objects: then they are kept or left out together."""
    made = {name: set(_ids(node, "same", other=True)) for name, node in fields.items()}
    return any(number and number not in made[name] for name, node in fields.items() for number in _ids(node, "same"))


def _ids(node: Node, kind: str, other: bool = False) -> list[int]:
    if isinstance(node, list):
        return [number for item in node for number in _ids(item, kind, other)]
    if not isinstance(node, dict):
        return []
    own = [node["id"]] if "id" in node and (node.get("kind") == kind) != other else []
    return own + [number for item in node.values() for number in _ids(item, kind, other)]
