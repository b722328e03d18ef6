"""What classical assignments and powers reach on a region's test, with the same beams."""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.scheduling.access_points.exhaustive import candidates
from qfl.scheduling.access_points.problem import AssignmentProblem
from qfl.scheduling.solvers.registry import solve
from qfl.tasks.cell_free.region_task import RegionBatch
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.power import NUM_STARTS, climb_powers, rates_at

METHODS = ("algorithm4", "matching", "best_response")
MOST_EXHAUSTIVE = 300  # assignments that are all tried; the paper's network has 81


def references(network: CellFree, batch: RegionBatch, objective: str, seed: int) -> dict[str, dict[str, float]]:
    """Return means over a test in bit/s/Hz: least and summed rate, by method.

    Each method is rated at full power and, as ``... + power``, with the powers of `climb_powers`, which says how far
    they are from a grid; ``joint`` has the best of all assignments, with the best powers of two starts each. Both are
    lower bounds of what power control reaches. All decide on the known channel and are rated on the true one. Networks
    with too many assignments go without the exhaustive ones.

    Args:
        network: The network.
        batch: The test, one client's.
        objective: ``min_rate`` or ``sum_rate``, of assignments and powers.
        seed: Of best responses.
    """
    known, true, mu = batch.known[0].double(), batch.true[0].double(), network.interference
    problems = [AssignmentProblem(one, network, objective) for one in (known / network.snr).numpy()]
    few = network.num_users**network.num_aps <= MOST_EXHAUSTIVE
    names = (*METHODS, "exhaustive") if few else METHODS
    users = [np.stack([solve(problem, name, seed=seed).choice for problem in problems]) for name in names]
    rows = candidates(network.num_aps, network.num_users) if few else np.empty((0, network.num_aps), int)
    # option sample ap
    options = torch.from_numpy(np.stack([*users, *(np.tile(row, (len(known), 1)) for row in rows)]))
    named = len(names)
    powers = torch.cat(
        [_climb(known, options[:named], mu, objective, NUM_STARTS), _climb(known, options[named:], mu, objective, 2)]
    )
    found: dict[str, dict[str, float]] = {}
    for name, user, power in zip(names, options, powers, strict=False):
        found[name] = _score(rates_at(torch.ones_like(power), true, user, mu))
        found[f"{name} + power"] = _score(rates_at(power, true, user, mu))
    if few:
        best = torch.stack([_worth(rates_at(p, known, u, mu), objective) for u, p in zip(options, powers, strict=True)])
        place = best.argmax(0), torch.arange(len(known))
        found["joint"] = _score(rates_at(powers[place], true, options[place], mu))
    return found


def _climb(
    gain: Float[Tensor, "sample ap beam user"],
    options: Int[Tensor, "option sample ap"],
    interference: float,
    objective: str,
    num_starts: int,
) -> Float[Tensor, "option sample ap"]:
    """Return the powers of all options, climbed together."""
    if not len(options):
        return torch.empty(options.shape, dtype=gain.dtype)
    each = gain.repeat(len(options), 1, 1, 1)
    powers = climb_powers(each, options.flatten(0, 1), interference, objective, num_starts=num_starts)
    return powers.unflatten(0, options.shape[:2])


def _worth(rates: Float[Tensor, "sample user"], objective: str) -> Float[Tensor, " sample"]:
    return rates.amin(-1) if objective == "min_rate" else rates.sum(-1)


def _score(rates: Float[Tensor, "sample user"]) -> dict[str, float]:
    return {"min_rate": rates.amin(-1).mean().item(), "sum_rate": rates.sum(-1).mean().item()}
