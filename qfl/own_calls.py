"""Call a user's object with those of our arguments that it asks for, and with its own settings.

The names of its arguments say what it asks for. Its own settings are a table of the run file, ``[model.my]``, checked
against its signature: a function's arguments, or the fields of a dataclass.
"""

import difflib
import inspect
from collections.abc import Mapping
from typing import Any, get_type_hints

from qfl.errors import ConfigError, UserError
from qfl.extend import raised


def call_own(thing: Any, key: str, given: Mapping[str, Any], mine: Mapping[str, Any]) -> Any:
    """Return what a user's object gives, called with those of our arguments that it asks for and with its own settings.

    Args:
        thing: A function or a class; the names of its arguments say what it asks for.
        key: The setting that names it, such as ``"model.name"``; its own arguments are in the table ``[model.my]``.
        given: What we have for it, by name.
        mine: What the user has for it, by name.

    Raises:
        ConfigError: If it asks for what neither has, is given what it does not take, or ends in an error.

    Example:
        >>> call_own(lambda num_labels, gain=1.0: num_labels * gain, "model.name", {"num_labels": 4}, {"gain": 0.5})
        2.0
    """
    arguments = {name: given[name] for name in taken(thing, key) if name in given}
    arguments |= own_arguments(thing, key, given, mine)
    try:
        return thing(**arguments)
    except UserError:
        raise
    except Exception as error:
        raise ConfigError(f"{key}: {_name(thing)} {raised(error)}") from error


def own_arguments(thing: Any, key: str, given: Mapping[str, Any], mine: Mapping[str, Any]) -> dict[str, Any]:
    """Return a user's own settings as arguments of the user's object, checked against its signature.

    Args:
        thing: A function or a class, such as a dataclass with a field for each setting.
        key: The setting that names it.
        given: What we have for it, which its own settings may not name.
        mine: Its own settings by name; a whole number is a number.

    Raises:
        ConfigError: With a sentence for every setting that it does not take or that is of another type, and for every
            argument that is missing.
    """
    asked, table = taken(thing, key), table_of(key)
    free = any(each.kind is each.VAR_KEYWORD for each in asked.values())
    names = [
        n for n, each in asked.items() if n not in given and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
    ]
    faults, found = [], {}
    for name, value in mine.items():
        if name not in names and not (free and name not in given):
            near = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(names) or 'none'}"
            faults.append(f"{table}.{name} is no setting of {_name(thing)}; {hint}")
            continue
        found[name], fault = _typed(value, _kind(thing, asked.get(name)), f"{table}.{name}")
        faults += [fault] if fault else []
    needed = [name for name in names if asked[name].default is inspect.Parameter.empty and name not in mine]
    faults += [f"{_name(thing)} asks for {name!r}; give it as {table}.{name}" for name in needed]
    if faults:
        raise ConfigError([f"{key}: {fault}" for fault in faults])
    return found


def settings_taken(thing: Any, key: str) -> frozenset[str] | None:
    """Return the names of the settings that a user's object may be given; None where it takes any.

    Example:
        >>> sorted(settings_taken(lambda problem, seed, depth=3: None, "radio.solver"))
        ['depth', 'problem', 'seed']
    """
    asked = taken(thing, key)
    return None if any(each.kind is each.VAR_KEYWORD for each in asked.values()) else frozenset(asked)


def shares(takers: Mapping[str, frozenset[str] | None], mine: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return which of the settings of one table each of several objects gets: those that it takes by name.

    An object that takes any gets what no other takes by name.

    Args:
        takers: By the setting that names an object, the names that it takes, of `settings_taken`.
        mine: The table's settings by name.

    Raises:
        ConfigError: For every setting that nobody takes.

    Example:
        >>> shares({"radio.solver": frozenset({"depth"}), "radio.path-loss": frozenset({"slope"})}, {"depth": 4})
        {'radio.solver': {'depth': 4}, 'radio.path-loss': {}}
    """
    named = {name for names in takers.values() for name in names or ()}
    rest = {name: value for name, value in mine.items() if name not in named}
    found = {
        key: rest if names is None else {name: value for name, value in mine.items() if name in names}
        for key, names in takers.items()
    }
    left = [name for name in mine if not any(name in own for own in found.values())]
    if takers and left:
        where, known = table_of(next(iter(takers))), sorted(named)
        near = {name: difflib.get_close_matches(name, known, 1) for name in left}
        raise ConfigError(
            [
                f"{where}.{name} is no setting of {', '.join(takers)}; "
                + (f"did you mean {near[name][0]!r}?" if near[name] else f"they take {', '.join(known) or 'none'}")
                for name in left
            ]
        )
    return found


def table_of(key: str) -> str:
    """Return the table of an object's own settings.

    Example:
        >>> table_of("radio.solver"), table_of("panel")
        ('radio.my', 'my')
    """
    return f"{key.rpartition('.')[0]}.my".lstrip(".")


def taken(thing: Any, key: str) -> Mapping[str, inspect.Parameter]:
    """Return the arguments that a user's object takes, by name.

    Raises:
        ConfigError: If it cannot be called, or takes arguments by place alone.
    """
    try:
        asked = inspect.signature(thing).parameters
    except (TypeError, ValueError):
        raise ConfigError(f"{key}: {_name(thing)} is no function and no class; give one") from None
    if any(each.kind is each.POSITIONAL_ONLY for each in asked.values()):
        raise ConfigError(f"{key}: {_name(thing)} takes arguments by place alone; name them")
    return asked


def _name(thing: Any) -> str:
    return getattr(thing, "__name__", type(thing).__name__)


def _kind(thing: Any, parameter: inspect.Parameter | None) -> type | None:
    """Return the type of an argument: as annotated, else of its default; None where neither says."""
    if parameter is None:
        return None
    try:
        hint = get_type_hints(thing.__init__ if inspect.isclass(thing) else thing).get(parameter.name)
    except Exception:  # a name that only a type checker sees
        hint = None
    kinds = (bool, int, float, str)
    return hint if hint in kinds else type(parameter.default) if type(parameter.default) in kinds else None


def _typed(value: Any, kind: type | None, name: str) -> tuple[Any, str]:
    if kind is float and type(value) is int:
        return float(value), ""
    wrong = kind is not None and type(value) is not kind
    return value, f"{name} = {value!r} is no {getattr(kind, '__name__', '')}; give one" if wrong else ""
