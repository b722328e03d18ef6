"""What a user's object is made of: the SHA-256 of its file and of the files that it imports from the app's folder."""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

from qfl.extend import find_file, is_reference


def own_digest(reference: str) -> str:
    """Return the SHA-256 of the files behind a reference, wherever the app's folder lies; empty where no file is found.

    Args:
        reference: ``"file.py:attribute"`` or ``"module:attribute"``; an installed module counts by its name alone.

    Raises:
        ValueError: If it is no reference.
    """
    digest = hashlib.sha256()
    for name, file in (files := own_files(reference)).items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest() if files else ""


def own_files(reference: str) -> dict[str, Path]:
    """Return the files behind a reference by their places in the app's folder, in order; none where no file is found.

    Args:
        reference: ``"file.py:attribute"`` or ``"module:attribute"``.

    Raises:
        ValueError: If it is no reference.
    """
    if not is_reference(reference):
        raise ValueError(f"{reference!r} is no reference")
    place = reference.partition(":")[0]
    path = find_file(place if place.endswith(".py") else place.replace(".", "/") + ".py")
    if path is None:
        return {}
    root = path.parents[place.count("/") if place.endswith(".py") else place.count(".")]
    return {file.relative_to(root).as_posix(): file for file in sorted(_reached(path, root, set()))}


def _reached(path: Path, root: Path, seen: set[Path]) -> set[Path]:
    """Return a file and all files of the app's folder, or beside it, that it imports, and that these import.

    This package itself is left out; `qfl.provenance.source_digest` has it.
    """
    seen.add(path)
    for name in (name for name in _imported(path) if name.partition(".")[0] != "qfl"):
        for folder in (path.parent, root):
            base = folder.joinpath(*name.split("."))
            for file in (base.with_suffix(".py"), base / "__init__.py"):
                if file.is_file() and file not in seen and file.is_relative_to(root):
                    _reached(file, root, seen)
    return seen


def _imported(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
