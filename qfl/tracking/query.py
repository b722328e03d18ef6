"""Questions about a listing of runs: which fulfil conditions, in which order, which is best, how two differ.

What is asked for by name is a setting (``model.name``), what a run came to (``COLUMNS``), or a task's figure of merit.
"""

import difflib
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from qfl.config import KEYS, parse_override
from qfl.errors import ConfigError
from qfl.specs import TASKS
from qfl.tracking.listing import STATES, Entry

COLUMNS = ("name", "date", "state", "kind", "done", "last", "best", "loss", "seconds", "source")
FALLING = ("date", "done", "last", "best")  # columns that begin with the largest
WORDS = ("name", "date", "state", "kind", "source")  # whose values are texts, whatever they look like
METRICS = tuple(dict.fromkeys(spec.metric.name for spec in TASKS.values()))
NOT_COMPARED = ("run.folder", "run.resume")  # where, not what
CONDITION = re.compile(r"\s*([A-Za-z][\w.-]*)\s*(<=|>=|!=|=|<|>)\s*(.*\S)\s*", re.S)
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Condition:
    """What a run must fulfil to be listed.

    Args:
        key: Of `value_of`.
        relation: ``= != < <= > >=``.
        value: A number, a truth value or a word; in a word ``*`` stands for any characters, ``?`` for any one.
    """

    key: str
    relation: str
    value: Any

    def holds(self, entry: Entry) -> bool:
        """Return whether a run fulfils it; one that does not have what is asked for does not.

        Example:
            >>> from pathlib import Path
            >>> run = Entry("quickstart-1", Path("runs"), settings={"model.name": "vqc", "rounds": 30})
            >>> [condition(text).holds(run) for text in ("model.name=vqc", "rounds>=40", "name=quick*", "seed!=1")]
            [True, False, True, False]
        """
        found = value_of(entry, self.key)
        if found is None:
            return False
        if self.relation in ORDERS:
            return _is_number(found) == _is_number(self.value) and ORDERS[self.relation](found, self.value)
        same = (
            fnmatchcase(found, self.value)
            if isinstance(found, str) and isinstance(self.value, str)
            else (found == self.value)
        )
        return same == (self.relation == "=")


def condition(text: str) -> Condition:
    """Return the condition that a text such as ``model.name=vqc`` or ``accuracy>0.9`` states.

    Raises:
        ConfigError: If it states none, asks for what no run has, or puts what are no numbers in an order.
    """
    parts = CONDITION.fullmatch(text)
    if parts is None:
        raise ConfigError(
            f"--filter {text!r}: expected a name, one of = != < <= > >=, and a value, such as model.name=vqc"
        )
    key, relation, value = parts[1], parts[2], parts[3]
    if key not in WORDS:
        value = parse_override(f"x={value}")[1]
    check_key(key, "--filter")
    if not isinstance(value, bool | int | float | str):
        raise ConfigError(f"--filter {text!r}: expected a number, a word, true or false after {relation}")
    if relation in ORDERS and not (_is_number(value) or key == "date"):
        raise ConfigError(f"--filter {text!r}: {relation} compares numbers and dates; give a number after it, or use =")
    if key == "state" and value not in (*STATES, "damaged"):
        raise ConfigError(f"--filter {text!r}: a state is one of {', '.join(STATES)}, damaged")
    return Condition(key, relation, value)


def check_key(key: str, option: str) -> None:
    """Return if runs can be asked for something by this name.

    Raises:
        ConfigError: If they cannot; it says what is near.
    """
    known = (*COLUMNS, *METRICS, *KEYS)
    if key not in known:
        below = [name for name in (f"{key}.name", *KEYS) if name in KEYS and name.startswith(f"{key}.")]
        near = below or difflib.get_close_matches(key, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"beside settings there are {', '.join((*COLUMNS, *METRICS))}"
        raise ConfigError(f"{option} {key!r}: no run has it; {hint}")


def value_of(entry: Entry, key: str) -> Any:
    """Return what a run has under a name: a column, its figure of merit, or a setting; None where it has none."""
    if key in METRICS:
        return entry.last if key == entry.metric else None
    if key in COLUMNS:
        return getattr(entry, key)
    value = entry.settings.get(key)
    return value if isinstance(value, bool | int | float | str) else None


def ordered(entries: Sequence[Entry], key: str) -> list[Entry]:
    """Return runs in the order of what they have under a name; those that have nothing there come last.

    Figures of merit, rounds that are done and dates begin with the largest, everything else with the smallest.

    Args:
        entries: The runs; those that are alike stay in their order.
        key: Of `value_of`.
    """
    having = [(value, entry) for entry in entries if (value := value_of(entry, key)) is not None]
    falls = key in FALLING or key in METRICS
    having.sort(key=lambda pair: (isinstance(pair[0], str), pair[0]), reverse=falls)
    return [entry for _, entry in having] + [entry for entry in entries if value_of(entry, key) is None]


def best(entries: Sequence[Entry], key: str) -> Entry:
    """Return the run that ended with the best figure: the largest figure of merit, or the smallest loss.

    Args:
        entries: The runs.
        key: A figure of merit, ``last``, ``best``, or ``loss``.

    Raises:
        ConfigError: If it is none of these, or no run has it.
    """
    figures = (*METRICS, "last", "best", "loss")
    if key not in figures:
        raise ConfigError(f"--best {key!r}: expected one of {', '.join(figures)}")
    found = ordered(entries, key)
    if not found or value_of(found[0], key) is None:
        there = sorted({entry.metric for entry in entries if entry.last is not None})
        hint = f"they have {', '.join(there)}" if there else "none has a round that was tested"
        raise ConfigError(f"--best {key}: no run that is listed has it; {hint}")
    return found[0]


def differences(one: Entry, other: Entry) -> dict[str, tuple[Any, Any]]:
    """Return the settings in which two runs differ, each with both values; None where a run does not have it.

    Example:
        >>> from pathlib import Path
        >>> runs = [Entry("r", Path("r"), settings={"seed": seed, "rounds": 3}) for seed in (1, 2)]
        >>> differences(*runs)
        {'seed': (1, 2)}
    """
    keys = [*one.settings, *(key for key in other.settings if key not in one.settings)]
    pairs = {key: (one.settings.get(key), other.settings.get(key)) for key in keys if key not in NOT_COMPARED}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
