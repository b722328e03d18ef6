"""Packages list their names: those that another package imports, each where it stands (docs/names.py writes them)."""

import importlib

import pytest

from docs.names import BY_HAND, PACKAGES, listed
from qfl.lazy import places

LAZY = [name for name in PACKAGES if name not in BY_HAND and listed(name)]


@pytest.mark.parametrize("package", LAZY)
def test_the_list_is_not_older_than_the_code(package):
    module = importlib.import_module(f"qfl.{package}")
    found = {name: place.partition(":")[0] for name, place in places(module.__name__).items()}
    assert found == listed(package), "`python docs/names.py` writes it anew"


@pytest.mark.parametrize("package", LAZY)
def test_every_listed_name_is_there(package):
    module = importlib.import_module(f"qfl.{package}")
    assert module.__all__ and all(getattr(module, name) is not None for name in module.__all__)
    assert set(module.__all__) <= set(dir(module))


def test_most_packages_list_their_names():
    subjects = {"aggregation", "backbone", "federation", "models", "quantum", "scheduling", "security", "wireless"}
    assert subjects <= set(LAZY)
