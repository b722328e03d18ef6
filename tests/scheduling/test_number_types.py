"""Gains, weights and sizes of any number type and extent: solved as doubles, or refused in a sentence."""

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers.registry import solver
from qfl.wireless.uplink import UplinkInstance

SOLVERS = ["greedy", "best_response", "sca_1opt"]


def instance(gain, **changes):
    given = {"distance_m": np.ones(len(gain)), "min_power_w": 0.0, "max_power_w": 1.0, "bandwidth_hz": 1.0}
    return UplinkInstance(
        gain, **{**given, "variant": "all_active", "max_per_channel": len(gain), "se_cap": 0.0, **changes}
    )


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("shape", [(1, 1), (4, 1), (5, 3)])
@pytest.mark.parametrize("kind", [np.int64, np.float32])
def test_any_number_type_and_extent_gives_what_doubles_give(name, shape, kind):
    gain = np.random.default_rng(1).integers(0, 9, shape)
    weights = np.arange(1, shape[0] + 1)
    values = []
    for cast in (kind, np.float64):
        given = Problem(instance(gain.astype(cast)), "weighted_sum_rate", weights=weights.astype(cast))
        found = solver(name)(given, seed=1, max_evaluations=100)
        assert given.check(found.schedule) == [] and np.isfinite(found.value)
        values.append(found.value)
    assert values[0] == values[1]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_gains_that_are_none_are_refused(bad):
    gain = np.ones((3, 2), dtype=np.float32)
    gain[1, 1] = bad
    with pytest.raises(ConfigError, match="1 of 6 gains are negative or not a number"):
        instance(gain)


@pytest.mark.parametrize("shape", [(0, 2), (2, 0)])
def test_no_device_and_no_channel_are_refused(shape):
    with pytest.raises(ConfigError, match=r"gains of shape .* one or more of each"):
        instance(np.ones(shape))


def test_double_arrays_are_taken_as_they_are():
    gain = np.ones((2, 2))
    assert instance(gain).gain is gain
