"""Noise-aware weights: clients on noisier hardware count less."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, shares
from qfl.aggregation.delta import delta_mean
from qfl.angles import AngleLayout
from qfl.arrays import checked
from qfl.errors import InputError


@checked(free="weights noise", some="client")
def noise_aware_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    noise: Float[np.ndarray, " client"],
    learning_rate: float = 1.0,
    temperature: float = 1.0,
    floor: float = 0.1,
) -> Aggregate:
    """Return the delta mean under noise-aware weights.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles.
        weights: Training samples of each client.
        layout: As for `delta_mean`.
        noise: Noise budget of each client, at least 0; equal budgets give the delta mean.
        learning_rate: Server step size, at least 0.
        temperature: See `noise_aware_weights`.
        floor: See `noise_aware_weights`.

    Returns:
        The new angles; ``effective_clients``, one over the sum of squared weights: K when all count alike, 1 when one
        client decides.

    Raises:
        ValueError: If weights or noise are not finite, or the weights are negative or all zero.

    Reference:
        El Maouaki and Shafique, Q-RAIL, 2026, arXiv:2605.25783; the weights are `noise_aware_weights`.
    """
    share = noise_aware_weights(weights, noise, temperature=temperature, floor=floor)
    mean = delta_mean(received, updates, share, layout, learning_rate=learning_rate)
    return Aggregate(mean.angles, {"effective_clients": float(1 / np.sum(share**2))})


@checked(free="weights noise", some="client")
def noise_aware_weights(
    weights: Float[np.ndarray, " client"],
    noise: Float[np.ndarray, " client"],
    *,
    temperature: float = 1.0,
    floor: float = 0.1,
) -> Float[np.ndarray, " client"]:
    r"""Return weights that fall with the noise budget and sum to one.

    .. math::
        w_k = (1 - \lambda) \frac{p_k e^{-b_k / T}}{\sum_j p_j e^{-b_j / T}} + \lambda p_k, \qquad
        p_k = n_k / \sum_j n_j

    With equally many samples per client, :math:`p_k = 1/K` and this is Q-RAIL's
    :math:`(1 - \lambda)\, \mathrm{softmax}(-b / T) + \lambda / K`. Unlike there, sample counts stay in the weights, so
    that equal noise gives FedAvg, and there is no further minimum weight: the mixed-in share already is one.

    The budget is a client's own claim. It is taken as at least 0, so the most a liar can claim is perfect hardware.

    Args:
        weights: Training samples :math:`n_k` of each client.
        noise: Noise budget :math:`b_k` of each client, at least 0: for example the expected number of gate and readout
            errors in one run of its circuit.
        temperature: :math:`T > 0` in the unit of the budget; large values ignore the noise.
        floor: :math:`\lambda` in [0, 1], the share of the ordinary weights mixed in; 1 ignores the noise.

    Raises:
        ValueError: If weights or noise are not finite, or the weights are negative or all zero.

    Example:
        >>> noise_aware_weights(np.ones(2), np.array([0.0, 50.0]), floor=0.2).round(3)
        array([0.9, 0.1])

    Reference:
        El Maouaki and Shafique, Q-RAIL, 2026, arXiv:2605.25783.
    """
    if not np.all(np.isfinite(noise)):
        raise InputError(f"noise budgets must be finite, not {noise}")
    plain = shares(weights)
    budget = np.maximum(noise, 0.0)
    trust = plain * np.exp(-(budget - budget[plain > 0].min()) / temperature)
    return (1 - floor) * trust / trust.sum() + floor * plain
