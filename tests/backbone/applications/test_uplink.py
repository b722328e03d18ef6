"""The uplink as a request: its answer is the true objective's, whatever the model says."""

import dimod
import numpy as np
import pytest

from qfl.backbone.applications.posed import pose
from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.backbone.runtime.pipeline.solve import solve
from qfl.backbone.runtime.pipeline.verify import verify
from qfl.errors import ConfigError
from qfl.wireless.rates import rates
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw

GAIN = draw(UplinkScenario(num_devices=3, num_channels=2), seed=4).gain


def least_of(model):
    """Return the assignment of least energy, of all."""
    return {v: int(bit) for v, bit in dimod.ExactSolver().sample(model).first.sample.items()}


def request(objective="sum_rate", gain=GAIN, **more):
    bits = {"payload_bits": [1e4 * (k + 1) for k in range(len(gain))]} if objective == "round_time" else {}
    return {"gain": gain.tolist(), "objective": objective, **bits, **more}


def test_the_best_of_two_devices_is_that_of_all_pairs_of_options():
    posed = pose("uplink", request(gain=GAIN[:2]))
    answer = posed.read(least_of(posed.model))
    values = [
        180e3
        * np.log2(
            1 + np.array([p, q]) * GAIN[[0, 1], [a, b]] / (1 + (a == b) * np.array([q, p]) * GAIN[[1, 0], [b, a]])
        ).sum()
        for a in range(2)
        for b in range(2)
        for p in (1e-3, 0.25)
        for q in (1e-3, 0.25)
    ]
    assert answer["value"] == pytest.approx(max(values)) and answer["value"] <= answer["bound"] * (1 + 1e-9)


def test_a_rounds_time_is_the_longest_queue_and_the_least_model_has_the_least_squares():
    posed = pose("uplink", request("round_time"))
    answer = posed.read(least_of(posed.model))
    seconds = 1e4 * np.arange(1, 4)[:, None] / (180e3 * np.log2(1 + 0.25 * GAIN))
    loads = {
        picks: [sum(seconds[d, c] for d, c in enumerate(picks) if c == ch) for ch in range(2)]
        for picks in np.ndindex(2, 2, 2)
    }
    least = min(loads, key=lambda picks: sum(np.square(loads[picks])))
    assert tuple(answer["channel"]) == least and answer["value"] == pytest.approx(max(loads[least]))
    assert answer["bound"] <= answer["value"] * (1 + 1e-9)


def test_a_samplers_answer_is_verified_and_worth_what_the_rates_are():
    posed = pose("uplink", request())
    reduction = reduce(posed.model, roof_duality=False)
    found = verify(reduction, solve(reduction.model, "annealing", seed=1), posed.feasible)
    answer = posed.read(found.sample)
    instance = draw(UplinkScenario(num_devices=3, num_channels=2), seed=4)
    assert found.feasible
    assert answer["value"] == pytest.approx(
        rates(instance, np.array(answer["channel"]), np.array(answer["power_w"])).sum()
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gain": []}, "gain is no table"),
        ({"gain": [[1.0], [1.0, 2.0]]}, "gain is no table"),
        ({"gain": [[1.0, float("nan")]]}, "give finite numbers of 0 or more"),
        ({"gain": [[-1.0]]}, "give finite numbers of 0 or more"),
        ({"gain": [[1.0], [0.0]]}, "device 1 is heard on no sub-channel"),
        ({"gain": [[1.0]] * 101}, "101 devices are too many"),
        ({"objective": "fairness"}, "objective is 'fairness'; give one of sum_rate, round_time"),
        ({"objective": "round_time"}, "payload_bits has 0 numbers for 3 devices"),
        ({"payload_bits": [1.0, 2.0, -1.0]}, "give one above 0 for each"),
        ({"payload_bits": ["x", 1.0, 2.0]}, "payload_bits is no list of numbers"),
        ({"max_power_w": 0.0}, "max_power_w is 0"),
        ({"bandwidth_hz": -1.0}, "bandwidth"),
    ],
)
def test_what_is_no_cell_is_refused_in_a_sentence(changes, said):
    with pytest.raises(ConfigError, match=said):
        pose("uplink", request() | changes)
