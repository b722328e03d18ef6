"""What a detector or a forecaster has learned, as an entry of the registry, and how a request starts from it.

Of a detector these are the widths of its kernels: a request that names the entry uses them as they are, and skips the
search. Of a forecaster it is the trained circuit: a request goes on training it for a quarter of the steps. Either is
verified on the request's own data all the same, beside the classical method.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from qfl.backbone.runtime.pipeline.features import Features
from qfl.backbone.runtime.pipeline.rows import ReducedRows
from qfl.backbone.runtime.templates.entry import Template
from qfl.backbone.runtime.templates.folder import Templates
from qfl.errors import ConfigError

KIND = "checkpoint"


def widths_checkpoint(name: str, widths: Mapping[str, float | None], reduced: ReducedRows) -> Template:
    """Return the entry of a detector's kernels.

    Args:
        name: Of the entry.
        widths: By solver; None of those that have no kernel.
        reduced: The rows that they were chosen on.
    """
    arrays = {solver: np.array([width]) for solver, width in widths.items() if width is not None}
    return Template(name, KIND, {"of": "detect", **_rows_of(reduced)}, arrays)


def circuit_checkpoint(
    name: str, parameters: Mapping[str, ndarray], length: int, ahead: int, features: Features | None
) -> Template:
    """Return the entry of a forecaster's circuit.

    Args:
        name: Of the entry.
        parameters: That were trained.
        length: Values of a window.
        ahead: Steps from the last value seen to the one that is told.
        features: That windows were compressed to, None for none.
    """
    return Template(name, KIND, {"of": "predict", **_windows_of(length, ahead, features)}, dict(parameters))


def need_checkpoint(templates: Templates | None, wanted: str) -> Template:
    """Return the entry that a request names.

    Raises:
        ConfigError: If there is no registry, or no such entry in it.
    """
    if templates is None:
        raise ConfigError(
            f"checkpoint {wanted[:60]!r} is of no registry; start the service with --templates and --signed-by"
        )
    return templates.need(wanted, KIND)


def known_widths(entry: Template, reduced: ReducedRows) -> dict[str, tuple[float, ...]]:
    """Return the widths of an entry by solver, one to be tried of each.

    Raises:
        ConfigError: If it was learned on other features.
    """
    _require(entry, {"of": "detect", **_rows_of(reduced)})
    return {solver: (float(width[0]),) for solver, width in entry.arrays.items() if width.shape == (1,)}


def known_circuit(entry: Template, length: int, ahead: int, features: Features | None) -> Mapping[str, ndarray]:
    """Return the parameters that a circuit starts from.

    Args:
        entry: Of the registry.
        length: Values of a window.
        ahead: Steps from the last value seen to the one that is told.
        features: That windows are compressed to, None for none.

    Raises:
        ConfigError: If it was learned of other windows.
    """
    _require(entry, {"of": "predict", **_windows_of(length, ahead, features)})
    return entry.arrays


def _rows_of(reduced: ReducedRows) -> dict[str, Any]:
    each = reduced.features
    return {"features": each.before, "qubits": each.after, "compression": each.method}


def _windows_of(length: int, ahead: int, features: Features | None) -> dict[str, Any]:
    compressed = {"features": features.after, "compression": features.method} if features is not None else {}
    return {"window": length, "ahead": ahead, **compressed}


def _require(entry: Template, asked: Mapping[str, Any]) -> None:
    if dict(entry.facts) != asked:
        raise ConfigError(f"template {entry.label} was learned for {dict(entry.facts)}; the request is {dict(asked)}")
