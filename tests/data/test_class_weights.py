"""Weights of classes against scikit-learn, torch and sums by hand."""

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from qfl.config import DataSettings, Settings
from qfl.data.class_weights import class_weights
from qfl.errors import ConfigError
from qfl.models.logistic import make_logistic
from qfl.seeds import stream
from qfl.tasks.build import build
from qfl.tasks.classify import Batch, ClassifyTask
from qfl.tasks.local import train_clients

LABELS = np.repeat([0, 1, 2], [30, 8, 2])


def test_balanced_weights_are_scikit_learns():
    found = class_weights(DataSettings(class_weights="balanced"), LABELS, ("a", "b", "c"))
    assert found == pytest.approx(compute_class_weight("balanced", classes=np.arange(3), y=LABELS))
    assert np.mean(np.array(found)[LABELS]) == pytest.approx(1.0)


def test_a_class_that_nobody_trains_on_weighs_nothing():
    assert class_weights(DataSettings(class_weights="balanced"), np.array([0, 2, 2, 2]), tuple("abc"))[1] == 0.0


def test_weights_may_be_given_as_a_list_or_a_text_and_count_the_classes():
    settings = Settings.from_flat({"data.class-weights": [1, 2.5, 4]}).data
    assert settings == Settings.from_flat({"data.class-weights": "1, 2.5, 4"}).data
    assert class_weights(settings, LABELS, tuple("abc")) == (1.0, 2.5, 4.0)
    assert class_weights(DataSettings(), LABELS, tuple("abc")) == ()
    with pytest.raises(ConfigError, match=r"has 3 weights for 2 classes \(a, b\)"):
        class_weights(settings, LABELS, ("a", "b"))


@pytest.mark.parametrize("given", ["balance", "1, -2", "0, 1", "", [1, True], [1, "a,b"], [[1]], "1, nan"])
def test_what_are_no_weights_is_said_before_anything_is_read(given):
    with pytest.raises(ConfigError, match="class-weights"):
        Settings.from_flat({"data.class-weights": given})


def test_other_tasks_have_no_classes():
    with pytest.raises(ConfigError, match="has no classes"):
        Settings.from_flat({"task": "d2d", "model.name": "wcgcn", "data.class-weights": "balanced"})


def test_the_clients_loss_is_weighted_and_the_test_is_not():
    draw = stream(1, "test", "weights")
    inputs, labels = torch.tensor(draw.random((6, 4))), torch.tensor([0, 2, 1, 2, 0, 2])
    model, weights = make_logistic(4, 3), (0.5, 3.0, 1.5)
    angles = torch.tensor(model.initial(1) + draw.standard_normal(15))
    batch = Batch(inputs, labels, torch.tensor([1.0, 1, 0, 1, 1, 1], dtype=torch.float64))
    each = torch.nn.functional.cross_entropy(model.logits(angles, inputs), labels, reduction="none")
    by_hand = sum(weights[labels[k]] * each[k] for k in (0, 1, 3, 4, 5)) / 5
    task = ClassifyTask(model, 3, weights)
    assert task.metrics(angles, batch)["loss"].item() == pytest.approx(by_hand.item())
    assert task.metrics(angles, batch)["accuracy"] == ClassifyTask(model, 3).metrics(angles, batch)["accuracy"]
    assert task.evaluate(angles, batch)[0]["loss"] == ClassifyTask(model, 3).evaluate(angles, batch)[0]["loss"]


def test_one_step_of_all_clients_is_one_step_on_the_weighted_loss_of_all_samples(tmp_path):
    """Clients of one class each: their mean, weighted by samples, is gradient descent on the union's weighted loss."""
    draw = stream(2, "test", "weights")
    np.savez(
        tmp_path / "a.npz", x=draw.normal(size=(40, 3)), y=LABELS, client=LABELS, x_test=np.eye(3), y_test=[0, 1, 2]
    )
    flat = {"data.name": "a.npz", "data.root": str(tmp_path), "data.partition": "natural", "clients.count": 3}
    flat |= {"model.name": "logistic", "data.class-weights": "balanced", "precision": "double", "train.local-steps": 1}
    federation = build(Settings.from_flat(flat))
    start = federation.model.initial(1)
    updates = train_clients(federation, start, 1, [0, 1, 2])
    mean = np.average([u.angles for u in updates], axis=0, weights=[u.num_examples for u in updates])
    angles = torch.tensor(start, requires_grad=True)
    x = torch.tensor(np.load(tmp_path / "a.npz")["x"])
    loss = torch.nn.functional.cross_entropy(
        federation.model.logits(angles, x),
        torch.tensor(LABELS),
        torch.tensor([40 / 90, 40 / 24, 40 / 6], dtype=torch.float64),
    )  # torch divides by the weights' sum, which is the number of samples where they are balanced
    loss.backward()
    assert federation.manifest["class_weights"] == pytest.approx([40 / 90, 40 / 24, 40 / 6])
    assert mean == pytest.approx((angles - 0.05 * angles.grad).detach().numpy(), abs=1e-10)
