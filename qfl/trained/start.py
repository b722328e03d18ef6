"""Where a run begins that starts from a trained model: entries of the same name are taken over, the rest begin anew."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.angles import AngleLayout, angle_digest
from qfl.errors import Damaged, DataError
from qfl.results import RunFolder
from qfl.trained.container import read_model
from qfl.trained.export import trained_angles


@dataclass(frozen=True, eq=False)
class Start:
    """The entries that a run begins with.

    Args:
        angles: One per entry of the new model.
        taken: How many are the trained model's.
        left: How many of the trained model's have no place in the new one.
        origin: What was started from, in plain values, for run.json.
    """

    angles: NDArray
    taken: int
    left: int
    origin: dict[str, Any]

    @property
    def remark(self) -> str:
        """What does not match, as a sentence; empty where all does."""
        new = len(self.angles) - self.taken
        if not new and not self.left:
            return ""
        return (
            f"{self.origin['path']}: {self.taken} of {len(self.angles)} entries begin as trained, {new} begin anew, "
            f"and {self.left} of the trained model's are left out, since no entry has their name"
        )


def require_trained(path: str) -> None:
    """Return if a path holds a trained model.

    Raises:
        UserError: If it does not.
    """
    _trained(path)


def start_from(path: str, layout: AngleLayout, initial: NDArray) -> Start:
    """Return the entries of a new run that starts from a trained model.

    Args:
        path: A model file, or a run folder.
        layout: Of the new model.
        initial: What it would begin with otherwise.

    Raises:
        UserError: If there is no such model, or no entry of it has a place; both sizes are named.
    """
    names, angles = _trained(path)
    if len(names) != len(angles):
        raise DataError(f"{path} names {len(names)} entries but holds {len(angles)}; export it again")
    place = {name: number for number, name in enumerate(names)}
    taken = [(number, place[name]) for number, name in enumerate(layout.names) if name in place]
    if not taken:
        raise DataError(
            f"{path} holds {len(names)} entries ({_few(names)}), the new model has {len(layout)} "
            f"({_few(layout.names)}), and none has the same name; start from a model of the same kind"
        )
    found = initial.copy()
    found[[new for new, _ in taken]] = angles[[old for _, old in taken]]
    origin = {
        "path": str(path),
        "angles_sha256": angle_digest(angles),
        "entries": len(names),
        "taken": len(taken),
        "anew": len(layout) - len(taken),
    }
    return Start(found, len(taken), len(names) - len(taken), origin)


def _trained(path: str) -> tuple[tuple[str, ...], NDArray]:
    """Return names and numbers of a trained model's entries."""
    if not Path(path).is_dir():
        content, _ = read_model(path)
        layout = content.header.get("layout")
        return _texts(layout.get("names") if isinstance(layout, dict) else None, path), content.angles
    folder = RunFolder(path)
    model = folder.header.get("model")
    names = model.get("names") if isinstance(model, dict) else None
    if not isinstance(names, list):
        raise folder.damaged("run.json", Damaged("does not name the model's entries"))
    _, angles = trained_angles(folder)
    if not np.isfinite(angles).all():
        raise folder.damaged("checkpoint.npz", Damaged("holds angles that are not finite"))
    return _texts(names, path), angles


def _texts(names: Any, path: str) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise DataError(f"{path} does not name its entries, each once; export it again")
    return tuple(names)


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
