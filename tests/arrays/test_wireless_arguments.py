"""Array arguments of the uplink, of any type and extent."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from qfl.wireless import (
    fading,
    geometry,
    motion,
    path_loss,
    power,
    rates,
    rician,
    units,
    uplink,
)
from qfl.wireless.scenario import UplinkScenario

GENERATOR = np.random.default_rng(1)
SCENARIO = UplinkScenario(num_devices=4, num_channels=2, correlated=True)


def real(*shape: int, low: float = 0.5) -> np.ndarray:
    return GENERATOR.uniform(low, 2.5, shape)


def beams(*shape: int) -> np.ndarray:
    return real(*shape) + 1j * real(*shape)


GAIN = real(4, 2)
INSTANCE = uplink.UplinkInstance(GAIN, real(4), 0.1, 1.0, 1.0, "all_active", 4, 0.0)
CHANNEL, POWER = np.array([0, 1, 1, 0]), real(4) / 2.5

Row = tuple[Callable[..., Any], dict[str, Any]]


def after_three_rounds(persistence: Any) -> np.ndarray:
    return fading.GaussMarkov(persistence, lambda t: np.full(4, t + 1.0)).at(3)


def rows() -> Iterator[Row]:
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
    yield after_three_rounds, {"persistence": real(4) / 2.5}
    yield fading.jakes, {"generator": 1, "cycles": real(4), "num_channels": 2}
    yield fading.doppler_hz, {"scenario": SCENARIO, "speed_mps": real(4)}
    yield geometry.ground_distance, {"scenario": SCENARIO, "place": 99 * beams(4)}
    yield motion.reflected, {"start": beams(4), "course": np.exp(1j * real(4)), "way_m": 9 * real(4), "radius_m": 10.0}
    yield rician.rician, {"k_db": 9.0, "phase": real(4), "diffuse": beams(4, 2)}
    yield rician.colour, {"scenario": SCENARIO, "independent": beams(4, 2)}
    yield uplink.assemble, {"scenario": SCENARIO, "loss_db": 99 * real(4), "fading": beams(4, 2)} | distance
    limits = {
        "min_power_w": 0.1,
        "max_power_w": 1.0,
        "bandwidth_hz": 1.0,
        "variant": "all_active",
        "max_per_channel": 4,
    }
    yield uplink.UplinkInstance, {"gain": GAIN, "se_cap": 0.0} | distance | limits
    yield power.power_range, {"instance": INSTANCE, "channel": CHANNEL}
    for climb in (power.wmmse_power, power.sca_power):
        yield climb, {"instance": INSTANCE, "channel": CHANNEL, "start": POWER, "weights": real(4), "iterations": 3}


def test_numbers_of_any_type_give_what_doubles_give(case, agrees_for_any_type):
    agrees_for_any_type(case)


def test_other_extents_and_meaningless_numbers_are_computed_with_or_refused_in_a_sentence(case, computes_or_refuses):
    computes_or_refuses(case)
