"""SCA: monotone in its relaxed objective, honest in what rounding leaves of it."""

import numpy as np
import pytest
from scipy.optimize import minimize

from qfl.scheduling.bounds import matching_bound
from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers import sca
from qfl.wireless.uplink import UplinkScenario, draw


@pytest.mark.parametrize("variant", ["all_active", "optional_channel"])
def test_the_relaxed_rate_never_falls_and_splits_stay_in_their_range(variant):
    problem = Problem(draw(UplinkScenario(num_devices=30, num_channels=4, variant=variant), 1))
    split, values = sca.first_split(problem, None, 1), []
    least = 0 if variant == "optional_channel" else problem.instance.min_power_w
    for _ in range(25):
        values.append(sca.relaxed_rate(problem, split))
        assert np.all(split > 0)
        assert np.all(split.sum(axis=1) <= problem.instance.max_power_w * (1 + 1e-9))
        assert np.all(split.sum(axis=1) >= least * (1 - 1e-9))
        split = sca.relaxed_step(problem, split)
    assert np.all(np.diff(values) >= -1e-6) and values[-1] > values[0] + 1


def test_the_tangent_is_maximised_exactly():
    """One device's subproblem against a general optimiser."""
    problem = Problem(draw(UplinkScenario(num_devices=5, num_channels=3), 2))
    instance, split = problem.instance, sca.first_split(problem, None, 2)
    received = split * instance.gain
    total = 1 + received.sum(axis=0)
    scale = total / (total - received)
    y = np.sqrt(scale * received) / total
    found = sca._tangent_maximiser(problem, split)
    for i in range(5):

        def surrogate(power, i=i):
            gain = 2 * y[i] * np.sqrt(scale[i] * instance.gain[i] * np.maximum(power, 0))
            return (gain - instance.gain[i] * (y**2).sum(axis=0) * power).sum()

        most = {"type": "ineq", "fun": lambda p: instance.max_power_w - p.sum()}
        least = {"type": "ineq", "fun": lambda p: p.sum() - instance.min_power_w}
        bounds = [(0, instance.max_power_w)] * 3
        best = minimize(lambda p: -surrogate(p), split[i], bounds=bounds, constraints=[most, least], method="SLSQP")
        assert surrogate(found[i]) >= -best.fun - 1e-6 * abs(best.fun)


def test_best_is_no_worse_than_final_and_the_polish_no_worse_than_best():
    problem = Problem(draw(UplinkScenario(num_devices=40, num_channels=5), 3))
    kept = [sca.solve(problem, seed=1, num_iterations=12, keep=k).value for k in ("final", "best", "polished")]
    assert kept == sorted(kept) and kept[0] < kept[2] <= matching_bound(problem).value


def test_the_relaxed_rate_can_exceed_what_any_schedule_reaches():
    """Why it is no bound, and why rounding loses: a strong device takes several sub-channels."""
    problem = Problem(draw(UplinkScenario(num_devices=40, num_channels=5), 3))
    split = sca.first_split(problem, None, 1)
    for _ in range(60):
        split = sca.relaxed_step(problem, split)
    relaxed_bps = sca.relaxed_rate(problem, split) / np.log(2) * problem.instance.bandwidth_hz
    assert relaxed_bps > sca.solve(problem, seed=1, num_iterations=60).value * 1.2
