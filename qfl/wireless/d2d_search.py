"""Baselines for D2D powers that switch pairs on and off: simple rules, greedy, and every combination."""

import torch
from jaxtyping import Float, Real
from torch import Tensor

from qfl.arrays import checked
from qfl.errors import ConfigError
from qfl.seeds import stream
from qfl.wireless.d2d_rates import floating, require_links, sum_rate

Snr = Real[Tensor, "sample rx tx"]
Alpha = Real[Tensor, "sample pair"]
Powers = Float[Tensor, "sample pair"]

MOST_PAIRS = 20  # of the exhaustive search: about a million combinations, half a second a sample
CHUNK = 1 << 16  # combinations looked at together


@checked(free="snr alpha")
def max_power(snr: Snr, alpha: Alpha) -> Powers:
    """Return every pair at its highest power."""
    snr, alpha = _links(snr, alpha)
    return torch.ones_like(alpha)


@checked(free="snr alpha")
def random_power(snr: Snr, alpha: Alpha, seed: int = 1) -> Powers:
    """Return powers uniform on [0, 1].

    Args:
        snr: Gain times highest power over noise, linear.
        alpha: Weights of the pairs' rates; they give the shape.
        seed: Of the draw.
    """
    snr, alpha = _links(snr, alpha)
    return torch.from_numpy(stream(seed, "random-power").random(tuple(alpha.shape))).to(snr.dtype)


@checked(free="snr alpha")
def best_single_link(snr: Snr, alpha: Alpha) -> Powers:
    """Return only the pair that is best alone, at its highest power.

    Example:
        >>> best_single_link(torch.diag(torch.tensor([1.0, 3.0]))[None], torch.ones(1, 2)).tolist()
        [[0.0, 1.0]]
    """
    snr, alpha = _links(snr, alpha)
    alone = alpha * torch.log2(1.0 + snr.diagonal(dim1=1, dim2=2))
    return torch.nn.functional.one_hot(alone.argmax(-1), alpha.shape[-1]).to(snr.dtype)


@checked(free="snr alpha")
def greedy_on_off(snr: Snr, alpha: Alpha) -> Powers:
    """Return on/off powers by switching on, one at a time, the pair that raises the weighted sum rate most.

    It ends when no pair raises it; no pair is switched off again.
    """
    snr, alpha = _links(snr, alpha)
    x = torch.zeros_like(alpha)
    value = torch.zeros(len(alpha), dtype=snr.dtype)
    choices = torch.eye(alpha.shape[-1], dtype=snr.dtype)
    for _ in range(alpha.shape[-1]):
        # sample choice pair
        tried = (x[:, None] + choices).clamp(max=1.0)
        gained, choice = sum_rate(snr[:, None], tried, alpha[:, None]).max(-1)
        better = gained > value * (1 + 1e-12)
        if not better.any():
            break
        x = torch.where(better[:, None], tried[torch.arange(len(x)), choice], x)
        value = torch.where(better, gained, value)
    return x


@checked(free="snr alpha")
def exact_on_off(snr: Snr, alpha: Alpha) -> Powers:
    """Return the best of all on/off powers, by looking at every combination.

    It is a lower bound on the optimum over continuous powers: above WMMSE for i.i.d. fading, but often below it where
    gains come from geometry.

    Raises:
        ConfigError: For more than 20 pairs.
    """
    snr, alpha = _links(snr, alpha)
    pairs = alpha.shape[-1]
    if pairs > MOST_PAIRS:
        raise ConfigError(
            f"{pairs} pairs have 2^{pairs} on/off combinations: expected at most {MOST_PAIRS} pairs; use greedy_on_off"
        )
    best = torch.zeros_like(alpha)
    bits = torch.arange(pairs)
    for sample in range(len(alpha)):
        value = torch.tensor(-1.0, dtype=snr.dtype)
        for first in range(0, 1 << pairs, CHUNK):
            number = torch.arange(first, min(first + CHUNK, 1 << pairs))
            x = ((number[:, None] >> bits) & 1).to(snr.dtype)
            found, where = _values(snr[sample], x, alpha[sample]).max(-1)
            if found > value:
                value, best[sample] = found, x[where]
    return best


def _links(snr: Snr, alpha: Alpha) -> tuple[Snr, Alpha]:
    """Return gains and weights in the precision of the gains, double for whole numbers.

    Raises:
        ConfigError: If they are none that power control works on, see `require_links`.
    """
    require_links(snr, alpha)
    return snr.to(floating(snr)), alpha.to(floating(snr))


def _values(
    snr: Float[Tensor, "rx tx"], x: Float[Tensor, "choice pair"], alpha: Float[Tensor, " pair"]
) -> Float[Tensor, " choice"]:
    """Return the weighted sum rate of many powers for one sample, with one matrix product."""
    direct = snr.diagonal()
    interference = x @ (snr - torch.diag(direct)).T
    return torch.log2(1.0 + direct * x / (1.0 + interference)) @ alpha
