r"""Features made fewer: by principal components, or through a bottleneck that is trained to give them back.

Rows are standardised by the training rows. The bottleneck is an autoencoder about the principal components V,

.. math:: z = x V + \tanh(x A + a) B, \qquad \hat x = z V^T + \tanh(z C + c) D

with B and D zero at the start, so that it begins at them and its best state is never worse on the training rows. What
either gives up is the share of the training rows' variance that does not come back.

Reference:
    Kramer, Nonlinear principal component analysis using autoassociative neural networks, AIChE Journal 37, 233 (1991).
    Unlike there, the linear part is kept beside the nonlinear one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.runtime.pipeline.given_up import GivenUp
from qfl.errors import ConfigError
from qfl.seeds import stream

CLIP = 4.0  # standard deviations of a feature that is left
COMPRESSIONS = ("pca", "bottleneck")
HIDDEN, STEPS, LEARNING_RATE = 8, 300, 0.01  # of the bottleneck
Rows = Float64[ndarray, "_ feature"]


@dataclass(frozen=True, eq=False)
class Features:
    """What was learned of the training rows.

    Args:
        method: One of `COMPRESSIONS`.
        before: Features that rows have.
        after: Features that are left.
        explained: Share of the training rows' variance that comes back, 0 to 1.
        of: From rows to what is left of them, of deviation 1 on the training rows and clipped.
    """

    method: str
    before: int
    after: int
    explained: float
    of: Callable[[Rows], Float64[ndarray, "_ left"]]

    @property
    def given_up(self) -> GivenUp:
        """The share of the training rows' variance that is lost."""
        return GivenUp(self.method, self.before, self.after, measured=1 - self.explained)


def compress(rows: Rows, method: str, count: int, *, seed: int = 1) -> Features:
    """Return features that stand for those of some rows.

    Args:
        rows: That are learned from.
        method: ``pca`` or ``bottleneck``.
        count: How many are left, 1 to the smaller side of the table.
        seed: Of the bottleneck's start.

    Raises:
        ConfigError: If there is no such method, or as many features are not to be had.

    Example:
        >>> line = np.outer(np.arange(6.0), [1.0, 2.0, -1.0])
        >>> round(compress(line, "pca", 1).explained, 6)
        1.0
    """
    if method not in COMPRESSIONS:
        raise ConfigError(f"{method[:60]!r} is no compression of features; give one of {', '.join(COMPRESSIONS)}")
    require_count("the number of features left", count, rows)
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(rows)
    scaled = np.asarray(scale.transform(rows))
    pca = PCA(count, random_state=0)
    with np.errstate(invalid="ignore"):  # rows that are all the same have no variance to explain
        reduced = pca.fit_transform(scaled)
    code, explained = pca.transform, float(np.nan_to_num(pca.explained_variance_ratio_).sum())
    if method == "bottleneck":
        code, explained = _bottleneck(scaled, np.asarray(pca.components_).T, seed)
        reduced = code(scaled)
    size = np.where(reduced.std(0) == 0, 1.0, reduced.std(0))
    kept = np.clip(reduced / size, -CLIP, CLIP)

    def of(asked: Rows) -> Float64[ndarray, "_ left"]:
        return kept if asked is rows else np.clip(code(scale.transform(asked)) / size, -CLIP, CLIP)

    return Features(method, rows.shape[1], count, min(1.0, explained), of)


def require_count(what: str, count: int, rows: Rows) -> None:
    """Return if a table has as many components.

    Args:
        what: The number's name, for the sentence.
        count: It.
        rows: The table.

    Raises:
        ConfigError: If it has not.
    """
    if not 1 <= count <= min(rows.shape):
        raise ConfigError(f"{what} is {count}; give 1 to {min(rows.shape)}, as many as there are components")


def _bottleneck(scaled: Rows, components: Float64[ndarray, "feature left"], seed: int) -> tuple[Callable, float]:
    """Return the encoder of the best state in training, and the share of the variance that it explains.

    Args:
        scaled: Standardised training rows.
        components: The principal ones, a column each.
        seed: Of the nonlinear parts' start.
    """
    import torch

    draw, (before, after) = stream(seed, "bottleneck"), components.shape
    starts = [
        draw.normal(size=(before, HIDDEN)) / np.sqrt(before),
        np.zeros(HIDDEN),
        np.zeros((HIDDEN, after)),
        draw.normal(size=(after, HIDDEN)) / np.sqrt(after),
        np.zeros(HIDDEN),
        np.zeros((HIDDEN, before)),
        components,
    ]
    parts = [torch.tensor(start, dtype=torch.float64, requires_grad=True) for start in starts]
    rows, optimiser = torch.tensor(scaled), torch.optim.Adam(parts, LEARNING_RATE)
    best, kept = np.inf, [part.detach().clone() for part in parts]
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = torch.mean((_decoded(_encoded(rows, parts), parts) - rows) ** 2)
        if loss.item() < best:
            best, kept = loss.item(), [part.detach().clone() for part in parts]
        loss.backward()
        optimiser.step()
    variance = float(np.mean(scaled**2))
    return lambda asked: _encoded(torch.tensor(asked), kept).numpy(), 1 - best / variance if variance else 0.0


def _encoded(rows, parts):
    inwards, bias, code, _, _, _, components = parts
    return rows @ components + (rows @ inwards + bias).tanh() @ code


def _decoded(code, parts):
    _, _, _, outwards, bias, back, components = parts
    return code @ components.T + (code @ outwards + bias).tanh() @ back
