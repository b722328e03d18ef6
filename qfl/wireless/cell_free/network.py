"""What is assumed about a cell-free network: every parameter with its unit, its default and where it is from.

The defaults are Table III of "Non-Centralized Quantum Neural Networks for Cell-Free MIMO Systems" (the paper), marked
[III]. The paper says neither where access points and users are, nor which SNR it drew, nor how near they may come; what
we chose is marked [ours]. Distances are normalised to [0, 1], so the mean gain d^-2.3 is *above* 1: beyond 10 dB of
transmit SNR such a network is limited by interference.
"""

from dataclasses import dataclass
from math import inf, isfinite, pi

from qfl.errors import ConfigError

LAYOUTS = ("uniform", "grid")
FADINGS = ("antenna", "path")


@dataclass(frozen=True)
class CellFree:
    """Access points and users in the unit square, all on one sub-channel; every access point sends with power 1.

    Nothing is checked here; `check` does, and `qfl.wireless.cell_free.channel.draw` calls it.

    Example:
        >>> CellFree().num_aps, CellFree(snr_db=10.0).snr
        (4, 10.0)
    """

    num_aps: int = 4  # access points [III]
    num_users: int = 3  # [III]
    num_antennas: int = 2  # of an access point [III]; users have one
    snr_db: float = 20.0  # transmit power of an access point over the noise at a user, rho [ours]
    interference: float = 0.1  # mu, what of a foreign signal's power is received, 0 to 1 [III]
    path_loss_exponent: float = 2.3  # kappa [III]
    layout: str = "uniform"  # access points uniform in the square, or on a grid; users always uniform [ours]
    min_distance: float = 0.05  # of an access point and a user, over the diagonal of the square [ours]
    fading: str = "antenna"  # a gain for every antenna, as printed in Eq. (3), or one for every path [ours]
    num_paths: int = 1  # N_path of Eq. (3); one for every antenna cancels the steering [ours]
    csi_error: float = 0.0  # variance of n_CSI over the mean gain [ours]
    phase_error_rad: float = 0.0  # theta_pu of footnote 10, the unknown phase of an access point; 0 to pi
    coherent: bool = False  # access points of a user in phase with each other; the paper's are not

    @property
    def snr(self) -> float:
        """Transmit power over noise power, linear."""
        return 10.0 ** (self.snr_db / 10.0)


def check(network: CellFree) -> None:
    """Refuse a network that cannot be, with one sentence per fault.

    Raises:
        ConfigError: If a number is out of range or a name is unknown.

    Example:
        >>> check(CellFree(num_users=0))
        Traceback (most recent call last):
        qfl.errors.ConfigError: num_users is 0; give a whole number from 1 on
    """
    if faults := [*_counts(network), *_numbers(network), *_names(network)]:
        raise ConfigError(faults)


def _counts(network: CellFree) -> list[str]:
    names = ("num_aps", "num_users", "num_antennas", "num_paths")
    return [
        f"{name} is {getattr(network, name)!r}; give a whole number from 1 on"
        for name in names
        if not (isinstance(getattr(network, name), int) and getattr(network, name) >= 1)
    ]


def _numbers(network: CellFree) -> list[str]:
    ranges = {
        "snr_db": (-inf, inf, "that is finite"),
        "interference": (0.0, 1.0, "from 0 to 1"),
        "path_loss_exponent": (0.0, inf, "of 0 or more"),
        "min_distance": (1e-9, 1.0, "above 0 and at most 1"),
        "csi_error": (0.0, inf, "of 0 or more"),
        "phase_error_rad": (0.0, pi, "from 0 to pi"),
    }
    return [
        f"{name} is {getattr(network, name):g}; give a number {wanted}"
        for name, (low, high, wanted) in ranges.items()
        if not (isfinite(getattr(network, name)) and low <= getattr(network, name) <= high)
    ]


def _names(network: CellFree) -> list[str]:
    known = {"layout": LAYOUTS, "fading": FADINGS}
    return [
        f"{name} is {getattr(network, name)!r}; give one of {', '.join(names)}"
        for name, names in known.items()
        if getattr(network, name) not in names
    ]
