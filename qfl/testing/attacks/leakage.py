r"""What an update gives away: a client's samples, found again from the angles that it sends.

A client that makes :math:`\tau` gradient steps on samples :math:`x` sends :math:`u(x)`. Whoever knows the broadcast
angles, the step size and the labels (an attacker that we favour) looks for samples whose update is the observed one,

.. math::
    \hat x = \arg\min_{x \in [0, 1]} \| u(x) - u^\ast \|^2,

by Gauss-Newton steps in a trust region, from the best of many guesses; the least residual is the answer. That is
one equation for each angle, so samples with more unknowns than the update has angles are not determined;
`count_equations` counts both, and the rank of the equations where the true samples are.

Reference:
    Zhu, Liu and Han, Deep Leakage from Gradients, 2019, arXiv:1906.08935, Algorithm 1; Geiping et al., Inverting
    Gradients, 2020, arXiv:2003.14053, for several local steps. Unlike there, labels are known, and the squares are
    minimised by their Jacobian, by Gauss-Newton, instead of L-BFGS or Adam on their sum.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (scipy does not annotate least_squares)

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.models.model import Model

STEP = 1e-5  # of central differences; in double precision their error is about 1e-9
MARGIN = 0.01  # between guesses and the ends of the box, where the search cannot begin
NEGLIGIBLE = 1e-6  # singular values below this share of the largest are zero


@dataclass(frozen=True, eq=False)
class Sent:
    """How samples become what the server sees: the mean update of some clients that train by plain gradient steps.

    Args:
        model: What is trained, in double precision.
        start: The broadcast angles.
        labels: Of each client's samples.
        rate: Step size.
        steps: Gradient steps, each on all of a client's samples.
    """

    model: Model
    start: Float[np.ndarray, " angle"]
    labels: Int[np.ndarray, "client sample"]
    rate: float
    steps: int

    def update(self, inputs: Float[np.ndarray, "row client sample feature"]) -> Float[np.ndarray, "row angle"]:
        """Return what the clients' samples make of the broadcast angles, for every row of guesses at once.

        Example:
            >>> from qfl.models.logistic import make_logistic
            >>> model = make_logistic(2, 2)
            >>> sent = Sent(model, np.zeros(6), np.array([[0]]), rate=1.0, steps=1)
            >>> sent.update(np.array([[[[0.5, 1.0]]]])).round(3).tolist()  # (1 - 1/2) x, and the same for the bias
            [[0.25, 0.5, -0.25, -0.5, 0.5, -0.5]]
        """
        rows, clients, *shape = inputs.shape
        given = torch.from_numpy(inputs.reshape(rows * clients, *shape))
        labels = torch.from_numpy(np.tile(self.labels, (rows, 1)))
        angles = torch.from_numpy(self.start).repeat(len(given), 1)
        for _ in range(self.steps):
            angles = angles - self.rate * self._slope(angles, given, labels)
        return (angles.numpy() - self.start).reshape(rows, clients, -1).mean(1)

    def jacobian(self, inputs: Float[np.ndarray, "client sample feature"]) -> Float[np.ndarray, "angle unknown"]:
        """Return how the update changes with every feature, by central differences."""
        apart = STEP * np.eye(inputs.size).reshape(inputs.size, *inputs.shape)
        both = self.update(np.concatenate([inputs + apart, inputs - apart]))
        return (both[: inputs.size] - both[inputs.size :]).T / (2 * STEP)

    def _slope(self, angles: Tensor, inputs: Tensor, labels: Tensor) -> Tensor:
        leaf = angles.detach().requires_grad_()
        logits = self.model.logits(leaf, inputs)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
        (slope,) = torch.autograd.grad(loss / labels.shape[1], leaf)
        return slope


@dataclass(frozen=True)
class Count:
    """Unknowns against equations.

    Args:
        unknowns: Features of all samples; with amplitude encoding less one for each, since a norm leaves no trace.
        angles: Of the update, an equation each.
        rank: Independent equations at the true samples.
    """

    unknowns: int
    angles: int
    rank: int

    @property
    def determined(self) -> bool:
        """Whether samples near the true ones that give the same update are the true ones."""
        return self.rank >= self.unknowns


def count_equations(sent: Sent, inputs: Float[np.ndarray, "client sample feature"], amplitudes: bool) -> Count:
    """Return the count at the true samples.

    Args:
        sent: How samples become the update.
        inputs: The true samples.
        amplitudes: Whether they are amplitude-encoded.
    """
    values = np.linalg.svd(sent.jacobian(inputs), compute_uv=False)
    norms = inputs.shape[0] * inputs.shape[1] if amplitudes else 0
    rank = int((values > NEGLIGIBLE * values[0]).sum())
    return Count(inputs.size - norms, len(sent.start), rank)


@dataclass(frozen=True, eq=False)
class Found:
    """What an attacker came to.

    Args:
        inputs: Its samples, [client sample feature].
        residual: Length of what their update is off, as a share of the observed update's length.
    """

    inputs: NDArray[np.float64]
    residual: float


def reconstruct(
    sent: Sent,
    observed: Float[np.ndarray, " angle"],
    guesses: Float[np.ndarray, "guess client sample feature"],
    *,
    restarts: int,
    evaluations: int,
) -> Found:
    """Return the samples whose update is nearest to the observed one, of several starts the best.

    Args:
        sent: How samples become the update.
        observed: What was sent, with noise if it is protected by noise.
        guesses: Samples within 0 and 1 that the attacker begins with: by chance, or of data of its own.
        restarts: Of the guesses, those with the least residuals, that are improved, 1 or more.
        evaluations: Of the residual, for each of them at most.
    """
    from scipy.optimize import least_squares

    shape, length = guesses.shape[1:], float(np.linalg.norm(observed)) or 1.0
    inside = guesses.clip(MARGIN, 1 - MARGIN)
    order = np.argsort(np.linalg.norm(sent.update(inside) - observed, axis=1))
    best = Found(inside[0], np.inf)
    for start in inside[order[:restarts]]:
        fitted = least_squares(
            lambda x: (sent.update(x.reshape(1, *shape))[0] - observed) / length,
            start.ravel(),
            jac=lambda x: sent.jacobian(x.reshape(shape)) / length,  # pyright: ignore[reportArgumentType]
            bounds=(0.0, 1.0),
            max_nfev=evaluations,
        )
        residual = float(np.sqrt(2 * fitted.cost))
        if residual < best.residual:
            best = Found(fitted.x.reshape(shape), residual)
    return best


def squared_errors(
    guess: Float[np.ndarray, "sample feature"], truth: Float[np.ndarray, "sample feature"], scaled: bool
) -> Float[np.ndarray, " sample"]:
    """Return the mean squared error of each true sample, guesses matched to them so that their sum is least.

    Args:
        guess: As many samples, in any order.
        truth: The true ones.
        scaled: Whether each guess is first given the factor that fits best, since the encoding hides the norm.

    Example:
        >>> truth = np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> squared_errors(truth[::-1] / 2, truth, scaled=True).tolist()
        [0.0, 0.0]
    """
    from scipy.optimize import linear_sum_assignment

    each = np.repeat(guess[None], len(truth), axis=0)
    if scaled:
        factor = np.einsum("tgf,tf->tg", each, truth) / np.maximum((guess**2).sum(-1), 1e-30)
        each = each * factor[:, :, None]
    errors = ((each - truth[:, None]) ** 2).mean(-1)
    return errors[linear_sum_assignment(errors)]


def psnr_db(squared_error: float) -> float:
    """Return the peak signal-to-noise ratio of features within 0 and 1, in dB; 100 dB at most.

    Example:
        >>> psnr_db(0.01), psnr_db(0.0)
        (20.0, 100.0)
    """
    return float(-10 * np.log10(max(squared_error, 1e-10)))
