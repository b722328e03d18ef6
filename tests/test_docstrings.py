"""Every example in a docstring runs and prints what it says; arguments are described where there are several."""

import ast
import doctest
import importlib
import pkgutil
import types
from pathlib import Path

import pytest

import qfl
import strategies
from qfl.errors import MissingExtra

MODULES = sorted(
    module.name
    for package in (qfl, strategies)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name):
    faults, missing = run_the_examples(importlib.import_module(name))
    assert not faults
    if missing:
        pytest.skip(missing[0])


def run_the_examples(module):
    """Run the examples of every docstring; return what is not as it says, and which packages some asked for in vain."""
    runner = doctest.DebugRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    faults, missing = [], []
    for docstring in doctest.DocTestFinder().find(module):
        try:
            runner.run(docstring)
        except doctest.DocTestFailure as fault:
            faults.append(f"{docstring.name}: {fault.example.source.strip()} printed {fault.got}")
        except doctest.UnexpectedException as fault:
            error = fault.exc_info[1]
            (missing if isinstance(error, MissingExtra) else faults).append(f"{docstring.name}: {error!r}")
    return faults, missing


def test_an_example_that_is_not_true_is_found_and_one_without_its_package_is_skipped():
    module = types.ModuleType("examples")
    module.__doc__ = ">>> 1 + 1\n3\n"
    assert run_the_examples(module) == (["examples: 1 + 1 printed 2\n"], [])
    module.__doc__ = ">>> from qfl.errors import MissingExtra\n>>> raise MissingExtra('Ray')\n>>> 1 + 1\n3\n"
    assert run_the_examples(module) == ([], ["examples: MissingExtra('Ray')"])


ROOT = Path(qfl.__file__).parent.parent


def public_functions(node):
    """Return the public functions and methods of a module or class, those of public classes among them."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from public_functions(child)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not child.name.startswith("_"):
            yield child


def undescribed(path):
    """Return the public functions of three arguments or more without an Args section; overrides inherit theirs."""
    for function in public_functions(ast.parse(path.read_text())):
        given = function.args
        names = {argument.arg for argument in given.posonlyargs + given.args + given.kwonlyargs} - {"self", "cls"}
        override = any(ast.unparse(decorator).endswith("override") for decorator in function.decorator_list)
        if len(names) >= 3 and not override and "Args:" not in (ast.get_docstring(function) or ""):
            yield f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"


def test_every_public_function_of_three_arguments_or_more_describes_them():
    paths = [path for top in ("qfl", "strategies") for path in sorted((ROOT / top).rglob("*.py"))]
    assert not [fault for path in paths for fault in undescribed(path)]
