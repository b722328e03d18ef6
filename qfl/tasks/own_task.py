"""A task of the user's own, ``task = "tasks.py:make"``: a function of settings that makes the whole federation.

::

    def make(settings, noise: float = 0.1):            # own settings are in the table [my]
        return Federation(settings, model, task, samples, parts, manifest={})

    make.metric = Metric("r2", "R squared", "", 1.0, "mean square error", 0.0)

The federation is looked at before anything is trained: its metric's figures at the start, on a client's first samples
and on the test set.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from qfl.config import Settings
from qfl.config.private import unfold
from qfl.errors import ConfigError, UserError
from qfl.extend import load_own, raised
from qfl.own_calls import call_own
from qfl.specs import own_metric
from qfl.tasks.federation import Federation, Samples, Task, Trainable

KEY = "task"
PARTS = {"model": Trainable, "task": Task, "samples": Samples}


def own_federation(settings: Settings) -> Federation:
    """Return the federation that a user's own task makes.

    Raises:
        ConfigError: If it cannot be made, is none, or does not give the figures that its metric names.
    """
    metric = own_metric(settings.task)
    found = call_own(load_own(settings.task, KEY), KEY, {"settings": settings}, unfold(settings.my))
    said = f"{KEY} = {settings.task!r}"
    if not isinstance(found, Federation):
        raise ConfigError(f"{said} gives {type(found).__name__}; give a qfl.Federation")
    for part, kind in PARTS.items():
        if not isinstance(getattr(found, part), kind):
            raise ConfigError(f"{said}: its {part} is no {kind.__name__}; see qfl.tasks.federation")
    if len(found.parts) != settings.clients.count:
        raise ConfigError(
            f"{said} has {len(found.parts)} clients for clients.count = {settings.clients.count}; give as many parts"
        )
    if empty := [client for client, own in enumerate(found.parts) if not len(own)]:
        raise ConfigError(f"{said} gives client {empty[0]} no samples; give each client one or more")
    try:
        _require_figures(found, metric.name, said)
    except UserError:
        raise
    except Exception as error:
        raise ConfigError(f"{said} {raised(error)}") from error
    return found


def _require_figures(found: Federation, name: str, said: str) -> None:
    start = torch.from_numpy(np.asarray(found.model.initial(1))).to(found.dtype)
    if start.shape != (len(found.model.layout),) or not len(start):
        raise ConfigError(
            f"{said}: initial(seed) has the shape {tuple(start.shape)} for {len(found.model.layout)} entries"
        )
    index = torch.from_numpy(np.asarray(found.parts[0][:1], np.int64))[None]
    batch = found.samples.take(index, torch.ones(index.shape, dtype=found.dtype))
    first = found.task.metrics(start[None], batch)
    _require(first, name, (1,), f"{said}: what metrics gives")
    with torch.no_grad():
        tested, _ = found.task.evaluate(start, found.test_batch)
    _require(tested, name, (), f"{said}: what evaluate gives")


def _require(found: Mapping[str, Any], name: str, shape: tuple[int, ...], said: str) -> None:
    for key in ("loss", name):
        if key not in found:
            raise ConfigError(f"{said} has no {key!r}, only {', '.join(found) or 'nothing'}; give both loss and {name}")
        if tuple(found[key].shape) != shape or not found[key].isfinite().all():
            raise ConfigError(
                f"{said}: {key} is {found[key].tolist()} at the start; give a finite number for each client"
            )
