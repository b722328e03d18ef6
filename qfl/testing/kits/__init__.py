"""Conformance kits: what must be true of a thing, whoever wrote it, to take its place in qfl.

A kit is a module of this package with a function ``checks(thing, **facts)`` that yields named checks: a sentence that
should be true, and a function that raises an `AssertionError` with words where it is not. No kit needs pytest; with it,
``assert run(checks(thing)) == []`` is a test.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from qfl.errors import UserError

Check = tuple[str, Callable[[], None]]
"""A sentence that should be true, and what raises an `AssertionError` with words where it is not."""


@dataclass(frozen=True)
class Outcome:
    """What became of a check.

    Args:
        says: The sentence that should be true.
        fault: Why it is not, in words; empty where it is.
    """

    says: str
    fault: str = ""


def outcomes(checks: Iterable[Check]) -> Iterator[Outcome]:
    """Yield what becomes of each check, in their order.

    An error of another kind than `AssertionError` is a failure, too, since it is not what the sentence says; it does
    not stop the others. A mistake of the user's (`qfl.errors.UserError`) is a sentence by itself.

    Example:
        >>> [each.fault for each in outcomes([("nothing is asked", lambda: None), ("zero divides", lambda: 1 // 0)])]
        ['', 'ZeroDivisionError: integer division or modulo by zero']
    """
    for sentence, check in checks:
        try:
            check()
        except (AssertionError, UserError) as fault:
            yield Outcome(sentence, str(fault) or type(fault).__name__)
        except Exception as error:
            yield Outcome(sentence, f"{type(error).__name__}: {error}")
        else:
            yield Outcome(sentence)


def run(checks: Iterable[Check]) -> list[str]:
    """Return the checks that fail, in words: none if the thing conforms.

    Example:
        >>> def broken() -> None:
        ...     raise AssertionError("1 is not 2")
        >>> run([("one is two", broken), ("nothing is asked", lambda: None)])
        ['one is two: 1 is not 2']
    """
    return [f"{outcome.says}: {outcome.fault}" for outcome in outcomes(checks) if outcome.fault]
