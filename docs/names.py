"""Write which names each package lists: those that another package imports, each with the module where it stands.

``.venv/bin/python docs/names.py`` (or ``make architecture``) writes the import block of every package's ``__init__``; a
test fails where one is older than the code. A name that two modules of a package share, or that one of its modules has,
is left out: it is taken from its module. `qfl.config` and `qfl.report` are written by hand, and imported whole.
"""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("qfl", "strategies", "clients", "server", "examples")
BY_HAND = ("cli", "config", "report")
PACKAGES = sorted(path.parent.name for path in (ROOT / "qfl").glob("*/__init__.py"))


def listed(package: str) -> dict[str, str]:
    """Return the names that a package lists, each with its module."""
    where: dict[str, set[str]] = defaultdict(set)
    for module, name in _imports(package):
        where[name].add(module)
    taken = {path.stem for path in (ROOT / "qfl" / package).iterdir()} | {"__init__"}
    return {
        name: next(iter(modules))
        for name, modules in sorted(where.items())
        if len(modules) == 1 and name not in taken and modules != {f"qfl.{package}"}
    }


def _imports(package: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of what others import from a package, modules themselves left out."""
    for path in sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py")):
        if path.relative_to(ROOT).parts[:2] == ("qfl", package):
            continue
        for module, name in _imported(path.read_text()):
            place = ROOT / module.replace(".", "/")
            if f"{module}.".startswith(f"qfl.{package}.") and not name.startswith("_"):
                if not (place / f"{name}.py").exists() and not (place / name).is_dir():
                    yield module, name


@cache
def _imported(source: str) -> tuple[tuple[str, str], ...]:
    """Return module and name of every import from a module of ours; parsing takes the time of all packages together."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in nodes if (node.module or "").startswith("qfl")]
    return tuple((node.module or "", each.name) for node in ours for each in node.names)


def write(package: str) -> None:
    """Write the import block of a package below its docstring."""
    path = ROOT / "qfl" / package / "__init__.py"
    docstring = ast.get_docstring(ast.parse(path.read_text()), clean=False)
    by_module: dict[str, list[str]] = defaultdict(list)
    for name, module in listed(package).items():
        by_module[module].append(f"{name} as {name}")
    lines = [f"    from {module} import {', '.join(names)}" for module, names in sorted(by_module.items())]
    code = ["from typing import TYPE_CHECKING", "", "from qfl.lazy import attributes", "", "if TYPE_CHECKING:", *lines]
    code += ["", "__getattr__, __dir__ = attributes(__name__)"] if lines else []
    path.write_text("\n".join([f'"""{docstring}"""', *(["", *code] if lines else [])]) + "\n")


if __name__ == "__main__":
    for name in PACKAGES:
        if name not in BY_HAND:
            write(name)
    sys.exit(subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", "qfl"], cwd=ROOT).returncode)
