"""Every public function takes numbers of any type and extent: it computes with them, or refuses them in a sentence."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import jaxtyping
import numpy as np
import pytest
import torch

from qfl.aggregation import aggregate, blocks, circular, delta, noise_aware, su2
from qfl.airtime import coverage, uploads
from qfl.angles import TWO_PI, AngleLayout
from qfl.config import ModelSettings
from qfl.errors import UserError
from qfl.models import ap_user_gnn, features, gcn, qgnn, qsgcn, sqm_gnn, star_inputs, stars, wcgcn, weights
from qfl.models.ap_user_stars import pair_stars
from qfl.models.cnn import make_cnn
from qfl.models.logistic import make_logistic
from qfl.models.mlp import make_mlp
from qfl.models.vqc import Vqc
from qfl.quantum import one_hot, ramps, star, star_chain
from qfl.scheduling import bounds, options, problem, report
from qfl.scheduling.access_points.problem import AssignmentProblem, problems
from qfl.scheduling.models import qubo, tangent
from qfl.scheduling.models.block import BlockModel
from qfl.wireless import (
    d2d,
    d2d_bounds,
    d2d_rates,
    d2d_search,
    fading,
    geometry,
    motion,
    path_loss,
    power,
    rates,
    rician,
    units,
    uplink,
    wmmse,
)
from qfl.wireless.cell_free import ascent, channel, max_min, pilots, precoders, user_centric
from qfl.wireless.cell_free import power as ap_power
from qfl.wireless.cell_free import rates as ap_rates
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.scenario import UplinkScenario

GENERATOR = np.random.default_rng(1)
LAYOUT = AngleLayout(("a/phi", "a/theta", "b/omega", "c"), (TWO_PI, TWO_PI, TWO_PI, np.inf), ((0, 1, 2),))
NETWORK = CellFree(num_aps=3, num_users=2, num_antennas=2)
SCENARIO = UplinkScenario(num_devices=4, num_channels=2, correlated=True)
DEVICES, SPARE = np.arange(4), np.array([2, 0])


def real(*shape: int, low: float = 0.5) -> np.ndarray:
    return GENERATOR.uniform(low, 2.5, shape)


def beams(*shape: int) -> np.ndarray:
    return real(*shape) + 1j * real(*shape)


def tensors(**arrays: np.ndarray) -> dict[str, Any]:
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


GAIN = real(4, 2)
INSTANCE = uplink.UplinkInstance(GAIN, real(4), 0.1, 1.0, 1.0, "V1", 4, 0.0)
PROBLEM = problem.Problem(INSTANCE)
ROUND = problem.Problem(INSTANCE, "round_time", payload_bits=real(4))
CHANNEL, POWER = np.array([0, 1, 1, 0]), real(4) / 2.5
SCHEDULE = problem.Schedule(CHANNEL, POWER)
UPDATES = {"received": real(4), "updates": real(3, 4), "weights": real(3)}
LINKS = tensors(snr=real(2, 3, 3), alpha=real(2, 3))
BEAMS = tensors(channel=beams(2, 3, 2, 2), precoder=beams(2, 3, 2, 2) / 9)
SERVES = torch.tensor([[[1, 0], [0, 1], [1, 0]], [[0, 1], [0, 1], [1, 0]]], dtype=torch.bool)
USER = SERVES.long().argmax(-1)
REWARD = real(3, 2)
LAYERS = {"gammas": np.array([0.4, 0.8]), "betas": np.array([0.5, 0.2])}
CHOSEN = torch.tensor([[1, 2], [0, 2], [0, 1]])

Row = tuple[Callable[..., Any], dict[str, Any]]


def model_rows() -> Iterator[Row]:
    for classifier in (make_mlp(16, 3, hidden=2), make_logistic(16, 3), make_cnn(16, 3, hidden=2)):
        angles = real(2, len(classifier.layout))
        yield classifier.logits, tensors(angles=angles, inputs=real(2, 3, 16))
        yield classifier.logits, tensors(angles=angles[0], inputs=real(3, 16))
    quantum = Vqc(ModelSettings(layers=1, encoding="angle"), 3, 3)
    yield quantum.logits, tensors(angles=real(2, len(quantum.layout)), inputs=real(2, 3, 3))
    for told in (
        sqm_gnn.SqmGnn(layers=1, heads=1),
        qgnn.Qgnn(layers=1, heads=1),
        wcgcn.Wcgcn(layers=1, width=2, state=2),
    ):
        angles = real(1, len(told.layout)) / 9
        yield told.powers, tensors(angles=angles, gain=real(1, 2, 3, 3), alpha=real(1, 2, 3))
    for graph in (gcn.Gcn(layers=1, width=2), qsgcn.Qsgcn(layers=1)):
        yield graph.powers, tensors(angles=real(len(graph.layout)) / 9, gain=real(2, 3, 3), alpha=real(2, 3))
    drawn = sqm_gnn.SqmGnn(layers=1, heads=1, k=2, sampling="random")
    chosen = CHOSEN.expand(1, 1, 2, 3, 2).numpy()
    yield drawn.powers, tensors(angles=real(1, len(drawn.layout)) / 9, gain=real(1, 2, 3, 3), chosen=chosen)
    pairs = ap_user_gnn.ApUserGnn()
    gain = tensors(gain=real(1, 1, 3, 2, 2))
    yield pairs.choose, tensors(angles=real(1, len(pairs.layout)) / 9) | gain | {"interference": 0.1}
    yield pair_stars, gain | {"interference": 0.1}
    yield weights.split_weights, tensors(vector=real(3)) | {"shapes": {"weight": (1, 2), "bias": (1,)}}
    snr, alpha = tensors(snr=real(1, 2, 3, 3)), tensors(alpha=real(1, 2, 3))
    yield star_inputs.strongest_stars, {"features": features.ITU_1411, "k": 2} | snr | alpha
    yield star_inputs.chosen_stars, {"features": features.ITU_1411} | snr | alpha | tensors(chosen=chosen)
    yield features.ITU_1411.node_values, snr | alpha
    yield features.ITU_1411.edge_values, snr
    yield features.fit_features, snr | {"node": ("direct", "alpha")} | alpha
    yield stars.check_gain, tensors(gain=real(2, 3, 3))
    yield stars.strongest, tensors(gain=real(2, 3, 3)) | {"k": 2}
    yield stars.canonical, tensors(gain=real(3, 3)) | {"chosen": CHOSEN}
    yield stars.interfering, tensors(gain=real(2, 3, 3))


def quantum_rows() -> Iterator[Row]:
    for function in (one_hot.one_hot_state, one_hot.expected_reward):
        yield function, {"reward": REWARD, **LAYERS}
    yield one_hot.one_hot_states, {"rewards": real(2, 3, 2), **LAYERS}
    yield one_hot.probabilities, {"psi": beams(3, 2)}
    yield one_hot.normalised, {"reward": REWARD}
    yield one_hot.evolve, {"energy": REWARD, "num_devices": 2, **LAYERS}
    yield ramps.choose_ramp, {"reward": REWARD, "layers": 2}
    yield ramps.optimise, {"reward": real(3), "layers": 1}
    yield ramps.value_and_gradient, {"energy": REWARD, **LAYERS}
    yield star.pauli_tensor, tensors(unitary=beams(2, 4, 4))
    yield star.pauli_coefficients, tensors(observable=beams(2, 4, 4))
    yield star_chain.bloch, tensors(angles=real(2, 2, 3))
    outer = tensors(centre=real(2, 3, 4), neighbour=real(2, 3, 5, 4), edge=real(2, 3, 5, 4))
    yield star.star_bloch, tensors(message=real(2, 4, 4, 4), update=real(2, 4, 4, 4)) | outer
    yield star_chain.chain, tensors(joint=real(2, 12, 16)) | outer


def aggregation_rows() -> Iterator[Row]:
    for rule in (delta.delta_mean, circular.circular_mean, su2.su2_mean, blocks.block_mean):
        yield rule, {**UPDATES, "layout": LAYOUT}
    yield noise_aware.noise_aware_mean, {**UPDATES, "layout": LAYOUT, "noise": real(3)}
    yield noise_aware.noise_aware_weights, {"weights": real(3), "noise": real(3)}
    yield aggregate.shares, {"weights": real(3)}
    yield aggregate.weighted_mean, {"share": real(3), "values": real(3, 4)}
    yield circular.circular_step, {"delta": real(3, 4), "share": real(3), "periods": real(4)}
    yield circular.resultant_diagnostics, {"resultant": real(3), "num_fallbacks": 0}
    turns = su2.quaternions(real(3, 2, 3))
    yield su2.quaternions, {"euler": real(2, 3)}
    yield su2.mean_quaternion, {"q": turns, "share": real(3) / 9}
    yield su2.along_great_circle, {"start": turns[0], "end": turns[1], "fraction": 0.3}
    yield su2.nearest_euler, {"q": turns[0], "near": real(2, 3)}


def wireless_rows() -> Iterator[Row]:
    for level in (units.db_to_linear, units.dbm_to_w):
        yield level, {"value_db" if level is units.db_to_linear else "power_dbm": real(3)}
    yield units.linear_to_db, {"ratio": real(3)}
    yield units.w_to_dbm, {"power_w": real(3)}
    for function in (rates.rates, rates.channel_rates, rates.sinr, rates.received_snr):
        yield function, {"instance": INSTANCE, "channel": CHANNEL, "power_w": POWER}
    yield rates.sum_by_channel, {"instance": INSTANCE, "channel": CHANNEL, "amount": real(4)}
    distance = {"distance_m": 99 * real(4)}
    yield path_loss.macro_128_db, distance
    yield path_loss.uma_los_probability, distance
    for loss in (path_loss.uma_los_db, path_loss.uma_nlos_db, path_loss.free_space_db):
        yield loss, distance | {"carrier_hz": 2e9}
    noise = {"scenario": SCENARIO, "shadow": real(4)} | distance
    yield path_loss.coupling_loss_db, noise | {"sight": real(4) / 9}
    yield path_loss.floored_db, noise | {"loss_db": 99 * real(4)}
    yield fading.jakes, {"generator": 1, "cycles": real(4), "num_channels": 2}
    yield fading.doppler_hz, {"scenario": SCENARIO, "speed_mps": real(4)}
    yield geometry.ground_distance, {"scenario": SCENARIO, "place": 99 * beams(4)}
    yield motion.reflected, {"start": beams(4), "course": np.exp(1j * real(4)), "way_m": 9 * real(4), "radius_m": 10.0}
    yield rician.rician, {"k_db": 9.0, "phase": real(4), "diffuse": beams(4, 2)}
    yield rician.colour, {"scenario": SCENARIO, "independent": beams(4, 2)}
    yield uplink.assemble, {"scenario": SCENARIO, "loss_db": 99 * real(4), "fading": beams(4, 2)} | distance
    limits = {"min_power_w": 0.1, "max_power_w": 1.0, "bandwidth_hz": 1.0, "variant": "V1", "max_per_channel": 4}
    yield uplink.UplinkInstance, {"gain": GAIN, "se_cap": 0.0} | distance | limits
    yield power.power_range, {"instance": INSTANCE, "channel": CHANNEL}
    for climb in (power.wmmse_power, power.sca_power):
        yield climb, {"instance": INSTANCE, "channel": CHANNEL, "start": POWER, "weights": real(4), "iterations": 3}


def d2d_rows() -> Iterator[Row]:
    yield d2d.itu_1411_db, {"distance_m": 9 * real(3)}
    one = {"snr": real(2, 2), "alpha": real(2)}
    for bound in (d2d_bounds.branch_and_bound, d2d_bounds.pair_bound, d2d_bounds.two_pairs_optimum):
        yield bound, one
    yield d2d_bounds.no_interference_bound, one
    yield d2d_rates.link_snr, {"gain": real(2, 3, 3), "max_power_w": 1.0, "noise_w": 0.1}
    parts = tensors(x=real(2, 3) / 2.5)
    yield d2d_rates.rates, {"snr": LINKS["snr"]} | parts
    yield d2d_rates.sum_rate, LINKS | parts
    for simple in ("max_power", "random_power", "best_single_link", "greedy_on_off", "exact_on_off"):
        yield getattr(d2d_search, simple), LINKS
    for climb in (wmmse.wmmse, wmmse.fractional_programming):
        yield climb, LINKS | {"start": parts["x"], "iterations": 3}
    yield wmmse.best_of_starts, LINKS | {"starts": 2, "iterations": 3}


def cell_free_rows() -> Iterator[Row]:
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
    yield (
        max_min.max_min,
        {"network": NETWORK, "channel": beams(3, 2, 2), "serves": SERVES[0].numpy(), "tolerance": 1.0},
    )


def scheduling_rows() -> Iterator[Row]:
    yield problem.Schedule, {"channel": CHANNEL, "power_w": POWER}
    yield problem.upload_times, {"problem": ROUND, "power_w": POWER}
    for given in (PROBLEM, ROUND):
        yield scheduled(given), {"channel": CHANNEL, "power_w": POWER}
    yield bounds.matched_schedule, {"problem": PROBLEM, "device": SPARE, "channel": np.array([0, 1])}
    yield options.chosen, {"choice": options.options(PROBLEM), "picks": np.array([0, 3, 1, 2])}
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


SOURCES = (model_rows, quantum_rows, aggregation_rows, wireless_rows, d2d_rows, cell_free_rows, scheduling_rows)
ROWS = [
    (f"{source.__name__}-{function.__qualname__}", function, given)
    for source in SOURCES
    for function, given in source()
]
CASES = [
    pytest.param(function, given, name, id=f"{row}-{name}")
    for row, function, given in ROWS
    for name, value in given.items()
    if isinstance(value, np.ndarray | torch.Tensor)
]


@pytest.fixture(autouse=True)
def as_users_run_it():
    """Without the checks of types that only tests have, which would refuse first."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


def outcome(function: Callable[..., Any], given: dict[str, Any]) -> list[np.ndarray] | str:
    """Return the numbers of a result, or the sentence of a refusal."""
    given = {name: np.random.default_rng(1) if name == "generator" else value for name, value in given.items()}
    try:
        return list(numbers(function(**given)))
    except UserError as refusal:
        return str(refusal)


def numbers(result: Any) -> Iterator[np.ndarray]:
    if isinstance(result, torch.Tensor | np.ndarray | float | int | complex | np.generic):
        yield np.asarray(result.detach() if isinstance(result, torch.Tensor) else result)
    elif dataclasses.is_dataclass(result):
        for field in dataclasses.fields(result):
            yield from numbers(getattr(result, field.name))
    elif isinstance(result, tuple | list | dict):
        for part in result.values() if isinstance(result, dict) else result:
            yield from numbers(part)


def types(array: np.ndarray) -> Iterator[tuple[str, Any, np.ndarray, float]]:
    """Yield the same numbers in other types: name, what is given, its numbers in double, and how near results are."""
    yield "list", array.tolist(), array, 1e-12
    yield "numpy", array, array, 1e-12
    yield "strided", np.repeat(array, 2, axis=-1)[..., ::2], array, 1e-12
    yield "torch", torch.from_numpy(np.ascontiguousarray(array)), array, 1e-12
    yield (
        "gradient",
        torch.from_numpy(np.ascontiguousarray(array)).requires_grad_(array.dtype.kind in "fc"),
        array,
        1e-12,
    )
    if array.dtype.kind == "c":
        yield "complex64", array.astype(np.complex64), array.astype(np.complex64).astype(complex), 2e-4
        yield "real", np.real(array), np.real(array) + 0j, 1e-12
        return
    whole = np.rint(array.astype(float))
    yield "int", whole.astype(np.int32), whole.astype(array.dtype), 1e-12
    yield "tensor of ints", torch.from_numpy(whole.astype(np.int64)), whole.astype(array.dtype), 1e-12
    yield "bool", whole > 0, (whole > 0).astype(array.dtype), 1e-12
    for name in ("float32", "float16"):
        less = array.astype(name)
        yield name, less, less.astype(array.dtype), 2e-4 if name == "float32" else 1e-2
        yield f"tensor of {name}", torch.from_numpy(less), less.astype(array.dtype), 2e-4 if name == "float32" else 1e-2


def oddities(array: np.ndarray) -> Iterator[tuple[str, Any]]:
    """Yield what is not the same numbers: other extents, other axes, and no numbers."""
    for axis in range(array.ndim):
        for count in (0, 1):
            yield f"{count} on axis {axis}", np.take(array, range(count), axis)
        yield f"more on axis {axis}", np.concatenate([array, array], axis)
    yield "one more axis", array[None]
    yield "one axis less", array[0]
    yield "a number", 1.0
    yield "words", ["one", "two"]
    yield "ragged", [[1.0], [1.0, 2.0]]
    yield "objects", np.full(array.shape, None)
    for bad in (np.nan, np.inf, -1, 0, 99):
        for dtype in (float, np.float32):
            one_bad = array.astype(complex if array.dtype.kind == "c" else dtype)
            one_bad.flat[0] = bad
            yield f"{bad} in {dtype.__name__}", one_bad
    yield "complex", array + 0.5j


@pytest.mark.parametrize(("function", "given", "name"), CASES)
def test_numbers_of_any_type_give_what_doubles_give(function, given, name):
    array = np.asarray(given[name])
    for kind, value, same, tolerance in types(array):
        back = torch.from_numpy(np.ascontiguousarray(same)) if isinstance(given[name], torch.Tensor) else same
        found, wanted = outcome(function, given | {name: value}), outcome(function, given | {name: back})
        if isinstance(wanted, str):
            assert isinstance(found, str), f"{kind} was taken, but doubles were refused: {wanted}"
            continue
        assert not isinstance(found, str), f"{kind} was refused: {found}"
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance, err_msg=kind)


@pytest.mark.parametrize(("function", "given", "name"), CASES)
def test_other_extents_and_meaningless_numbers_are_computed_with_or_refused_in_a_sentence(function, given, name):
    for kind, value in oddities(np.asarray(given[name])):
        found = outcome(function, given | {name: value})
        if isinstance(found, str):
            assert found and "\n" not in found, kind
            continue
        assert kind not in ("words", "ragged", "objects"), kind
        assert kind != "complex" or np.iscomplexobj(given[name]) or given[name].dtype is torch.complex128, kind
        # training tells of angles that are no numbers by its loss
        if name not in ("angles", "vector") and "inf" not in kind:
            assert not any(np.isnan(part).any() for part in found), kind
