"""A model file on the disk: signed arrays (`qfl.security.signed_arrays`), ``angles``, the trained entries, among them.

More numbers, such as principal components, stand beside them. `read_model` gives the signer's key back, and
``signed_by`` names the one that is expected.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.errors import Damaged, DataError, Rejection
from qfl.security.envelope import MODEL
from qfl.security.signed_arrays import as_fault, read_signed, write_signed
from qfl.security.signing import PublicKey, Signer

FORMAT = "qfl-model-2"
ANGLES = "angles"


@dataclass(frozen=True, eq=False)
class ModelFile:
    """What a model file holds.

    Args:
        header: Plain values: settings, facts of the data, layout, provenance.
        angles: The trained entries, float32 or float64.
        arrays: More numbers by name.
    """

    header: Mapping[str, Any]
    angles: NDArray
    arrays: Mapping[str, NDArray] = field(default_factory=dict)


def write_model(path: str | Path, content: ModelFile, signer: Signer) -> None:
    """Write a model file.

    Args:
        path: The file; ``.npz`` is usual.
        content: What it holds.
        signer: Whose signature stands in it.
    """
    arrays = {**content.arrays, ANGLES: content.angles}
    write_signed(Path(path), dict(content.header) | {"format": FORMAT}, arrays, signer, MODEL)


def read_model(path: str | Path, signed_by: PublicKey | None = None) -> tuple[ModelFile, PublicKey]:
    """Return what a model file holds, and the key that signed it.

    Args:
        path: What `write_model` wrote.
        signed_by: The key that must have signed it; None takes the one that comes with the file.

    Raises:
        DataError: If the file is absent, no model file, damaged, or signed by another.
    """
    path = Path(path)
    if not os.path.lexists(path):
        raise DataError(f"{path}: no such model file; `qfl export RUN` writes one")
    try:
        header, arrays, key = read_signed(path, MODEL, signed_by)
        angles = _angles(arrays)
    except (Damaged, Rejection) as error:
        raise DataError(f"{path} is refused as a model file: it {as_fault(error)}; export it again") from None
    if header.get("format") != FORMAT:
        raise DataError(f"{path} is no model file of this version ({FORMAT}); export it again")
    return ModelFile(header, angles, arrays), key


def _angles(arrays: dict[str, NDArray]) -> NDArray:
    angles = arrays.pop(ANGLES, None)
    if angles is None or angles.ndim != 1 or angles.dtype not in (np.float32, np.float64):
        raise Damaged("has no angles of float32 or float64")
    if not np.isfinite(angles).all():
        raise Damaged("has angles that are not finite")
    return angles
