"""From settings to a federation, by the name of its task.

Building is cached per process, so that 200 simulated clients share one copy of the data and one compiled circuit.
"""

from dataclasses import replace
from functools import lru_cache

import torch

from qfl.config import RunSettings, Settings
from qfl.config.references import references
from qfl.data.load import content
from qfl.extend import load_object
from qfl.own_source import own_digest
from qfl.specs import TASKS
from qfl.surroundings import own_arithmetic
from qfl.tasks.federation import Federation
from qfl.tasks.memory import require_memory


def build(settings: Settings) -> Federation:
    """Return the federation of a run; where its results go makes no difference to it, what its files hold does.

    Raises:
        UserError: If the settings do not fit the data, each other, or the memory that is available.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    data = content(settings.data) if TASKS[settings.task].samples else ""
    sources = tuple(own_digest(reference) for reference in references(settings).values())
    return _build(replace(settings, run=RunSettings()), data, sources)


@lru_cache(maxsize=2)
def _build(settings: Settings, data: str, sources: tuple[str, ...]) -> Federation:
    require_memory(settings)
    with own_arithmetic():
        return load_object(TASKS[settings.task].builder)(settings)
