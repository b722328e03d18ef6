"""Keys stay out of repositories, container images and packages: folders of keys say so, and git is asked beforehand."""

import os
import subprocess
from pathlib import Path

from qfl.errors import KeyFolderError

OPTION = "--in-git"
EVERYTHING = "# private keys: nothing here belongs into a repository, an image or a package\n*\n"
LIMIT_S = 20.0


def keep_out(folder: Path) -> None:
    """Write into a folder of keys that git and container builds take nothing of it; what is there already stays."""
    for name in (".gitignore", ".dockerignore"):
        if not (folder / name).exists():
            (folder / name).write_text(EVERYTHING)


def require_uncommitted(folder: Path, *, allowed: bool = False) -> None:
    """Return if git would not commit what is written into a folder, or that is wanted.

    Args:
        folder: Where keys are to go; it need not exist.
        allowed: True to write them whatever git does.

    Raises:
        KeyFolderError: If the folder is in a work tree and is not ignored there, or holds files that git tracks.
    """
    folder = Path(os.path.abspath(folder))
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    nearest, target = there.resolve(), there.resolve() / folder.relative_to(there)
    if allowed or not (top := _work_tree(nearest)):
        return
    tracked = _git(nearest, "ls-files", "--", str(target))
    if tracked == "" and _git(nearest, "check-ignore", "--quiet", str(target / "private")) is not None:
        return
    what = "git tracks files in it" if tracked else "git would commit them"
    raise KeyFolderError(
        f"no keys are written to {str(folder)!r}, in the repository {top}: {what}; give a folder outside of it, "
        f"have git ignore this one, or give {OPTION} to write them all the same"
    )


def _work_tree(folder: Path) -> Path | None:
    """Return the top of the work tree that a folder is in, whether or not git can be asked."""
    return next((path for path in (folder, *folder.parents) if (path / ".git").exists()), None)


def _git(folder: Path, *words: str) -> str | None:
    """Return what git prints, or None if it says no or cannot be asked."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], env=environment, capture_output=True, text=True, timeout=LIMIT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
