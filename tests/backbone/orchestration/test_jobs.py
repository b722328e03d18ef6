"""Jobs: an order in which none waits for a later one, and a sentence for each job that cannot be."""

from math import inf, nan

import pytest

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload
from qfl.errors import ConfigError

ONE = {"uncut": [Subcircuit(4, 9, 100)]}


def test_what_waits_comes_after_what_it_waits_for():
    subs = [Subcircuit(4, 9, 1, after=(2,)), Subcircuit(4, 9, 1), Subcircuit(4, 9, 1, after=(1,))]
    assert Job("chain", 1.0, {"locc": subs}).order("locc") == (1, 2, 0)


@pytest.mark.parametrize(
    ("cuts", "numbers", "words"),
    [
        ({"locc": [Subcircuit(4, 9, 1, (1,)), Subcircuit(4, 9, 1, (0,))]}, {}, "in a circle"),
        ({"locc": [Subcircuit(4, 9, 1, (0,))]}, {}, "in a circle"),
        ({"locc": [Subcircuit(4, 9, 1, (3,))]}, {}, r"waits for \[3\]"),
        ({"locc": [Subcircuit(4, 9, 0)]}, {}, "shots from 1 on"),
        ({"locc": []}, {}, "no sub-circuit"),
        ({}, {}, "no sub-circuit"),
        (ONE, {"deadline_s": -1.0}, "deadline_s is -1"),
        (ONE, {"deadline_s": nan}, "deadline_s is nan"),
        (ONE, {"deadline_s": inf}, "finite"),
        (ONE, {"release_s": 2.0}, "above release_s"),
        (ONE, {"weight": 0.0}, "weight is 0"),
        (ONE, {"reconstruction_s": -0.1}, "reconstruction_s is -0.1"),
    ],
)
def test_a_job_that_cannot_be_is_refused_in_a_sentence(cuts, numbers, words):
    with pytest.raises(ConfigError, match=words):
        Job("j", **{"deadline_s": 1.0, "cuts": cuts, **numbers})


def test_an_empty_pool_is_refused():
    with pytest.raises(ConfigError, match="the pool has no QPU"):
        Workload((), (Job("j", 1.0, ONE),))
    with pytest.raises(ConfigError, match="latency_s is -1"):
        Workload((Qpu("q", 8, 90, 1e-3),), (), latency_s=-1.0)


def test_only_qpus_that_are_wide_and_deep_enough_are_eligible():
    pool = Workload((Qpu("a", 4, 9, 1e-3), Qpu("b", 8, 8, 1e-3), Qpu("c", 8, 9, 1e-3)), ())
    assert pool.eligible(Subcircuit(4, 9, 1)) == (0, 2)
