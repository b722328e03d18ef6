"""The assignment as a quadratic model: what each access point's choice, and each pair of choices, does to the rates."""

from itertools import combinations

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.scheduling.access_points.problem import AssignmentProblem, Users
from qfl.scheduling.models.block import BlockModel


def assignment_model(problem: AssignmentProblem, users: Users, block: Int64[ndarray, " block"]) -> BlockModel:
    r"""Return the model of a block of access points, the others as in `users`; its options are the users.

    .. math::
        h_b(k) = F(k) - F, \qquad J_{bb'}(k, k') = F(k, k') - F(k) - F(k') + F

    F is the true objective at `users` but for the choices named. It is the expansion of the objective about the present
    assignment, cut after pairs: exact for changes of up to two access points. Unlike
    `qfl.scheduling.models.qubo.pairwise_model`, which expands about silence: with few access points for each user
    silence is far away, and the least rate of an unserved user is 0 whatever else is chosen.

    Args:
        problem: What to solve.
        users: The present assignment.
        block: Access points that choose.
    """
    size, options = len(block), problem.num_users
    single = np.repeat(users[None], size * options, axis=0).reshape(size, options, -1)
    single[np.arange(size)[:, None], np.arange(options), block[:, None]] = np.arange(options)
    now = problem.value(users)
    linear = problem.values(single.reshape(-1, problem.num_aps)).reshape(size, options) - now
    coupling = np.zeros((size, size, options, options))
    for b, e in combinations(range(size), 2):
        both = np.repeat(single[b][:, None], options, axis=1)
        both[:, :, block[e]] = np.arange(options)
        value = problem.values(both.reshape(-1, problem.num_aps)).reshape(options, options)
        coupling[b, e] = value - now - linear[b][:, None] - linear[e]
    return BlockModel(block, now, linear, coupling)
