"""What a wheel carries besides the package: a whole app under ``qfl/app``, made from this tree when the wheel is built.

That is ``server/``, ``clients/``, ``strategies/``, the run files of ``examples/``, and all of the examples of things of
one's own, ``examples/own_*``; ``qfl new`` makes an app of ``examples/own_app``. `qfl.shipped` says where it lies. An
editable installation has the tree itself.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PATTERNS = ("server/*.py", "clients/*.py", "strategies/*.py", "examples/*/*.toml", "examples/own_*/**/*.*")
FILES = ("README.md", "LICENSE")
LIBRARY = '"/qfl/**/*.py", '  # of the bundles of an app; beside a wheel, the library is installed


class Ship(BuildHookInterface):
    """Add the app to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files and their places."""
        if version != "standard":
            return
        root = Path(self.root)
        names = [*FILES, *(path.relative_to(root).as_posix() for one in PATTERNS for path in root.glob(one))]
        names = [name for name in names if "__pycache__" not in name]
        build_data["force_include"] |= {str(root / name): f"qfl/app/{name}" for name in sorted(names)}
        build_data["force_include"][self._project(root)] = "qfl/app/pyproject.toml"

    def _project(self, root: Path) -> str:
        """Return the path of a pyproject.toml whose app bundles hold the app alone."""
        before, found, after = (root / "pyproject.toml").read_text(encoding="utf-8").partition(LIBRARY)
        if not found:
            raise ValueError(f"pyproject.toml does not list {LIBRARY!r} in fab-include; mend docs/ship.py")
        self.made = TemporaryDirectory()
        path = Path(self.made.name) / "pyproject.toml"
        path.write_text(before + after, encoding="utf-8")
        return str(path)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was made for the wheel."""
        if version == "standard":
            self.made.cleanup()
