"""Settings of devices that do not go together: what is undone, and what there is to be undone."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from qfl.config.listed import numbers_of
from qfl.config.noise_rules import noisy
from qfl.extend import is_reference

if TYPE_CHECKING:
    from qfl.config.device_subjects import DeviceSettings
    from qfl.config.settings import Settings

QUIET = ("default.", "lightning.", "reference.")
"""How the names of PennyLane's own simulators begin, which have no noise but that of the run."""
STRONGEST_SCALE = 15.0  # folding a gate seven times: beyond, nothing is left of a value to extrapolate from


def scales_of(settings: "DeviceSettings") -> tuple[float, ...]:
    """Return the factors by which noise is scaled; empty where the setting holds something else.

    Example:
        >>> from qfl.config import DeviceSettings
        >>> scales_of(DeviceSettings(scales="1, 2, 3"))
        (1.0, 2.0, 3.0)
    """
    return numbers_of(settings.scales) or ()


def device_faults(s: "Settings") -> Iterator[str]:
    """Yield a sentence for what cannot hold together.

    Example:
        >>> from qfl.config import Settings
        >>> list(device_faults(Settings()))
        []
    """
    yield from _pool_faults(s)
    kind = s.device.mitigation
    if kind == "none":
        return
    if s.engine != "pennylane":
        yield (
            f"device.mitigation = {kind!r} undoes errors of devices, and engine = {s.engine!r} has none; use engine = "
            '"pennylane", or leave it out'
        )
        return
    if not noisy(s) and s.device.name.startswith(QUIET):
        yield f"device.mitigation = {kind!r}, but {s.device.name} errs in nothing by itself; set [noise], or drop it"
    elif "readout" in kind and not (s.noise.readout or s.noise.calibration):
        yield (
            f"device.mitigation = {kind!r} inverts readout errors that nobody tells; give noise.readout or "
            "noise.calibration, or use 'zne'"
        )
    if "zne" in kind:
        yield from _scale_faults(s)


def _pool_faults(s: "Settings") -> Iterator[str]:
    if s.engine != "pool":
        if s.device.pool:
            yield f'device.pool = {s.device.pool!r}, but engine = {s.engine!r} runs nothing there; use engine = "pool"'
        return
    if not s.device.pool:
        yield 'engine = "pool" needs a pool of QPUs; give its TOML file as device.pool'
    if s.security.aggregation != "plain":
        yield (
            f'engine = "pool" drops clients whose jobs would be late, and security.aggregation = '
            f"{s.security.aggregation!r} asks all of them twice; use security.aggregation = 'plain'"
        )
    if noisy(s):
        yield 'engine = "pool" runs circuits without noise; leave [noise] out, or use engine = "pennylane"'
    if s.task not in ("classify", "regress") or not (s.model.name == "vqc" or is_reference(s.model.name)):
        yield (
            f"engine = \"pool\" runs model.name = 'vqc', or a circuit of your own, not {s.model.name!r} of task = "
            f'{s.task!r}; use engine = "exact"'
        )


def _scale_faults(s: "Settings") -> Iterator[str]:
    scales = scales_of(s.device)
    rising = scales[:1] == (1.0,) and len(scales) > 1 and all(a < b for a, b in pairwise(scales))
    if not rising or max(scales) > STRONGEST_SCALE:
        yield (
            f"device.scales = {s.device.scales[:50]!r}: expected 1 and numbers that rise from there to at most "
            f"{STRONGEST_SCALE:g}, such as device.scales = [1, 3]"
        )
