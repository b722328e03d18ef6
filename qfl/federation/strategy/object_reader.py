"""Objects out of JSON and arrays: the reading half of `qfl.federation.strategy.object_writer`.

What is read may come from a damaged file, so whatever does not fit raises, and no name in it leads to code that the
object that is filled does not already hold: classes are looked up in the strategy's own modules alone.
"""

import types
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.federation.strategy.object_writer import Node, attributes, cells, named
from qfl.federation.strategy.value_parts import KINDS, PARTS


class Misfit(Exception):
    """A node that does not fit what is there."""


@dataclass
class Reader:
    """Reads the nodes of one object graph.

    Args:
        arrays: Arrays by name.
        own: Modules whose classes may be made anew.
    """

    arrays: dict[str, NDArray]
    own: frozenset[str]
    _made: dict[int, Any] = field(default_factory=dict)

    def value(self, node: Node, there: Any = None) -> Any:
        """Return the value of a node.

        Args:
            node: As `Writer.node` gives it.
            there: What stands in its place: functions and foreign objects are filled, everything else is replaced.

        Raises:
            Misfit, KeyError, TypeError, ValueError, AttributeError, IndexError: If the node is not what it should be.
        """
        if not isinstance(node, dict):
            return node
        kind = node["kind"]
        if kind == "same":
            return self._made[node["id"]]
        if kind == "int":
            return int(node["hex"], 16)
        if kind == "float":
            return float(node["text"])
        if kind in ("list", "dict"):
            return self._container(node, there)
        found = self._parts(node, there) if kind in KINDS else READERS[kind](self, node, there)
        if kind != "held":
            self._made[node["id"]] = found
        return found

    def fill(self, there: Any, nodes: dict[str, Node], number: int = 0, keep: frozenset[str] = frozenset()) -> None:
        """Give an object the attributes that were written, and no others but those to ``keep``."""
        self._made[number] = there
        before = attributes(there)
        for name, node in nodes.items():
            object.__setattr__(there, name, self.value(node, before.get(name)))
        for name in before.keys() - nodes.keys() - keep:
            object.__delattr__(there, name)

    def _container(self, node: Node, there: Any) -> Any:
        if node["kind"] == "list":
            items = self._made[node["id"]] = []
            old = list(there) if isinstance(there, list | tuple) else []
            for number, item in enumerate(node["items"]):
                items.append(self.value(item, old[number] if number < len(old) else None))
            return items
        table = self._made[node["id"]] = {}
        for key, item in node["items"]:
            key = self.value(key)
            table[key] = self.value(item, there.get(key) if isinstance(there, dict) else None)
        return table

    def _parts(self, node: Node, there: Any) -> Any:
        kind = KINDS[node["kind"]]
        return PARTS[kind].together(self.value(node["of"], PARTS[kind].apart(there) if type(there) is kind else None))

    def _array(self, node: Node, there: Any) -> Any:
        return np.array(self.arrays[node["array"]], order="K")

    def _scalar(self, node: Node, there: Any) -> Any:
        return self.arrays[node["array"]][()]

    def _objects(self, node: Node, there: Any) -> Any:
        found = np.empty(len(node["items"]), dtype=object)
        for number, item in enumerate(node["items"]):
            found[number] = self.value(item)
        return found.reshape(node["shape"])

    def _held(self, node: Node, there: Any) -> Any:
        if there is None:
            raise Misfit("a constant of the strategy is not there")
        return there

    def _function(self, node: Node, there: Any) -> Any:
        if not isinstance(there, types.FunctionType):
            raise Misfit("a function of the strategy is not there")
        self._made[node["id"]] = there
        fill_cells(self, there, {name.removeprefix("cell "): each for name, each in node["cells"].items()})
        self.fill(there, node["fields"], node["id"])
        there.__defaults__, there.__kwdefaults__ = self.value(
            node["defaults"], [there.__defaults__, there.__kwdefaults__]
        )
        return there

    def _method(self, node: Node, there: Any) -> Any:
        if not isinstance(there, types.MethodType):
            raise Misfit("a method of the strategy is not there")
        if self.value(node["of"], there.__self__) is not there.__self__:
            raise Misfit("a method of the strategy belongs to another object")
        return there

    def _partial(self, node: Node, there: Any) -> Any:
        if not isinstance(there, partial):
            raise Misfit("a function of the strategy is not there")
        function = self.value(node["function"], there.func)
        arguments, keywords = self.value(node["bound"], [list(there.args), there.keywords])
        return partial(function, *arguments, **keywords)

    def _object(self, node: Node, there: Any) -> Any:
        module, name = node["class"]
        kind = type(there)
        if (kind.__module__, kind.__qualname__) != (module, name):
            kind = self._class(module, name)
            there = object.__new__(kind)
        self.fill(there, node["fields"], node["id"])
        return there

    def _declared(self, node: Node, there: Any) -> Any:
        there.load_state(self.value(node["of"]))
        return there

    def _class(self, module: str, name: str) -> type:
        found = named(module, name) if module in self.own else None
        if not isinstance(found, type) or found.__module__ != module:
            raise Misfit(f"there is no class {module}.{name} of the strategy's own")
        return found


READERS = {
    "array": Reader._array,
    "scalar": Reader._scalar,
    "objects": Reader._objects,
    "held": Reader._held,
    "function": Reader._function,
    "method": Reader._method,
    "partial": Reader._partial,
    "object": Reader._object,
    "declared": Reader._declared,
}


def fill_cells(reader: Reader, function: types.FunctionType, nodes: dict[str, Node]) -> None:
    """Give a function's closure what was written of it."""
    before = cells(function)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if name in nodes:
            cell.cell_contents = reader.value(nodes[name], before.get(name))
