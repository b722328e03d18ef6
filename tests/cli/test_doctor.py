"""``qfl doctor``: what is there is found, what is not there has a remedy."""

import json

import numpy as np
import pennylane as qml
import pytest

from qfl.cli import main
from qfl.cli.doctor import _data, examine
from qfl.data.mnist import FILES


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    return {finding.name: finding for finding in examine(tmp_path_factory.mktemp("data"))}


def test_everything_needed_is_usable_where_the_tests_run(findings):
    assert {"app", "torch", "torchvision", "flower", "ML-DSA", "digits"} <= findings.keys()
    assert [finding for finding in findings.values() if finding.needed and not finding.usable] == []


def test_optional_parts_are_looked_for_and_not_needed(findings):
    assert not any(findings[name].needed for name in ("Falcon", "ray", "sionna"))


def test_what_is_missing_says_how_to_get_it(findings):
    missing = [finding for finding in findings.values() if not finding.usable]
    assert "mnist" in {finding.name for finding in missing}
    assert all(finding.remedy and finding.found for finding in missing)
    assert all(name in findings["mnist"].remedy for name in FILES)


def test_a_listed_device_can_be_used(findings):
    names = [
        name.removeprefix("device ")
        for name, finding in findings.items()
        if name.startswith("device ") and finding.usable
    ]
    assert "default.qubit" in names
    for name in names:
        device = qml.device(name, wires=1)
        value = qml.QNode(lambda: (qml.PauliX(0), qml.expval(qml.PauliZ(0)))[1], device)()
        assert np.isclose(float(value), -1.0, atol=1e-6)


def test_data_in_place_is_found(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in FILES[:-1]:
        (raw / name).touch()
    assert {finding.name: finding.usable for finding in _data(tmp_path)} == {
        "digits": True,
        "mnist": False,
        "fashion-mnist": False,
    }
    (raw / FILES[-1]).touch()
    assert {finding.name: finding.usable for finding in _data(tmp_path)} == {
        "digits": True,
        "mnist": True,
        "fashion-mnist": False,
    }


def test_a_part_that_breaks_is_a_finding_and_the_others_are_still_examined(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "flwr", None)  # as if Flower were not installed
    found = {finding.name: finding for finding in examine(tmp_path)}
    assert not found["Flower"].usable and "flwr" in found["Flower"].found and found["Flower"].remedy
    assert found["digits"].usable


def test_the_json_is_one_object(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--json", "--data", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["usable"] and found["versions"]["numpy"] == np.__version__
    assert {"name", "usable", "found", "needed", "remedy"} == found["findings"][0].keys()


def test_the_page_has_one_line_per_finding_and_a_verdict(capsys, tmp_path):
    assert main(["doctor", "--data", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "everything needed is usable"
    assert any(line.startswith("ok       ML-DSA ") for line in lines)
    assert any(line.startswith("absent   mnist ") for line in lines)
