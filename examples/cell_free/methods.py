"""Everything that is measured, by name: a function from a batch of channels to an assignment and precoders.

What a method decides, it decides on the channel that is known; it is scored on the true one.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from qfl.scheduling.access_points.exhaustive import candidates
from qfl.scheduling.access_points.problem import problems
from qfl.scheduling.solvers.registry import solver
from qfl.wireless.cell_free.ascent import ascend, joint
from qfl.wireless.cell_free.channel import Channels
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio, random_unit, slnr, unconjugated
from qfl.wireless.cell_free.rates import Beams, Score, Serves, evaluate, one_hot


class Decision(NamedTuple):
    """Who serves whom, and with which beams."""

    serves: Serves
    precoder: Beams


Method = Callable[[Channels], Decision]
Precode = Callable[[Beams], Beams]


def assigned(
    network: CellFree, name: str, beams: Precode, objective: str, all_served: bool, sent: Precode, seed: int
) -> Method:
    """Return the method that assigns by name for some beams, and sends some, perhaps others.

    Args:
        network: The network.
        name: Of a solver of assignments in `qfl.scheduling.specs`.
        beams: Precoder that the assignment reckons with.
        objective: ``min_rate`` or ``sum_rate``.
        all_served: Whether every user must be served.
        sent: Precoder that is sent.
        seed: Of random choices.
    """
    solve = solver(name)

    def decide(batch: Channels) -> Decision:
        tasks = problems(network, batch.known, beams(batch.known), objective, all_served)
        users = np.stack([solve(task, seed=seed + index).choice for index, task in enumerate(tasks)])
        return Decision(one_hot(torch.from_numpy(users), network.num_users), sent(batch.known))

    return decide


def baselines(network: CellFree, seed: int) -> dict[str, Method]:
    """Return the methods that are quick enough for all trials.

    Names say assignment, then precoder: ``mr`` maximum ratio, ``slnr`` the local closed form. ``exhaustive_min_mr`` is
    the best assignment for maximum ratio by the least rate; ``exhaustive_min_mr_slnr`` then sends SLNR beams;
    ``exhaustive_min_slnr`` reckons with them from the start.
    """

    def local(channel: Beams) -> Beams:
        return slnr(channel, network)

    def undirected(channel: Beams) -> Beams:
        return random_unit(channel, seed)

    def method(
        name: str, beams: Precode, sent: Precode, objective: str = "min_rate", all_served: bool = True
    ) -> Method:
        return assigned(network, name, beams, objective, all_served, sent, seed)

    return {
        "random_mr": method("random", max_ratio, max_ratio),
        "algorithm4_random_precoder": method("algorithm4", max_ratio, undirected),
        "algorithm4_unconjugated_mr": method("algorithm4", max_ratio, unconjugated),
        "algorithm4_mr": method("algorithm4", max_ratio, max_ratio),
        "algorithm4_slnr": method("algorithm4", max_ratio, local),
        "matching_mr": method("matching", max_ratio, max_ratio),
        "best_response_mr": method("best_response", max_ratio, max_ratio),
        "best_response_slnr": method("best_response", local, local),
        "exhaustive_min_mr": method("exhaustive", max_ratio, max_ratio),
        "exhaustive_sum_mr": method("exhaustive", max_ratio, max_ratio, "sum_rate"),
        "exhaustive_sum_81_mr": method("exhaustive", max_ratio, max_ratio, "sum_rate", False),
        "exhaustive_min_mr_slnr": method("exhaustive", max_ratio, local),
        "exhaustive_min_slnr": method("exhaustive", local, local),
        "exhaustive_sum_slnr": method("exhaustive", local, local, "sum_rate"),
    }


def limits(network: CellFree, seed: int) -> dict[str, Method]:
    """Return what optimised precoders and the joint optimum reach, from below: for a few trials.

    They see all channels at once, which no access point does.
    """

    def precoded(objective: str) -> Method:
        search = assigned(network, "algorithm4", max_ratio, "min_rate", True, max_ratio, seed)

        def decide(batch: Channels) -> Decision:
            serves = search(batch).serves
            return Decision(serves, ascend(network, batch.known, serves, objective, seed=seed).precoder)

        return decide

    def together(objective: str, all_served: bool) -> Method:
        users = candidates(network.num_aps, network.num_users, all_served)

        def decide(batch: Channels) -> Decision:
            serves, found = joint(network, batch.known, objective, users, seed=seed)
            return Decision(serves, found.precoder)

        return decide

    return {
        "algorithm4_optimised_min": precoded("min_rate"),
        "algorithm4_optimised_sum": precoded("sum_rate"),
        "joint_min_lower_bound": together("min_rate", True),
        "joint_sum_lower_bound": together("sum_rate", True),
        "joint_sum_81_lower_bound": together("sum_rate", False),
    }


def no_interference(network: CellFree, batch: Channels) -> Score:
    """Return the bound that nobody passes: each rate at its best assignment, all interference taken away."""
    quiet = CellFree(network.num_aps, network.num_users, network.num_antennas, network.snr_db, interference=0.0)
    scores = {}
    for objective in ("min_rate", "sum_rate"):
        decision = assigned(quiet, "exhaustive", max_ratio, objective, objective == "min_rate", max_ratio, 1)(batch)
        scores[objective] = getattr(evaluate(quiet, batch.true, *decision), objective)
    return Score(**scores)
