"""Find the Flower app: a checkout is known by ``[tool.flwr.app.components]`` in its pyproject.toml."""

from collections.abc import Iterator
from pathlib import Path

from qfl.config import read_toml
from qfl.errors import ConfigError
from qfl.shipped import shipped


def here() -> Path:
    """Return the working directory.

    Raises:
        ConfigError: If it was deleted meanwhile.
    """
    try:
        return Path.cwd()
    except OSError:
        raise ConfigError("the working directory is gone; change to one that exists") from None


def find_checkout(*starts: Path) -> Path:
    """Return the nearest folder that is a Flower app, upward from each start in turn.

    The app that comes with the library is the last resort: the checkout that it was installed from
    (``pip install --editable``), or what a wheel carries.

    Args:
        starts: Folders or files to look from, such as the run file and the working directory.

    Raises:
        ConfigError: If there is none, or a pyproject.toml on the way is no TOML.
    """
    for start in (*starts, shipped()):
        for folder in _upward(start):
            if _is_app(folder):
                return folder
    raise ConfigError(
        f"found no Flower app (a pyproject.toml with [tool.flwr.app.components]) above {_list(starts)}; "
        "run from a checkout of the project, or keep the run file in one"
    )


def app_of(app: str | Path | None, *starts: Path) -> Path:
    """Return the folder of the app that a call names, or the nearest to where it is made.

    Args:
        app: What was named; None takes the nearest.
        starts: Where to look from, before the working directory.

    Raises:
        ConfigError: If what was named is no app.
    """
    if app is None:
        return find_checkout(*starts, Path.cwd())
    folder = Path(app).resolve()
    if not _is_app(folder):
        raise ConfigError(
            f"app = {str(app)!r} is no app's folder (no pyproject.toml there has [tool.flwr.app.components]); name "
            "one, or leave it out"
        )
    return folder


def _upward(start: Path) -> Iterator[Path]:
    here = start.resolve()
    yield from (here, *here.parents) if here.is_dir() else here.parents


def _is_app(folder: Path) -> bool:
    path = folder / "pyproject.toml"
    node = read_toml(path) if path.is_file() else {}
    for key in ("tool", "flwr", "app"):
        node = node.get(key) if isinstance(node, dict) else None
    return isinstance(node, dict) and "components" in node


def _list(starts: tuple[Path, ...]) -> str:
    return " or ".join(dict.fromkeys(repr(str(start)) for start in starts))
