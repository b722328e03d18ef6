"""Local training: batches, padding, and the equality of one client at a time with all at once."""

import numpy as np
import pytest
import torch

from qfl.config import Settings
from qfl.tasks.build import build
from qfl.tasks.local import Guidance, client_batches, train_clients

SMALL = {"precision": "double", "clients.count": 12, "model.layers": 3, "data.partition": "quantity"}


def setup(**changes):
    return build(Settings.from_flat(SMALL | changes))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("model", ["vqc", "mlp"])
def test_one_client_at_a_time_equals_all_at_once(optimizer, model):
    s = setup(**{"train.optimizer": optimizer, "model.name": model})
    start, clients = s.model.initial(1), [7, 0, 3, 11]
    together = train_clients(s, start, 2, clients)
    alone = [update for client in clients for update in train_clients(s, start, 2, [client])]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.angles, other.angles, atol=1e-12)
        assert one.train_loss == pytest.approx(other.train_loss, abs=1e-12)


def test_one_step_of_sgd_is_the_gradient_of_the_clients_own_mean_loss():
    s = setup(**{"train.local-steps": 1, "train.batch-size": 10_000, "train.learning-rate": 0.3})
    start = s.model.initial(1)
    (update,) = train_clients(s, start, 1, [5])
    own = s.parts[5]
    angles = torch.from_numpy(start).requires_grad_()
    logits = s.model.logits(angles, s.samples.inputs[own])
    loss = torch.nn.functional.cross_entropy(logits, s.samples.labels[own])
    (gradient,) = torch.autograd.grad(loss, angles)
    np.testing.assert_allclose(update.angles, start - 0.3 * gradient.numpy(), atol=1e-12)
    assert update.loss == pytest.approx(loss.item()) and update.num_examples == len(own)


def test_a_client_only_ever_touches_its_own_samples():
    s = setup()
    for round_number in (1, 2):
        batches = client_batches(s, round_number, range(12))
        for client in range(12):
            used = set(batches[:, client].ravel().tolist()) - {-1}
            assert used <= set(s.parts[client].tolist())


def test_batches_depend_on_round_and_client_and_on_nothing_else():
    s = setup()
    largest = int(np.argmax([len(part) for part in s.parts]))
    np.testing.assert_array_equal(client_batches(s, 3, [largest])[:, 0], client_batches(s, 3, range(12))[:, largest])
    assert not np.array_equal(client_batches(s, 3, [largest]), client_batches(s, 4, [largest]))


def test_a_client_sees_every_sample_once_before_any_sample_twice():
    s = setup(**{"train.batch-size": 8, "train.local-steps": 3, "data.partition": "iid"})
    drawn = client_batches(s, 1, [0]).ravel()
    assert len(set(drawn.tolist())) == 24 <= len(s.parts[0])


def test_the_proximal_term_keeps_clients_nearer_to_the_received_angles():
    s = setup()
    start = s.model.initial(1)
    free, held = train_clients(s, start, 1, [0]), train_clients(s, start, 1, [0], Guidance(proximal_mu=5.0))
    assert np.linalg.norm(held[0].angles - start) < 0.9 * np.linalg.norm(free[0].angles - start)


def test_the_digest_changes_with_the_model_and_not_with_the_place_of_results():
    one, same, other = setup(), setup(**{"run.folder": "elsewhere"}), setup(**{"model.layers": 4})
    assert one.digest == same.digest != other.digest


def test_per_class_accuracy_averages_to_the_accuracy():
    s = setup()
    batch, angles = s.test_batch, torch.from_numpy(s.model.initial(1))
    shares = torch.bincount(batch.labels, minlength=10).double() / len(batch.labels)
    found, per_class = s.task.evaluate(angles, batch)
    assert found == s.task.metrics(angles, batch)
    assert (torch.tensor(per_class) * shares).sum().item() == pytest.approx(found["accuracy"].item())
