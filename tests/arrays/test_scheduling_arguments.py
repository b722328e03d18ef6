"""Array arguments of scheduling and airtime, of any type and extent."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from qfl.airtime import coverage, uploads
from qfl.scheduling import bounds, problem, report
from qfl.scheduling.models import qubo, tangent
from qfl.scheduling.models.block import BlockModel
from qfl.wireless import (
    uplink,
)

GENERATOR = np.random.default_rng(1)
DEVICES, SPARE = np.arange(4), np.array([2, 0])


def real(*shape: int, low: float = 0.5) -> np.ndarray:
    return GENERATOR.uniform(low, 2.5, shape)


GAIN = real(4, 2)
INSTANCE = uplink.UplinkInstance(GAIN, real(4), 0.1, 1.0, 1.0, "all_active", 4, 0.0)
PROBLEM = problem.Problem(INSTANCE)
ROUND = problem.Problem(INSTANCE, "round_time", payload_bits=real(4))
CHANNEL, POWER = np.array([0, 1, 1, 0]), real(4) / 2.5
SCHEDULE = problem.Schedule(CHANNEL, POWER)

Row = tuple[Callable[..., Any], dict[str, Any]]


def rows() -> Iterator[Row]:
    yield problem.Schedule, {"channel": CHANNEL, "power_w": POWER}
    yield problem.upload_times, {"problem": ROUND, "power_w": POWER}
    for given in (PROBLEM, ROUND):
        yield scheduled(given), {"channel": CHANNEL, "power_w": POWER}
    yield bounds.matched_schedule, {"problem": PROBLEM, "device": SPARE, "channel": np.array([0, 1])}
    yield PROBLEM.options.at, {"picks": np.array([0, 3, 1, 2])}
    yield PROBLEM.changed, {"schedule": SCHEDULE, "devices": SPARE, "picks": np.array([0, 3])}
    for build in (qubo.pairwise_model, tangent.tangent_model):
        yield build, {"problem": PROBLEM, "schedule": SCHEDULE, "devices": SPARE}
    model = {"devices": SPARE, "constant": 1.0, "linear": real(2, 3), "coupling": real(2, 2, 3, 3)}
    yield BlockModel, model
    yield BlockModel(**model).reward, {"picks": np.array([2, 0])}
    shared = {"samples": real(4), "strength": real(4), "delivered": real(3), "holds": real(4, 3) > 1}
    yield coverage.coverage_weights, shared
    yield coverage.lost_labels, {"holds": real(4, 3) > 1, "delivered": real(4) > 1}
    yield report.jain_index, {"amounts": real(4)}
    yield uploads.one_after_another, {"problem": ROUND, "schedule": SCHEDULE, "ready_s": real(4)}
    yield uploads.all_at_once, {"instance": INSTANCE, "schedule": SCHEDULE, "bits": real(4), "ready_s": real(4)}


def scheduled(given: problem.Problem) -> Callable[..., Any]:
    def value(channel: Any, power_w: Any) -> tuple[float, list[str]]:
        schedule = problem.Schedule(channel, power_w)
        return given.value(schedule), given.check(schedule)

    return value


def test_numbers_of_any_type_give_what_doubles_give(case, agrees_for_any_type):
    agrees_for_any_type(case)


def test_other_extents_and_meaningless_numbers_are_computed_with_or_refused_in_a_sentence(case, computes_or_refuses):
    computes_or_refuses(case)
