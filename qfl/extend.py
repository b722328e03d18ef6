"""From a name to an object: the one door for other people's code.

A name in a run file may be a reference, ``"module:attribute"`` or ``"file.py:attribute"``. A file is looked for in the
app's folder, which every process of a run has on its path: the server, a client, a worker of Ray, a host. What cannot
be loaded, or does not take what it is given, is refused in one sentence.

::

    load_object    an object of our own tables    is_reference    whether a name is a reference
    load_own       a user's object                raised          what an error of it says
    find_file      where a reference's file is    in_app          a reference as the app's folder has it
    find_folder    where a folder is

How it is called is in `qfl.own_calls`, what its source is in `qfl.own_source`.
"""

import difflib
import hashlib
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qfl.errors import ConfigError, UserError

REFERENCE = re.compile(r"(?P<place>[\w./-]+\.py|\w+(\.\w+)*):(?P<attribute>[A-Za-z_]\w*(\.\w+)*)")
EXAMPLE = '"models.py:Net"'


def load_object(reference: str) -> Any:
    """Return the object that a reference of our own names.

    Args:
        reference: ``module:attribute``, such as ``"qfl.models.sqm_gnn:SqmGnn"``.

    Raises:
        ImportError: If there is no such module.
        AttributeError: If the module has no such attribute.

    Example:
        >>> load_object("math:hypot")(3.0, 4.0)
        5.0
    """
    module, _, attribute = reference.partition(":")
    return getattr(importlib.import_module(module), attribute)


def is_reference(name: object) -> bool:
    """Return whether a name is a reference to somebody's own object.

    Example:
        >>> [is_reference(name) for name in ("vqc", "models.py:Net", "thesis.models:Net", "C:/models")]
        [False, True, True, False]
    """
    return isinstance(name, str) and REFERENCE.fullmatch(name) is not None


def load_own(reference: str, key: str) -> Any:
    """Return a user's object.

    Args:
        reference: ``"module:attribute"`` or ``"file.py:attribute"``.
        key: The setting that names it, for the sentence.

    Raises:
        ConfigError: If there is no such file, module or attribute, or the file ends in an error when it is read.

    Example:
        >>> load_own("math:hypot", "radio.solver")(3.0, 4.0)
        5.0
    """
    if not is_reference(reference):
        raise ConfigError(f"{key} = {reference!r} is no reference; write file and name, such as {EXAMPLE}")
    place, _, attribute = reference.partition(":")
    module = _module(place, f"{key} = {reference!r}")
    thing: Any = module
    for part in attribute.split("."):
        if not hasattr(thing, part):
            names = [name for name in vars(module) if not name.startswith("_")]
            near = difflib.get_close_matches(attribute, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else "give a name that it defines"
            raise ConfigError(f"{key} = {reference!r}: {place} has no {attribute!r}; {hint}")
        thing = getattr(thing, part)
    return thing


def raised(error: BaseException) -> str:
    """Return what an error of a user's code says, with its place, as the rest of a sentence.

    Example:
        >>> raised(ValueError("no such column"))
        'raised ValueError: no such column'
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"raised {type(error).__name__}: {' '.join(str(error).split())[:200]}{place}"


def find_file(place: str) -> Path | None:
    """Return the file of a reference: of that path in the first folder of the import path that has it, or None.

    Outside any app the working directory comes before the import path, on which the library's own app is.

    Args:
        place: A path such as ``"models.py"``, relative to the app's folder.
    """
    paths = (Path(folder or ".") / place for folder in _folders())
    return next((path.resolve() for path in paths if path.is_file()), None)


def find_folder(place: str) -> Path | None:
    """Return the folder of that path in the first folder of the import path that has it, or None."""
    paths = (Path(folder or ".") / place for folder in _folders())
    return next((path.resolve() for path in paths if path.is_dir()), None) if place else None


def _folders() -> tuple[str, ...]:
    """Return where files are looked for: the import path and the working directory, which is first outside any app.

    The app that comes with the library has examples, too; a copy of one that somebody works on is not theirs.
    """
    try:
        here = Path.cwd()
    except OSError:
        return tuple(sys.path)
    inside = any(here != Path(folder) and here.is_relative_to(folder) for folder in sys.path if folder)
    return (*sys.path, "") if inside else ("", *sys.path)


@contextmanager
def on_path(folder: Path) -> Iterator[None]:
    """Let files and modules be looked for in a folder before all others, for now."""
    kept = list(sys.path)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = kept


def in_app(reference: str, app: Path, beside: Path) -> str:
    """Return a reference of a run file as the app's folder has it: a file is looked for beside the run file first.

    Args:
        reference: As the run file has it; a module is left as it is.
        app: The app's folder.
        beside: The run file's folder.

    Example:
        >>> in_app("thesis.models:Net", Path("/app"), Path("/app/examples"))
        'thesis.models:Net'
    """
    place, _, attribute = reference.partition(":")
    path, app = (beside / place).resolve(), app.resolve()
    if place.endswith(".py") and path.is_file() and path.is_relative_to(app):
        return f"{path.relative_to(app).as_posix()}:{attribute}"
    return reference


def _module(place: str, said: str) -> Any:
    try:
        return _of_file(place, said) if place.endswith(".py") else importlib.import_module(place)
    except UserError:
        raise
    except ModuleNotFoundError as error:
        if error.name is not None and place.startswith(error.name):
            raise ConfigError(f"{said}: there is no module {error.name!r}; give a file, such as {EXAMPLE}") from None
        raise ConfigError(f"{said}: {place} {raised(error)}; mend it") from error
    except SyntaxError as error:
        raise ConfigError(f"{said}: {place} is no Python ({error.msg}, line {error.lineno}); mend it") from None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise ConfigError(f"{said}: {place} {raised(error)}; mend it") from error


def _of_file(place: str, said: str) -> Any:
    """Return the module of a file, read once for each of its contents; the files beside it can be imported by it."""
    if Path(place).is_absolute() or ".." in Path(place).parts:
        raise ConfigError(f"{said} leaves the app's folder; give a path relative to it, such as {EXAMPLE}")
    if (path := find_file(place)) is None:
        raise ConfigError(f"{said}: there is no file {place} in the app's folder; give a path relative to it")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    name = f"qfl_own_{re.sub(r'[^0-9A-Za-z]', '_', place[:-3])}_{digest}"
    if name not in sys.modules:
        _read(name, path)
    return sys.modules[name]


def _read(name: str, path: Path) -> None:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} cannot be imported")
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
