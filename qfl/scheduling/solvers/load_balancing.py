"""The round time as a QUBO: balance the sub-channels by the sum of their squared loads."""

from functools import partial
from itertools import combinations
from typing import Any, Unpack

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.scheduling.descent import BlockChooser, BlockOptions, descend, passes
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.models.qubo import coupling_table
from qfl.scheduling.problem import Problem, channel_loads, upload_times
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution
from qfl.scheduling.solvers import dimod_blocks, qaoa
from qfl.scheduling.specs import require_kind
from qfl.scheduling.starts import random_channels
from qfl.seeds import stream


@checked()
def solve(
    problem: Problem,
    choose: BlockChooser,
    method: str,
    *,
    seed: int,
    start: Schedule | None = None,
    max_evaluations: int | None = None,
    num_blocks: int = 300,
    block_size: int = 2,
) -> Solution[Schedule]:
    """Return the schedule after block steps that never raise the sum of squared loads.

    An iteration is a block. The trace holds the round time, which may rise for a while: a lower sum of squares does
    not always mean a lower maximum. The solution is the last schedule.

    Args:
        problem: With objective `round_time`.
        choose: Picks a sub-channel for each device of a block.
        method: Name for the solution.
        seed: Of the start, of the blocks and of the sampler.
        start: Where to begin; random sub-channels at full power if None.
        max_evaluations: Limit.
        num_blocks: Number of blocks.
        block_size: Devices in a block; the model is exact for every size.

    Raises:
        ConfigError: If the objective is another.
    """
    require_kind(problem, "round_time", method)
    power_w = np.full(problem.num_devices, problem.instance.max_power_w)
    begin = Schedule(random_channels(problem, seed), power_w) if start is None else Schedule(start.channel, power_w)
    record = Recorder(problem, method, "random" if start is None else "given", max_evaluations)
    generator = stream(seed, "blocks")
    blocks = passes(generator, problem.num_devices, num_blocks, block_size)
    build, merit = partial(squared_loads_model, problem), partial(balance, problem)
    return record.solution(*descend(begin, choose, record, generator, blocks, build, merit))


def with_qaoa(
    problem: Problem,
    *,
    seed: int,
    layers: int = 3,
    shots: int = 64,
    sampler: Any = None,
    **settings: Unpack[BlockOptions],
) -> Solution[Schedule]:
    """Return the result of `solve` with one-hot QAOA, ideal mixer.

    Args:
        problem: With objective `round_time`.
        seed: Of start, blocks and draws.
        layers: Depth p, 1 or more.
        shots: Draws for each block, 1 or more.
        sampler: What runs the blocks; None is the exact simulation, see `qfl.scheduling.solvers.qaoa.solve`.
        **settings: Of `solve`.
    """
    choose = qaoa.block_chooser(layers, shots, sampler=sampler)
    return solve(problem, choose, "squared_loads_qaoa", seed=seed, **settings)


def with_annealing(problem: Problem, *, seed: int, **settings: Unpack[BlockOptions]) -> Solution[Schedule]:
    """Return the same with simulated annealing on the QUBO of each block (dwave-samplers)."""
    return solve(problem, dimod_blocks.annealing(), "squared_loads_annealing", seed=seed, **settings)


def balance(problem: Problem, schedule: Schedule) -> float:
    """Return minus the sum of squared loads, in s^2."""
    return -float(np.square(channel_loads(problem, schedule)).sum())


def squared_loads_model(problem: Problem, schedule: Schedule, devices: Int64[ndarray, " block"]) -> BlockModel:
    r"""Return the block model whose reward is minus the sum of squared loads, in s^2.

    With loads :math:`L_c` of the devices outside the block and one option for each sub-channel,

    .. math:: -\sum_c \Bigl(L_c + \sum_b t_{bc} x_{bc}\Bigr)^2
              = -\sum_c L_c^2 - \sum_{b,c} t_{bc}(2 L_c + t_{bc}) x_{bc}
              - \sum_{b < b'} \sum_c 2 t_{bc} t_{b'c} x_{bc} x_{b'c},

    since :math:`x^2 = x`: exactly quadratic, for blocks of any size, all devices at once included.

    Args:
        problem: With objective `round_time`.
        schedule: What everybody else does.
        devices: The block, each device once.

    Reference:
        Lucas, Ising formulations of many NP problems, 2014, section 6.3 (job sequencing), with squares in place of an
        inequality.
    """
    full_w = np.full(problem.num_devices, problem.instance.max_power_w)
    times, others = upload_times(problem, full_w), np.setdiff1d(np.arange(problem.num_devices), devices)
    # a sub-channel without gain takes for ever; a large number keeps the squares finite
    times = np.where(np.isfinite(times), times, 1e3 * times[np.isfinite(times)].sum())
    load = np.bincount(schedule.channel[others], times[others, schedule.channel[others]], problem.num_channels)
    own = times[devices]
    pairs = list(combinations(range(len(devices)), 2))
    first, second = np.array(pairs, int).reshape(-1, 2).T
    coupled = (-2 * own[first] * own[second])[:, None, None]
    return BlockModel(
        devices,
        -float(np.square(load).sum()),
        -own * (2 * load + own),
        coupling_table(coupled, pairs, len(devices), problem.num_channels),
    )
