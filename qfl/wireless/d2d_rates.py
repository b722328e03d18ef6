r"""Rates of D2D pairs in bit/s/Hz, and how they are normalised.

Only the products of gain and highest power over noise matter, so everything below works on

    snr[rx, tx] = gain[rx, tx] P / sigma2,     x = p / P in [0, 1]

which have no unit, and the rate of pair i is

.. math:: r_i = \log_2\Big(1 + \frac{x_i s_{ii}}{1 + \sum_{j \ne i} s_{ij} x_j}\Big)
"""

import numpy as np
import torch
from jaxtyping import Float, Real, Shaped
from numpy import ndarray
from torch import Tensor

from qfl.arrays import checked
from qfl.errors import ConfigError


@checked(free="gain")
def link_snr(gain: Float[ndarray, "*sample rx tx"], max_power_w: float, noise_w: float) -> Float[ndarray, "..."]:
    """Return gains times the highest power, over the noise.

    Args:
        gain: Linear power gains, 0 or more; direct ones above 0.
        max_power_w: Highest transmit power in watt, above 0.
        noise_w: Noise power at a receiver in watt, above 0.

    Raises:
        ConfigError: If a gain is not a number, infinite or negative, a direct gain is 0, or a power is not above 0.

    Example:
        >>> link_snr(np.eye(2), 1.0, 0.1).tolist()
        [[10.0, 0.0], [0.0, 10.0]]
        >>> link_snr(np.eye(2), 1.0, -0.1)
        Traceback (most recent call last):
        qfl.errors.ConfigError: noise of -0.1 W: expected a finite power above 0 W; check its unit (dBm are not watt)
    """
    for name, value in (("noise", noise_w), ("highest power", max_power_w)):
        if not 0 < value < np.inf:
            raise ConfigError(
                f"{name} of {value:g} W: expected a finite power above 0 W; check its unit (dBm are not watt)"
            )
    if gain.ndim < 2 or gain.shape[-1] != gain.shape[-2]:
        raise ConfigError(f"gains of shape {gain.shape}: expected [..., rx, tx] with as many receivers as transmitters")
    if not np.isfinite(gain).all() or (gain < 0).any():
        raise ConfigError("gains hold NaN, infinite or negative entries: expected linear power gains, 0 or more")
    if (np.diagonal(gain, axis1=-2, axis2=-1) <= 0).any():
        raise ConfigError("a direct gain (rx = tx) is 0: that pair cannot communicate; leave it out")
    return gain * (max_power_w / noise_w)


def require_links(
    snr: Shaped[Tensor, "..."], alpha: Shaped[Tensor, "..."], start: Shaped[Tensor, "..."] | None = None
) -> None:
    """Refuse realisations ``[sample, rx, tx]`` that no power control works on.

    Args:
        snr: Gain times highest power over noise, linear.
        alpha: Weights of the pairs' rates.
        start: Powers to begin from; None where there are none.

    Raises:
        ConfigError: If they are not of that shape, or hold NaN, infinite or negative entries; and so for weights and
            starting powers ``[sample, pair]``, which must be of the same samples and pairs.

    Example:
        >>> require_links(torch.ones(1, 2, 2), torch.ones(1, 3))
        Traceback (most recent call last):
        qfl.errors.ConfigError: weights of shape (1, 3): expected (1, 2), one for each pair of each sample
    """
    if snr.ndim != 3 or snr.shape[1] != snr.shape[2] or not snr.shape[1]:
        raise ConfigError(
            f"gains of shape {tuple(snr.shape)}: expected (samples, pairs, pairs), receivers first, and a pair or more"
        )
    for name, values in (("gains", snr), ("weights", alpha), ("starting powers", start)):
        if values is None:
            continue
        if values is not snr and values.shape != snr.shape[:2]:
            given, expected = tuple(values.shape), tuple(snr.shape[:2])
            raise ConfigError(f"{name} of shape {given}: expected {expected}, one for each pair of each sample")
        if not (values >= 0).all() or not torch.isfinite(values).all():
            raise ConfigError(f"{name} hold NaN, infinite or negative entries: expected finite numbers, 0 or more")


def floating(values: Shaped[Tensor, "..."]) -> torch.dtype:
    """Return the precision of values: their own, or double for whole numbers."""
    return values.dtype if values.dtype.is_floating_point else torch.float64


def in_double(values: Shaped[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    """Return values in double precision."""
    return values.to(torch.float64)


@checked(least="snr x", same="rx tx pair")
def rates(snr: Real[Tensor, "*#batch rx tx"], x: Real[Tensor, "*#batch pair"]) -> Float[Tensor, "*#batch pair"]:
    """Return each pair's rate in bit/s/Hz.

    Args:
        snr: Gain times highest power over noise, ``[rx, tx]``.
        x: Powers as parts of the highest.

    Example:
        >>> rates(torch.diag(torch.tensor([3.0, 1.0])), torch.ones(2)).tolist()
        [2.0, 1.0]
    """
    if snr.dtype != x.dtype or not x.is_floating_point():  # a matrix product takes one precision
        common = torch.promote_types(floating(snr), floating(x))
        snr, x = snr.to(common), x.to(common)
    direct = snr.diagonal(dim1=-2, dim2=-1)
    interference = ((snr - torch.diag_embed(direct)) @ x[..., None])[..., 0]
    return torch.log2(1.0 + direct * x / (1.0 + interference))


@checked(least="snr x alpha", same="rx tx pair")
def sum_rate(
    snr: Real[Tensor, "*#batch rx tx"], x: Real[Tensor, "*#batch pair"], alpha: Real[Tensor, "*#batch pair"]
) -> Float[Tensor, "*#batch"]:
    """Return the weighted sum of the pairs' rates in bit/s/Hz.

    Args:
        snr: Gain times highest power over noise, linear.
        x: Powers as parts of the highest.
        alpha: Weights of the pairs' rates.

    Reference:
        SQM-GNN, Eq. (1), and QGNN, Eq. (2), where the weights are named alpha.
    """
    return (alpha * rates(snr, x)).sum(-1)
