"""A user's channel: a function of distances to a path loss in dB, or of a scenario to the gains of D2D links.

What it gives is checked before anything is made of it: its shape, and that every number is one.
"""

from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.config.cell import Cell
from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.extend import load_own
from qfl.own_calls import call_own, settings_taken

PATH_LOSS, LINKS = "path-loss", "d2d.channel"


def own_path_loss_db(
    cell: Cell, distance_m: Float64[ndarray, " device"], sight: Float64[ndarray, " device"]
) -> Float64[ndarray, " device"]:
    """Return the path loss of a user's function, in dB; floors, shadowing and fading are added as to our own models.

    It takes those of ``distance_m`` [device], ``sight`` [device] (uniform on [0, 1], a device's own for the whole run),
    ``carrier_hz`` and ``radius_m`` that it asks for, and settings of its own.

    Args:
        cell: With the reference as its path loss.
        distance_m: Ground distance in metres.
        sight: Uniform on [0, 1].

    Raises:
        ConfigError: If it fails, or gives something else than one finite number for each device.
    """
    own = load_own(cell.path_loss, PATH_LOSS)
    names = settings_taken(own, PATH_LOSS)
    given = {"distance_m": distance_m.copy(), "sight": sight.copy()}
    given |= {"carrier_hz": cell.carrier_hz, "radius_m": cell.radius_m}
    mine = {name: value for name, value in unfold(cell.my).items() if names is None or name in names}
    found = _numbers(call_own(own, PATH_LOSS, given, mine), PATH_LOSS, cell.path_loss, distance_m.shape)
    if not np.all(np.isfinite(found)):
        at = int(np.flatnonzero(~np.isfinite(found))[0])
        raise ConfigError(
            f"{PATH_LOSS} = {cell.path_loss!r} gives {found[at]} dB for device {at} at {distance_m[at]:.4g} m; "
            "give a finite loss at every distance"
        )
    return found


def own_link_gain(scenario: Any, generator: np.random.Generator, count: int) -> Float64[ndarray, "sample rx tx"]:
    """Return the power gains of a user's function, linear and above 0.

    It takes those of ``num_pairs``, ``count``, ``generator`` and ``scenario`` (`qfl.wireless.d2d.D2dScenario`) that it
    asks for.

    Args:
        scenario: With the reference as its channel.
        generator: Of its draws.
        count: Realisations.

    Raises:
        ConfigError: If it fails, or gives something else than a finite number above 0 for each link.
    """
    given = {"scenario": scenario, "generator": generator, "count": count, "num_pairs": scenario.num_pairs}
    shape = (count, scenario.num_pairs, scenario.num_pairs)
    own = load_own(scenario.channel, LINKS)
    found = _numbers(call_own(own, LINKS, given, {}), LINKS, scenario.channel, shape)
    if len(bad := np.argwhere(~(np.isfinite(found) & (found > 0)))):
        sample, rx, tx = bad[0].tolist()
        raise ConfigError(
            f"{LINKS} = {scenario.channel!r} gives the gain {found[sample, rx, tx]} from transmitter {tx} to receiver "
            f"{rx} in sample {sample}; give finite power gains above 0, [sample, rx, tx]"
        )
    return found


def _numbers(given: Any, key: str, reference: str, shape: tuple[int, ...]) -> Float64[ndarray, "..."]:
    try:
        found = np.asarray(given)
        if found.dtype.kind not in "iuf":
            raise TypeError
        found = found.astype(np.float64)
    except (TypeError, ValueError):
        raise ConfigError(
            f"{key} = {reference!r} gives a {type(given).__name__} that is no array of real numbers; give one of "
            f"shape {shape}"
        ) from None
    if found.shape != shape:
        raise ConfigError(f"{key} = {reference!r} gives numbers of shape {found.shape}; give shape {shape}")
    return found
