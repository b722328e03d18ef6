"""Objects that a program hands over as they are, in place of a reference: found by name, in this process alone.

A run file names an object of a user's own by a reference (`qfl.extend`). In Python the object itself may be given;
it is kept here under a name, and ``"qfl.given:NAME"`` is the reference that the settings have. So all that takes a
reference takes an object, too, and run.json says which it was, with its source where Python has it.
"""

import inspect
import linecache
import re
from typing import Any

from qfl.errors import ConfigError

_objects: dict[str, Any] = {}


def hand_over(thing: Any) -> str:
    """Return the reference under which an object is found from now on: its own name, with a number if that is taken.

    Args:
        thing: A function, a class or any other object.

    Example:
        >>> hand_over(len), hand_over(len)
        ('qfl.given:len', 'qfl.given:len')
    """
    name = _free(thing)
    _objects[name] = thing
    return f"{__name__}:{name}"


def is_given(reference: object) -> bool:
    """Return whether a reference is to an object that was handed over, in this process or in another.

    Example:
        >>> is_given("qfl.given:clipped"), is_given("rules.py:clipped")
        (True, False)
    """
    return isinstance(reference, str) and reference.startswith(f"{__name__}:")


def described(reference: str) -> dict[str, str]:
    """Return what an object is and its source, for run.json; the source is empty where Python has none.

    Args:
        reference: As `hand_over` returned it.

    Example:
        >>> described(hand_over(len))
        {'object': 'builtins.len', 'source': ''}
    """
    thing = _objects[reference.partition(":")[2]]
    own = thing if hasattr(thing, "__qualname__") else type(thing)
    return {"object": f"{own.__module__}.{own.__qualname__}", "source": _source(own)}


def _source(own: Any) -> str:
    """Return the source of a function or a class; that of code without a file, as in ``exec``, is not guessed."""
    file = getattr(getattr(own, "__code__", None), "co_filename", None)
    if file is not None and not linecache.getlines(file):
        return ""
    try:
        return inspect.getsource(own)
    except (OSError, TypeError):
        return ""


def _free(thing: Any) -> str:
    """Return the name that an object has here already, or its own with the first number that makes it free."""
    for name, known in _objects.items():
        if known is thing:
            return name
    own = re.sub(r"\W", "", getattr(thing, "__name__", type(thing).__name__)) or "given"
    own = own if not own[0].isdigit() else f"_{own}"
    names = (own if number == 1 else f"{own}_{number}" for number in range(1, len(_objects) + 2))
    return next(name for name in names if name not in _objects)


def __getattr__(name: str) -> Any:
    if name in _objects:
        return _objects[name]
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    raise ConfigError(
        f"{name} was an object of the Python process that began the run; hand it over again with "
        "qfl.run(FOLDER, resume=True, ...), or put it into a file and name that"
    )
