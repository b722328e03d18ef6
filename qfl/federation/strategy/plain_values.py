"""Plain values into JSON and arrays, and back, without pickle: all that a checkpoint can hold of a strategy.

A value becomes a node: None, true, false, a number or a text as it is, and everything else a table with its ``kind``:
``list`` and ``dict`` with their items, ``array`` and ``scalar`` with the name of an array beside the JSON, and by its
type's name whatever a row of `PARTS` takes apart. What is read may come from a damaged file, so whatever does not fit
raises, and no name in it leads to code.
"""

import random
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict
from numpy.typing import NDArray

Node = Any
SMALL = 2**63
BITS = {each.__name__: each for each in (np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937)} | {
    each.__name__: each for each in (np.random.Philox, np.random.SFC64)
}


class Unsaved(Exception):
    """A value that no checkpoint can hold.

    Args:
        place: Where it is, such as ``strategy/moments/0``.
        what: What it is.
    """

    def __init__(self, place: str, what: str):
        super().__init__(f"{place!r} ({what})")


def _pairs(value: Any) -> list[Any]:
    return [[key, item] for key, item in value.items()]


def _restored(new: Any, parts: Any, put: str) -> Any:
    """Return a new generator in a state; PyTorch and NumPy name it differently."""
    getattr(new, put)(parts)
    return new


def _numpy_generator(parts: list[Any]) -> np.random.Generator:
    bits = BITS[parts[0]]()
    bits.state = parts[1]
    return np.random.Generator(bits)


PARTS: dict[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    complex: (lambda z: [z.real, z.imag], lambda parts: complex(*parts)),
    bytes: (lambda value: np.frombuffer(value, np.uint8), lambda array: array.tobytes()),
    tuple: (list, tuple),
    set: (list, set),
    frozenset: (list, frozenset),
    deque: (lambda value: [value.maxlen, list(value)], lambda parts: deque(parts[1], parts[0])),
    OrderedDict: (_pairs, OrderedDict),
    Counter: (_pairs, lambda pairs: Counter(dict(pairs))),
    Array: (
        lambda array: [array.dtype, list(array.shape), array.stype, array.data],
        lambda parts: Array(dtype=parts[0], shape=tuple(parts[1]), stype=parts[2], data=parts[3]),
    ),
    ArrayRecord: (_pairs, lambda pairs: ArrayRecord(OrderedDict(pairs))),
    ConfigRecord: (_pairs, lambda pairs: ConfigRecord(dict(pairs))),
    MetricRecord: (_pairs, lambda pairs: MetricRecord(dict(pairs))),
    RecordDict: (_pairs, lambda pairs: RecordDict(dict(pairs))),
    torch.Tensor: (lambda tensor: tensor.numpy(), lambda array: torch.from_numpy(array)),  # on a CPU, without gradient
    np.random.Generator: (lambda rng: [type(rng.bit_generator).__name__, rng.bit_generator.state], _numpy_generator),
    np.random.RandomState: (
        lambda rng: rng.get_state(legacy=False),
        lambda state: _restored(np.random.RandomState(), state, "set_state"),
    ),
    random.Random: (
        lambda rng: list(rng.getstate()),
        lambda parts: _restored(random.Random(), (parts[0], tuple(parts[1]), parts[2]), "setstate"),
    ),
    torch.Generator: (
        lambda rng: rng.get_state().numpy(),
        lambda state: _restored(torch.Generator(), torch.from_numpy(state), "set_state"),
    ),
}
"""What values are made of, and how they are made from it, by exact type: what derives from one has more to it."""

KINDS = {f"{each.__module__}.{each.__qualname__}": each for each in PARTS}
FIXED = (complex, bytes, tuple, frozenset, Array)
"""What may be at several places: nothing in it is changed."""


@dataclass
class Writer:
    """Writes values; what can change must not be held at two places, where it would change in both.

    One record of arrays may be the whole value of several places, as Flower's wrappers hold that of the strategy
    within: it is written at the first, and the others name that place (`same_as`).

    Attributes:
        arrays: The arrays of the value that was written last, by name.
    """

    arrays: dict[str, NDArray] = field(default_factory=dict)
    _places: dict[int, tuple[str, Any]] = field(default_factory=dict)  # with the object: an id is unique while it lives
    _whole: set[str] = field(default_factory=set)  # the places whose values were written

    def write(self, value: Any, place: str) -> tuple[Node, dict[str, NDArray]]:
        """Return the node of a value and its arrays.

        Raises:
            Unsaved: If it holds what cannot be written.
        """
        self.arrays = {}
        first, _ = self._places.get(id(value), (place, value))
        if type(value) is ArrayRecord and first != place and first in self._whole:
            return {"kind": "same", "place": first}, {}
        self._whole.add(place)
        return self._node(value, place), self.arrays

    def _node(self, value: Any, place: str) -> Node:
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind is int:
            return value if abs(value) < SMALL else {"kind": "int", "hex": hex(value)}
        if kind is float:
            return value if isfinite(value) else {"kind": "float", "text": str(value)}
        if kind is np.ndarray or isinstance(value, np.generic):
            return self._array(value, place)
        if kind not in FIXED:
            self._once(value, place)
        if kind is list:
            return {"kind": "list", "items": [self._node(item, f"{place}/{n}") for n, item in enumerate(value)]}
        if kind is dict:
            keys = [key if isinstance(key, str) else f"{number}" for number, key in enumerate(value)]
            items = [self._node(item, f"{place}/{key}") for key, item in zip(keys, value.values(), strict=True)]
            return {"kind": "dict", "items": [[self._node(key, place), item] for key, item in zip(value, items)]}  # noqa: B905
        if kind not in PARTS:
            raise Unsaved(place, f"a {kind.__module__}.{kind.__qualname__}".replace("builtins.", ""))
        try:
            parts = PARTS[kind][0](value)
        except (TypeError, ValueError, RuntimeError) as error:
            raise Unsaved(place, f"a {kind.__name__}: {error}") from None
        return {"kind": f"{kind.__module__}.{kind.__qualname__}", "of": self._node(parts, place)}

    def _array(self, value: Any, place: str) -> Node:
        if value.dtype.hasobject:
            raise Unsaved(place, "an array of objects")
        root: Any = value
        while isinstance(getattr(root, "base", None), np.ndarray):
            root = root.base
        if isinstance(value, np.ndarray) and value.flags.writeable:
            self._once(root, place)
        while place in self.arrays:
            place += "'"
        self.arrays[place] = np.array(value, order="K")
        return {"kind": "array" if isinstance(value, np.ndarray) else "scalar", "array": place}

    def _once(self, value: Any, place: str) -> None:
        other, _ = self._places.setdefault(id(value), (place, value))
        if other != place:
            raise Unsaved(place, f"what {other!r} holds, too; copy it")


def same_as(node: Node) -> str | None:
    """Return the place whose value a node is, the same object; None where it has a value of its own.

    Example:
        >>> record, writer = ArrayRecord(), Writer()
        >>> [same_as(writer.write(record, place)[0]) for place in ("arrays", "strategy/arrays")]
        [None, 'arrays']
    """
    return node["place"] if isinstance(node, dict) and node["kind"] == "same" else None


def read(node: Node, arrays: dict[str, NDArray]) -> Any:
    """Return the value of a node.

    Args:
        node: As `Writer.write` gives it.
        arrays: By name.

    Raises:
        KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError: If the node is not what it should be.

    Example:
        >>> read(*Writer().write({3: (1.5, "a")}, "x"))
        {3: (1.5, 'a')}
    """
    if not isinstance(node, dict):
        return node
    match node["kind"]:
        case "int":
            return int(node["hex"], 16)
        case "float":
            return float(node["text"])
        case "list":
            return [read(item, arrays) for item in node["items"]]
        case "dict":
            return {read(key, arrays): read(item, arrays) for key, item in node["items"]}
        case "array":
            return np.array(arrays[node["array"]], order="K")
        case "scalar":
            return arrays[node["array"]][()]
        case kind:
            return PARTS[KINDS[kind]][1](read(node["of"], arrays))
