"""Measured gains in place of a channel model: a matrix, or a trace of one matrix for each round.

The file is NumPy's ``.npz``, as `numpy.savez` writes it:

    gains        power gains |h|^2 between device and base station, antennas included, [device, channel] or
                 [round, device, channel]; linear, or dB with ``gains-unit = "db"``. A matrix holds in every round.
    distance_m   ground distance of each device [device]; 0 where the file has none

Path loss, shadowing, fading, motion, antenna gain and the floors of the cell are not used with it; noise, powers and
limits are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.config.cell import Cell
from qfl.errors import ConfigError, Damaged
from qfl.extend import find_file
from qfl.reading import read_arrays
from qfl.wireless.units import db_to_linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_GAIN = 1.0  # of a passive channel: no more arrives than was sent


@dataclass(frozen=True, eq=False)
class Measured:
    """A file's gains.

    Args:
        gains: Power gains, linear, 0 to 1.
        distance_m: Ground distances, in metres.
        steady: Whether the file has one matrix, which holds in every round.
        name: Of the file, for sentences.
    """

    gains: Float64[ndarray, "round device channel"]
    distance_m: Float64[ndarray, " device"]
    steady: bool
    name: str

    def at(self, number: int, end: str) -> Float64[ndarray, "device channel"]:
        """Return the gains of a round.

        Args:
            number: The round, from 0.
            end: What follows the last: ``refuse``, ``hold`` or ``wrap``.

        Raises:
            ConfigError: If the file has too few rounds and none is to follow.

        Example:
            >>> trace = Measured(np.array([[[0.1]], [[0.2]]]), np.zeros(1), False, "trace.npz")
            >>> [float(trace.at(number, "wrap")[0, 0]) for number in range(4)]
            [0.1, 0.2, 0.1, 0.2]
        """
        count = len(self.gains)
        if self.steady or number < count:
            return self.gains[0 if self.steady else number]
        if end == "refuse":
            raise ConfigError(
                f"{self.name} has gains of {count} rounds, and round {number + 1} is asked for; give a longer trace, "
                'or gains-end = "hold" or "wrap"'
            )
        return self.gains[count - 1 if end == "hold" else number % count]


def measured(cell: Cell) -> Measured:
    """Return the gains of a cell's file, checked.

    Raises:
        ConfigError: If there is no such file, or it holds something else: with the index of what is wrong.
    """
    path = Path(cell.gains) if Path(cell.gains).is_absolute() else find_file(cell.gains)
    if path is None or not path.exists():
        raise ConfigError(f"gains = {cell.gains!r}: there is no such file; give a path relative to the app's folder")
    stamp = path.stat()
    return _read(path, cell.gains_unit, stamp.st_mtime_ns, stamp.st_size)


def require_size(cell: Cell, num_devices: int, rounds: int = 1) -> Measured:
    """Return the gains of a cell's file after they have been found to be of its size and long enough.

    Args:
        cell: With a file of gains.
        num_devices: Devices of the cell.
        rounds: How many are needed.

    Raises:
        ConfigError: If they are of other devices or sub-channels, or of too few rounds.
    """
    found = measured(cell)
    if found.gains.shape[1:] != (num_devices, cell.num_channels):
        devices, channels = found.gains.shape[1:]
        raise ConfigError(
            f"gains = {cell.gains!r} is of {devices} devices and {channels} sub-channels, and the cell has "
            f"{num_devices} and {cell.num_channels}; give as many of both"
        )
    found.at(rounds - 1, cell.gains_end)
    return found


@lru_cache(maxsize=4)
def _read(path: Path, unit: str, changed_ns: int, size: int) -> Measured:
    del changed_ns, size  # another file is read again
    try:
        arrays = read_arrays(path)
    except Damaged as error:
        raise ConfigError(f"gains: {path.name} {error}; give an .npz file as numpy.savez writes it") from None
    if "gains" not in arrays:
        has = ", ".join(arrays) or "nothing"
        raise ConfigError(f"gains: {path.name} has {has}, and no array gains; give one [round, device, channel]")
    given = _numbers(arrays, "gains", path)
    if given.ndim not in (2, 3) or not given.size:
        raise ConfigError(
            f"gains: {path.name} has gains of shape {given.shape}; give [device, channel] or [round, device, channel]"
        )
    gains = _linear(given, unit, path)
    distance_m = _numbers(arrays, "distance_m", path) if "distance_m" in arrays else np.zeros(given.shape[-2])
    if distance_m.shape != given.shape[-2:-1] or not np.all(np.isfinite(distance_m) & (distance_m >= 0)):
        raise ConfigError(
            f"gains: {path.name} has no distance_m of 0 or more for each of {given.shape[-2]} devices; mend or drop it"
        )
    return Measured(gains if given.ndim == 3 else gains[None], distance_m, given.ndim == 2, path.name)


def _linear(given: Float64[ndarray, "..."], unit: str, path: Path) -> Float64[ndarray, "..."]:
    """Return gains as ratios, or refuse the first that is none."""
    gains = db_to_linear(np.where(np.isnan(given), 0.0, given)) if unit == "db" else given
    bad = ~((gains >= 0) & (gains <= MOST_GAIN)) | np.isnan(given)
    if not bad.any():
        return np.asarray(gains, np.float64)
    at = [int(axis[0]) for axis in np.nonzero(bad)]
    wanted = "levels of 0 dB or less" if unit == "db" else "ratios from 0 to 1, or gains-unit = 'db'"
    raise ConfigError(
        f"gains: {path.name} has {given[tuple(at)]} at gains[{', '.join(map(str, at))}], which is no power gain; "
        f"give {wanted}"
    )


def _numbers(arrays: "Mapping[str, NDArray]", name: str, path: Path) -> Float64[ndarray, "..."]:
    if arrays[name].dtype.kind not in "iuf":
        raise ConfigError(f"gains: {path.name} has {name} of {arrays[name].dtype}; give real numbers")
    return arrays[name].astype(np.float64)
