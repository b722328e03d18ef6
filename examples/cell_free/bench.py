"""``qfl bench cellfree``: what a cell-free network costs, and how that grows with access points, users and antennas.

Process-CPU milliseconds for each channel sample, the median of repeats, on Table III's network with one size grown at
a time; the growth is the slope of log milliseconds over log size, least squares, over the three largest sizes: below
them it is Python that costs. Exhaustive search is measured where it can be; it has K^M assignments to try, so that its
growth with the access points is not a power.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from qfl.scheduling.access_points.exhaustive import MOST
from qfl.scheduling.access_points.problem import AssignmentProblem, problems
from qfl.scheduling.solvers.registry import solve
from qfl.studies.bench.measure import summary, take_turns
from qfl.studies.bench.schedule import exponent
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import slnr
from qfl.wireless.cell_free.rates import Serves, user_rates

from .bench_edge import edge_costs, edge_training

SIZES = {"num_aps": (4, 8, 32, 128), "num_users": (3, 6, 12, 24), "num_antennas": (2, 8, 32, 64)}
LARGEST = 3  # sizes that the growth is fitted to
ASSIGN = ("algorithm4", "matching", "greedy", "best_response", "exhaustive")
BATCH = 64  # samples of a batch; what is batched is timed on all of them, the assignments on the first few
FEW = 4


def bench_cell_free(repeats: int = 5, sizes: dict[str, tuple[int, ...]] | None = None) -> dict[str, Any]:
    """Return ms_per_channel and exponent of each part of the work, for each size that grows.

    With more users than Table III's four access points, the network gets as many access points as users.

    Args:
        repeats: Of each.
        sizes: Field of the network to the values it takes.

    Example:
        >>> sorted(bench_cell_free(repeats=1, sizes={"num_aps": (4, 5)})["num_aps"]["exponent"])[:2]
        ['algorithm4', 'best_response']
    """
    return {name: _grown(name, values, repeats) for name, values in (sizes or SIZES).items()}


def bench_whole() -> dict[str, Any]:
    """Return `bench_cell_free`, and what the training of Table III's access points costs."""
    return bench_cell_free() | {"edge_training": edge_training()}


def _grown(name: str, values: tuple[int, ...], repeats: int) -> dict[str, Any]:
    costs: dict[str, dict[str, float]] = {}
    for value in values:
        for part, seconds in _costs(_network(name, value), repeats).items():
            costs.setdefault(part, {})[str(value)] = 1000 * seconds
    grown = {part: exponent(dict([*by_size.items()][-LARGEST:])) for part, by_size in costs.items() if len(by_size) > 1}
    return {"ms_per_channel": costs, "exponent": grown}


def _network(name: str, value: int) -> CellFree:
    network = replace(CellFree(), **{name: value})
    return replace(network, num_aps=max(network.num_aps, network.num_users))


def _costs(network: CellFree, repeats: int) -> dict[str, float]:
    channel = draw(network, 1, BATCH).true
    beams = slnr(channel, network)
    tasks = problems(network, channel[:FEW], beams[:FEW])
    serves: Serves = (channel.abs()[..., 0] > 0) / network.num_users
    batched: dict[str, Callable[[], Any]] = {
        "draw": lambda: draw(network, 1, BATCH),
        "slnr": lambda: slnr(channel, network),
        "rates": lambda: user_rates(network, channel, serves, beams),
        **edge_costs(network, channel),
    }
    small = network.num_users**network.num_aps <= MOST
    one_by_one: dict[str, Callable[[], Any]] = {
        name: partial(_assign, name, tasks) for name in ASSIGN if small or name != "exhaustive"
    }
    seconds = take_turns(batched | one_by_one, repeats, time.process_time)
    count = {name: BATCH if name in batched else FEW for name in seconds}
    # a clock that ticks in microseconds may read 0 for what takes less
    return {name: max(summary(seconds_of)["median_s"], 1e-6) / count[name] for name, seconds_of in seconds.items()}


def _assign(name: str, tasks: list[AssignmentProblem]) -> None:
    for task in tasks:
        solve(task, name, seed=1)
