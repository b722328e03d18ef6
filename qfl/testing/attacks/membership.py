r"""Membership inference: was this sample among those that were trained on? LiRA, with few shadow models.

Shadow models are trained on halves of a pool of samples, so each sample has some that saw it and some that did not. Of
each, the attacker takes the confidence in the sample's label, on the logit scale,

.. math::
    \phi = \log \frac{p_y}{1 - p_y},

and fits one normal distribution to the models that saw the sample and one to those that did not. The score is the
logarithm of the ratio of their densities at the attacked model's own :math:`\phi`.

Reference:
    Carlini et al., Membership Inference Attacks From First Principles, 2022, arXiv:2112.03570, Algorithm 1 (online
    LiRA), with the logit scale of there, and one variance for all samples, which is better where shadows are few.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor

LEAST_SPREAD = 1e-6  # of the fitted normal distributions


def confidence(
    logits: Float[Tensor, "*model sample label"], labels: Int[Tensor, " sample"]
) -> Float[np.ndarray, "*model sample"]:
    r"""Return :math:`\phi`, without the loss of digits that a probability near one has.

    Example:
        >>> confidence(torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([0])).round(4)  # 1 - log 2
        array([0.3069], dtype=float32)
    """
    place = labels.expand(logits.shape[:-1])[..., None]
    own = logits.gather(-1, place)[..., 0]
    others = logits.scatter(-1, place, -torch.inf).logsumexp(-1)
    return (own - others).detach().numpy()


def lira_scores(
    attacked: Float[np.ndarray, " sample"],
    shadows: Float[np.ndarray, "shadow sample"],
    members: Bool[np.ndarray, "shadow sample"],
) -> Float[np.ndarray, " sample"]:
    """Return the score of each sample, high where it looks like one that was trained on; 0 where nothing can be said.

    A sample that all shadows saw, or none, has score 0.

    Args:
        attacked: Confidences of the attacked model.
        shadows: Those of the shadow models.
        members: Which shadow saw which sample.

    Example:
        >>> shadows = np.array([[3.0], [4.0], [0.0], [1.0]])
        >>> members = np.array([[True], [True], [False], [False]])
        >>> lira_scores(np.array([3.5]), shadows, members) > lira_scores(np.array([0.5]), shadows, members)
        array([ True])
    """
    inside, outside = _means(shadows, members), _means(shadows, ~members)
    spread_in, spread_out = _spread(shadows, members, inside), _spread(shadows, ~members, outside)
    told = _log_density(attacked, inside, spread_in) - _log_density(attacked, outside, spread_out)
    return np.where(members.any(0) & ~members.all(0), told, 0.0)


def _means(values: NDArray, chosen: NDArray) -> NDArray[np.float64]:
    count = np.maximum(chosen.sum(0), 1)
    return np.where(chosen, values, 0.0).sum(0) / count


def _spread(values: NDArray, chosen: NDArray, means: NDArray) -> float:
    """Return one deviation for all samples, from what each has left over after its own mean."""
    apart = np.where(chosen, values - means, 0.0)
    free = np.maximum(chosen.sum(0) - 1, 0).sum()
    return max(float(np.sqrt((apart**2).sum() / max(free, 1))), LEAST_SPREAD)


def _log_density(values: NDArray, means: NDArray, spread: float) -> NDArray[np.float64]:
    return -(((values - means) / spread) ** 2) / 2 - np.log(spread)


@dataclass(frozen=True)
class Curve:
    """How well scores tell members from others.

    Args:
        area: Under the curve of true over false positives; 0.5 is chance.
        found: Share of members found where ``false_alarms`` of the others are accused.
        false_alarms: That share.
    """

    area: float
    found: float
    false_alarms: float


def judged(
    scores: Float[np.ndarray, " score"], members: Bool[np.ndarray, " score"], false_alarms: float = 0.01
) -> Curve:
    """Return area and true positives at a share of false ones; a score at the limit itself accuses nobody.

    Args:
        scores: High for members.
        members: Who is one; some are and some are not.
        false_alarms: Share of the others that may be accused, 0 to 1.

    Example:
        >>> judged(np.array([2.0, 3.0, 0.0, 1.0]), np.array([True, True, False, False]))
        Curve(area=1.0, found=1.0, false_alarms=0.01)
    """
    from scipy.stats import rankdata

    inside, outside = scores[members], scores[~members]
    ranks = np.asarray(rankdata(np.concatenate([inside, outside])), dtype=np.float64)[: len(inside)]
    above = ranks.sum() - len(inside) * (len(inside) + 1) / 2
    limit = np.quantile(outside, 1 - false_alarms, method="higher")
    area = above / (len(inside) * len(outside))
    return Curve(float(area), float(np.mean(inside > limit)), false_alarms)
