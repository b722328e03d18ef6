"""From settings to a federation, by the name of its task.

Building is cached per process, so that 200 simulated clients share one copy of the data and one compiled circuit.
"""

from dataclasses import replace
from functools import lru_cache

import torch

from qfl.config import RunSettings, Settings
from qfl.data.load import content
from qfl.extend import load_object
from qfl.specs import TASKS
from qfl.surroundings import own_arithmetic
from qfl.tasks.federation import Federation
from qfl.tasks.memory import require_memory


def build(settings: Settings) -> Federation:
    """Return the federation of a run; where its results go makes no difference to it, what its data files hold does.

    Raises:
        UserError: If the settings do not fit the data, each other, or the memory that is available.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    return _build(replace(settings, run=RunSettings()), content(settings.data) if TASKS[settings.task].samples else "")


@lru_cache(maxsize=2)
def _build(settings: Settings, data: str) -> Federation:
    require_memory(settings)
    with own_arithmetic():
        return load_object(TASKS[settings.task].builder)(settings)
