"""The user's own files behind a model file: which they were, and whether those that are here are the same, and safe.

A model file may come from anybody, and names functions that are called with settings that it gives. So what it names
must be defined in a file of the user's, outside of Python and of what is installed, and with the digest that it had in
training.
"""

import inspect
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.config.references import references
from qfl.errors import DataError
from qfl.extend import find_file, load_own
from qfl.given import is_given
from qfl.own_source import own_digest

MODEL = ("model.", "task")  # what a model is made of
SAMPLES = ("data.", "d2d.", "cell-free.")  # what its test set is made of
INSTALLED = (
    *(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    Path(__file__).resolve().parents[1],
)


def own_digests(settings: Settings) -> dict[str, str]:
    """Return the digest of the user's files behind every reference of a run, by its setting.

    Example:
        >>> own_digests(Settings())
        {}
    """
    return {key: own_digest(reference) for key, reference in references(settings).items()}


def require_same_files(settings: Settings, then: Mapping[str, Any], where: str, parts: tuple[str, ...] = MODEL) -> None:
    """Return if the user's own files that a model needs are here, as they were when it was trained.

    Args:
        settings: Of the run that trained it.
        then: Digests of that time, from `own_digests`.
        where: What holds the model, for messages.
        parts: How the settings begin that matter.

    Raises:
        DataError: If a file is absent or another, or the object is not the user's own.
    """
    for key, reference in references(settings).items():
        if key.startswith(parts):
            _require_same(key, reference, then.get(key), where)


def is_installed(reference: str) -> bool:
    """Return whether a reference names what is no file of the user's, such as an installed package's partitioner.

    Example:
        >>> is_installed("json:loads")
        True
    """
    place = reference.partition(":")[0]
    path = find_file(place if place.endswith(".py") else place.replace(".", "/") + ".py")
    return path is None or any(path.is_relative_to(folder) for folder in INSTALLED)


def _require_same(key: str, reference: str, then: object, where: str) -> None:
    place, said = reference.partition(":")[0], f"{where} needs your own {key} = {reference!r}"
    if is_given(reference) and not key.startswith(MODEL):  # samples of this process, which no file can forge
        return
    if is_given(reference):
        raise DataError(f"{said}, an object that was handed over in Python; put it into a file and name that")
    path = find_file(place if place.endswith(".py") else place.replace(".", "/") + ".py")
    if path is None:
        raise DataError(f"{said}, but there is no {place} here; go to the folder that has it, or put it here")
    if any(path.is_relative_to(folder) for folder in INSTALLED):
        raise DataError(f"{said}, but {place} is none of your files; take a model file that you trust")
    if own_digest(reference) != then:
        raise DataError(f"{said}, and {place} is not as it was in training; put back the file that it was trained with")
    thing = load_own(reference, key)
    if (inspect.isroutine(thing) or inspect.isclass(thing)) and not _defined_in(thing, path):
        raise DataError(f"{said}, but {place} does not define it; take a model file that you trust")


def _defined_in(thing: Any, path: Path) -> bool:
    try:
        return Path(inspect.getfile(inspect.unwrap(thing))).resolve() == path
    except (TypeError, OSError):
        return False
