"""What a package gives to whoever imports it: a list of names that are imported when they are first asked for.

A package's ``__init__`` imports its names under ``if TYPE_CHECKING``, which is what readers and type checkers see (for
them as ``from a.b import C as C``, unless ``__all__`` is written out); `attributes` makes the rest of those lines.
Importing a package then costs nothing, and packages that name one another make no circle.
"""

import ast
import inspect
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from qfl.extend import load_object


def attributes(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and the ``__dir__`` of a package whose names are imported when they are asked for.

    Example:
        >>> import qfl
        >>> get, _ = attributes("qfl")
        >>> get("Problem").__module__
        'qfl.scheduling.problem'
    """

    def get(name: str) -> Any:
        if name == "__all__":
            return sorted(places(package))
        if name.startswith("_") or name not in places(package):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = load_object(places(package)[name])
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: sorted({*vars(sys.modules[package]), *places(package)})


@cache
def places(package: str) -> dict[str, str]:
    """Return where each name of a package is imported from under ``if TYPE_CHECKING``, as ``module:attribute``.

    Example:
        >>> places("qfl")["Settings"]
        'qfl.config:Settings'
    """
    blocks = [node for node in ast.parse(inspect.getsource(sys.modules[package])).body if isinstance(node, ast.If)]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {name.asname or name.name: f"{node.module}:{name.name}" for node in imports for name in node.names}
