"""Find and load what belongs to one paper: ``examples/<paper>/study.py`` of a checkout, never part of the wheel.

Such a file lists its studies, and imports nothing heavy to do so::

    STUDIES = {"table1": Example("SQM-GNN against WMMSE over pairs and powers", "table1.toml", "table1")}

The third word names the module beside it, ``table1.py``, whose ``STUDY`` is a `qfl.studies.study.Study`;
``"curves:FIG5"`` names another object of it, and ``":STUDY"`` one of study.py itself. The files of a folder import one
another as those of a package do (``from .table1_page import page``).
"""

import hashlib
import importlib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.studies.study import Study

FILE, PREFIX = "study.py", "qfl_example_"


@dataclass(frozen=True)
class Example:
    """One study of a paper.

    Args:
        about: What it measures, in a line.
        file: Its run file, beside study.py.
        place: ``module``, or ``module:NAME``: where its `Study` is.
        also: Folders of other papers whose modules it takes.
    """

    about: str
    file: str
    place: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placed:
    """An example, and the folder that it is in."""

    folder: Path
    example: Example

    @property
    def file(self) -> Path:
        """The run file."""
        return self.folder / self.example.file

    @property
    def digest(self) -> str:
        """The SHA-256 over the sources that the study is made of."""
        return digest(self.folder, *(self.folder.parent / name for name in self.example.also))

    def study(self) -> "Study":
        """Return the study, with what it imports."""
        return member(self.folder, self.example.place)


def examples_of(checkout: Path) -> dict[str, Placed]:
    """Return the studies of all papers in a checkout by name.

    Raises:
        ConfigError: If there is none, or a study.py cannot be loaded.
    """
    folders = sorted(path.parent for path in (checkout / "examples").glob(f"*/{FILE}"))
    studies = {
        name: Placed(folder, example)
        for folder in folders
        for name, example in getattr(load(folder), "STUDIES", {}).items()
    }
    if not studies:
        raise ConfigError(
            f"{checkout} has no examples/<paper>/{FILE}; reproductions live in the examples/ of a checkout of the "
            "project, so clone it and go there"
        )
    return studies


def load(folder: Path) -> ModuleType:
    """Return a folder's study.py as a module of its own name, the same whenever and wherever it is loaded.

    Raises:
        ConfigError: If it cannot be.
    """
    path = folder.resolve() / FILE
    name = _name(path)
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, path, submodule_search_locations=[str(path.parent)])
    assert spec and spec.loader  # of a .py file there always are
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ConfigError(
            f"{path} cannot be loaded ({type(error).__name__}: {error}); mend it or take it away"
        ) from None
    return module


def member(folder: Path, place: str) -> Any:
    """Return an object of a folder that holds a study.py, such as another paper's set-ups.

    Args:
        folder: The folder.
        place: ``module``, whose ``STUDY`` it is, or ``module:NAME``.

    Raises:
        ConfigError: If study.py cannot be loaded.
    """
    module, _, name = place.partition(":")
    return getattr(module_of(folder, module), name or "STUDY")


def module_of(folder: Path, name: str) -> ModuleType:
    """Return a module beside study.py; study.py itself if the name is empty.

    Raises:
        ConfigError: If study.py cannot be loaded.
    """
    package = load(folder)
    return importlib.import_module(f"{package.__name__}.{name}") if name else package


def loaded() -> tuple[Path, ...]:
    """Return the folders that are loaded, so that another process can load them as well."""
    modules = [module for name, module in sys.modules.items() if name.startswith(PREFIX) and "." not in name]
    return tuple(Path(str(module.__file__)).parent for module in modules)


def load_all(folders: Iterable[Path]) -> None:
    """Load folders."""
    for folder in folders:
        load(folder)


def digest(*folders: Path) -> str:
    """Return the SHA-256 over the Python sources of papers' folders, in their order."""
    whole = hashlib.sha256()
    for path in (path for folder in folders for path in sorted(folder.glob("*.py"))):
        whole.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _name(path: Path) -> str:
    digits = hashlib.sha256(str(path).encode()).hexdigest()[:8]
    return f"{PREFIX}{re.sub(r'[^0-9A-Za-z]', '_', path.parent.name)}_{digits}"
