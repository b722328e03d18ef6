"""Conformance kits: what must be true of a thing, whoever wrote it, to take its place in qfl.

A kit is a module of this package with a function ``checks(thing, **facts)`` that yields named checks: a sentence that
should be true, and a function that raises an `AssertionError` with words where it is not. No kit needs pytest; with it,
``assert run(checks(thing)) == []`` is a test.
"""

from collections.abc import Callable, Iterable

Check = tuple[str, Callable[[], None]]
"""A sentence that should be true, and what raises an `AssertionError` with words where it is not."""


def run(checks: Iterable[Check]) -> list[str]:
    """Return the checks that fail, in words: none if the thing conforms.

    An error of another kind is a failure, too, since it is not what the sentence says; it does not stop the others.

    Example:
        >>> def broken() -> None:
        ...     raise AssertionError("1 is not 2")
        >>> run([("one is two", broken), ("nothing is asked", lambda: None)])
        ['one is two: 1 is not 2']
    """
    failures: list[str] = []
    for sentence, check in checks:
        try:
            check()
        except AssertionError as fault:
            failures.append(f"{sentence}: {fault}")
        except Exception as error:
            failures.append(f"{sentence}: {type(error).__name__}: {error}")
    return failures
