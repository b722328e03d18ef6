"""``qfl run --example``: the run files of the examples, which come with the library, by name."""

import difflib
from pathlib import Path

from qfl.config import read_run_file
from qfl.errors import ConfigError
from qfl.shipped import shipped


def run_files() -> dict[str, Path]:
    """Return the examples' run files by name: the folder's, and after a slash the file's where that is another.

    Files of studies are left out; they are for ``qfl reproduce`` and ``qfl compare``.

    Example:
        >>> run_files()["quickstart"].name
        'quickstart.toml'
    """
    paths = sorted((shipped() / "examples").glob("*/*.toml"))
    return {_name(path): path for path in paths if path.parent.name != "own_app" and _is_run_file(path)}


def example(name: str) -> Path:
    """Return the run file of an example.

    Raises:
        ConfigError: If there is none of that name.
    """
    files = run_files()
    if name not in files:
        near = difflib.get_close_matches(name, files, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(files)}"
        raise ConfigError(f"--example {name}: there is no such example; {hint}")
    return files[name]


def examples_page() -> str:
    """Return the names of the examples, each with the first words of its file."""
    files = run_files()
    return "".join(f"{name:<{max(map(len, files))}}  {about(path)}\n" for name, path in files.items())


def about(path: Path) -> str:
    """Return the first sentence of a run file's first comment, without its full stop."""
    words: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        words.append(line.lstrip("# "))
    return " ".join(words).partition(". ")[0].rstrip(".")


def _name(path: Path) -> str:
    return path.stem if path.stem == path.parent.name else f"{path.parent.name}/{path.stem}"


def _is_run_file(path: Path) -> bool:
    try:
        read_run_file(path)
    except ConfigError:
        return False
    return True
