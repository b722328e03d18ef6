"""A wide circuit on narrow devices, in a tiny form."""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member, module_of
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "q_backbone"
PEERS = ("peer-qubits=4", "peer-shots=1000", "peer-seeds=1")


@pytest.fixture(autouse=True)
def without_qiskit(monkeypatch):
    """Leave Qiskit's rows, which take seconds, to test_cut_peers."""
    monkeypatch.setattr(module_of(FOLDER, "cut_peers"), "find_spec", lambda name: None)


def asked(tmp_path, *changes):
    changes = ("qubits=4", "layers=1", "width=2", "shots=400", *PEERS, *changes)
    return begin("backbone-cut", FOLDER, FOLDER / "cut.toml", quick=False, seed=2, changes=changes, root=tmp_path)


def test_pieces_on_narrow_devices_give_the_wide_circuit(tmp_path):
    study, request = member(FOLDER, "cut"), asked(tmp_path)
    found = study.conduct(request)
    numbers = found.numbers["cut"]
    assert max(map(int, numbers["pieces"].split(", "))) <= 2
    assert numbers["largest_difference_exactly"] < 1e-12
    assert numbers["largest_error_in_predicted"] < 4.5
    assert set(numbers["observables"]) == {"Z0", "Z2", "Z3", "Z0Z3"}
    assert f"{numbers['sub_circuits']} sub-circuits" in found.text
    assert {"ours", "pennylane"} <= {row["library"] for row in found.numbers["peers"]}
    assert "PennyLane, `cut_circuit`" in found.text and "qiskit-addon-cutting was not installed" in found.text
    assert (request.folder.path / "cut.png").read_bytes().startswith(b"\x89PNG")
    rows = request.folder.rows("values")
    assert study.conduct(request).numbers == found.numbers and request.folder.rows("values") == rows


def test_the_same_seed_draws_the_same_shots_and_another_other_ones(tmp_path):
    study = member(FOLDER, "cut")
    first, again = (study.conduct(asked(tmp_path / name)).numbers["cut"] for name in "ab")
    assert first == again


@pytest.mark.parametrize("change", ["qubits=1", "qubits=25", "layers=0", "width=1", "shots=9", "peer-qubits=3"])
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.replace('=', ' = ')}; give a number from"):
        member(FOLDER, "cut").conduct(asked(tmp_path, change))
