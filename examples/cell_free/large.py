"""Networks too large to enumerate: matching, greedy, best responses and annealing in the user-centric set-up."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from qfl.scheduling.access_points.problem import OBJECTIVES, problems
from qfl.scheduling.solvers.registry import solve
from qfl.scheduling.specs import names
from qfl.wireless.cell_free.pilots import assign_pilots, serving_by_pilot
from qfl.wireless.cell_free.precoders import slnr
from qfl.wireless.cell_free.rates import evaluate, one_hot
from qfl.wireless.cell_free.user_centric import UserCentric, draw

from .measure import Row, row_of

LARGE_METHODS = tuple(name for name in names("assignment") if name != "exhaustive")


def measure_large(setup: UserCentric, trials: int, seed: int) -> Iterator[Row]:
    """Yield a row for each method and objective, one user for each access point, SLNR beams from estimated channels.

    ``user_centric`` is the book's answer for comparison: an access point serves up to as many users as there are
    pilots, with powers in proportion to the roots of their mean gains; ``user_centric_coherent`` is the same where all
    access points of a user are in phase, as the book has it and nobody else here.

    Args:
        setup: The network.
        trials: Channels.
        seed: Of the channels and the methods.
    """
    network, batch = setup.network, draw(setup, seed, trials, "test")
    beams = slnr(batch.known, network)
    for objective in OBJECTIVES:
        tasks = problems(network, batch.known, beams, objective)
        for name in LARGE_METHODS:
            began = time.process_time()
            users = np.stack([solve(task, name, seed=seed + i).choice for i, task in enumerate(tasks)])
            seconds = (time.process_time() - began) / len(tasks)
            score = evaluate(network, batch.true, one_hot(torch.from_numpy(users), setup.num_users), beams)
            yield row_of(network, name, score) | {"objective": objective, "cpu_seconds_per_channel": seconds}
    clusters = [serving_by_pilot(gain, assign_pilots(gain, setup.num_pilots)) for gain in batch.gain.numpy()]
    serves = torch.from_numpy(np.stack(clusters))
    share = batch.gain.sqrt() * serves
    power = share / share.sum(dim=2, keepdim=True).clamp(min=torch.finfo(share.dtype).tiny)
    split = beams * power.sqrt()[..., None]
    for name, coherent in (("user_centric", False), ("user_centric_coherent", True)):
        score = evaluate(replace(network, coherent=coherent), batch.true, serves, split)
        yield row_of(network, name, score) | {"objective": "none"}
