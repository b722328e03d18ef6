"""Circuits with angles and features, cut to fit: exact without shots, and with shots as far off as is predicted."""

import numpy as np
import pytest
import torch

from qfl.backbone.runtime.cutting.fitted import fit, layers
from qfl.backbone.runtime.cutting.pieces import bind, cut
from qfl.backbone.runtime.cutting.placement import place_cuts
from qfl.backbone.runtime.cutting.variance import shot_noise
from qfl.errors import ConfigError
from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.exact import expectations
from qfl.quantum.observables import PauliSum
from qfl.quantum.shot_count import counted

BRICK = classifier("angle", "real_brick", 4, 2, 4, 3)
DRAW = np.random.default_rng(3)
ANGLES = torch.tensor(DRAW.normal(size=(1, BRICK.num_angles)), requires_grad=True)
SAMPLES = torch.tensor(DRAW.normal(size=(1, 3, 4)))


def wires_only():
    """Return a chain whose middle gate has an angle, so that a wire must be cut."""
    turns = [Gate("RX", (w,), (Feature(w),)) for w in range(3)]
    joined = [Gate("IsingZZ", (0, 1), (Angle(0),)), Gate("CRX", (1, 2), (Angle(1),)), Gate("RY", (2,), (Angle(2),))]
    return Circuit(3, (*turns, *joined), ((0,), (0, 1, 2), (2,)), num_features=3)


@pytest.mark.parametrize(
    ("circuit", "width"), [(BRICK, 4), (BRICK, 3), (wires_only(), 2), (classifier("angle", "real_ring", 3, 1, 3, 2), 3)]
)
def test_a_cut_circuit_has_the_values_and_gradients_of_the_whole(circuit, width):
    draw = np.random.default_rng(1)
    angles = torch.tensor(draw.normal(size=(2, circuit.num_angles)), requires_grad=True)
    samples = torch.tensor(draw.normal(size=(2, 3, circuit.num_features)))
    fitted = fit(circuit, width)
    assert max(load.qubits for load in fitted.load(1)) <= width
    assert bool(fitted.cuts) == (circuit.num_qubits > width)
    wanted = expectations(circuit, angles, samples).flatten(0, 1)
    found = fitted.values(fitted.whole.rows(angles, samples))
    assert torch.allclose(found, wanted, atol=1e-12)
    slope, other = (torch.autograd.grad(values.square().sum(), angles)[0] for values in (found, wanted))
    assert torch.allclose(slope, other, atol=1e-11)


def test_with_shots_values_scatter_as_the_variance_of_cuts_predicts():
    fitted, shots = fit(BRICK, 3), 200
    sample = SAMPLES[:, :1]
    rows = fitted.whole.rows(ANGLES, sample).detach().expand(400, -1)
    found = fitted.values_of_shots(rows, shots, np.random.default_rng(1))
    truth = expectations(BRICK, ANGLES[0], sample[0])[0]
    bound = bind(fitted.whole.circuit, [], rows[0].numpy())
    predicted = shot_noise(cut(bound, place_cuts(bound, 2, locc=False).cuts)).variance(shots)
    assert fitted.load(1)[0].qubits == 3  # two wires, and one for a measurement in mid-circuit
    off = (found.mean(0) - truth).detach().numpy()
    assert (np.abs(off) < 5 * np.sqrt(predicted / 400)).all()
    assert found.var(0).numpy() == pytest.approx(predicted, rel=0.35)


def test_gradients_with_shots_are_right_on_average():
    fitted = fit(BRICK, 3)
    exact = torch.autograd.grad(fitted.values(fitted.whole.rows(ANGLES, SAMPLES)).sum(), ANGLES)[0]
    draw, found = np.random.default_rng(2), []
    for _ in range(16):
        values = fitted.values_of_shots(fitted.whole.rows(ANGLES, SAMPLES), 200, draw)
        found.append(torch.autograd.grad(values.sum(), ANGLES)[0])
    mean, slack = torch.stack(found).mean(0), torch.stack(found).std(0) / 4
    assert bool(((mean - exact).abs() < 5 * slack).all())


def test_shots_are_counted_with_those_that_the_cut_costs():
    fitted = fit(BRICK, 3)
    circuits = sum(load.circuits for load in fitted.load(50))
    with counted() as found:
        fitted.values_of_shots(fitted.whole.rows(ANGLES, SAMPLES), 50, np.random.default_rng(1))
    assert (found.shots, found.extra) == (3 * 50 * circuits, 3 * 50 * (circuits - 1))


def test_what_cannot_be_cut_to_fit_is_refused():
    three = Circuit(3, (Gate("Toffoli", (0, 1, 2)), Gate("RY", (0,), (Angle(0),))), ((0,),))
    with pytest.raises(ConfigError, match="no cuts make it fit 2"):
        fit(three, 2)
    with pytest.raises(ConfigError, match="takes words of Z"):
        fit(Circuit(1, (Gate("RY", (0,), (Angle(0),)),), (PauliSum(((1.0, "X0"),)),)), 1)


def test_layers_are_counted_along_the_longest_path():
    assert layers(Circuit(2, (), ((0,),))) == 0
    assert layers(Circuit(2, (Gate("H", (0,)), Gate("CZ", (0, 1)), Gate("H", (1,)), Gate("H", (0,))), ((0,),))) == 3
