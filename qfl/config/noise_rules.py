"""Settings of noise that do not go together: one kind of noise at a time, and each with what belongs to it."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from qfl.extend import EXAMPLE, is_reference

if TYPE_CHECKING:
    from qfl.config.settings import Settings

VARIED = ("depolarising", "readout", "spread", "drift")


def noisy(s: "Settings") -> bool:
    """Return whether any noise is set."""
    own = s.noise
    return bool(own.depolarising or own.readout or own.calibration or own.model)


def noise_faults(s: "Settings") -> Iterator[str]:
    """Yield a sentence for what cannot hold together.

    Example:
        >>> from qfl.config import Settings
        >>> list(noise_faults(Settings.from_flat({"noise.spread": 0.3})))
        []
    """
    own = s.noise
    kind = "noise.calibration" if own.calibration else "noise.model"
    if own.calibration and own.model:
        yield "noise.calibration and noise.model are two descriptions of the same noise; leave one of them out"
    for name in VARIED if own.calibration or own.model else ():
        if getattr(own, name):
            yield (
                f"noise.{name} = {getattr(own, name):g} is of noise of one strength, and {kind} says it all; leave one "
                "of them out (clients differ by files of their own)"
            )
    if own.model and not is_reference(own.model):
        yield f"noise.model = {own.model[:50]!r}: expected a file and a name in it, such as {EXAMPLE}"
    if own.model and s.strategy.name == "noise-aware":
        yield "strategy.name = 'noise-aware' counts expected errors, and noise.model tells none; use noise.calibration"
    if own.calibration and s.task == "cell_free" and s.cell_free.cloud_engine == "pennylane":
        yield (
            "cell-free.cloud-engine = 'pennylane', but noise.calibration is of the access points' circuits, which have "
            "other qubits; run the cloud exactly"
        )
    yield from _qubits(own.qubits, own.calibration)


def _qubits(given: str, calibration: str) -> Iterator[str]:
    if given and not calibration:
        yield "noise.qubits says which qubits of noise.calibration are used, and there is none; give a file"
    parts = re.split(r"\s*,\s*", given.strip()) if given else []
    whole = all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts)
    if not whole or len({int(part) for part in parts}) < len(parts):
        yield f'noise.qubits = {given[:50]!r}: expected different qubits, such as noise.qubits = "0,1,4,7"'
