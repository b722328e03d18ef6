r"""Users for the access points of a cell-free network: which user each of them serves, with beams that are given.

A request has ``power``, :math:`|h_{mk}^T v_{mj}|^2` for access point m, beam j and user k: what user k receives of the
beam for user j; ``snr_db``, transmit power over noise; ``interference``, the share of a foreign signal that is
received, 0 to 1; and ``objective``, ``min_rate`` or ``sum_rate``. One variable says that an access point serves a user.

The model is the true objective about the assignment by matching, cut after pairs of changes
(`qfl.scheduling.access_points.qubo`); the answer's value is that of the true objective.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from qfl.backbone.applications.posed import Posed, Sample, take
from qfl.backbone.applications.uplink import one_hot, table
from qfl.errors import ConfigError
from qfl.scheduling.access_points.matching import matched_users
from qfl.scheduling.access_points.problem import OBJECTIVES, AssignmentProblem
from qfl.scheduling.access_points.qubo import assignment_model
from qfl.wireless.cell_free.network import CellFree, check

OTHERS = {"snr_db": 20.0, "interference": 0.1, "objective": "min_rate"}


def pose(request: Mapping[str, Any]) -> Posed:
    """Return the problem; its answer has ``users``, ``rates`` and ``value`` in bit/s/Hz, and that of ``matching``.

    Raises:
        ConfigError: If the table is none, or its users are more than its access points.

    Example:
        >>> power = [[[1.0, 0.0], [0.0, 0.1]], [[0.1, 0.0], [0.0, 1.0]]]
        >>> pose({"power": power}).read({0: 1, 1: 0, 2: 0, 3: 1})["users"]
        [0, 1]
    """
    problem = _problem(*take("access_points", request, {"power": list}, OTHERS))
    matched = matched_users(problem)
    model = assignment_model(problem, matched, np.arange(problem.num_aps))

    def users_of(sample: Sample) -> np.ndarray:
        return np.array(model.decode(sample), dtype=np.int64)

    def read(sample: Sample) -> dict[str, Any]:
        users = users_of(sample)
        answer = {"users": users.tolist(), "rates": problem.rates(users[None])[0].tolist()}
        return answer | {"value": problem.value(users), "matching": problem.value(matched)}

    return Posed(model.to_bqm(), read, lambda sample: one_hot(model, sample) and not problem.check(users_of(sample)))


def _problem(power: list, snr_db: float, interference: float, objective: str) -> AssignmentProblem:
    given = table("access_points", "power", power, axes=3)
    aps, users, beams = given.shape
    if users != beams:
        raise ConfigError(f"access_points: power has {users} beams for {beams} users; give a beam for each user")
    if objective not in OBJECTIVES:
        raise ConfigError(f"access_points: objective is {objective!r}; give one of {', '.join(OBJECTIVES)}")
    network = CellFree(num_aps=aps, num_users=users, snr_db=snr_db, interference=interference)
    check(network)
    return AssignmentProblem(given, network, objective)
