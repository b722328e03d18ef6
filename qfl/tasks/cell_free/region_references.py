"""What classical assignments and powers reach on a region's test, with the same beams."""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.scheduling.access_points.exhaustive import candidates
from qfl.scheduling.access_points.problem import AssignmentProblem
from qfl.scheduling.access_points.registry import method
from qfl.tasks.cell_free.region_task import RegionBatch
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.power import climb_powers, rates_at

METHODS = ("algorithm4", "matching", "best_response")
MOST_EXHAUSTIVE = 300  # assignments that are all tried; the paper's network has 81


def references(network: CellFree, batch: RegionBatch, objective: str, seed: int) -> dict[str, dict[str, float]]:
    """Return means over a test in bit/s/Hz: least and summed rate, by method.

    Each method is rated at full power and, as ``... + power``, with the powers of `climb_powers`; ``joint`` has the
    best of all assignments with their best powers, from below. All decide on the known channel and are rated on the
    true one. Networks with too many assignments go without the exhaustive ones.

    Args:
        network: The network.
        batch: The test, one client's.
        objective: ``min_rate`` or ``sum_rate``, of assignments and powers.
        seed: Of best responses.
    """
    known, true, mu = batch.known[0].double(), batch.true[0].double(), network.interference
    problems = [AssignmentProblem(one, network, objective) for one in (known / network.snr).numpy()]
    few = network.num_users**network.num_aps <= MOST_EXHAUSTIVE
    found: dict[str, dict[str, float]] = {}
    for name in (*METHODS, "exhaustive") if few else METHODS:
        user = torch.from_numpy(np.stack([method(name)(problem, seed=seed) for problem in problems]))
        found[name] = _score(rates_at(torch.ones(user.shape).double(), true, user, mu))
        found[f"{name} + power"] = _score(rates_at(climb_powers(known, user, mu, objective), true, user, mu))
    if few:
        user, power = _joint(known, mu, objective)
        found["joint"] = _score(rates_at(power, true, user, mu))
    return found


def _joint(
    gain: Float[Tensor, "sample ap beam user"], interference: float, objective: str
) -> tuple[Int[Tensor, "sample ap"], Float[Tensor, "sample ap"]]:
    rows = torch.from_numpy(candidates(*gain.shape[1:3]))
    each, user = gain.repeat_interleave(len(rows), 0), rows.repeat(len(gain), 1)
    power = climb_powers(each, user, interference, objective)
    rates = rates_at(power, each, user, interference)
    value = rates.amin(-1) if objective == "min_rate" else rates.sum(-1)
    best = value.unflatten(0, (-1, len(rows))).argmax(-1)
    return rows[best], power.unflatten(0, (-1, len(rows)))[torch.arange(len(gain)), best]


def _score(rates: Float[Tensor, "sample user"]) -> dict[str, float]:
    return {"min_rate": rates.amin(-1).mean().item(), "sum_rate": rates.sum(-1).mean().item()}
