"""Accuracy under attack: what is sure of a linear model, and the order of the attacks on a circuit."""

import numpy as np
import torch

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.tasks.adversarial import Box, Cap
from qfl.tasks.build import build
from qfl.tasks.classify import Batch, ClassifyTask
from qfl.tasks.local import train_clients
from qfl.testing.attacks.adversarial import ATTACKS, robust_accuracy


class Threshold:
    """Two classes by the mean of two features: label 1 above one half."""

    layout = AngleLayout((), ())

    def initial(self, seed):
        return np.zeros(0)

    def logits(self, angles, inputs):
        score = inputs.mean(-1) - 0.5
        return torch.stack((-score, score), -1)


def test_a_sample_falls_where_its_margin_is_below_the_radius():
    """The mean moves by the radius at most, so margins of 0.05, 0.15 and 0.25 fall one after the other."""
    inputs = torch.tensor([[0.55, 0.55], [0.3, 0.4], [0.75, 0.75]], dtype=torch.float64)
    batch = Batch(inputs, torch.tensor([1, 0, 1]), torch.ones(3, dtype=torch.float64))
    task, none = ClassifyTask(Threshold(), 2), torch.zeros(0, dtype=torch.float64)
    for attack in ("fgsm", "pgd"):
        found = robust_accuracy(task, none, batch, Box, [0.0, 0.04, 0.1, 0.2, 0.3], attack=attack, seed=1)
        assert found == [1.0, 1.0, 2 / 3, 1 / 3, 0.0]


def test_attacks_on_a_trained_circuit_find_more_than_noise_of_the_same_size():
    own = build(Settings.from_flat({"clients.count": 1, "data.partition": "iid", "model.layers": 12}))
    angles = own.model.initial(1)
    for round_number in range(1, 9):
        angles = train_clients(own, angles, round_number, [0])[0].angles
    trained, batch = torch.from_numpy(angles), own.test_batch
    for ball, radius in ((Box, 0.1), (Cap, 0.3)):
        noise, fgsm, pgd = (
            robust_accuracy(own.task, trained, batch, ball, [0.0, radius], attack=attack, seed=1) for attack in ATTACKS
        )
        assert noise[0] == fgsm[0] == pgd[0] > 0.3
        assert noise[1] > fgsm[1] + 0.1 and fgsm[1] + 0.02 >= pgd[1]
