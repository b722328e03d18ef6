"""Packages whose names are imported when they are asked for."""

import importlib
import sys

import pytest

PACKAGE = '''"""A package."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from late.module import first as first, second as other

__getattr__, __dir__ = attributes(__name__)
'''


@pytest.fixture
def late(tmp_path, monkeypatch):
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "__init__.py").write_text(PACKAGE)
    (tmp_path / "late" / "module.py").write_text("first, second, third = 1, 2, 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield importlib.import_module("late")
    for name in ("late", "late.module"):
        sys.modules.pop(name, None)


def test_a_name_is_imported_when_it_is_asked_for_and_not_before(late):
    assert "late.module" not in sys.modules
    assert late.first == 1
    assert "late.module" in sys.modules


def test_a_name_may_be_another_one_where_it_stands(late):
    assert late.other == 2


@pytest.mark.parametrize("name", ["second", "third", "_first", "module_"])
def test_what_is_not_listed_is_no_attribute(late, name):
    with pytest.raises(AttributeError, match=f"module 'late' has no attribute '{name}'"):
        getattr(late, name)


def test_the_list_is_what_a_star_imports(late):
    assert late.__all__ == ["first", "other"] and {"first", "other"} <= set(dir(late))


def test_a_module_of_the_package_is_still_found(late):
    from late import module

    assert module.third == 3
