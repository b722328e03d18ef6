"""The kit for circuits catches each kind of broken circuit by the right sentence, and passes a sound one."""

from itertools import count

import pytest

from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.testing.kits import run
from qfl.testing.kits.circuit import checks

CALLS = count()
RY, CNOT = Gate("RY", (0,), (Feature(0),)), Gate("CNOT", (0, 1))


def circuit(*gates):
    return Circuit(2, gates, ((0,), (1,)), num_features=1)


BREAKS = {
    "unlike": (lambda: circuit(RY, Gate("RX", (next(CALLS) % 2,), (Angle(0),))), "made again, it is the same"),
    "deaf": (lambda: circuit(CNOT, Gate("RX", (1,), (Angle(0),))), "another sample"),
    "rigid": (lambda: circuit(RY, Gate("RZ", (1,), (Angle(0),))), "other angles give other values"),
}


@pytest.mark.parametrize("encoding", ["amplitude", "angle", "reupload"])
def test_our_circuits_conform(encoding):
    assert run(checks(lambda: classifier(encoding, "strongly_entangling", 3, 2, 3, 2))) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_circuit_is_caught_by_the_sentence_that_it_breaks(name):
    make, sentence = BREAKS[name]
    failures = run(checks(make))
    assert len(failures) == 1 and failures[0].startswith(sentence), failures


def test_an_engine_that_differs_from_pennylane_is_caught(monkeypatch):
    from qfl.testing.kits import circuit as kit

    real = kit.expectations
    monkeypatch.setattr(kit, "expectations", lambda *given: real(*given) * 1.001)
    failures = run(checks(lambda: classifier("angle", "hardware_efficient", 2, 1, 2, 2)))
    assert failures and failures[0].startswith("its values are those of PennyLane's simulator: they differ by")
