"""Objects into JSON and arrays, without pickle: the writing half; `qfl.federation.strategy.object_reader` is the other.

A value becomes a node: None, true, false, a number or a text as it is, and everything else a table with its ``kind``:

::

    list, dict       items in order; what occurs twice, or within itself, is written once and then named (``same``)
    array            the name of an array beside the JSON
    a type's name    what `qfl.federation.strategy.value_parts` takes the value apart into
    object           the attributes of an instance of a Python class
    declared         what an object's own ``state()`` gives
    function         what its closure, its defaults and its attributes hold; method, partial: what they are bound to
    held             what never changes: a class, a module, a logger, a lock, a compiled pattern

Code is never written: a function, and an object whose class is not the strategy's own, must be there again, at the same
place, when a state is put back. `Written.held` names them, so that a run can see whether they are.
"""

import enum
import logging
import re
import sys
import threading
import types
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qfl.angles import AngleLayout
from qfl.federation.strategy.value_parts import PARTS

Node = Any
SMALL = 2**63
CONSTANT = (
    type,
    enum.Enum,
    types.ModuleType,
    types.BuiltinFunctionType,
    types.GenericAlias,
    type(Ellipsis),
    logging.Logger,
    re.Pattern,
    type(threading.Lock()),
    type(threading.RLock()),
    np.dtype,
    np.ufunc,
    torch.dtype,
    torch.device,
    AngleLayout,
)
BUILT_IN = (int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, np.ndarray, BaseException)


class Unsaved(Exception):
    """A value that no checkpoint can hold.

    Args:
        place: Where it is, such as ``inner/moments/0``.
        what: What it is.
    """

    def __init__(self, place: str, what: str):
        super().__init__(f"{place!r} ({what})")


@dataclass
class Writer:
    """Writes the values of one object graph.

    Args:
        own: Modules whose classes may be made anew when a state is put back.

    Attributes:
        arrays: Arrays by name.
        held: What must be there again, by place.
    """

    own: frozenset[str]
    arrays: dict[str, NDArray] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    _seen: dict[int, int] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)  # an id is unique only while its object lives
    _memory: dict[int, str] = field(default_factory=dict)

    def node(self, value: Any, place: str) -> Node:
        """Return the node of a value.

        Raises:
            Unsaved: If it holds what cannot be written.
        """
        if value is None or type(value) in (bool, str):
            return value
        if type(value) is int:
            return value if abs(value) < SMALL else {"kind": "int", "hex": hex(value)}
        if type(value) is float:
            return value if isfinite(value) else {"kind": "float", "text": str(value)}
        if isinstance(value, CONSTANT) or self._is_a_modules(value):
            self.held[place] = described(value)
            return {"kind": "held"}
        if id(value) in self._seen:
            return {"kind": "same", "id": self._seen[id(value)]}
        number = self._seen[id(value)] = len(self._seen)
        self._kept.append(value)
        return self._table(value, place) | {"id": number}

    def fields(self, value: Any, place: str) -> dict[str, Node]:
        """Return the nodes of an object's attributes; the object itself counts as written."""
        if id(value) not in self._seen:
            self._seen[id(value)] = len(self._seen)
            self._kept.append(value)
        return {name: self.node(item, f"{place}/{name}".lstrip("/")) for name, item in attributes(value).items()}

    def if_data(self, value: Any, place: str) -> dict[str, Node]:
        """Return the node of a value under its place if it is data alone, else nothing."""
        trial = Writer(frozenset())
        try:
            trial.node(value, place)
        except (Unsaved, RecursionError):
            return {}
        return {} if trial.held else {place: self.node(value, place)}

    def _table(self, value: Any, place: str) -> dict[str, Any]:
        kind = type(value)
        if kind is list:
            return {"kind": "list", "items": [self.node(item, f"{place}/{n}") for n, item in enumerate(value)]}
        if kind is dict:
            return {"kind": "dict", "items": self._pairs(value, place)}
        if kind is np.ndarray or isinstance(value, np.generic):
            return self._array(value, place)
        if kind in PARTS:
            return {"kind": f"{kind.__module__}.{kind.__qualname__}", "of": self.node(self._apart(value, place), place)}
        return self._code(value, place) or self._object(value, place)

    def _pairs(self, value: dict[Any, Any], place: str) -> list[Node]:
        return [
            [self.node(key, f"{place}/key"), self.node(item, f"{place}/{key if isinstance(key, str) else number}")]
            for number, (key, item) in enumerate(value.items())
        ]

    def _array(self, value: Any, place: str) -> dict[str, Any]:
        if value.dtype.hasobject:
            items = [self.node(item, f"{place}/{number}") for number, item in enumerate(np.ravel(value).tolist())]
            return {"kind": "objects", "shape": list(value.shape), "items": items}
        if isinstance(value, np.ndarray) and value.flags.writeable:
            self._alone(value, place)
        name = place
        while name in self.arrays:
            name += "'"
        self.arrays[name] = np.array(value, order="K")
        return {"kind": "scalar" if isinstance(value, np.generic) else "array", "array": name}

    def _alone(self, value: NDArray, place: str) -> None:
        """Refuse two arrays that share memory: changing one would change the other, and no longer when put back."""
        root: Any = value
        while isinstance(root.base, np.ndarray):
            root = root.base
        if other := self._memory.get(id(root)):
            raise Unsaved(place, f"an array that shares memory with {other!r}; copy it")
        self._memory[id(root)] = place
        self._kept.append(root)

    def _apart(self, value: Any, place: str) -> Any:
        try:
            return PARTS[type(value)].apart(value)
        except (TypeError, ValueError, RuntimeError, AttributeError) as error:
            raise Unsaved(place, f"a {type(value).__name__}: {error}") from None

    def _code(self, value: Any, place: str) -> dict[str, Any]:
        if isinstance(value, types.FunctionType):
            self.held[place] = described(value)
            inner = {f"cell {name}": self.node(item, f"{place}/{name}") for name, item in cells(value).items()}
            defaults = self.node([value.__defaults__, value.__kwdefaults__], f"{place}/defaults")
            return {"kind": "function", "cells": inner, "defaults": defaults, "fields": self.fields(value, place)}
        if isinstance(value, types.MethodType):
            self.held[place] = described(value)
            return {"kind": "method", "of": self.node(value.__self__, f"{place}/self")}
        if isinstance(value, partial):
            self.held[place] = "partial"
            bound = [list(value.args), value.keywords]
            return {
                "kind": "partial",
                "function": self.node(value.func, f"{place}/function"),
                "bound": self.node(bound, place),
            }
        return {}

    def _is_a_modules(self, value: Any) -> bool:
        """Tell whether a value is the function that a module, not one of the strategy's, holds under its name."""
        if not isinstance(value, types.FunctionType) or value.__module__ in self.own:
            return False
        return named(value.__module__, value.__qualname__) is value

    def _object(self, value: Any, place: str) -> dict[str, Any]:
        kind = type(value)
        if isinstance(value, BUILT_IN) or not _is_all_python(value):
            raise Unsaved(place, f"a {kind.__module__}.{kind.__qualname__}".replace("builtins.", ""))
        if declares_state(value):
            self.held[place] = described(kind)
            return {"kind": "declared", "of": self.node(dict(value.state()), f"{place}/state()")}
        if kind.__module__ not in self.own or named(kind.__module__, kind.__qualname__) is not kind:
            self.held[place] = described(kind)
        return {"kind": "object", "class": [kind.__module__, kind.__qualname__], "fields": self.fields(value, place)}


def named(module: str, name: str) -> Any:
    """Return what a module that is imported holds under a dotted name, None where there is nothing."""
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = vars(found).get(part) if hasattr(found, "__dict__") else None
    return found


def declares_state(value: Any) -> bool:
    """Tell whether an object has the methods ``state`` and ``load_state``."""
    return all(callable(getattr(type(value), name, None)) for name in ("state", "load_state"))


def attributes(value: Any) -> dict[str, Any]:
    """Return an object's own attributes, those in slots included."""
    slots = [name for each in type(value).__mro__ for name in _slots(each)]
    found = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return found | dict(getattr(value, "__dict__", {}))


def cells(function: types.FunctionType) -> dict[str, Any]:
    """Return what a function's closure holds, by name; a name that has no value yet is left out."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    return found


def described(value: Any) -> str:
    """Return in words what code or constant a value is, the same in every process."""
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, types.MethodType):
        return f"{type(value.__self__).__qualname__}.{value.__name__}"
    if isinstance(value, AngleLayout):
        return value.digest()
    name = getattr(value, "__name__", None) or getattr(value, "name", None)
    return f"{type(value).__qualname__} {name}" if name else type(value).__qualname__


def _is_all_python(value: Any) -> bool:
    """Tell whether an object's attributes are all there is to it: a file or a generator has more, which is hidden."""
    methods = [each for kind in type(value).__mro__[:-1] for each in vars(kind).values()]
    if any(isinstance(each, types.MethodDescriptorType | types.WrapperDescriptorType) for each in methods):
        return False
    return hasattr(value, "__dict__") or hasattr(type(value), "__slots__")


def _slots(kind: type) -> tuple[str, ...]:
    names = vars(kind).get("__slots__", ())
    names = (names,) if isinstance(names, str) else tuple(names)
    private = [f"_{kind.__name__.lstrip('_')}{n}" if n.startswith("__") and not n.endswith("__") else n for n in names]
    return tuple(name for name in private if name not in ("__dict__", "__weakref__"))
