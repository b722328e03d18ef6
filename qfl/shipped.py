"""Where the app lies that comes with the library, and where the one lies that this process runs.

A wheel carries a whole app beside the library's own modules, under ``qfl/app``: ``server/``, ``clients/``,
``strategies/``, the examples' run files, and a pyproject.toml. In a checkout that app is the checkout itself, from
which the wheel's is made when it is built (``docs/ship.py``); nothing is there twice.
"""

import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

FOLDERS = ("strategies", "clients", "server")


def shipped() -> Path:
    """Return the folder of the app that comes with the library.

    Example:
        >>> (shipped() / "server/app.py").is_file()
        True
    """
    package = Path(__file__).resolve().parent
    return package / "app" if (package / "app").is_dir() else package.parent


def in_checkout() -> bool:
    """Return whether the library is that of a checkout, not of a wheel."""
    return not (Path(__file__).resolve().parent / "app").is_dir()


def install(extra: str = "") -> str:
    """Return the command that installs the library, with an extra, the way it was installed here.

    Example:
        >>> install("ray")
        "python -m pip install --constraint constraints.txt --editable '.[ray]'"
    """
    words = f"[{extra}]" if extra else ""
    if in_checkout():
        return f"python -m pip install --constraint constraints.txt --editable '.{words}'"
    return f"python -m pip install 'qfl-wireless{words}'"


def running() -> Path:
    """Return the folder of the app that this process runs: where ``clients`` is imported from; else the shipped one.

    Example:
        >>> (running() / "clients/app.py").is_file()
        True
    """
    module = sys.modules.get("clients")
    spec = module.__spec__ if module else find_spec("clients")
    return _app_of(spec.origin) if spec and spec.origin else shipped()


@lru_cache
def _app_of(module: str) -> Path:
    return Path(module).resolve().parent.parent


def sources() -> dict[str, Path]:
    """Return the Python files of library and app by name: the library's, the shipped app's, and this process's app's.

    A file of the app stands in the place of the shipped one of that name. In a checkout, and in an app bundle of Flower
    that was made from one, all three are the same tree.

    Example:
        >>> {name.partition("/")[0] for name in sources()} == {"qfl", *FOLDERS}
        True
    """
    package = Path(__file__).resolve().parent
    found = {
        f"qfl/{path.relative_to(package).as_posix()}": path
        for path in package.rglob("*.py")
        if path.relative_to(package).parts[0] != "app"
    }
    for app in (shipped(), running()):
        for folder in FOLDERS:
            found |= {path.relative_to(app).as_posix(): path for path in (app / folder).rglob("*.py")}
    return found
