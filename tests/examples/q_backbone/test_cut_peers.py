"""Ours, Qiskit's and PennyLane's cuts of one circuit: each right, ours with no more circuits.

Also covers examples/q_backbone/cut_qiskit.py.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

import qfl
from qfl.backbone.runtime.cutting.reconstruct import exactly
from qfl.errors import MissingExtra
from qfl.studies.examples import module_of

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "q_backbone"
peers, chain = module_of(FOLDER, "cut_peers"), module_of(FOLDER, "cut").chain
NEEDS = pytest.mark.skipif(not find_spec("qiskit_addon_cutting"), reason="needs the extra cutting")
WAYS = [("ours", "gate"), ("ours", "wire"), ("ours", "wire, communicating"), ("pennylane", "wire")]
WAYS += [pytest.param("qiskit", way, marks=NEEDS) for way in ("gate", "wire")]


@pytest.mark.filterwarnings("ignore")  # Qiskit's about its own versions
@pytest.mark.parametrize(("library", "way"), WAYS)
def test_every_library_gives_the_uncut_circuit_and_with_shots_about_it(library, way):
    circuit = chain(4, 1, 3)
    own, across = peers.METHODS[library, way], peers.crossing(circuit)
    without, found = (own(circuit, across, shots, 1) for shots in (None, 20_000))
    assert without.values == pytest.approx(exactly(circuit), abs=1e-9)
    assert 1e-9 < abs(found.values - exactly(circuit)).max() < 0.15
    assert found.circuits == without.circuits
    assert found.overhead == {"gate": 9.0, "wire": 16.0, "wire, communicating": 9.0}[way]


def test_without_the_addon_its_rows_are_absent_and_a_sentence_says_why(monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="its rows are absent"):
        peers.require_addon()
    rows = list(peers.peer_rows({"one": chain(4, 1, 3)}, 1000, [1]))
    assert {row["library"] for row in rows} == {"ours", "pennylane"}


def test_two_gates_across_are_cut_through_both():
    circuit = chain(4, 2, 3)
    assert len(peers.crossing(circuit)) == 2
    found = peers.ours("gate")(circuit, peers.crossing(circuit), None, 1)
    assert (found.circuits, found.overhead) == (50, 81.0)
    assert found.values == pytest.approx(exactly(circuit), abs=1e-12)
