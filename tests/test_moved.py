"""Modules that have moved are found by their old names."""

import importlib
import sys

import pytest

from qfl.moved import MODULES, NAMES, new_name


@pytest.mark.parametrize("old", MODULES)
def test_an_old_name_is_the_module_itself_and_says_where_it_is(old):
    sys.modules.pop(f"qfl.{old}", None)
    new = importlib.import_module(f"qfl.{MODULES[old]}")
    spec = new.__spec__
    with pytest.warns(DeprecationWarning, match=f"has moved to qfl.{MODULES[old]}"):
        assert importlib.import_module(f"qfl.{old}") is new
    assert new.__spec__ is spec and spec.name == new.__name__ == f"qfl.{MODULES[old]}"


@pytest.mark.parametrize("old", NAMES)
def test_old_names_of_classes_are_the_new_ones(old):
    module = importlib.import_module(f"qfl.{MODULES[old]}")
    sys.modules.pop(f"qfl.{old}", None)
    with pytest.warns(DeprecationWarning):
        found = importlib.import_module(f"qfl.{old}")
    assert all(getattr(found, before) is getattr(module, now) for before, now in NAMES[old].items())


def test_files_of_a_package_that_has_moved_are_found():
    sys.modules.pop("qfl.comparison.learning.settings", None)
    with pytest.warns(DeprecationWarning):
        found = importlib.import_module("qfl.comparison.learning.settings")
    assert found is importlib.import_module("qfl.studies.federations.settings")


def test_a_file_that_has_moved_twice_is_found_at_once():
    assert new_name("qfl.comparison.inks") == "qfl.studies.schedulers.colours"
    assert new_name("qfl.comparison.learning.words") == "qfl.studies.federations.summary_text"


def test_no_old_name_is_in_use_again():
    assert not [old for old in MODULES if new_name(f"qfl.{MODULES[old]}") is not None]


@pytest.mark.parametrize("name", ["qfl.no_such_module", "qfl.federation.no_such_module"])
def test_what_never_was_is_still_not_there(name):
    with pytest.raises(ModuleNotFoundError, match=name):
        importlib.import_module(name)
