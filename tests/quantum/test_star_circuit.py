"""What is a star and what is not: others run on their statevector, with the reason."""

from dataclasses import replace
from math import pi

import pytest
import torch

from qfl.quantum import exact
from qfl.quantum.circuit import Circuit, Gate
from qfl.quantum.convolution import Convolution
from qfl.quantum.star_circuit import AXES, expectations, star_circuit, why_no_star
from qfl.seeds import stream

STAR = star_circuit(2)


def values(circuit, seed=1):
    generator = stream(seed, "star-circuit")
    angles = torch.from_numpy(generator.uniform(-pi, pi, circuit.num_angles))
    return angles, torch.from_numpy(generator.uniform(-pi, pi, (3, circuit.num_features)))


def with_gates(*gates):
    return replace(STAR, gates=(*STAR.gates, *gates))


NO_STARS = {
    "measures two": (replace(STAR, observables=((0,), (1,))), r"it measures \[\(0,\), \(1,\)\]"),
    "measures a product": (replace(STAR, observables=((0, 1),)), "its centre, wire 0, alone"),
    "edge again": (with_gates(Gate("CNOT", (3, 0))), r"uses wire 3 again, after its neighbour 1 has met the centre"),
    "neighbour again": (with_gates(Gate("CZ", (0, 1))), "uses wire 1 again, after neighbour 2 has met the centre"),
    "another gate": (with_gates(Gate("H", (0,))), "its gates are not those of `star_circuit`"),
    "even": (Circuit(2, (Gate("H", (0,)),), ((0,),), num_features=0), "it has 2 qubits, and a star has 2k"),
}


@pytest.mark.parametrize("name", NO_STARS)
def test_what_is_no_star_runs_on_its_statevector_and_says_why(name):
    circuit, reason = NO_STARS[name]
    with pytest.warns(UserWarning, match=f"not a star circuit: .*{reason}.*statevector is run instead"):
        found = expectations(circuit, *values(circuit))
    torch.testing.assert_close(found, exact.expectations(circuit, *values(circuit)))


@pytest.mark.parametrize("convolution", [Convolution("cartan", "controlled"), Convolution("triangle")])
@pytest.mark.parametrize("axis", AXES)
def test_a_star_is_recognised_and_equals_its_statevector(convolution, axis):
    circuit = star_circuit(2, convolution, axis)
    assert why_no_star(circuit) is None
    found, expected = (run(circuit, *values(circuit)) for run in (expectations, exact.expectations))
    torch.testing.assert_close(found, expected, atol=1e-10, rtol=0)


def test_a_star_of_159_qubits_runs_in_no_time_and_its_order_matters():
    circuit = star_circuit(79)
    angles, inputs = values(circuit)
    found = expectations(circuit, angles / 30, inputs)
    assert circuit.num_qubits == 159 and found.abs().max() <= 1
    first, last = slice(2, 4), slice(2 * 79, 2 * 80)
    swapped = inputs.clone()
    swapped[:, first], swapped[:, last] = inputs[:, last], inputs[:, first]
    assert (expectations(circuit, angles / 30, swapped) - found).abs().max() > 1e-3


def test_what_has_no_gates_has_no_circuit():
    with pytest.raises(ValueError, match="exponential and cartan: no sequence of gates"):
        star_circuit(2, Convolution("exponential", "cartan"))
    with pytest.raises(ValueError, match="unitary 'nonsense': expected a block of 2 or 3 wires: cartan, exponential"):
        Convolution("cartan", "nonsense")
    with pytest.raises(
        ValueError, match="unitary 'cartan': expected a block of 3 wires: gated, cartan_gated, triangle"
    ):
        Convolution("cartan")
