"""Updates against the plain trainer and closed forms, and samples found again where the equations determine them."""

import numpy as np
import pytest
import torch

from qfl.config import Settings
from qfl.models.logistic import make_logistic
from qfl.models.vqc import Vqc
from qfl.tasks.build import build
from qfl.tasks.local import train_clients
from qfl.testing.attacks.leakage import Sent, count_equations, psnr_db, reconstruct, squared_errors

CIRCUIT = {"model.encoding": "angle", "model.layers": 8, "model.qubits": 4, "data.side": 2}


def victim(samples=1, steps=1, clients=1, **changes):
    settings = {"precision": "double", "clients.count": 100, "data.partition": "iid", **CIRCUIT, **changes}
    own = build(Settings.from_flat(settings))
    index = np.arange(clients * samples).reshape(clients, samples)
    inputs, labels = own.samples.inputs.numpy()[index], own.samples.labels.numpy()[index]
    return Sent(own.model, own.model.initial(1), labels, 0.1, steps), inputs


def searched(sent, inputs):
    guesses = np.random.default_rng(1).uniform(size=(256, *inputs.shape))
    return reconstruct(sent, sent.update(inputs[None])[0], guesses, restarts=3, evaluations=80)


@pytest.mark.parametrize("steps", [1, 3])
def test_the_update_is_that_of_the_trainer(steps):
    """The house's own clients, whose samples fit a batch, send the same."""
    changes = {"train.local-steps": steps, "train.batch-size": 100, "train.learning-rate": 0.1}
    own = build(Settings.from_flat({"precision": "double", "clients.count": 100, "data.partition": "iid"} | changes))
    part, start = own.parts[4], own.model.initial(1)
    sent = Sent(own.model, start, own.samples.labels.numpy()[part][None], 0.1, steps)
    (update,) = train_clients(own, start, 1, [4])
    np.testing.assert_allclose(
        sent.update(own.samples.inputs.numpy()[part][None, None])[0], update.angles - start, atol=1e-10
    )


def test_the_jacobian_of_a_linear_model_is_its_closed_form():
    """At zero weights the gradient of one sample is (p - y) x^T, whose derivative is (p - y) times the identity."""
    sent = Sent(make_logistic(3, 2), np.zeros(8), np.array([[0]]), 1.0, 1)
    found = sent.jacobian(np.array([[[0.2, 0.5, 0.9]]]))
    np.testing.assert_allclose(found, np.concatenate([0.5 * np.eye(3), -0.5 * np.eye(3), np.zeros((2, 3))]), atol=1e-9)


@pytest.mark.parametrize("steps", [1, 2])
def test_one_sample_of_a_circuit_is_found_again_from_its_update(steps):
    sent, inputs = victim(steps=steps)
    count = count_equations(sent, inputs, amplitudes=False)
    assert (count.unknowns, count.angles, count.rank) == (4, 32, 4) and count.determined
    found = searched(sent, inputs)
    assert found.residual < 1e-6
    assert squared_errors(found.inputs[0], inputs[0], scaled=False).max() < 1e-8


def test_a_state_is_found_again_but_for_its_norm():
    sent, inputs = victim(**{"model.encoding": "amplitude", "model.qubits": 4, "data.side": 4})
    assert isinstance(sent.model, Vqc) and sent.model.circuit.amplitudes
    count = count_equations(sent, inputs, amplitudes=True)
    assert (count.unknowns, count.angles) == (15, 32) and count.rank <= 15
    longer = sent.update(np.stack([inputs, 0.5 * inputs]))
    np.testing.assert_allclose(longer[0], longer[1], atol=1e-12)


def test_more_unknowns_than_angles_are_not_determined():
    """A circuit of 4 angles tells at most 4 of 12 unknowns: another batch has the very same update."""
    sent, inputs = victim(samples=3, **{"model.layers": 1})
    count = count_equations(sent, inputs, amplitudes=False)
    assert (count.unknowns, count.angles) == (12, 4) and not count.determined
    found = searched(sent, inputs)
    assert found.residual < 1e-5 and squared_errors(found.inputs[0], inputs[0], scaled=False).max() > 1e-3


def test_a_sum_of_clients_is_the_mean_of_their_updates():
    sent, inputs = victim(samples=2, clients=3)
    singles = [Sent(sent.model, sent.start, sent.labels[[k]], 0.1, 1).update(inputs[None, [k]])[0] for k in range(3)]
    np.testing.assert_allclose(sent.update(inputs[None])[0], np.mean(singles, axis=0), atol=1e-12)


def test_errors_are_matched_and_told_in_decibels():
    truth = np.random.default_rng(1).uniform(size=(4, 5))
    np.testing.assert_allclose(squared_errors(truth[[2, 0, 3, 1]] + 0.1, truth, scaled=False), 0.01)
    assert psnr_db(0.001) == pytest.approx(30.0)
    assert torch.get_default_dtype() == torch.float32
