"""What is learned from ended jobs, and that it is used.

Also covers qfl/backbone/runtime/templates/angles.py.
Also covers qfl/backbone/runtime/templates/structures.py.
Also covers qfl/backbone/runtime/templates/prepare.py.
"""

from itertools import product

import dimod
import numpy as np
import pytest

from qfl.backbone.applications.posed import pose
from qfl.backbone.applications.ris import draw_channels
from qfl.backbone.applications.traffic.paths import forget_paths, known_paths
from qfl.backbone.applications.traffic.topology import Topology
from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.telemetry import telemetry_in
from qfl.backbone.runtime.templates.angles import angles_for, family, learn_angles, read_angles
from qfl.backbone.runtime.templates.entry import Template
from qfl.backbone.runtime.templates.folder import Templates
from qfl.backbone.runtime.templates.learn import learn_templates
from qfl.backbone.runtime.templates.prepare import prepare
from qfl.backbone.runtime.templates.structures import structure_template, warm
from qfl.errors import ConfigError
from qfl.quantum.one_hot import one_hot_state
from qfl.scheduling.solvers.qubit_qaoa import state_rewards

LINE = {"links": [["a", "b", 10], ["b", "c", 5], ["a", "c", 4]], "demands": [["a", "c", 2], ["b", "c", 0.5]]}


def surface(seed, elements=7):
    h, g = draw_channels(elements, 3, 0.3, seed)
    direct, cascaded = (np.stack([each.real, each.imag], -1).tolist() for each in (h, g))
    return {"application": "ris", "request": {"direct": direct, "cascaded": cascaded}}


@pytest.fixture(scope="module")
def learned():
    return list(learn_templates([surface(seed) for seed in range(12)]))


def test_structures_that_come_again_and_better_angles_are_found(learned):
    (name, structure, counted), (_, angles, measured) = learned
    assert name.startswith("qubo.ris.") and counted == {"jobs": 12} and structure.facts["variables"] == 7
    assert angles.name == "qaoa.ris.degree8.layers3" and measured["learned"] > measured["fixed"]


def test_what_is_measured_of_angles_is_the_mean_reward_of_the_models_held_out(learned):
    """By the state itself, model by model; as much as the fixed angles bring more than a uniform draw, and no more."""
    angles, total = read_angles(learned[1][1]), []
    for seed in range(1, 12, 2):
        reward = state_rewards(pose("ris", surface(seed)["request"]).model)
        chance = np.abs(one_hot_state(reward, *angles)) ** 2
        mean = sum(chance[state] * reward[state] for state in product((0, 1), repeat=7))
        total.append((mean - reward.mean()) / reward.std())
    assert np.mean(total) == pytest.approx(learned[1][2]["learned"])


def test_angles_that_are_no_better_are_not_registered():
    flat = [dimod.BinaryQuadraticModel(dict.fromkeys("ab", 0.0), {"ab": 0.0}, "BINARY") for _ in range(4)]
    entry, measured = learn_angles("qubo", flat)
    assert entry is None and measured["learned"] == measured["fixed"] == 0.0


@pytest.mark.parametrize("count", [0, 3])
def test_too_few_problems_are_no_family(count):
    models = [pose("ris", surface(seed)["request"]).model for seed in range(count)]
    with pytest.raises(ConfigError, match="give 4 of one"):
        learn_angles("ris", models)


def test_what_is_no_job_any_more_is_passed_over():
    jobs = [{}, {"application": "gone", "request": {}}, {"application": "qubo", "request": {"colour": 1}}]
    assert not list(learn_templates(jobs))
    assert [entry for _, entry, _ in learn_templates([surface(1)])] == [None, None]


def test_the_orchestrator_asks_qaoa_with_registered_angles_and_says_so(tmp_path, learned):
    entries = [Template(e.name, e.kind, e.facts, e.arrays, version=3) for _, e, _ in learned]
    pool = Pool((Backend("host", "cpu", "descent", shots=1), Backend("q", "qpu", "qaoa", simulated=True, shots=4)))
    told = {}
    for name, templates in (("with", Templates({e.name: e for e in entries})), ("without", None)):
        with telemetry_in(tmp_path / name) as log:
            orchestrator = Orchestrator(pool, log, suite=6, clock=lambda: 0.0, templates=templates)
            for seed in range(20, 26):
                orchestrator.submit(f"{seed}", "ris", surface(seed)["request"], 100.0)
            orchestrator.drain()
            told[name] = {row["outcome"]["template"] for row in log.outcomes()}
            assert log.solved(2) == [surface(seed) for seed in (24, 25)]
    assert told == {"with": {"qaoa.ris.degree8.layers3@3"}, "without": {None}}


def test_angles_are_those_of_the_family_alone(learned):
    entry = learned[1][1]
    templates, model = Templates({entry.name: entry}), pose("ris", surface(1)["request"]).model
    assert angles_for(templates, "ris", model) is entry and angles_for(None, "ris", model) is None
    assert angles_for(templates, "qubo", model) is None
    assert family("access_points", model, 2) == "qaoa.access-points.degree8.layers2"


def test_a_template_of_traffic_brings_its_paths():
    template = structure_template("traffic", LINE)
    again = structure_template("traffic", LINE | {"demands": [["a", "c", 1.5], ["b", "c", 3]]})
    assert again.name == template.name
    network = Topology.of({(a, b): c for a, b, c in LINE["links"]})
    found = [network.shortest_paths(a, "c", 4) for a in "ab"]
    forget_paths()
    warm(template)
    assert known_paths(network.nodes, network.links) == {("a", "c", 4): found[0], ("b", "c", 4): found[1]}


@pytest.mark.parametrize(
    ("kind", "facts", "arrays", "said"),
    [
        ("angles", {}, {}, "holds no angles of layers"),
        ("angles", {}, {"gammas": np.ones(2), "betas": np.ones(3)}, "holds no angles of layers"),
        ("qubo", {}, {}, "holds no structure of a model"),
        ("qubo", {"variables": 2}, {"first": np.array([1]), "second": np.array([2])}, "holds no structure"),
        ("qubo", {"variables": 2}, {"first": np.array([-1]), "second": np.array([0])}, "holds no structure"),
        ("qubo", {"variables": 0, "application": "traffic"}, {}, "the paths are none of this network"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_before_the_first_job(kind, facts, arrays, said):
    with pytest.raises(ConfigError, match=said):
        prepare(Templates({"x": Template("x", kind, facts, arrays)}))
