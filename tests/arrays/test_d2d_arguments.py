"""Array arguments of links between pairs, of any type and extent."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from qfl.wireless import (
    d2d,
    d2d_bounds,
    d2d_rates,
    d2d_search,
    wmmse,
)

GENERATOR = np.random.default_rng(1)


def real(*shape: int, low: float = 0.5) -> np.ndarray:
    return GENERATOR.uniform(low, 2.5, shape)


def tensors(**arrays: np.ndarray) -> dict[str, Any]:
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


LINKS = tensors(snr=real(2, 3, 3), alpha=real(2, 3))

Row = tuple[Callable[..., Any], dict[str, Any]]


def rows() -> Iterator[Row]:
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


def test_numbers_of_any_type_give_what_doubles_give(case, agrees_for_any_type):
    agrees_for_any_type(case)


def test_other_extents_and_meaningless_numbers_are_computed_with_or_refused_in_a_sentence(case, computes_or_refuses):
    computes_or_refuses(case)
