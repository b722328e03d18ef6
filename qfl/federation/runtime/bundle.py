"""What Flower bundles and sends to every host: the app, and with it the files of the user's own objects.

An app's pyproject.toml says which of its files travel; a file that a run file names, such as ``rule.py:mean``, may lie
elsewhere, in a folder beside the run file or outside any app. Then the bundle is made of a copy of the app with these
files in their places, so that one reference means the same file in every process.
"""

import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import tomli_w

from qfl.config import Settings
from qfl.config.references import own_sinks, references
from qfl.extend import load_object, on_path
from qfl.own_source import own_files

BUILD = "flwr.cli.build:build_fab_from_disk"  # loaded where it is needed: hosts import this file without Flower's tools
PROJECT, CONTENT = "pyproject.toml", ".info/CONTENT"


@contextmanager
def bundled(root: Path, settings: Settings) -> Iterator[Path]:
    """Give the folder of an app whose bundle holds the files of every reference: the app's own, or a copy for now.

    Args:
        root: The app's folder.
        settings: Of the run.

    Raises:
        ValueError: If Flower cannot bundle the app.
    """
    with on_path(root):
        own = travelling(settings, root)
        if not own:
            yield root
            return
        packed = ZipFile(BytesIO(load_object(BUILD)(root)))
        if all(name in packed.namelist() and path == (root / name).resolve() for name, path in own.items()):
            yield root
            return
        with TemporaryDirectory(prefix="qfl-app-") as folder:
            yield _copy(packed, own, Path(folder) / root.name)


def travelling(settings: Settings, root: Path) -> dict[str, Path]:
    """Return the user's own files that a run needs, by their places in the app's folder; installed packages stay.

    Args:
        settings: Of the run.
        root: The app's folder, which may itself be a part of an installed package.

    Example:
        >>> travelling(Settings.from_flat({"strategy.name": "median"}), Path("/app"))
        {}
    """
    named = (*references(settings).values(), *own_sinks(settings))
    found = {name: path for each in named for name, path in own_files(each).items()}
    return {
        name: path
        for name, path in found.items()
        if "site-packages" not in path.parts or path.is_relative_to(root.resolve())
    }


def _copy(packed: ZipFile, own: dict[str, Path], app: Path) -> Path:
    """Write a bundle's files and the user's own into a folder, all of which travel; return it."""
    packed.extractall(app, [name for name in packed.namelist() if name != CONTENT])
    for name, path in own.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, app / name)
    project: Any = tomllib.loads((app / PROJECT).read_text(encoding="utf-8"))
    for key in ("fab-include", "fab-exclude"):
        project["tool"]["flwr"]["app"].pop(key, None)
    (app / PROJECT).write_text(tomli_w.dumps(project), encoding="utf-8")
    return app
