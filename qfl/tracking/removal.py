"""Remove run folders: whole, never one that is in use, and nothing that qfl did not write."""

import os
import re
import shutil
from pathlib import Path

from qfl.errors import RunFolderError
from qfl.results import RunFolder
from qfl.writing import alone

OURS = (
    "rounds.jsonl",
    "clients.jsonl",
    "ledger.jsonl",
    "privacy.jsonl",
    "checkpoint.npz",
    "checkpoints",
    "masked-sum.npz",
    "masking",
    "keys",
    "report.html",
    "model.npz",
    "sinks.json",
    "tensorboard",
    "wandb",
)
DRAFT = re.compile(
    r"\.((run|sinks)\.json|report\.html|[a-z-]+\.(jsonl|npz))\.[0-9a-f]{8}"
)  # what a kill leaves of a file


def check_removable(path: Path) -> None:
    """Return if a folder holds a run of ``qfl run``, and nothing else.

    Raises:
        RunFolderError: If it is something else, a study, damaged beyond knowing, or holds what qfl did not write.
    """
    if path.is_symlink():
        raise RunFolderError(f"{path} is a link; remove it by hand, or name the folder that it points to")
    header = RunFolder(path).header
    if "kind" in header or not isinstance(header.get("settings"), dict) or not isinstance(header.get("run_id"), str):
        what = f"holds a {header['kind']}" if isinstance(header.get("kind"), str) else "is no run of `qfl run`"
        raise RunFolderError(f"{path} {what}; `--remove` removes what `qfl run` made, so remove it by hand")
    others = sorted(name for name in os.listdir(path) if not (name in ("run.json", *OURS) or DRAFT.fullmatch(name)))
    if others:
        raise RunFolderError(
            f"{path} also holds {', '.join(others[:3])}{', ...' if len(others) > 3 else ''}, which qfl did not write; "
            "move it elsewhere, or remove the folder by hand"
        )


def remove(path: Path) -> None:
    """Remove a run folder; ``run.json`` goes last, so that what a kill leaves can be removed again.

    Raises:
        RunFolderError: As `check_removable`, or if a process has the run in its hands.
    """
    check_removable(path)
    with alone(path):
        check_removable(path)
        for entry in list(os.scandir(path)):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            elif entry.name != "run.json":
                os.unlink(entry.path)
        os.unlink(path / "run.json")
        path.rmdir()


def size_of(path: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(os.lstat(os.path.join(at, name)).st_size for at, _, names in os.walk(path) for name in names)
