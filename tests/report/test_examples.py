"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import qfl.report

MODULES = [name for _, name, _ in pkgutil.walk_packages(qfl.report.__path__, "qfl.report.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
