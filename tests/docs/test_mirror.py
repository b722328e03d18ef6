"""Tests mirror the tree: every module has a test of its name, or one nearby whose docstring says that it covers it."""

import ast
import re
from pathlib import Path

import pytest

import qfl

ROOT = Path(qfl.__file__).parent.parent
MIRRORED = ("qfl/studies", "qfl/report", "qfl/cli", "examples")


def covered(folder: Path) -> set[str]:
    """Return the file names that docstrings of the tests in a folder name."""
    docstrings = (ast.get_docstring(ast.parse(path.read_text())) or "" for path in folder.glob("test_*.py"))
    return {name for text in docstrings for name in re.findall(r"[\w/]+\.py", text)}


@pytest.mark.parametrize("tree", MIRRORED)
def test_every_module_has_its_test(tree):
    missing = []
    for module in sorted((ROOT / tree).rglob("*.py")):
        inside = module.relative_to(ROOT / "qfl" if tree.startswith("qfl") else ROOT)
        test = ROOT / "tests" / inside.with_name(f"test_{inside.name}")
        named = {inside.name, f"{inside.parent.name}/{inside.name}", f"qfl/{inside}"}
        places = (test.parent, test.parent.parent, ROOT / "tests" / "deployment")
        if module.name != "__init__.py" and not test.exists() and not any(named & covered(place) for place in places):
            missing.append(str(inside))
    assert not missing, f"without a test of their name, and named by no test nearby: {', '.join(missing)}"
