r"""WMMSE and fractional programming for D2D powers, many realisations and starts at once.

Both climb the weighted sum rate from a start and never fall. Neither finds the optimum for sure: the value depends on
the start, and on the iterations, which 100 do not exhaust where gains span many decades.

All arithmetic is in double precision, whatever comes in: prices of silent pairs are 0, and what stands in for them is
the smallest double, which single precision has no number for.

Orders matter: the interference that receiver i hears is a row of ``snr[rx, tx]``, what transmitter j costs others is a
column. Scoring the result on the transposed gains, as one published benchmark does, understates it.
"""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Real
from torch import Tensor

from qfl.arrays import checked
from qfl.number_types import from_torch
from qfl.seeds import stream
from qfl.wireless.d2d_rates import floating, in_double, require_links, sum_rate

Snr = Real[Tensor, "sample rx tx"]
Alpha = Real[Tensor, "sample pair"]
Powers = Float[Tensor, "sample pair"]
LEAST = torch.finfo(torch.float64).tiny  # a price of 0, where nobody is disturbed
Step = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]


@checked(free="snr alpha start")
def wmmse(
    snr: Snr,
    alpha: Alpha,
    *,
    start: Powers | None = None,
    iterations: int = 100,
    on_iteration: Callable[[int, Powers], None] | None = None,
) -> Powers:
    r"""Return powers, as parts of the highest, by weighted minimum mean square error.

    With amplitudes :math:`v_i = \sqrt{x_i}` and :math:`h_{ij} = \sqrt{s_{ij}}`, each iteration sets

    .. math::
        u_i = \frac{h_{ii} v_i}{1 + \sum_j s_{ij} v_j^2}, \quad w_i = \frac{1}{1 - u_i h_{ii} v_i}, \quad
        v_i = \Big[\frac{\alpha_i w_i u_i h_{ii}}{\sum_j \alpha_j w_j u_j^2 s_{ji}}\Big]_0^1

    Args:
        snr: Gain times highest power over noise.
        alpha: Weights of the rates.
        start: Powers as parts of the highest; all at the highest if None. A pair that starts at 0 stays there.
        iterations: As many are made.
        on_iteration: Called with the number of iterations made and the powers.

    Returns:
        Powers in the precision of ``snr``.

    Raises:
        ConfigError: If a gain, a weight or a start is no number, infinite or negative, or their sizes differ.

    Reference:
        Shi, Razaviyayn, Luo and He, 2011, IEEE Trans. Signal Process. 59(9), Table I, for one antenna.
    """
    return _climb(_wmmse_step, snr, alpha, start, iterations, on_iteration)


@checked(free="snr alpha start")
def fractional_programming(
    snr: Snr,
    alpha: Alpha,
    *,
    start: Powers | None = None,
    iterations: int = 100,
    on_iteration: Callable[[int, Powers], None] | None = None,
) -> Powers:
    r"""Return powers by closed-form fractional programming (Lagrangian dual and quadratic transform).

    .. math::
        \gamma_i = \mathrm{SINR}_i, \quad y_i = \frac{\sqrt{\alpha_i (1+\gamma_i) s_{ii} x_i}}{1 + \sum_j s_{ij} x_j},
        \quad x_i = \min\Big(1, \frac{\alpha_i (1+\gamma_i) s_{ii} y_i^2}{(\sum_j y_j^2 s_{ji})^2}\Big)

    For single antennas these are WMMSE's iterates under other names; both are here so that nobody has to believe it.

    Args:
        snr: Gain times highest power over noise, linear.
        alpha: Weights of the pairs' rates, 0 or more.
        start: Powers to begin from, as parts of the highest; full power if None.
        iterations: How many.
        on_iteration: Is told the number and the powers after each.

    Reference:
        Shen and Yu, 2018, IEEE Trans. Signal Process. 66(10), Fractional programming part I, Algorithm 3.
    """
    return _climb(_fp_step, snr, alpha, start, iterations, on_iteration)


@checked(free="snr alpha start")
def best_of_starts(snr: Snr, alpha: Alpha, *, starts: int = 21, iterations: int = 100, seed: int = 1) -> Powers:
    """Return the best that `wmmse` reaches from full power and from ``starts - 1`` uniformly random powers.

    The first start is full power, so the result is never worse than `wmmse` alone.

    Args:
        snr: Gain times highest power over noise, linear.
        alpha: Weights of the pairs' rates, 0 or more.
        starts: How many, full power among them.
        iterations: Of each.
        seed: Of the random starts.
    """
    best = wmmse(snr, alpha, iterations=iterations)
    best_value = sum_rate(snr, best, alpha)
    for number in range(1, starts):
        drawn = stream(seed, "wmmse-start", number).random(tuple(alpha.shape))
        found = wmmse(snr, alpha, start=torch.from_numpy(drawn).to(best.dtype), iterations=iterations)
        value = sum_rate(snr, found, alpha)
        better = value > best_value
        best, best_value = torch.where(better[:, None], found, best), torch.where(better, value, best_value)
    return best


def _climb(
    step: Step,
    snr: Snr,
    alpha: Alpha,
    start: Powers | None,
    iterations: int,
    on_iteration: Callable[[int, Powers], None] | None,
) -> Powers:
    require_links(snr, alpha, start)
    alpha, dtype = in_double(alpha), floating(snr)
    snr = in_double(snr)
    direct = snr.diagonal(dim1=1, dim2=2)
    other = snr - torch.diag_embed(direct)  # [rx, tx]
    towards = snr.mT.contiguous()  # [tx, rx]
    # in units of a power of two near the largest: the same powers to the last bit, and no product leaves the floats
    alpha = alpha * _unit(alpha)
    x = torch.ones_like(alpha) if start is None else in_double(start)
    for number in range(1, iterations + 1):
        x = step(direct, other, towards, alpha, x)
        if on_iteration:
            on_iteration(number, x.to(dtype))
    return x.to(dtype)


def _unit(alpha: Alpha) -> Float[Tensor, "sample 1"]:
    exponent = np.frexp(from_torch(alpha.amax(-1, keepdim=True)))[1]
    return torch.from_numpy(np.ldexp(1.0, np.minimum(-exponent, 1023))).to(alpha.device)  # torch's ldexp is of floats


def _wmmse_step(direct: Tensor, other: Tensor, towards: Tensor, alpha: Tensor, x: Tensor) -> Tensor:
    interference = 1.0 + _times(other, x)
    total = interference + direct * x
    u = (direct * x).sqrt() / total
    w = total / interference  # = 1 / (1 - u h v), without cancellation
    price = _times(towards, alpha * w * u**2)
    v = alpha * w * u * direct.sqrt() / price.clamp(min=LEAST)
    return v.clamp(max=1.0) ** 2


def _fp_step(direct: Tensor, other: Tensor, towards: Tensor, alpha: Tensor, x: Tensor) -> Tensor:
    interference = 1.0 + _times(other, x)
    gamma = direct * x / interference
    y2 = alpha * (1.0 + gamma) * direct * x / (interference + direct * x) ** 2
    price = _times(towards, y2).clamp(min=LEAST)
    return (alpha * (1.0 + gamma) * direct * (y2 / price) / price).clamp(max=1.0)


def _times(matrix: Tensor, vector: Tensor) -> Tensor:
    return torch.bmm(matrix, vector[..., None])[..., 0]
