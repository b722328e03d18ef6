"""The global model on all devices' data, after every round: what Fig. 4b of the paper plots as training accuracy.

A run's own rows know its participants' batches alone, before they train.
"""

from typing import Any

import numpy as np
import torch

from qfl.results import RunFolder
from qfl.studies.federations.settings import Member
from qfl.tables import Table, count, text, whole
from qfl.tasks.build import build

Row = dict[str, Any]
DEVICES = Table(
    "devices", ("label", "seed", "round"), {"label": text, "seed": whole, "round": whole, "accuracy": count}
)


def on_all_data(member: Member, path: str) -> list[Row]:
    """Return the accuracy of a run's global model on the samples of all its devices, a row for each round.

    Args:
        member: The run.
        path: Its folder, which has a checkpoint of every round.
    """
    federation = build(member.settings)
    index = torch.from_numpy(np.concatenate(federation.parts))[None]  # as if one client had them all
    batch = federation.samples.take(index, torch.ones(index.shape, dtype=federation.dtype))
    rows = []
    for number, checkpoint in RunFolder(path).archived().items():
        _, arrays, _ = RunFolder(path).load_checkpoint(checkpoint) or (0, {}, {})
        with torch.no_grad():
            metrics = federation.task.metrics(torch.from_numpy(arrays["angles"][None]).to(federation.dtype), batch)
        known = {"label": member.label, "seed": member.seed, "round": number}
        rows.append(known | {"accuracy": float(metrics["accuracy"])})
    return rows
