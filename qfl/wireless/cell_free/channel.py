r"""The channel of Eq. (3): Rayleigh gains, path loss, steering, and what the access points know of it."""

from collections.abc import Callable, Sequence
from math import ceil, sqrt
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Complex, Complex128, Float, Float64
from numpy import ndarray
from torch import Tensor

from qfl.arrays import checked
from qfl.seeds import stream
from qfl.wireless.cell_free.network import CellFree, check

CHUNK = 1024  # samples whose other access points' numbers pass through this process at a time


class Channels(NamedTuple):
    """Samples of a network: places and fading are fresh in each.

    Args:
        true: h, what the signals go through.
        known: Its estimate at the access points, h + n_CSI; the same tensor where nothing is estimated.
        gain: d^-kappa, the mean power of one path at one antenna.
    """

    true: Complex[Tensor, "sample ap user antenna"]
    known: Complex[Tensor, "sample ap user antenna"]
    gain: Float[Tensor, "sample ap user"]

    def part(self, start: int, stop: int) -> "Channels":
        """Return the samples from start to stop - 1."""
        return Channels(self.true[start:stop], self.known[start:stop], self.gain[start:stop])


def draw(
    network: CellFree, seed: int, num_samples: int, purpose: str = "train", aps: Sequence[int] | None = None
) -> Channels:
    r"""Return samples of the channel between every access point m, user k and antenna j.

    .. math::
        h_{mk}^{[j]} = \frac{1}{\sqrt{P}} \sum_{n=1}^{P} g_{mk}^{[j]} \, e^{-i 2 \pi \phi_n z_j}, \qquad
        g_{mk}^{[j]} \sim \mathcal{CN}(0, d_{mk}^{-\kappa}), \qquad z_j = j - (N_{Tx} - 1) / 2

    with phi uniform on [-1/2, 1/2] (half a wavelength of spacing times the sine of the angle of departure). The printed
    g has an antenna index and no path index. So its phase is independent from antenna to antenna, one path's steering
    cannot be seen, and several paths add in phase on the average: for two antennas the mean power is
    :math:`1 + (P - 1) (2 / \pi)^2` times as large. ``fading = "path"`` draws one g for each path instead, at the mean
    power stated, which correlates the antennas. Unlike the printed set Z, which has an entry too few, z has one for
    each antenna.

    The estimate is :math:`\hat h = h + n`, :math:`n \sim \mathcal{CN}(0, \epsilon d^{-\kappa})`; the paper gives no
    variance. The unknown phase of an access point (footnote 10) turns the true channel and not the estimate.

    A longer draw begins with the same samples. Whoever draws some access points' channels has the same ones as whoever
    draws all, and keeps no other's (`rows`).

    Args:
        network: The network.
        seed: Of the run.
        num_samples: How many.
        purpose: Channels of other purposes, say train and test, are independent.
        aps: The access points whose channels are wanted, in this order; None for all.

    Raises:
        ConfigError: If the network cannot be.

    Example:
        >>> draw(CellFree(), seed=1, num_samples=5).true.shape
        torch.Size([5, 4, 3, 2])

    Reference:
        Narottama et al., "Non-Centralized Quantum Neural Networks for Cell-Free MIMO Systems", Eq. (3) and section V.
    """
    check(network)
    own = range(network.num_aps) if aps is None else aps
    distance = distances(network, seed, num_samples, purpose, own)
    gain = distance**-network.path_loss_exponent
    amplitude = np.sqrt(gain)[..., None]
    true = amplitude * _fading(network, seed, num_samples, purpose, own)
    known = true
    if network.csi_error:
        noise = _gaussian_rows(
            stream(seed, "cell_free", purpose, "csi"),
            num_samples,
            (network.num_aps, network.num_users, network.num_antennas),
            own,
        )
        known = true + sqrt(network.csi_error) * amplitude * noise
    if network.phase_error_rad:
        bound, generator = network.phase_error_rad, stream(seed, "cell_free", purpose, "phase")
        phase = rows(lambda shape: generator.uniform(-bound, bound, shape), num_samples, (network.num_aps, 1, 1), own)
        true = true * np.exp(1j * phase)
    return Channels(torch.from_numpy(true), torch.from_numpy(known), torch.from_numpy(gain))


def rows(
    fresh: Callable[[tuple[int, ...]], Float64[ndarray, "..."]],
    num_samples: int,
    shape: tuple[int, ...],
    own: Sequence[int],
) -> Float64[ndarray, "sample ap *rest"]:
    """Return some access points' rows of what a stream gives for all of them.

    A stream of random numbers can only be read in order, so the other rows pass by, a thousand samples at a time; each
    is overwritten with zeros before the next is read, so that nothing of them stays in this process.

    Args:
        fresh: Gives the stream's next numbers in a shape.
        num_samples: How many, 0 or more.
        shape: Of a sample, access points first.
        own: The access points whose rows are kept, in this order.

    Example:
        >>> one, other = stream(1, "rows"), stream(1, "rows")
        >>> bool((rows(one.random, 3000, (4, 2), [2]) == other.random((3000, 4, 2))[:, [2]]).all())
        True
    """
    found = np.empty((num_samples, len(own), *shape[1:]))
    for start in range(0, num_samples, CHUNK):
        passing = fresh((min(CHUNK, num_samples - start), *shape))
        found[start : start + CHUNK] = passing[:, list(own)]
        passing.fill(0)
    return found


def distances(
    network: CellFree, seed: int, num_samples: int, purpose: str = "train", aps: Sequence[int] | None = None
) -> Float64[ndarray, "sample ap user"]:
    """Return the distances over the diagonal of the square, held within the smallest allowed and 1.

    Args:
        network: Its layout and its smallest distance.
        seed: Of the run.
        num_samples: How many realisations, 1 or more.
        purpose: Names the stream, so that train and test differ.
        aps: The access points that are wanted, in this order; None for all.
    """
    own = range(network.num_aps) if aps is None else aps
    users = _uniform(seed, purpose, "users", num_samples, network.num_users, range(network.num_users))
    if network.layout == "grid":
        places = np.broadcast_to(grid(network.num_aps)[list(own)], (num_samples, len(own)))
    else:
        places = _uniform(seed, purpose, "aps", num_samples, network.num_aps, own)
    return np.maximum(np.abs(places[:, :, None] - users[:, None]) / sqrt(2), network.min_distance)


def grid(num_aps: int) -> Complex128[ndarray, " ap"]:
    """Return the centres of equal cells of the unit square, row by row; four are its quarter points.

    Example:
        >>> grid(4).tolist()
        [(0.25+0.25j), (0.75+0.25j), (0.25+0.75j), (0.75+0.75j)]
    """
    side = ceil(sqrt(num_aps))
    cell = np.arange(num_aps)
    return (cell % side + 0.5 + 1j * (cell // side + 0.5)) / side


@checked()
def steering(
    departure: Float64[ndarray, "*batch path"], num_antennas: int
) -> Complex128[ndarray, "*batch path antenna"]:
    """Return the phases of a uniform linear array for each path, centred on the array."""
    place = np.arange(num_antennas) - (num_antennas - 1) / 2
    return np.exp(-2j * np.pi * departure[..., None] * place)


def gaussians(generator: np.random.Generator, shape: tuple[int, ...]) -> Complex128[ndarray, "..."]:
    """Return circular complex Gaussians of power 1; more samples begin with the same ones."""
    parts = generator.standard_normal((*shape, 2))
    return (parts[..., 0] + 1j * parts[..., 1]) / sqrt(2)


def _uniform(
    seed: int, purpose: str, what: str, num_samples: int, num_points: int, own: Sequence[int]
) -> Complex128[ndarray, "sample point"]:
    place = rows(stream(seed, "cell_free", purpose, what).random, num_samples, (num_points, 2), own)
    return place[..., 0] + 1j * place[..., 1]


def _gaussian_rows(
    generator: np.random.Generator, num_samples: int, shape: tuple[int, ...], own: Sequence[int]
) -> Complex128[ndarray, "sample ap *rest"]:
    """Return some access points' rows of `gaussians`."""
    parts = rows(generator.standard_normal, num_samples, (*shape, 2), own)
    return (parts[..., 0] + 1j * parts[..., 1]) / sqrt(2)


def _fading(
    network: CellFree, seed: int, num_samples: int, purpose: str, own: Sequence[int]
) -> Complex128[ndarray, "sample ap user antenna"]:
    links = (network.num_aps, network.num_users)
    generator = stream(seed, "cell_free", purpose, "fading")
    if network.fading == "antenna" and network.num_paths == 1:
        return _gaussian_rows(generator, num_samples, (*links, network.num_antennas), own)
    directions = stream(seed, "cell_free", purpose, "departure")
    departure = rows(lambda shape: directions.uniform(-0.5, 0.5, shape), num_samples, (*links, network.num_paths), own)
    phases = steering(departure, network.num_antennas)
    last = (network.num_paths, 1) if network.fading == "path" else (1, network.num_antennas)
    gains = _gaussian_rows(generator, num_samples, (*links, *last), own)
    return (gains * phases).sum(axis=-2) / sqrt(network.num_paths)
