r"""The channel of Eq. (3): Rayleigh gains, path loss, steering, and what the access points know of it."""

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


def draw(network: CellFree, seed: int, num_samples: int, purpose: str = "train") -> Channels:
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

    A longer draw begins with the same samples.

    Args:
        network: The network.
        seed: Of the run.
        num_samples: How many.
        purpose: Channels of other purposes, say train and test, are independent.

    Raises:
        ConfigError: If the network cannot be.

    Example:
        >>> draw(CellFree(), seed=1, num_samples=5).true.shape
        torch.Size([5, 4, 3, 2])

    Reference:
        Narottama et al., "Non-Centralized Quantum Neural Networks for Cell-Free MIMO Systems", Eq. (3) and section V.
    """
    check(network)
    distance = distances(network, seed, num_samples, purpose)
    gain = distance**-network.path_loss_exponent
    amplitude = np.sqrt(gain)[..., None]
    true = amplitude * _fading(network, seed, num_samples, purpose)
    known = true
    if network.csi_error:
        noise = gaussians(stream(seed, "cell_free", purpose, "csi"), true.shape)
        known = true + sqrt(network.csi_error) * amplitude * noise
    if network.phase_error_rad:
        bound = network.phase_error_rad
        phase = stream(seed, "cell_free", purpose, "phase").uniform(-bound, bound, (num_samples, network.num_aps, 1, 1))
        true = true * np.exp(1j * phase)
    return Channels(torch.from_numpy(true), torch.from_numpy(known), torch.from_numpy(gain))


def distances(
    network: CellFree, seed: int, num_samples: int, purpose: str = "train"
) -> Float64[ndarray, "sample ap user"]:
    """Return the distances over the diagonal of the square, held within the smallest allowed and 1.

    Args:
        network: Its layout and its smallest distance.
        seed: Of the run.
        num_samples: How many realisations, 1 or more.
        purpose: Names the stream, so that train and test differ.
    """
    users = _uniform(seed, purpose, "users", num_samples, network.num_users)
    if network.layout == "grid":
        aps = np.broadcast_to(grid(network.num_aps), (num_samples, network.num_aps))
    else:
        aps = _uniform(seed, purpose, "aps", num_samples, network.num_aps)
    return np.maximum(np.abs(aps[:, :, None] - users[:, None]) / sqrt(2), network.min_distance)


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


def _uniform(seed: int, purpose: str, what: str, *shape: int) -> Complex128[ndarray, "sample point"]:
    place = stream(seed, "cell_free", purpose, what).random((*shape, 2))
    return place[..., 0] + 1j * place[..., 1]


def _fading(
    network: CellFree, seed: int, num_samples: int, purpose: str
) -> Complex128[ndarray, "sample ap user antenna"]:
    links = (num_samples, network.num_aps, network.num_users)
    generator = stream(seed, "cell_free", purpose, "fading")
    if network.fading == "antenna" and network.num_paths == 1:
        return gaussians(generator, (*links, network.num_antennas))
    departure = stream(seed, "cell_free", purpose, "departure").uniform(-0.5, 0.5, (*links, network.num_paths))
    phases = steering(departure, network.num_antennas)
    last = (network.num_paths, 1) if network.fading == "path" else (1, network.num_antennas)
    return (gaussians(generator, (*links, *last)) * phases).sum(axis=-2) / sqrt(network.num_paths)
