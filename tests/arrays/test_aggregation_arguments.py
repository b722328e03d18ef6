"""Array arguments of the rules of aggregation, of any type and extent."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from qfl.aggregation import (
    aggregate,
    blocks,
    circular,
    control_variates,
    delta,
    entries,
    geometric_median,
    local,
    mean_around_median,
    noise_aware,
    normalised,
    screens,
    su2,
    trimmed_circular,
    trusted,
)
from qfl.angles import TWO_PI, AngleLayout

GENERATOR = np.random.default_rng(1)
LAYOUT = AngleLayout(("a/phi", "a/theta", "b/omega", "c"), (TWO_PI, TWO_PI, TWO_PI, np.inf), ((0, 1, 2),))


def real(*shape: int, low: float = 0.5) -> np.ndarray:
    return GENERATOR.uniform(low, 2.5, shape)


UPDATES = {"received": real(4), "updates": real(3, 4), "weights": real(3)}

Row = tuple[Callable[..., Any], dict[str, Any]]


def rows() -> Iterator[Row]:
    robust = (geometric_median.geometric_median, mean_around_median.mean_around_median)
    robust += (trimmed_circular.trimmed_circular_mean, screens.norm_screened_mean, screens.direction_screened_mean)
    for rule in (
        delta.delta_mean,
        circular.circular_mean,
        su2.su2_mean,
        blocks.block_mean,
        entries.entry_mean,
        *robust,
    ):
        yield rule, {**UPDATES, "layout": LAYOUT}
    yield noise_aware.noise_aware_mean, {**UPDATES, "layout": LAYOUT, "noise": real(3)}
    yield trusted.trusted_mean, {**UPDATES, "layout": LAYOUT, "server": real(4)}
    yield trimmed_circular.circular_median, {"values": real(3, 4), "periods": real(4)}
    yield screens.median_cosines, {"moved": real(3, 4), "counted": np.ones(3, dtype=bool)}
    yield normalised.normalised_mean, {**UPDATES, "layout": LAYOUT, "steps": real(3)}
    yield (
        control_variates.new_control,
        {"control": real(4), "server": real(4), "received": real(4), "update": real(4), "way": 0.5},
    )
    yield (
        control_variates.control_change,
        {"server": real(4), "received": real(4), "updates": real(3, 4), "way": real(3), "num_clients": 5},
    )
    yield noise_aware.noise_aware_weights, {"weights": real(3), "noise": real(3)}
    yield aggregate.shares, {"weights": real(3)}
    yield aggregate.weighted_mean, {"share": real(3), "values": real(3, 4)}
    yield circular.circular_step, {"delta": real(3, 4), "share": real(3), "periods": real(4)}
    yield circular.resultant_diagnostics, {"resultant": real(3), "num_fallbacks": 0}
    yield geometric_median.weiszfeld, {"points": real(3, 4), "share": real(3)}
    yield local.local_differences, {"received": real(4), "updates": real(3, 4), "periods": real(4)}
    turns = su2.quaternions(real(3, 2, 3))
    yield su2.quaternions, {"euler": real(2, 3)}
    yield su2.mean_quaternion, {"q": turns, "share": real(3) / 9}
    yield su2.along_great_circle, {"start": turns[0], "end": turns[1], "fraction": 0.3}
    yield su2.nearest_euler, {"q": turns[0], "near": real(2, 3)}


def test_numbers_of_any_type_give_what_doubles_give(case, agrees_for_any_type):
    agrees_for_any_type(case)


def test_other_extents_and_meaningless_numbers_are_computed_with_or_refused_in_a_sentence(case, computes_or_refuses):
    computes_or_refuses(case)
