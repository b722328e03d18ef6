r"""Rates of D2D pairs in bit/s/Hz, and how they are normalised.

Only the products of gain and highest power over noise matter, so everything below works on

    snr[rx, tx] = gain[rx, tx] P / sigma2,     x = p / P in [0, 1]

which have no unit, and the rate of pair i is

.. math:: r_i = \log_2\Big(1 + \frac{x_i s_{ii}}{1 + \sum_{j \ne i} s_{ij} x_j}\Big)
"""

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from qfl.errors import ConfigError


def link_snr(gain: Float[ndarray, "*sample rx tx"], max_power_w: float, noise_w: float) -> Float[ndarray, "..."]:
    """Return gains times the highest power, over the noise.

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


def rates(snr: Float[Tensor, "*#batch rx tx"], x: Float[Tensor, "*#batch pair"]) -> Float[Tensor, "*#batch pair"]:
    """Return each pair's rate in bit/s/Hz.

    Args:
        snr: Gain times highest power over noise, ``[rx, tx]``.
        x: Powers as parts of the highest.

    Example:
        >>> rates(torch.diag(torch.tensor([3.0, 1.0])), torch.ones(2)).tolist()
        [2.0, 1.0]
    """
    direct = snr.diagonal(dim1=-2, dim2=-1)
    interference = ((snr - torch.diag_embed(direct)) @ x[..., None])[..., 0]
    return torch.log2(1.0 + direct * x / (1.0 + interference))


def sum_rate(
    snr: Float[Tensor, "*#batch rx tx"], x: Float[Tensor, "*#batch pair"], alpha: Float[Tensor, "*#batch pair"]
) -> Float[Tensor, "*#batch"]:
    """Return the weighted sum of the pairs' rates in bit/s/Hz.

    Reference:
        SQM-GNN, Eq. (1), and QGNN, Eq. (2), where the weights are named alpha.
    """
    return (alpha * rates(snr, x)).sum(-1)
