"""Drawings: every gate is there, deep circuits are folded, and the numbers are those PennyLane counts."""

import re
from xml.etree import ElementTree

import numpy as np
import pennylane as qp
import pytest

from qfl.quantum.ansatze import ANSATZE, classifier
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.drawing import depth, draw, draw_svg, gate_counts
from qfl.quantum.pennylane_program import pennylane_gate
from qfl.testing.circuits import random_circuit

DEEP = classifier("amplitude", "real_ring", 6, 60, 64, 10)
SMALL = classifier("reupload", "strongly_entangling", 3, 2, 4, 3)


@pytest.mark.parametrize("seed", range(20))
def test_depth_and_counts_are_those_of_pennylane(seed):
    circuit = random_circuit(np.random.default_rng(seed), 1 + seed % 5, 3 * seed)
    values = {1: [0.1], 3: [0.1, 0.2, 0.3]}
    tape = qp.tape.QuantumScript(
        [pennylane_gate(gate, *values.get(len(gate.parameters), [])) for gate in circuit.gates]
    )
    resources = tape.specs["resources"]
    assert depth(circuit) == resources.depth
    assert sum(gate_counts(circuit).values()) == resources.num_gates == len(circuit.gates)


def test_counts_name_the_most_frequent_gate_first():
    assert list(gate_counts(SMALL).items()) == [("RX", 6), ("Rot", 6), ("CNOT", 6)]
    assert depth(Circuit(2, (), ((0,),))) == 0


def test_every_angle_and_feature_of_a_small_circuit_is_drawn():
    text = draw(SMALL)
    assert set(re.findall(r"θ\d+", text)) == {f"θ{index}" for index in range(SMALL.num_angles)}
    assert set(re.findall(r"x\d+", text)) == {"x0", "x1", "x2", "x3"}
    assert "more" not in text and text.endswith("measured: Z0, Z1, Z2")


def test_a_number_is_drawn_as_a_number_and_a_scale_before_its_feature():
    gates = (Gate("Rot", (0,), (Feature(0), Feature(1, -0.5), 1.25)), Gate("RX", (0,), (Angle(0),)))
    assert "Rot(x0,-0.5·x1,1.25)──RX(θ0)" in draw(Circuit(1, gates, ((0,),), num_features=2))


@pytest.mark.parametrize("ansatz", ANSATZE)
def test_what_is_drawn_and_what_is_folded_add_up(ansatz):
    circuit = classifier("angle", ansatz, 4, 12, 4, 4)
    text = draw(circuit, max_depth=7)
    more = re.search(r"then (\d+) more steps with (\d+) gates", text)
    assert more and depth(circuit) == 7 + int(more[1])
    single, double = len(re.findall(r"R[XYZ]\(|Rot\(", text)), text.count("●")
    assert single + double + int(more[2]) == len(circuit.gates)


def test_a_deep_circuit_keeps_its_drawing_short():
    assert len(draw(DEEP).splitlines()) <= 3 * (DEEP.num_qubits + 1)
    assert max(map(len, draw(DEEP, width=80).splitlines())) <= 80
    assert "|Ψ⟩" in draw(DEEP) and "Z3 Z4" in draw(DEEP)


def test_the_svg_is_sound_and_the_same_for_the_same_circuit():
    svg = draw_svg(SMALL)
    root = ElementTree.fromstring(svg)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("Rot") == 6 and texts.count("RX") == 6
    assert "measured: Z0, Z1, Z2" in texts
    assert draw_svg(SMALL) == svg


def test_drawing_leaves_no_figure_open():
    import matplotlib.pyplot as plt

    draw_svg(DEEP, max_depth=4)
    assert plt.get_fignums() == []
