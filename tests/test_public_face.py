"""The names that `qfl` gives to whoever imports it."""

import subprocess
import sys
from pathlib import Path

import pytest

import qfl
from qfl.extend import load_object
from qfl.lazy import places

CODE = """
import sys
before = set(sys.modules); import qfl; loaded = set(sys.modules) - before
print(len(loaded), *sorted({name.split(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"qfl"}))
"""


@pytest.mark.parametrize("name", qfl.__all__)
def test_every_name_is_there_and_says_what_it_is(name):
    assert (getattr(qfl, name).__doc__ or "").strip()


def test_the_list_and_the_places_are_the_same_names_in_order():
    assert qfl.__all__ == sorted(places("qfl")) == sorted(qfl.__all__)


def test_a_name_is_the_object_of_its_place():
    assert qfl.run is load_object("qfl.api.run:run")
    assert qfl.Settings is load_object("qfl.config:Settings")


def test_what_is_not_listed_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'Setings'"):
        _ = qfl.Setings
    assert set(qfl.__all__) <= set(dir(qfl))


def test_importing_the_package_loads_few_modules_and_none_of_other_packages():
    number, *others = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True).stdout.split()
    assert others == [] and int(number) < 100


def test_types_are_shipped():
    assert (Path(qfl.__file__).parent / "py.typed").is_file()
