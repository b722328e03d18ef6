"""Calibration files: our own tables, IBM's properties, several files, and a sentence for whatever cannot be.

Also covers qfl/quantum/ibm_properties.py.
"""

import json
from copy import deepcopy

import pytest

from qfl.errors import ConfigError
from qfl.quantum.calibration import GateCost, Qubit
from qfl.quantum.calibration_files import absolute_files, calibration_files, calibration_of, read_calibration

OWN = {
    "qubits": [
        {"t1_s": 1e-4, "t2_s": 8e-5, "read_1_of_0": 0.01, "read_0_of_1": 0.02},
        {"t1_s": 9e-5, "t2_s": 1.8e-4},
    ],
    "gates": [
        {"name": "sx", "duration_s": 35e-9, "error": 3e-4},
        {"name": "cx", "wires": [1, 0], "duration_s": 3e-7, "error": 7e-3},
    ],
}
AS_TOML = """
[[qubits]]
t1_s = 1e-4
t2_s = 8e-5
read_1_of_0 = 0.01
read_0_of_1 = 0.02

[[qubits]]
t1_s = 9e-5
t2_s = 1.8e-4

[[gates]]
name = "sx"
duration_s = 35e-9
error = 3e-4

[[gates]]
name = "cx"
wires = [1, 0]
duration_s = 3e-7
error = 7e-3
"""


def values(**named):
    units = {"T1": "us", "T2": "us", "gate_length": "ns"}
    return [{"name": name, "value": value, "unit": units.get(name, ""), "date": "-"} for name, value in named.items()]


IBM = {
    "backend_name": "five",
    "qubits": [
        values(T1=100.0, T2=80.0, frequency=5.0, readout_error=0.015, prob_meas1_prep0=0.01, prob_meas0_prep1=0.02),
        values(T1=90.0, T2=300.0, readout_error=0.03),
    ],
    "gates": [
        {"gate": "id", "qubits": [0], "parameters": values(gate_error=1e-4, gate_length=35.0)},
        {"gate": "sx", "qubits": [0], "parameters": values(gate_error=3e-4, gate_length=35.0)},
        {"gate": "sx", "qubits": [1], "parameters": values(gate_error=4e-4, gate_length=36.0)},
        {"gate": "ecr", "qubits": [1, 0], "parameters": values(gate_error=7e-3, gate_length=300.0)},
        {"gate": "ecr", "qubits": [0, 1], "parameters": values(gate_error=7e-3, gate_length=300.0)},
    ],
}


def test_toml_and_json_say_the_same(tmp_path):
    (tmp_path / "a.toml").write_text(AS_TOML)
    (tmp_path / "a.json").write_text(json.dumps(OWN))
    toml, own = (read_calibration(tmp_path / name) for name in ("a.toml", "a.json"))
    assert (toml.qubits, toml.gates) == (own.qubits, own.gates) and toml.name == "a.toml"
    assert toml.qubits == (Qubit(1e-4, 8e-5, 0.01, 0.02), Qubit(9e-5, 1.8e-4))
    assert toml.gates == (("sx", (), GateCost(35e-9, 3e-4)), ("cx", (0, 1), GateCost(3e-7, 7e-3)))


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(AS_TOML)
    read_calibration(path)
    path.write_text(AS_TOML.replace("t1_s = 1e-4", "t1_s = 2.5e-4"))
    assert read_calibration(path).qubits[0].t1_s == 2.5e-4


def test_ibms_properties_are_read_with_their_units():
    found = calibration_of(IBM, "five.json")
    assert found.qubits[0].t1_s == pytest.approx(1e-4) and found.qubits[0].read_0_of_1 == 0.02
    assert found.qubits[1].t2_s == pytest.approx(1.8e-4)  # 2 T1
    assert (found.qubits[1].read_1_of_0, found.qubits[1].read_0_of_1) == (0.03, 0.03)
    assert [(name, wires) for name, wires, _ in found.gates] == [("sx", (0,)), ("sx", (1,)), ("cx", (0, 1))]
    assert found.gates[2][2].duration_s == pytest.approx(3e-7) and found.gates[2][2].error == 7e-3


def test_files_come_one_by_one_or_from_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all").mkdir()
    for name in ("b.toml", "a.json", "note.txt"):
        (tmp_path / "all" / name).write_text(AS_TOML)
    assert [path.name for path in calibration_files("all")] == ["a.json", "b.toml"]
    whole = absolute_files("all")
    assert [path.name for path in calibration_files("all/b.toml, all/a.json")] == ["b.toml", "a.json"]
    monkeypatch.chdir("/")  # where another process may start
    assert [path.name for path in calibration_files(whole)] == ["a.json", "b.toml"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("absent.toml", r"there is no file 'absent\.toml'"),
        ("note.txt", r"expected a file that ends in \.toml or \.json"),
        ("empty", r"'empty' holds no file that ends in \.toml or \.json"),
        ("note.toml,", "there is no file ''"),
        ("x" * 3000, "cannot be read|there is no file"),
    ],
)
def test_files_that_are_none_are_refused(tmp_path, monkeypatch, given, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.txt").write_text(AS_TOML)
    (tmp_path / "note.toml").write_text(AS_TOML)
    with pytest.raises(ConfigError, match=says):
        calibration_files(given)


@pytest.mark.parametrize(("name", "text"), [("a.toml", "[[qubits"), ("a.json", "{"), ("a.toml", "\udcff")])
def test_a_file_that_is_neither_is_refused_by_name(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=rf"noise\.calibration: {name}.* write \[\[qubits\]\] and \[\[gates\]\]"):
        read_calibration(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_calibration(tmp_path / "gone.toml")


def changed(where, key, value):
    tables = deepcopy(OWN)
    kind, number = where
    if value is None:
        del tables[kind][number][key]
    else:
        tables[kind][number][key] = value
    return tables


QUBIT, GATE = ("qubits", 1), ("gates", 1)


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        (changed(QUBIT, "t2_s", 1.9e-4), r"qubits\[1\]\.t2_s = 0\.00019 is more than twice t1_s = 9e-05"),
        (changed(QUBIT, "t1_s", -1.0), r"qubits\[1\]\.t1_s = -1\.0: expected a number above 0"),
        (changed(QUBIT, "t1_s", 0), r"qubits\[1\]\.t1_s = 0: expected a number above 0"),
        (changed(QUBIT, "t1_s", float("nan")), r"qubits\[1\]\.t1_s = nan: expected a number above 0"),
        (changed(QUBIT, "t1_s", float("inf")), r"qubits\[1\]\.t1_s = inf: expected a number above 0"),
        (changed(QUBIT, "t1_s", True), r"qubits\[1\]\.t1_s = True: expected a number"),
        (changed(QUBIT, "t1_s", None), r"qubits\[1\] has no t1_s; give it"),
        (changed(QUBIT, "read_0_of_1", 1.5), r"qubits\[1\]\.read_0_of_1 = 1\.5: expected .* at most 1"),
        (changed(QUBIT, "T1", 1e-4), r"qubits\[1\] has 'T1', which is not read; it takes t1_s, t2_s"),
        (changed(GATE, "error", 1.01), r"gates\[1\]\.error = 1\.01: expected a number of 0 or more and at most 1"),
        (changed(GATE, "error", -1e-3), r"gates\[1\]\.error = -0\.001: expected a number of 0 or more"),
        (changed(GATE, "duration_s", "long"), r"gates\[1\]\.duration_s = long: expected a number"),
        (changed(GATE, "duration_s", None), r"gates\[1\] has no duration_s; give it"),
        (changed(GATE, "name", "CNNOT"), r"gates\[1\]\.name = 'CNNOT': expected one of sx, cx, H"),
        (changed(GATE, "name", ["cx"]), r"gates\[1\]\.name = .*: expected one of"),
        (changed(GATE, "wires", [0, 2]), r"gates\[1\]\.wires = \[0, 2\]: expected different qubits from 0 to 1"),
        (changed(GATE, "wires", [1, 1]), r"gates\[1\]\.wires = \[1, 1\]: expected different qubits"),
        (changed(GATE, "wires", "0, 1"), r"gates\[1\]\.wires = 0, 1: expected different qubits"),
        (changed(GATE, "wires", [0]), r"gates\[1\]\.wires = \[0\]: cx acts on 2"),
        (OWN | {"gates": OWN["gates"] * 2}, r"gates\[2\] lists sx on all wires again"),
        (OWN | {"gates": [3]}, r"gates\[0\] is no table"),
        (OWN | {"qubits": []}, r"five\.toml has no list qubits"),
        ({"gates": OWN["gates"]}, r"five\.toml has no list qubits"),
        ([1, 2], r"five\.toml has no list qubits"),
        (IBM | {"qubits": [values(T1=100.0)]}, r"qubits\[0\] has no t2_s"),
    ],
)
def test_what_cannot_be_is_refused_with_file_and_key(tables, says):
    with pytest.raises(ConfigError, match=r"noise\.calibration: five\.toml.*") as raised:
        calibration_of(tables, "five.toml")
    assert len(raised.value.faults) == 1
    raised.match(says)
