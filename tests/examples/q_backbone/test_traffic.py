"""A day of traffic in a tiny form: what is counted, decided, resumed, drawn and refused.

Also covers traffic_control.py, traffic_measure.py, traffic_page.py, traffic_picture.py and traffic_settings.py.
"""

from dataclasses import replace
from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "q_backbone"
TINY = ("hours=[5, 15, 20]", "reads=2", "blocks=2", "qubits=8", "paths=3", "milp-s=1.0", "suite=1", "processes=1")
STUDY = member(FOLDER, "traffic")


def asked(root, *changes):
    changes = (*TINY, *changes)
    return begin("backbone-traffic", FOLDER, FOLDER / "traffic.toml", quick=False, seed=3, changes=changes, root=root)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    request = asked(tmp_path_factory.mktemp("traffic"))
    return request, STUDY.conduct(request)


def test_no_method_is_below_the_bound_and_means_are_those_of_the_rows(day):
    request, found = day
    rows, methods = request.folder.rows("routed"), found.numbers["traffic"]["methods"]
    assert len(rows) == 3 * len(methods)
    for name, own in methods.items():
        ratios = [row["verified"] / row["bound"] for row in rows if row["method"] == name]
        assert min(ratios) >= 1 - 1e-9
        assert own["verified"] == pytest.approx(sum(ratios) / 3) and own["worst"] == max(ratios)
    assert all(row["verified"] <= row["raw"] for row in rows)


def test_decisions_have_reasons_and_what_is_used_is_never_worse_than_classical(day):
    _, found = day
    told = found.numbers["traffic"]
    first, *later = told["decisions"]
    assert first["asked"] == ["qaoa"] and first["reason"].startswith("calibration suite, job 1 of 1")
    assert all(row["used"] <= row["classical"] and row["reason"] in found.text for row in told["decisions"])
    assert told["quantum_calls"] == sum(bool(row["asked"]) for row in later) <= told["decided_hours"] == 2


def test_energy_is_watts_times_seconds_and_that_of_qaoa_only_where_it_was_asked(day):
    request, found = day
    told, seconds = found.numbers["traffic"], {}
    for row in request.folder.rows("routed"):
        seconds[row["hour"], row["method"]] = row["seconds"]
    for row in told["decisions"]:
        assert row["classical_j"] == pytest.approx(100 * seconds[row["hour"], "reweighted"])
        assert row["quantum_j"] == pytest.approx(25_000 * 0.0328 * 2 if row["asked"] else 0.0)
        assert row["energy_j"] == row["classical_j"] + row["quantum_j"]
    assert told["energy_j"] == pytest.approx(told["classical_j"] + told["quantum_j"])
    assert told["quantum_j_if_always_asked"] == pytest.approx(3 * 25_000 * 0.0328 * 2)
    assert "cryogenics and host included (1,640 J an hour" in found.text.replace("\n", " ")


def test_the_page_says_classical_where_the_numbers_do_and_something_else_where_not(day):
    request, found = day
    told = found.numbers["traffic"]
    assert ("**The answer is: classical.**" in found.text) == (
        told["methods"]["qaoa"]["verified"]
        >= min(told["methods"][name]["verified"] for name in ("reweighted", "enumeration"))
    )
    won = {**told, "methods": {**told["methods"], "qaoa": {**told["methods"]["qaoa"], "verified": 0.9}}}
    page = STUDY.tell(request, STUDY.settings(request), {}, {"traffic": won})
    assert "classical.**" not in page and "QAOA is better than the classical method and than its controls" in page


def test_a_policy_that_has_seen_large_advantages_asks_and_one_past_its_deadline_uses_nothing(day):
    request, _ = day
    control, settings = member(FOLDER, "traffic_control:control"), STUDY.settings(request)
    hours = tuple(range(24))
    same = {"variables": 8, "density": 0.5, "roughness": 0.5, "spread": 1.0}
    features = {hour: {"hour": hour} | same for hour in hours}
    routed = {
        (hour, name): {"bound": 1.0, "verified": v, "seconds": 0.0}
        for hour in hours
        for name, v in (("reweighted", 2.0), ("qaoa", 1.0))
    }
    quick = control(replace(settings, hours=hours, suite=12), routed, features)
    assert quick[-1]["asked"] == ["qaoa"] and quick[-1]["used"] == 1.0
    slow = control(replace(settings, hours=hours, suite=12, job_s=3600.0), routed, features)
    assert all(row["used"] == 2.0 for row in slow) and slow[-1]["asked"] == []
    routed |= {(hour, "reweighted"): {"bound": 1.0, "verified": 1.0005, "seconds": 0.0} for hour in hours}
    near = control(replace(settings, hours=hours, suite=2), routed, features)
    assert [bool(row["asked"]) for row in near] == [True] * 2 + [False] * 22
    assert near[-1]["reason"] == "classical alone: it is at 1.0005 of the bound, nothing is left to gain"


def test_what_is_measured_is_not_measured_again_and_what_is_cut_short_is(day):
    request, found = day
    rows = request.folder.rows("routed")
    assert STUDY.conduct(request).numbers == found.numbers and request.folder.rows("routed") == rows
    request.folder.replace("features", request.folder.rows("features")[:-1])
    again = STUDY.conduct(request).numbers["traffic"]["methods"]
    assert again["qaoa"]["verified"] == found.numbers["traffic"]["methods"]["qaoa"]["verified"]
    assert len(request.folder.rows("routed")) == len(rows)
    assert (request.folder.path / "traffic.png").read_bytes().startswith(b"\x89PNG")
    assert len((request.folder.path / "decisions.csv").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("hours=[]", "give a list of different whole numbers from 0 to 23"),
        ("hours=[24]", "give a list of different whole numbers from 0 to 23"),
        ("hours=[3, 3]", "give a list of different whole numbers from 0 to 23"),
        ("paths=0", "paths = 0; give a number from 1 to 16"),
        ("qubits=21", "qubits = 21; give a number from 2 to 20"),
        ("total-mbps=-5.0", "total-mbps = -5.0; give a number from 1 to 1e"),
        ("qubits=2", "paths = 3 and qubits = 2; give as many qubits as paths, or more"),
        ("busy-s=3.0", "busy-s = 3.0 and job-s = 2.0; give a job no less than it is busy"),
        ("qpu-w=-1.0", "qpu-w = -1.0; give a number from 0 to 1e"),
        ("deadline-s=0.0", "deadline-s = 0.0; give a number from 0.001 to 3600"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(tmp_path, change, words):
    with pytest.raises(ConfigError, match=words):
        STUDY.settings(asked(tmp_path, change))
