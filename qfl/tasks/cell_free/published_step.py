r"""How Algorithms 2 and 3 move their angles after one channel: Table III, section V and Appendix B.

::

    for each episode e of N_epoch, from 0
        for each channel of N_data
            theta <- theta - mu / sqrt(e + 1) * slope        slope by the parameter shift as printed, rule = "shift"
            theta_i <- -pi/2 - arctan2(...)                  each angle in turn, without a step size, rule = "rotosolve"

Appendix B applies both rules to the *loss*, a square or a decoded assignment's, of which neither is exact
(`qfl.quantum.parameter_shift` says for what they are). So this is the paper's training and no gradient descent. Numbers
that are no angles, which the printed circuits have none of, move against the derivative of the loss.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.quantum.parameter_shift import descending_rate

RULES = ("shift", "rotosolve")
READINGS = ("vector", "matrix")
Losses = Callable[[Float[Tensor, "learner variant entry"]], Float[Tensor, "learner variant"]]


@dataclass(frozen=True)
class PublishedTraining:
    """The training of Table III.

    Args:
        num_data: N_data, channels; each is met once an episode.
        num_epochs: N_epoch, episodes.
        rate: mu, falling as in section V.
        rule: ``shift`` or ``rotosolve``.
        reading: Whose eigenvalues the targets of Eqs. (13) and (18) are of: ``vector``, "of h_mk" as printed, or
            ``matrix``, of all users' channels H_m.
        interference: Whether the edges' rate has the interference of Eq. (4).
    """

    num_data: int = 100
    num_epochs: int = 100
    rate: float = 0.01
    rule: str = "shift"
    reading: str = "vector"
    interference: bool = True


def moved(
    training: PublishedTraining,
    episode: int,
    layout: AngleLayout,
    entries: Float[Tensor, "learner entry"],
    losses: Losses,
    smooth: Losses,
) -> Float[Tensor, "learner entry"]:
    """Return the learners' entries after one channel.

    Args:
        training: Step size and rule.
        episode: From 0.
        layout: Says which entries are angles.
        entries: Of each learner, before.
        losses: The loss as the algorithm has it, for variants of every learner's entries.
        smooth: A loss with a derivative for the entries that are no angles.
    """
    angles = torch.tensor(layout.periods).isfinite().nonzero()[:, 0]
    rate, slopes = descending_rate(training.rate, episode), torch.zeros_like(entries)
    if len(angles) < entries.shape[1]:
        slopes = _derivative(smooth, entries).index_fill(1, angles, 0.0)
    if training.rule == "rotosolve":
        return rotosolved(losses, entries, angles) - rate * slopes
    return entries - rate * (slopes + shift_slopes(losses, entries, angles))


def shift_slopes(
    losses: Losses, entries: Float[Tensor, "learner entry"], angles: Tensor
) -> Float[Tensor, "learner entry"]:
    r"""Return what Appendix B calls the gradient.

    .. math:: \tfrac12 \sin\varrho\, (L(\theta_i + \varrho) - L(\theta_i - \varrho)), \qquad \varrho = \pi / 2

    With Table III's shift the sine is 1, wherever it stands.

    Args:
        losses: Of variants of every learner's entries.
        entries: Where.
        angles: The entries that are shifted; the others' slopes are 0.
    """
    shifts = (pi / 2) * torch.eye(entries.shape[1], dtype=entries.dtype)[angles]
    around = torch.cat([entries[:, None] + shifts, entries[:, None] - shifts], 1)
    up, down = losses(around).to(entries.dtype).chunk(2, 1)
    return torch.zeros_like(entries).index_copy(1, angles, (up - down) / 2)


def rotosolved(
    losses: Losses, entries: Float[Tensor, "learner entry"], angles: Tensor
) -> Float[Tensor, "learner entry"]:
    """Return the entries after each angle in turn went where a loss of one harmonic would have its minimum.

    Unlike Appendix B, which prints arctan of the quotient (`qfl.quantum.parameter_shift.rotosolve`).

    Args:
        losses: Of variants of every learner's entries.
        entries: Where; the learners move at once.
        angles: The entries that move, in this order.
    """
    found, places = entries.clone(), torch.tensor([0.0, pi / 2, -pi / 2], dtype=entries.dtype)
    for angle in angles.tolist():
        variants = found[:, None].repeat(1, 3, 1)
        variants[:, :, angle] = places
        zero, plus, minus = losses(variants).to(entries.dtype).unbind(1)
        turned = -pi / 2 - torch.atan2(2 * zero - plus - minus, plus - minus)
        found[:, angle] = torch.where(turned < -pi, turned + 2 * pi, turned)
    return found


@torch.enable_grad()
def _derivative(losses: Losses, entries: Float[Tensor, "learner entry"]) -> Float[Tensor, "learner entry"]:
    here = entries.detach().requires_grad_()
    return torch.autograd.grad(losses(here[:, None]).sum(), here)[0]
