"""Array arguments of access points, of any type and extent."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np
import torch

from qfl.scheduling.access_points import annealing, best_response
from qfl.scheduling.access_points.problem import AssignmentProblem, problems
from qfl.wireless.cell_free import ascent, channel, max_min, pilots, precoders, user_centric
from qfl.wireless.cell_free import power as ap_power
from qfl.wireless.cell_free import rates as ap_rates
from qfl.wireless.cell_free.network import CellFree

GENERATOR = np.random.default_rng(1)
NETWORK = CellFree(num_aps=3, num_users=2, num_antennas=2)


def real(*shape: int, low: float = 0.5) -> np.ndarray:
    return GENERATOR.uniform(low, 2.5, shape)


def beams(*shape: int) -> np.ndarray:
    return real(*shape) + 1j * real(*shape)


def tensors(**arrays: np.ndarray) -> dict[str, Any]:
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


BEAMS = tensors(channel=beams(2, 3, 2, 2), precoder=beams(2, 3, 2, 2) / 9)
SERVES = torch.tensor([[[1, 0], [0, 1], [1, 0]], [[0, 1], [0, 1], [1, 0]]], dtype=torch.bool)
USER = SERVES.long().argmax(-1)

Row = tuple[Callable[..., Any], dict[str, Any]]


def rows() -> Iterator[Row]:
    served = {"network": NETWORK, "serves": SERVES, **BEAMS}
    for function in (ap_rates.evaluate, ap_rates.user_rates, ap_rates.link_rates):
        yield function, served
    yield ap_rates.score, tensors(rates=real(2, 3))
    yield ap_rates.one_hot, {"user": USER, "num_users": 2}
    yield ap_rates.beam_gains, BEAMS
    yield ap_rates.rates_of_power, tensors(received=real(2, 2, 2)) | {"snr": 1.0, "interference": 0.1}
    for precode in (precoders.max_ratio, precoders.unconjugated):
        yield precode, {"channel": BEAMS["channel"]}
    yield precoders.unit, {"vector": BEAMS["channel"]}
    yield precoders.slnr, {"channel": BEAMS["channel"], "network": NETWORK}
    yield precoders.random_unit, {"channel": BEAMS["channel"], "seed": 1}
    climb = {"gain": tensors(gain=real(2, 3, 2, 2))["gain"], "user": USER, "interference": 0.1}
    yield ap_power.climb_powers, climb | {"num_steps": 2, "num_starts": 2}
    yield ap_power.best_on_off, climb
    yield ap_power.rates_at, climb | tensors(power=real(2, 3) / 3)
    ascend = {"network": NETWORK, "channel": BEAMS["channel"], "objective": "min_rate", "num_steps": 2}
    yield ascent.ascend, ascend | {"serves": SERVES}
    yield ascent.joint, ascend | {"users": np.array([[0, 1, 0], [1, 1, 0]]), "shortlist": 1}
    yield ascent.within_power, tensors(weight=beams(2, 3))
    beam = {"network": NETWORK, "channel": BEAMS["channel"], "own": SERVES.double()} | tensors(beam=beams(2, 3, 2))
    yield ascent.one_beam_rates, beam
    yield channel.steering, {"departure": real(3), "num_antennas": 2}
    strong = {"gain": real(3, 2)}
    yield pilots.pilot_correlation, {"pilots": beams(2, 3)}
    yield pilots.correlation_limit, strong | {"epsilon": 0.1}
    yield pilots.assign_pilots, strong | {"num_pilots": 1}
    yield pilots.serving_by_pilot, strong | {"pilot": np.array([0, 1])}
    heard = {"true": beams(3, 2, 2), "noise": beams(3, 2, 2), "pilot": np.array([0, 1]), "pilot_snr": 9.0}
    yield pilots.mmse_estimate, strong | heard
    yield user_centric.mean_gain_db, {"setup": user_centric.UserCentric(), "distance_m": 99 * real(3)}
    yield user_centric.wrapped, {"offset_m": 999 * beams(3), "side_m": 1000.0}
    yield user_centric.shadowing, {"setup": user_centric.UserCentric(3, 2), "user": beams(2), "generator": 1}
    yield problems, {"network": NETWORK, **BEAMS}
    yield AssignmentProblem, {"power": real(3, 2, 2), "network": NETWORK}
    assigned = AssignmentProblem(real(3, 2, 2), NETWORK)
    for method in (assigned.rates, assigned.values, assigned.unserved):
        yield method, {"users": USER.numpy()}
    for method in (assigned.value, assigned.check):
        yield method, {"users": USER[0].numpy()}
    yield assigned.changed, {"users": USER[0].numpy(), "block": np.array([2, 0]), "picks": np.array([0, 1])}
    for solver in (best_response, annealing):
        yield choice_of(solver.solve), {"problem": assigned, "seed": 1, "start": USER[0].numpy()}
    yield (
        max_min.max_min,
        {"network": NETWORK, "channel": beams(3, 2, 2), "serves": SERVES[0].numpy(), "tolerance": 1.0},
    )


def choice_of(solve: Callable[..., Any]) -> Callable[..., Any]:
    """What a solver decides; how many seconds it took is no result."""

    @wraps(solve)
    def choice(**given: Any) -> Any:
        return solve(**given).choice

    return choice


def test_numbers_of_any_type_give_what_doubles_give(case, agrees_for_any_type):
    agrees_for_any_type(case)


def test_other_extents_and_meaningless_numbers_are_computed_with_or_refused_in_a_sentence(case, computes_or_refuses):
    computes_or_refuses(case)
