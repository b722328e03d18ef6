"""The steps of Appendix B for many learners at once are those of `qfl.quantum.parameter_shift` for one at a time."""

from math import inf, pi

import numpy as np
import pytest
import torch

from qfl.angles import AngleLayout
from qfl.quantum.parameter_shift import parameter_shift, rotosolve
from qfl.tasks.cell_free.published_step import PublishedTraining, moved, rotosolved, shift_slopes

LAYOUT = AngleLayout(("a", "w", "b"), (2 * pi, inf, 2 * pi))
START = torch.tensor([[0.3, 2.0, -1.0], [1.1, -0.5, 0.4]], dtype=torch.float64)
OFFSETS = torch.tensor([0.2, -0.7], dtype=torch.float64)
ANGLES = torch.tensor([0, 2])


def losses(variants):
    """Of each learner its own: a square, as Eqs. (13) and (17) are, of something that its weight scales."""
    a, w, b = variants.unbind(-1)
    return (w * torch.cos(a - OFFSETS[:, None]) * torch.sin(b) + 1.5).square()


def of_one(learner):
    """The same loss as a function of one learner's two angles."""

    def loss(angles):
        own = START[learner].clone()
        own[ANGLES] = torch.from_numpy(angles)
        return float(losses(own.expand(2, 1, 3))[learner, 0])

    return loss


@pytest.mark.parametrize("learner", [0, 1])
def test_slopes_are_half_the_difference_of_two_shifts(learner):
    own = shift_slopes(losses, START, ANGLES)[learner]
    expected = parameter_shift(of_one(learner), START[learner][ANGLES].numpy(), check=False)
    np.testing.assert_allclose(own[ANGLES], expected, atol=1e-12)
    assert own[1] == 0


@pytest.mark.parametrize("learner", [0, 1])
def test_rotosolve_moves_every_learner_as_if_it_were_alone(learner):
    own = rotosolved(losses, START, ANGLES)[learner]
    expected = rotosolve(of_one(learner), START[learner][ANGLES].numpy(), check=False)
    np.testing.assert_allclose(own[ANGLES], expected, atol=1e-12)
    assert own[1] == START[learner, 1]


def test_a_step_is_that_of_the_episode_and_weights_follow_the_derivative():
    step = moved(PublishedTraining(rate=0.2), 3, LAYOUT, START, losses, losses)
    small = 1e-6 * torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    slope = (losses((START + small)[:, None]) - losses((START - small)[:, None]))[:, 0] / 2e-6
    torch.testing.assert_close(step[:, 1], START[:, 1] - 0.1 * slope, atol=1e-8, rtol=0)
    torch.testing.assert_close(step[:, ANGLES], START[:, ANGLES] - 0.1 * shift_slopes(losses, START, ANGLES)[:, ANGLES])


def test_rotosolve_has_a_step_size_for_weights_alone():
    step = moved(PublishedTraining(rate=0.0, rule="rotosolve"), 0, LAYOUT, START, losses, losses)
    torch.testing.assert_close(step, rotosolved(losses, START, ANGLES))
