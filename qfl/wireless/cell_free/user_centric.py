r"""The user-centric network of the textbook: a square kilometre without edges, path loss, shadowing, powers in watt.

The running example of Demir, Björnson and Sanguinetti, "Foundations of User-Centric Cell-Free Massive MIMO" (2021),
with the path loss of its Eq. (2.17), re-implemented from the text. Unlike the book, whose antennas are correlated by
local scattering, fading is independent from antenna to antenna here; and the pilots' share of the coherence block is
not counted.
"""

from dataclasses import dataclass
from math import log10

import numpy as np
import torch
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError, InputError
from qfl.seeds import stream
from qfl.wireless.cell_free.channel import Channels, gaussians
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.pilots import assign_pilots, mmse_estimate


@dataclass(frozen=True)
class UserCentric:
    """The running example of the book.

    Example:
        >>> round(UserCentric().noise_dbm, 1)
        -94.0
    """

    num_aps: int = 100
    num_users: int = 40
    num_antennas: int = 4
    side_m: float = 1000.0  # of the square, which wraps around
    height_m: float = 10.0  # of access points above users
    bandwidth_hz: float = 20e6
    noise_figure_db: float = 7.0
    ap_power_w: float = 0.2
    user_power_w: float = 0.1
    gain_at_1m_db: float = -30.5
    gain_slope_db: float = -36.7  # per decade of distance
    shadowing_db: float = 4.0  # standard deviation
    decorrelation_m: float = 9.0  # users this near see the shadowing of an access point correlated by 1/2
    num_pilots: int = 10
    perfect_csi: bool = False

    @property
    def noise_dbm(self) -> float:
        """Noise power over the bandwidth at -174 dBm/Hz."""
        return -174.0 + 10.0 * log10(self.bandwidth_hz) + self.noise_figure_db

    @property
    def network(self) -> CellFree:
        """The network to rate: gains are over the noise at full power, and foreign signals disturb fully."""
        return CellFree(self.num_aps, self.num_users, self.num_antennas, snr_db=0.0, interference=1.0)


def draw(setup: UserCentric, seed: int, num_samples: int, purpose: str = "train") -> Channels:
    """Return samples of the channel, scaled so that noise and an access point's full power are 1.

    Args:
        setup: The network.
        seed: Of the run.
        num_samples: Places, shadowing and fading are fresh in each.
        purpose: Channels of other purposes are independent.

    Raises:
        ConfigError: If there is nothing to draw, or a size is not above 0.

    Example:
        >>> draw(UserCentric(num_aps=9, num_users=3), seed=1, num_samples=2).known.shape
        torch.Size([2, 9, 3, 4])
    """
    check(setup)
    drawn = [_sample(setup, stream(seed, "user_centric", purpose, sample)) for sample in range(num_samples)]
    true, known, gain = (torch.from_numpy(np.stack(part)) for part in zip(*drawn, strict=True))
    return Channels(true, known, gain)


def check(setup: UserCentric) -> None:
    """Refuse a set-up that cannot be, with one sentence per fault.

    Raises:
        ConfigError: If a size is not above 0, or a number is not finite.

    Example:
        >>> check(UserCentric(side_m=0.0))
        Traceback (most recent call last):
        qfl.errors.ConfigError: side_m is 0.0; give a number above 0
    """
    free = ("gain_at_1m_db", "gain_slope_db", "noise_figure_db", "shadowing_db")
    values = {name: getattr(setup, name) for name in UserCentric.__dataclass_fields__ if name != "perfect_csi"}
    faults = [f"{name} is {value!r}; give a finite number" for name, value in values.items() if not np.isfinite(value)]
    faults += [f"{n} is {v!r}; give a number above 0" for n, v in values.items() if n not in free and not v > 0]
    if setup.shadowing_db < 0:
        faults.append(f"shadowing_db is {setup.shadowing_db!r}; give a number of 0 or more")
    if faults:
        raise ConfigError(faults)


@checked(positive="distance_m")
def mean_gain_db(setup: UserCentric, distance_m: Float64[ndarray, "*link"]) -> Float64[ndarray, "*link"]:
    """Return the mean gain without shadowing.

    Example:
        >>> mean_gain_db(UserCentric(), np.array([1.0, 100.0])).round(1).tolist()
        [-30.5, -103.9]
    """
    return np.asarray(setup.gain_at_1m_db + setup.gain_slope_db * np.log10(distance_m))


@checked()
def wrapped(offset_m: Complex128[ndarray, "*pair"], side_m: float) -> Complex128[ndarray, "*pair"]:
    """Return the shortest way between two points of a square whose opposite edges are one.

    Example:
        >>> wrapped(np.array([900 + 100j]), 1000.0).tolist()
        [(-100+100j)]
    """
    x, y = ((part + side_m / 2) % side_m - side_m / 2 for part in (np.real(offset_m), np.imag(offset_m)))
    return np.asarray(x + 1j * y)


@checked()
def shadowing(
    setup: UserCentric, user: Complex128[ndarray, " user"], generator: np.random.Generator
) -> Float64[ndarray, "ap user"]:
    r"""Return the shadowing in dB: independent between access points, :math:`\sigma^2 2^{-\delta / 9 m}` between users.

    Args:
        setup: Standard deviation in dB, decorrelation distance and side in metres.
        user: Places in metres.
        generator: Draws independently for every access point.

    Reference:
        Foundations of User-Centric Cell-Free Massive MIMO, the running example's shadowing.
    """
    if len(user) != setup.num_users:
        raise InputError(f"{len(user)} users were given, not {setup.num_users}; give the place of each")
    apart = np.abs(wrapped(user[:, None] - user[None], setup.side_m))
    # on a torus this is not quite a covariance: negative eigenvalues, if any, are rounding's size and dropped
    values, vectors = np.linalg.eigh(2.0 ** (-apart / setup.decorrelation_m))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return setup.shadowing_db * generator.standard_normal((setup.num_aps, setup.num_users)) @ root.T


def _sample(setup: UserCentric, generator: np.random.Generator) -> tuple[ndarray, ndarray, ndarray]:
    ap, user = (
        setup.side_m * (generator.random(number) + 1j * generator.random(number))
        for number in (setup.num_aps, setup.num_users)
    )
    flat = np.abs(wrapped(ap[:, None] - user[None], setup.side_m))
    gain_db = mean_gain_db(setup, np.hypot(flat, setup.height_m)) + shadowing(setup, user, generator)
    noise_w = 10.0 ** (setup.noise_dbm / 10 - 3)
    gain = setup.ap_power_w / noise_w * 10.0 ** (gain_db / 10)
    links = (setup.num_aps, setup.num_users, setup.num_antennas)
    true = np.sqrt(gain)[..., None] * gaussians(generator, links)
    if setup.perfect_csi:
        return true, true, gain
    noise = gaussians(generator, (setup.num_aps, setup.num_pilots, setup.num_antennas))
    pilot_snr = setup.num_pilots * setup.user_power_w / setup.ap_power_w
    return true, mmse_estimate(true, gain, assign_pilots(gain, setup.num_pilots), pilot_snr, noise), gain
