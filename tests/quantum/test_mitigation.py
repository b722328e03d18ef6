"""Mitigation: exact where theory says so, nearer to the truth on PennyLane's noise, and never for nothing.

Also covers qfl/quantum/folding.py.
"""

import math
from itertools import count

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.quantum.circuit import GATES, Angle, Circuit, Feature, Gate
from qfl.quantum.devices import expectations as on_device
from qfl.quantum.exact import expectations
from qfl.quantum.folding import adjoint, folded
from qfl.quantum.mitigation import Mitigation, bill, mitigate, weights
from qfl.quantum.noise import NoiseModel
from qfl.quantum.observables import PauliSum
from qfl.quantum.sums import Sum, Term
from qfl.quantum.unitaries import check_unitary

NONE = torch.zeros(0, dtype=torch.float64)


def layers(depth, observables=((0,), (1,), (0, 1))):
    """Return a circuit of two qubits, some layers deep, of fixed angles."""
    draw = np.random.default_rng(depth)
    gates = [
        g
        for _ in range(depth)
        for g in (*(Gate("RY", (w,), (float(draw.normal()),)) for w in (0, 1)), Gate("CZ", (0, 1)))
    ]
    return Circuit(2, tuple(gates), observables)


def noisy(noise, shots=None, seed=0):
    return lambda circuit: on_device(circuit, NONE, noise=noise, shots=shots, device="default.mixed", seed=seed)[0]


@pytest.mark.parametrize("name", sorted(GATES))
def test_a_gate_and_its_adjoint_are_nothing(name):
    count, parameters, _ = GATES[name]
    draw, wires = np.random.default_rng(len(name)), tuple(range(count))
    before = [Gate("Rot", (w,), tuple(draw.normal(size=3).tolist())) for w in range(3)]
    after = [Gate("Rot", (w,), tuple(draw.normal(size=3).tolist())) for w in range(3)]
    gate = Gate(name, wires, tuple(draw.normal(size=parameters).tolist()))
    plain, both = (Circuit(3, (*before, *middle, *after), ((0,), (1, 2))) for middle in ((), (gate, adjoint(gate))))
    assert torch.allclose(expectations(both, NONE), expectations(plain, NONE), atol=1e-12)


def test_wide_gates_fixed_unitaries_angles_features_and_sums_are_undone_too():
    draw = np.random.default_rng(2)
    unitary, _ = np.linalg.qr(draw.normal(size=(4, 4)) + 1j * draw.normal(size=(4, 4)))
    gates = (
        Gate("RX", (0,), (Feature(0, 0.7),)),
        Gate("Rot", (1,), (Angle(0), Feature(1), Sum((Term(0.3, (0,), (1,)),), 0.2))),
        Gate("PauliRot", (0, 1, 2), (Angle(1),), word="XYZ"),
        Gate("MultiRZ", (0, 2), (Angle(2),)),
        Gate("QubitUnitary", (2, 0), matrix=check_unitary("QubitUnitary", unitary, 2)),
        Gate("IsingXY", (1, 2), (Angle(3),)),
    )
    circuit = Circuit(3, gates, ((0,), (1,), (2,), (0, 1, 2)), num_features=2)
    angles, inputs = torch.tensor(draw.normal(size=4)), torch.tensor(draw.normal(size=(5, 2)))
    for scale in (1.0, 1.5, 2.0, 3.0, 4.2):
        found = folded(circuit, scale)
        assert len(found.gates) == len(gates) + 2 * round((scale - 1) * len(gates) / 2)
        assert torch.allclose(expectations(found, angles, inputs), expectations(circuit, angles, inputs), atol=1e-10)


def test_readout_that_flips_bits_is_undone_to_the_last_digit():
    circuit = layers(3)
    found = mitigate(noisy(NoiseModel(readout=0.07)), circuit, Mitigation(readout=0.07))
    assert torch.allclose(found, expectations(circuit, NONE)[0], atol=1e-9)


def test_depolarising_gates_on_one_qubit_are_undone_by_the_exponential():
    circuit = Circuit(1, (Gate("RY", (0,), (0.4,)), Gate("RY", (0,), (0.5,))), ((0,),))
    plain, found = (
        float(mitigate(noisy(NoiseModel(0.03)), circuit, m)[0])
        for m in (Mitigation(), Mitigation(0.0, (1.0, 3.0), "exponential"))
    )
    assert plain == pytest.approx(math.cos(0.9) * (1 - 4 * 0.03 / 3) ** 2, abs=1e-9)  # the noise is what it is
    assert found == pytest.approx(math.cos(0.9), abs=1e-9)


@pytest.mark.parametrize(
    ("scales", "kind"), [((1.0, 3.0), "linear"), ((1.0, 2.0, 3.0), "richardson"), ((1.0, 3.0), "exponential")]
)
def test_on_noise_of_gates_and_readout_the_values_are_several_times_nearer(scales, kind):
    circuit, noise = layers(4), NoiseModel(0.004, 0.02)
    truth = expectations(circuit, NONE)[0]
    plain = (noisy(noise)(circuit) - truth).abs().max()
    found = (mitigate(noisy(noise), circuit, Mitigation(0.02, scales, kind)) - truth).abs().max()
    assert found < plain / 4


def test_values_with_shots_scatter_as_the_bill_says():
    circuit, m = layers(1, ((0, 1),)), Mitigation(0.05, (1.0, 3.0))
    noise, shots = NoiseModel(0.01, 0.05), 200
    fresh = count()  # the same seed would draw the same shots at both scales, which cancel in part
    found = np.array(
        [float(mitigate(lambda c: noisy(noise, shots, (1, next(fresh)))(c), circuit, m)[0]) for _ in range(60)]
    )
    at = [float(noisy(noise)(folded(circuit, scale))[0]) for scale in m.scales]
    expected = sum(w**2 * (1 - value**2) for w, value in zip((1.5, -0.5), at, strict=True)) / shots / 0.9**4
    assert found.var() == pytest.approx(expected, rel=0.4)
    assert bill(circuit, m).variance == pytest.approx(0.9**-4 * (1.5**2 + 0.5**2))


def test_the_bill_counts_circuits_gates_and_shots():
    cost = bill(layers(4), Mitigation(0.0, (1.0, 2.0, 3.0)))
    assert (cost.circuits, cost.gates) == (3, 6.0) and cost.variance == pytest.approx(9 + 9 + 1)
    assert cost.shots == 3 * cost.variance
    assert bill(layers(4), Mitigation()) == bill(layers(4), Mitigation(scales=(1.0,)))


def test_richardsons_weights_are_exact_for_polynomials_of_their_degree():
    scales = np.array([1.0, 1.7, 2.9, 4.0])
    for degree in range(4):
        assert weights(scales.tolist(), "richardson") @ scales**degree == pytest.approx(float(degree == 0), abs=1e-9)
    line = weights(scales.tolist(), "linear")
    assert line @ (2.0 - 0.3 * scales) == pytest.approx(2.0) and line @ np.ones(4) == pytest.approx(1.0)


def test_a_value_that_has_no_exponential_takes_the_line():
    fades = {2: 0.1, 6: -0.05}
    found = mitigate(
        lambda c: np.array([fades[len(c.gates)]]),
        Circuit(1, (Gate("X", (0,)),) * 2, ((0,),)),
        Mitigation(0, (1.0, 3.0), "exponential"),
    )
    assert found[0] == pytest.approx(1.5 * 0.1 + 0.5 * 0.05)


def test_gradients_go_through():
    circuit = Circuit(1, (Gate("RY", (0,), (Angle(0),)),), ((0,),))
    angle = torch.tensor([0.7], dtype=torch.float64, requires_grad=True)
    run = lambda c: on_device(c, angle, noise=NoiseModel(0.02, 0.01))[0]  # noqa: E731
    mitigate(run, circuit, Mitigation(0.01, (1.0, 3.0), "exponential")).sum().backward()
    assert float(angle.grad) == pytest.approx(-math.sin(0.7), abs=1e-6)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((0.5,), "readout is 0.5; give a probability"),
        ((-0.1,), "readout is -0.1"),
        ((0.0, (3.0, 1.0)), "give 1 and finite numbers that rise"),
        ((0.0, (1.0, 1.0)), "give 1 and finite numbers that rise"),
        ((0.0, (1.0, math.inf)), "give 1 and finite numbers that rise"),
        ((0.0, (1.0, 3.0), "cubic"), "extrapolation is 'cubic'; give one of richardson, linear, exponential"),
    ],
)
def test_what_cannot_be_undone_is_refused_in_a_sentence(given, said):
    with pytest.raises(ConfigError, match=said):
        Mitigation(*given)


def test_words_of_different_lengths_are_not_inverted_together():
    circuit = Circuit(2, (Gate("H", (0,)),), (PauliSum(((1.0, "Z0"), (1.0, "Z0 Z1"))),))
    with pytest.raises(ConfigError, match="measure each by itself"):
        mitigate(noisy(NoiseModel()), circuit, Mitigation(0.1))
    with pytest.raises(ConfigError, match=r"noise is scaled by 0\.5"):
        folded(circuit, 0.5)
