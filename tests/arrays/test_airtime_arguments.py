"""Array arguments of rounds on the air, and of who is on which sub-channel, of any type and extent."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from qfl.airtime import simulation, uploads, warm_start
from qfl.airtime.allocator import Allocator
from qfl.airtime.radio import Radio
from qfl.angles import pack, unpack
from qfl.config.radio import RadioSettings
from qfl.scheduling.models import occupancy
from qfl.scheduling.problem import Problem, Schedule
from qfl.wireless.uplink import UplinkInstance

GENERATOR = np.random.default_rng(1)
SETTINGS = RadioSettings(num_channels=2, solver="tdma_lpt")
WEIGHED = RadioSettings(num_channels=2, objective="weighted_sum_rate", weights="coverage")
SOME, LABELS = np.array([2, 0]), [(0,), (1,), (0, 1), ()]


def real(*shape: int, low: float = 0.5) -> np.ndarray:
    return GENERATOR.uniform(low, 2.5, shape)


INSTANCE = UplinkInstance(real(4, 2), real(4), 0.1, 1.0, 1.0, "all_active", 4, 0.0)
PROBLEM = Problem(INSTANCE)
MEMORY = Schedule(np.array([0, 1, 1, 0]), real(4) / 2.5)
NEW = Schedule(np.array([1, -1]), np.array([0.3, 0.0]))

Row = tuple[Callable[..., Any], dict[str, Any]]


def rows() -> Iterator[Row]:
    pair = warm_start.subset(INSTANCE, SOME)
    yield warm_start.subset, {"instance": INSTANCE, "devices": SOME}
    yield warm_start.warm_start, {"problem": Problem(pair), "memory": MEMORY, "devices": SOME}
    yield warm_start.scatter, {"memory": MEMORY, "some": SOME, "new": NEW}
    yield uploads.Uploads, {name: real(3) for name in ("end_s", "airtime_s", "sent_bits", "energy_j")}
    sent = {"end_s": real(4), "airtime_s": real(4), "sent_bits": real(4), "energy_j": real(4)}
    yield together, sent
    yield radio, {"samples": real(4), "speed": real(4)}
    yield radio_round, {"devices": SOME, "bits": 9 * real(2)}
    waiting = {"devices": SOME, "bits": 99 * real(2), "delivered": np.array([1])}
    for settings in (SETTINGS, WEIGHED):
        table = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=bool)
        allocator = Allocator(settings, 1, real(4), table)
        yield allocator.problem, {"instance": pair, **waiting}
        yield Allocator, {"settings": settings, "seed": 1, "samples": real(4), "holds": table}
    yield one_round, {"devices": SOME, "bits": 9 * real(2), "ready_s": real(2)}
    present = occupancy.occupy(PROBLEM, MEMORY)
    yield occupancy.without, {"present": present, "devices": np.array([[0, 2], [3, 1], [1, 2]])}
    others = occupancy.without(present, SOME[:, None])
    yield occupancy.insertion_gains, {"others": others, "received": real(2, 3, 2), "weight": real(2)}
    yield present.rates_at, {"total": 9 + real(3, 2)}
    yield packed, {"angles": real(2, 3), "vector": real(1)}
    yield unpack, {"vector": real(7), "shapes": [(2, 3), (1,)]}


def together(**parts: Any) -> uploads.Uploads:
    return uploads.accumulate(uploads.Uploads(**parts), uploads.nothing_sent(4))


def radio(samples: Any, speed: Any) -> np.ndarray:
    return Radio(SETTINGS, 1, samples, LABELS, speed, asked=2).speed


def radio_round(devices: Any, bits: Any) -> uploads.Uploads:
    return Radio(SETTINGS, 1, np.ones(4), LABELS, np.ones(4), asked=2).carry(1, devices, bits, MEMORY).uploads


def one_round(devices: Any, bits: Any, ready_s: Any) -> uploads.Uploads:
    allocator = Allocator(SETTINGS, 1, np.ones(4), np.ones((4, 1), dtype=bool))
    pair = warm_start.subset(INSTANCE, SOME)
    return simulation.RoundSimulation(allocator, 1, pair, devices, bits, ready_s, MEMORY).one_after_another().uploads


def packed(angles: Any, vector: Any) -> np.ndarray:
    return pack([angles, vector])


def test_numbers_of_any_type_give_what_doubles_give(case, agrees_for_any_type):
    agrees_for_any_type(case)


def test_other_extents_and_meaningless_numbers_are_computed_with_or_refused_in_a_sentence(case, computes_or_refuses):
    computes_or_refuses(case)
