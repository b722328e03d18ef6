"""Tests mirror the tree: a module's tests have its name and place, or the test file that has them names the module.

``qfl/models/mlp.py`` is covered by ``tests/models/test_mlp.py``, or by a test file whose docstring holds the words
"Also covers qfl/models/mlp.py"; a name alone, ``mlp.py``, is that of a file in the folder whose tests these are.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOPS = ("qfl", "strategies", "clients", "server", "examples")
FILES = sorted(path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))


def modules():
    """Return the modules by their paths; what a package's __init__ does is tested with what it lists."""
    paths = (path for top in TOPS for path in (ROOT / top).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in paths if path.name != "__init__.py")


def folder_of(test):
    """Return the folder whose tests stand beside this one."""
    inside = test.parent.relative_to(ROOT / "tests").as_posix()
    return inside if inside.split("/")[0] in TOPS[1:] else f"qfl/{inside}".removesuffix("/.")


def by_name():
    """Return the modules whose test files have their names."""
    return {f"{folder_of(test)}/{test.name.removeprefix('test_')}" for test in FILES}


def by_docstring():
    """Return the modules that a test file says it covers."""
    said = set()
    for test in FILES:
        docstring = ast.get_docstring(ast.parse(test.read_text())) or ""
        names = re.findall(r"[\w/]+\.py", docstring.partition("overs ")[2])
        said |= {name if name.split("/")[0] in TOPS else f"{folder_of(test)}/{name}" for name in names}
    return said


def test_every_module_has_its_test_file_or_is_named_in_one():
    missing = sorted(set(modules()) - by_name() - by_docstring())
    assert not missing, f"no test file covers {', '.join(missing)}: add one, or write 'Also covers ...' in a docstring"


def test_no_module_is_named_that_is_not_there():
    assert by_docstring() <= set(modules()), by_docstring() - set(modules())
