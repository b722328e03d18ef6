"""What strategies keep outside themselves: in their class, in the closure of a method, in a global variable.

Of the first two, data are written down and put back like attributes. A global variable belongs to a module, not to the
strategy, so a strategy that assigns to one is refused.
"""

import dis
import types
from collections.abc import Iterator
from typing import Any

from flwr.serverapp.strategy import Strategy

from qfl.federation.strategy.object_writer import Unsaved, cells

LIBRARIES = ("flwr", "qfl", "builtins", "abc", "typing", "collections", "types")


def layers(strategy: Strategy) -> list[Any]:
    """Return a strategy and those that it wraps in an attribute ``strategy``, the outermost first.

    Example:
        >>> from flwr.serverapp.strategy import DifferentialPrivacyServerSideFixedClipping, FedAdam
        >>> wrapped = DifferentialPrivacyServerSideFixedClipping(FedAdam(), 1.0, 1.0, 3)
        >>> [type(each).__name__ for each in layers(wrapped)]
        ['DifferentialPrivacyServerSideFixedClipping', 'FedAdam']
    """
    found: list[Any] = [strategy]
    while isinstance(inner := getattr(found[-1], "strategy", None), Strategy) and inner not in found:
        found.append(inner)
    return found


def own_modules(strategy: Strategy) -> frozenset[str]:
    """Return the modules that the classes of a strategy, and of those within, are from; libraries left out."""
    return frozenset(kind.__module__ for kind in _own_classes(strategy))


def shared_places(strategy: Strategy) -> dict[str, Any]:
    """Return what the strategy's own classes hold in attributes and closures, by place (code left out)."""
    found = {}
    for kind in _own_classes(strategy):
        prefix = f"class {kind.__qualname__}"
        for name, value in vars(kind).items():
            if isinstance(value, types.FunctionType):
                found |= {f"{prefix}/{name}/{cell}": item for cell, item in cells(value).items() if cell != "__class__"}
            elif not name.startswith(("__", "_abc_")) and not callable(value) and not hasattr(value, "__get__"):
                found[f"{prefix}/{name}"] = value
    return found


def put_shared(strategy: Strategy, place: str, value: Any) -> None:
    """Put a value back to its place.

    Raises:
        KeyError: If there is no such place.
    """
    classes = {f"class {kind.__qualname__}": kind for kind in _own_classes(strategy)}
    prefix, name, *cell = place.split("/")
    if cell:
        function = vars(classes[prefix])[name]
        function.__closure__[function.__code__.co_freevars.index(cell[0])].cell_contents = value
    else:
        setattr(classes[prefix], name, value)


def refuse_globals(strategy: Strategy) -> None:
    """Let a strategy pass whose methods assign to no global variable.

    Raises:
        Unsaved: With the variable's name.
    """
    for kind in _own_classes(strategy):
        for method in vars(kind).values():
            code = getattr(getattr(method, "__func__", method), "__code__", None)
            for name in _assigned(code) if code else ():
                raise Unsaved(name, "a global variable")


def _assigned(code: types.CodeType) -> Iterator[str]:
    yield from (step.argval for step in dis.get_instructions(code) if step.opname == "STORE_GLOBAL")
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _assigned(inner)


def _own_classes(strategy: Strategy) -> list[type]:
    found = dict.fromkeys(kind for layer in layers(strategy) for kind in type(layer).__mro__)
    return [kind for kind in found if kind.__module__.partition(".")[0] not in LIBRARIES]
