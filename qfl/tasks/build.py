"""From settings to a federation, by the name of its task.

Building is cached per process, so that 200 simulated clients share one copy of the data and one compiled circuit.
Within `building`, a federation that somebody made of objects of their own is what server and clients get.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache

import torch

from qfl.config import RunSettings, Settings
from qfl.config.references import references
from qfl.data.load import content
from qfl.extend import is_reference, load_object
from qfl.own_source import own_digest
from qfl.specs import TASKS, labels_of
from qfl.surroundings import own_arithmetic
from qfl.tasks.federation import Federation
from qfl.tasks.memory import require_memory
from qfl.tasks.own_task import own_federation

_sources: dict[tuple[str, ...], tuple[str, ...]] = {}  # references, and digests of their files as they were read last
_own: ContextVar[Federation | None] = ContextVar("own federation", default=None)


def build(settings: Settings, *, as_read: bool = False) -> Federation:
    """Return the federation of a run; where its results go makes no difference to it, what its files hold does.

    Args:
        settings: Of the run.
        as_read: Whether the user's own files count as this process read them last, so that they may be edited while a
            run that began with them goes on.

    Raises:
        UserError: If the settings do not fit the data, each other, or the memory that is available.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    if (own := _own.get()) is not None and _apart(own.settings) == _apart(settings):
        return own
    data = content(settings.data) if labels_of(settings.task) else ""
    named = tuple(references(settings).values())
    if not as_read or named not in _sources:
        _sources[named] = tuple(map(own_digest, named))
    return _build(_apart(settings), data, _sources[named])


@contextmanager
def building(federation: Federation) -> Iterator[None]:
    """Have `build` return a federation for its own settings within the block, in this process.

    Example:
        >>> own = replace(build(Settings.from_flat({"clients.count": 10})), baselines={})
        >>> with building(own):
        ...     build(own.settings) is own, is_own(own)
        (True, True)
    """
    token = _own.set(federation)
    try:
        yield
    finally:
        _own.reset(token)


def is_own(federation: Federation) -> bool:
    """Return whether a federation is the one that `building` gives, so that its settings alone do not make it."""
    return federation is _own.get()


def _apart(settings: Settings) -> Settings:
    """Return settings without where results go."""
    return replace(settings, run=RunSettings())


@lru_cache(maxsize=2)
def _build(settings: Settings, data: str, sources: tuple[str, ...]) -> Federation:
    require_memory(settings)
    with own_arithmetic():
        if is_reference(settings.task):
            return own_federation(settings)
        return load_object(TASKS[settings.task].builder)(settings)
