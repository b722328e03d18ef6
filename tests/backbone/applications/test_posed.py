"""Applications say what they want in their own words.

Also covers qubo.py, ris.py and qfl/backbone/applications/traffic/request.py.
"""

from itertools import product

import numpy as np
import pytest

from qfl.backbone.applications.posed import APPLICATIONS, pose
from qfl.backbone.applications.ris import (
    coordinate_descent,
    draw_channels,
    exhaustive,
    power,
    spins_to_phases,
)
from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
from qfl.errors import ConfigError

LINE = {"links": [["a", "b", 10], ["b", "c", 5]], "demands": [["a", "c", 2]]}
RIS = {"direct": [[1.0, 0.0]], "cascaded": [[[0.5, 0.0], [-0.5, 0.0]]]}


def pairs(values: np.ndarray) -> list:
    return np.stack([values.real, values.imag], -1).tolist()


@pytest.mark.parametrize("bits", [1, 2])
def test_the_power_over_a_surface_is_minus_the_energy_of_every_assignment(bits):
    h, g = draw_channels(4, 3, 1.5, seed=2)
    posed = pose("ris", {"direct": pairs(h), "cascaded": pairs(g), "bits": bits})
    best = 0.0
    for bits_of in product((0, 1), repeat=4 * bits):
        sample = dict(zip(posed.model.variables, bits_of, strict=True))
        theta = spins_to_phases(4, bits) @ (2 * np.array(bits_of) - 1)
        assert np.allclose(np.abs(theta), 1)
        answer = posed.read(sample)
        assert answer["power"] == pytest.approx(power(h, g, theta)) == pytest.approx(-posed.model.energy(sample))
        assert np.allclose(1j ** np.array(answer["phases"]), theta)
        best = max(best, answer["power"])
    assert exhaustive(h, g, bits) == pytest.approx(best)


def test_one_user_and_one_antenna_without_a_direct_link_meet_the_closed_form():
    g = np.array([[0.3, -0.8, 0.5, 2.0]], dtype=np.complex128)  # real channels: the best phases line them up
    theta = coordinate_descent(np.zeros(1, dtype=np.complex128), g, 1, seed=1)
    assert power(np.zeros(1, dtype=np.complex128), g, theta) == pytest.approx(np.abs(g).sum() ** 2)


def test_traffic_is_told_by_paths_and_the_busiest_link_recomputed():
    demands = hourly_demands(20, seed=1)
    nodes = ABILENE.nodes
    request = {
        "links": [[*link, capacity] for link, capacity in zip(ABILENE.links, ABILENE.capacity, strict=True)],
        "demands": [[nodes[a], nodes[b], demands[a, b]] for a, b in np.argwhere(demands > 0)],
    }
    posed = pose("traffic", request)
    answer = posed.read({v: 1 for v in posed.model.variables})
    load = dict.fromkeys(ABILENE.links, 0.0)
    for path in answer["paths"]:
        for link in zip(path["over"], path["over"][1:], strict=False):
            load[link] += demands[nodes.index(path["from"]), nodes.index(path["to"])]
    busiest = max(load[link] / capacity for link, capacity in zip(ABILENE.links, ABILENE.capacity, strict=True))
    assert answer["utilisation"] == pytest.approx(busiest)
    assert answer["bound"] <= answer["utilisation"] <= answer["raw_utilisation"]


@pytest.mark.parametrize(
    ("application", "request_", "said"),
    [
        (
            "magic",
            {},
            "'magic' is no application; give one of qubo, ris, slices, decoding, traffic, uplink, access_points",
        ),
        ("qubo", {}, "'linear' is missing"),
        ("qubo", {"linear": {}}, "0 variables"),
        ("qubo", {"linear": {"a": float("nan")}}, "linear 'a' is nan; give a finite number"),
        ("qubo", {"linear": {"a": True}}, "linear 'a' is True"),
        ("qubo", {"linear": {"a": 1.0}, "quadratic": [["a", "a", 1.0]]}, "with itself"),
        ("qubo", {"linear": {"a": 1.0}, "quadratic": [["a", 1.0]]}, "is none; give [variable, variable, number]"),
        ("qubo", {"linear": {"a": 1.0}, "quadratic": {"a": 1}}, "'quadratic' is {'a': 1}; expected a list"),
        ("qubo", {"linear": {"a": 1.0}, "tolerance": -1.0}, "tolerance is -1; give a finite number of 0 or more"),
        ("qubo", {"linear": {"a": 1.0}, "tolerance": float("nan")}, "tolerance is nan"),
        ("qubo", {"linear": {"a": 1.0}, "sense": "max"}, "unknown word 'sense'"),
        ("qubo", {"linear": {str(k): 1.0 for k in range(2001)}}, "2,001 biases"),
        ("ris", {**RIS, "bits": 3}, "1 or 2 bits"),
        ("ris", {**RIS, "direct": [[1.0, 0.0], [0.0, 1.0]]}, "give as many of both"),
        ("ris", {**RIS, "direct": [[1.0]]}, "direct is no list of [re, im]"),
        ("ris", {**RIS, "cascaded": [[[0.5, 0.0]], [[1.0, 0.0], [0.0, 1.0]]]}, "cascaded is no table"),
        ("traffic", {**LINE, "demands": [["c", "a", 2]]}, "no path leads from c to a"),
        ("traffic", {**LINE, "links": [["a", "b", 1], ["c", "d", 1]]}, "not connected"),
        ("traffic", {**LINE, "demands": [["a", "c", float("inf")]]}, "give [from, to, finite number]"),
        ("traffic", {**LINE, "demands": [["a", "c", 1], ["a", "c", 2]]}, "is there twice"),
        ("traffic", {**LINE, "k": 1.5}, "'k' is 1.5; expected a whole number"),
    ],
)
def test_what_is_no_problem_is_refused_in_a_sentence(application, request_, said):
    with pytest.raises(ConfigError) as found:
        pose(application, request_)
    assert said in str(found.value)


def test_every_application_of_the_table_poses_something():
    for name, request in (("qubo", {"linear": {"a": 1.0}}), ("ris", RIS), ("traffic", LINE)):
        assert pose(name, request).model.num_variables
    assert set(APPLICATIONS) == {"qubo", "ris", "slices", "decoding", "traffic", "uplink", "access_points"}
