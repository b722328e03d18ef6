"""What a strategy carries from round to round, as arrays and plain values for the checkpoint.

A run keeps one strategy object through all its rounds. Between two rounds its state is written down: a failed round is
undone with it, and a resumed run begins with it.

A strategy may declare its state (`Stateful`); what Flower's own classes carry on stands in `FLOWERS`, also for what
derives from them. The state of one that declares nothing is its attributes, and those of the strategy that it wraps:
numbers, text, arrays, Flower's records, random generators, and containers of them (`plain_values`). Only what differs
from a new strategy is written: settings, and what never changes (`constants`), are made anew.

Everything else is refused by name: before the first round where it is there from the start, else after the round in
which it came to be. The step size is no state: it follows from the round (`qfl.federation.strategy.step`).
"""

from abc import ABC
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Protocol

import numpy as np
from flwr.app import Array, ArrayRecord
from flwr.serverapp.strategy import FedAvgM, Strategy
from flwr.serverapp.strategy.fedopt import FedOpt
from numpy.typing import NDArray

from qfl.errors import ConfigError, RunFolderError
from qfl.federation.strategy.constants import is_constant, rebound
from qfl.federation.strategy.plain_values import Node, Unsaved, Writer, read, same_as

Memory = tuple[dict[str, NDArray], dict[str, Any]]
Written = tuple[Node, dict[str, NDArray]]
FLOWERS: dict[type[Strategy], tuple[str, ...]] = {
    FedAvgM: ("current_arrays", "momentum_vector"),
    FedOpt: ("current_arrays", "m_t", "v_t"),
}
"""What Flower's classes carry on, for one that derives from them and declares its own state alone."""
DAMAGE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RuntimeError, RecursionError)
DECLARED, WRAPPED = "state()", "strategy"


class Stateful(Protocol):
    """A strategy that declares what it carries on; one of Flower's that it derives from need not be repeated."""

    def state(self) -> Mapping[str, Any]:
        """Return all that the next round needs: arrays, numbers, text, and lists and dicts of them, by name."""
        ...

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave, in this process or in a later one."""
        ...


@dataclass(frozen=True)
class Snapshot:
    """A strategy at one moment; a place is an attribute's name, after ``strategy/`` of the strategy within.

    Args:
        values: What was written of each place.
        constants: What never changes, by place.
        shared: What was written of the data in users' classes, by class and name.
    """

    values: dict[str, Written]
    constants: dict[str, Any]
    shared: dict[str, Written]


def snapshot(strategy: Strategy) -> Snapshot:
    """Return a strategy as it is between two rounds.

    Raises:
        ConfigError: If the strategy holds what no checkpoint can, by name.
    """
    writer, values, constants = Writer(), {}, {}
    try:
        _refuse_hidden(strategy)
        for place, value in _places(strategy):
            if is_constant(value):
                constants[place] = value
            else:
                values[place] = writer.write(value, place)
        return Snapshot(values, constants, dict(_shared(strategy)))
    except Unsaved as fault:
        raise _refusal(strategy, str(fault)) from None
    except RecursionError:
        raise _refusal(strategy, "what is nested too deeply") from None


def changed_since(made: Snapshot, strategy: Strategy) -> Memory:
    """Return a strategy's state: arrays under names such as ``m_t/angles``, and plain values that JSON can hold.

    Args:
        made: The strategy as it was made.
        strategy: As it is now.

    Raises:
        ConfigError: If it has come to hold what no checkpoint can, or its class has, by name.

    Example:
        >>> from flwr.serverapp.strategy import FedAdam
        >>> strategy = FedAdam()
        >>> made = snapshot(strategy)
        >>> strategy.m_t = {"angles": np.zeros(2)}
        >>> list(changed_since(made, strategy)[0])
        ['m_t/angles']
    """
    now = snapshot(strategy)
    for place, value in now.constants.items():
        old = made.constants.get(place)
        if old is not value and not (type(old) is type(value) and old == value):
            raise _refusal(strategy, f"{place!r} (a {type(value).__name__}), which it made during a round")
    for place, written in now.shared.items():
        if not _equal(made.shared.get(place), written):
            raise _refusal(strategy, f"{place!r} (in its class), which changed during a round")
    fields, arrays = {}, {}
    for place, written in now.values.items():
        if not _equal(made.values.get(place), written):
            fields[place], own = written
            arrays |= own
    gone = sorted(made.values.keys() - now.values.keys())
    return arrays, {"strategy": type(strategy).__name__, "fields": fields, "gone": gone}


def restore_state(strategy: Strategy, made: Snapshot, memory: Memory) -> None:
    """Put a state back into its strategy, or into a new one.

    Args:
        strategy: The strategy.
        made: As it was made: what the state says nothing of.
        memory: From `changed_since`, or of a checkpoint.

    Raises:
        RunFolderError: If the state is of another class of strategy, or does not fit this one.
    """
    (arrays, plain), name = memory, type(strategy).__name__
    if plain["strategy"] != name:
        raise RunFolderError(
            f"the checkpoint was written with {plain['strategy']}, but the settings ask for {name}; "
            "resume with the strategy of the run, or start a new run"
        )
    try:
        values = {place: _value(*each) for place, each in made.values.items() if place not in plain.get("gone", ())}
        _put(strategy, _joined(values | made.constants | _read_all(arrays, plain)))
    except DAMAGE as fault:
        raise RunFolderError(
            f"the checkpoint's state of {name} does not fit the strategy ({type(fault).__name__}: {fault}); "
            "resume with the strategy of the run as it was, or start a new run"
        ) from None


def layers(strategy: Strategy) -> list[Any]:
    """Return a strategy and those that it wraps in an attribute ``strategy``, the outermost first.

    Example:
        >>> from flwr.serverapp.strategy import DifferentialPrivacyServerSideFixedClipping, FedAdam
        >>> wrapped = DifferentialPrivacyServerSideFixedClipping(FedAdam(), 1.0, 1.0, 3)
        >>> [type(each).__name__ for each in layers(wrapped)]
        ['DifferentialPrivacyServerSideFixedClipping', 'FedAdam']
    """
    found: list[Any] = [strategy]
    while isinstance(inner := getattr(found[-1], WRAPPED, None), Strategy) and inner not in found:
        found.append(inner)
    return found


def _declares(strategy: Any) -> bool:
    return all(callable(getattr(strategy, name, None)) for name in ("state", "load_state"))


def _own_state(declaring: Any) -> Any:
    return declaring.state()


def _places(strategy: Strategy) -> Iterator[tuple[str, Any]]:
    within = layers(strategy)
    for depth, layer in enumerate(within):
        found: dict[str, Any] = dict(vars(layer))
        if _declares(layer):
            names = [name for kind, names in FLOWERS.items() if isinstance(layer, kind) for name in names]
            found = {name: getattr(layer, name) for name in names} | {DECLARED: dict(_own_state(layer))}
        elif layer is not within[-1]:
            del found[WRAPPED]
        yield from ((f"{WRAPPED}/" * depth + name, value) for name, value in found.items())


def _put(strategy: Strategy, values: dict[str, Any]) -> None:
    """Give a strategy, and those within, these values, and no other attributes to one that declares none."""
    within = layers(strategy)
    for depth, layer in enumerate(within):
        prefix = f"{WRAPPED}/" * depth
        own = {place.removeprefix(prefix): value for place, value in values.items() if place.count("/") == depth}
        if _declares(layer):
            state = own.pop(DECLARED)
            vars(layer).update(own)
            layer.load_state(state)
            continue
        kept = {WRAPPED: vars(layer)[WRAPPED]} if layer is not within[-1] else {}
        vars(layer).clear()
        vars(layer).update(own | kept)


def _read_all(arrays: dict[str, NDArray], plain: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a checkpoint; an older one also names constants, or has no more than its arrays."""
    if "kinds" in plain:
        return {name: _first_form(name, kind, arrays) for name, kind in plain["kinds"].items()}
    nodes = plain.get("declared") or plain["fields"]
    if plain.get("shared"):
        raise ValueError("it holds attributes of classes, which an older version kept")
    return {place: _value(node, arrays) for place, node in nodes.items() if node != _HELD}


@dataclass(frozen=True)
class _Same:
    """The object at another place."""

    place: str


def _value(node: Node, arrays: dict[str, NDArray]) -> Any:
    return read(node, arrays) if (place := same_as(node)) is None else _Same(place)


def _joined(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with one object where several places held one."""
    joined = {place: values[value.place] if isinstance(value, _Same) else value for place, value in values.items()}
    if any(isinstance(value, _Same) for value in joined.values()):
        raise ValueError("a value is said to be at a place that has none of its own")
    return joined


_HELD = {"kind": "held"}


def _first_form(name: str, kind: str, arrays: dict[str, NDArray]) -> Any:
    """Return an attribute of a checkpoint of the time when four of Flower's classes alone kept their state."""
    prefix = f"{name}/"
    items = {key.removeprefix(prefix): np.array(item) for key, item in arrays.items() if key.startswith(prefix)}
    if kind == "ArrayRecord":
        return ArrayRecord({key: Array(item) for key, item in items.items()})
    return [items[key] for key in sorted(items, key=int)] if kind == "list" else items


def _refuse_hidden(strategy: Strategy) -> None:
    for kind in _own_classes(strategy):
        if slots := vars(kind).get("__slots__"):
            raise Unsaved(f"{kind.__qualname__}.__slots__", f"attributes outside its __dict__: {slots}")
        for method in vars(kind).values():
            method = getattr(method, "__func__", method)
            for name in rebound(method) if isinstance(method, FunctionType) else ():
                raise Unsaved(name, "a variable outside the strategy")


def _own_classes(strategy: Strategy) -> list[type]:
    """Return the users' classes that a strategy, and those within it, are made of and that declare no state."""
    found = dict.fromkeys(kind for each in layers(strategy) if not _declares(each) for kind in type(each).__mro__)
    ours = ("flwr", "qfl", "builtins")  # a class that `type` made says that it is of the module abc, as ABC does
    return [kind for kind in found if kind is not ABC and kind.__module__.partition(".")[0] not in ours]


def _shared(strategy: Strategy) -> Iterator[tuple[str, Written]]:
    """Yield what is written of the data in users' classes; code and what never changes is not looked at."""
    for kind in _own_classes(strategy):
        for name, value in vars(kind).items():
            if not (name.startswith(("__", "_abc_")) or hasattr(value, "__get__") or is_constant(value)):
                place = f"{kind.__qualname__}.{name}"
                yield place, Writer().write(value, place)


def _equal(one: Written | None, other: Written) -> bool:
    return (
        one is not None
        and (one[0], one[1].keys()) == (other[0], other[1].keys())
        and all(
            (array.dtype, array.shape, array.tobytes()) == (twin.dtype, twin.shape, twin.tobytes())
            for array, twin in zip(one[1].values(), other[1].values(), strict=True)
        )
    )


def _refusal(strategy: Strategy, what: str) -> ConfigError:
    return ConfigError(
        f"the strategy {type(strategy).__name__} keeps {what}, which no checkpoint can hold, so a resumed run would "
        "be another one; keep numbers, arrays, lists and dicts, or declare what it carries on with state() and "
        "load_state()"
    )
