"""Periods against the spectrum of the values themselves: all harmonics of a fine grid, found by Fourier transform."""

from math import gcd, pi

import pytest
import torch

from qfl.angles import FOUR_PI, TWO_PI
from qfl.quantum.circuit import GATES, Angle, Circuit, Feature, Gate
from qfl.quantum.convolution import Convolution
from qfl.quantum.exact import expectations
from qfl.quantum.periods import shortest_periods
from qfl.quantum.star_circuit import star_circuit
from qfl.seeds import stream

H = (Gate("H", (0,)), Gate("H", (1,)))
FREE = [name for name, (wires, count, _) in GATES.items() if count == 1 and wires < 3]


def spectral_period(circuit, index):
    """Return 4 pi over the greatest common divisor of the harmonics of one angle; None if it has no effect."""
    points = 64
    vectors = torch.from_numpy(stream(7, "spectrum").uniform(-3, 3, circuit.num_angles)).repeat(points, 1)
    vectors[:, index] = torch.arange(points, dtype=torch.float64) * (FOUR_PI / points)
    inputs = torch.from_numpy(stream(7, "inputs").uniform(-3, 3, (points, 2, circuit.num_features)))
    values = expectations(circuit, vectors, inputs[:1].expand(points, -1, -1))
    harmonics = (torch.fft.rfft(values, dim=0).abs().flatten(1).amax(1) > 1e-8).nonzero().flatten().tolist()
    divisor = gcd(*harmonics) if harmonics else 0
    return FOUR_PI / divisor if divisor else None


@pytest.mark.parametrize("seed", range(12))
def test_random_circuits_have_the_period_of_their_spectrum(seed):
    """Three qubits, some angles shared by gates of one kind, everything measured or one qubit alone."""
    rng = stream(seed, "random circuit")
    gates, angle = [Gate("RY", (wire,), (Feature(wire),)) for wire in range(3)], 0
    for _ in range(6):
        name = str(rng.choice(FREE))
        for _ in range(int(rng.integers(1, 3))):
            wires = tuple(int(wire) for wire in rng.permutation(3)[: GATES[name][0]])
            gates.append(Gate(name, wires, (Angle(angle),)))
            gates.append(Gate(str(rng.choice(["H", "T", "SX"])), wires[:1]))
        angle += 1
        gates.append(Gate("H", (int(rng.integers(3)),)))
    measured = ((0,), (1,), (2,)) if seed % 2 else ((0,),)
    circuit = Circuit(3, tuple(gates), measured, num_features=3)
    for index, period in enumerate(circuit.layout().periods):
        expected = spectral_period(circuit, index)
        assert expected is None or period == pytest.approx(expected), (gates, index)


@pytest.mark.parametrize(
    ("gates", "measured", "period"),
    [
        ((Gate("CRZ", (0, 1), (Angle(0),)), *H), ((1,),), TWO_PI),  # nobody sees the control's phase
        ((Gate("CRZ", (0, 1), (Angle(0),)), *H), ((0,),), FOUR_PI),
        ((Gate("CRZ", (0, 1), (Angle(0),)), *H), ((0,), (1,)), FOUR_PI),
        ((Gate("RX", (0,), (Angle(0),)), Gate("RX", (0,), (Angle(0),))), ((0,),), pi),
        ((Gate("RX", (0,), (Angle(0),)),) * 3, ((0,),), TWO_PI / 3),
        ((Gate("RX", (0,), (Angle(0),)), Gate("RX", (1,), (Angle(0),))), ((0,),), TWO_PI),
        ((Gate("RX", (0,), (Angle(0),)), Gate("RX", (1,), (Angle(0),))), ((0, 1),), TWO_PI / 2),
        ((Gate("RZ", (0,), (Angle(0),)),), ((0,), (1,)), TWO_PI),
        ((Gate("RX", (0,), (Angle(0),)), Gate("CRX", (0, 1), (Angle(0),))), ((0,),), FOUR_PI),  # the gates' longest
    ],
)
def test_what_is_measured_decides(gates, measured, period):
    layout = Circuit(2, (*H, Gate("RY", (1,), (0.4,)), Gate("RZ", (0,), (0.7,)), *gates), measured).layout()
    assert layout.periods == (pytest.approx(period),)


def test_large_stars_are_measured_by_the_star_engine_and_other_large_circuits_keep_their_gates_period():
    star = star_circuit(20, Convolution("cartan", "gated"), "X")
    assert star.layout().periods == (*[TWO_PI] * 15, pi)
    wide = Circuit(40, (*H, Gate("CRZ", (0, 1), (Angle(0),)), *H), ((1,),))
    assert wide.layout().periods == (FOUR_PI,)


def test_an_angle_that_changes_nothing_keeps_the_longest_period():
    assert shortest_periods(lambda vectors: 0 * vectors, [TWO_PI], [6]) == [TWO_PI]


def test_a_triple_that_another_gate_uses_too_is_no_rotation():
    own, shared = (Gate("Rot", (wire,), tuple(Angle(3 * wire + k) for k in range(3))) for wire in (0, 1))
    assert Circuit(2, (own, shared, Gate("RX", (0,), (Angle(4),))), ((0,),)).layout().rotations == ((0, 1, 2),)
