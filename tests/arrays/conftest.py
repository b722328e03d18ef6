"""Each array argument of each function of a table, by numbers of other types and by other numbers and extents.

A table is a test file's ``rows``: functions, and arguments that they compute with. Every argument meets some of the
types and oddities, in turns, so that a table meets all; with ``QFL_FUZZ`` set (`make fuzz`) every argument meets all.
"""

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

import jaxtyping
import numpy as np
import pytest
import torch

from qfl.errors import UserError

TYPES_EACH, ODDITIES_EACH = 2, 5


@dataclasses.dataclass(frozen=True)
class Case:
    """One argument of one function.

    Args:
        function: Called with all the arguments.
        given: Arguments that it computes with.
        name: Of the argument.
        number: Of the case in its table.
    """

    function: Callable[..., Any]
    given: dict[str, Any]
    name: str
    number: int

    def outcome(self, value: Any) -> list[np.ndarray] | str:
        """Return the numbers of the result with another value, or the sentence of a refusal."""
        given = self.given | {self.name: value}
        if "generator" in given:
            given["generator"] = np.random.default_rng(1)
        try:
            return list(numbers(self.function(**given)))
        except UserError as refusal:
            return str(refusal)

    def some(self, kinds: Iterable[Any], each: int) -> list[Any]:
        """Return those kinds whose turn it is."""
        kinds = list(kinds)
        if "QFL_FUZZ" in os.environ:
            return kinds
        return [kinds[(self.number * each + k) % len(kinds)] for k in range(each)]


def pytest_generate_tests(metafunc):
    number = count()
    rows = [
        (f"{place}-{function.__qualname__}", function, given)
        for place, (function, given) in enumerate(metafunc.module.rows())
    ]
    cases = [
        pytest.param(Case(function, given, name, next(number)), id=f"{row}-{name}")
        for row, function, given in rows
        for name, value in given.items()
        if isinstance(value, np.ndarray | torch.Tensor)
    ]
    metafunc.parametrize("case", cases)


@pytest.fixture(autouse=True)
def as_users_run_it():
    """Without the checks of types that only tests have, which would refuse first."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture
def agrees_for_any_type():
    return check_types


@pytest.fixture
def computes_or_refuses():
    return check_oddities


def check_types(case: Case) -> None:
    array, is_tensor = np.asarray(case.given[case.name]), isinstance(case.given[case.name], torch.Tensor)
    for kind, value, same, tolerance in case.some(types(array), TYPES_EACH):
        doubles = torch.from_numpy(np.ascontiguousarray(same)) if is_tensor else same
        found, wanted = case.outcome(value), case.outcome(doubles)
        if isinstance(wanted, str):
            assert isinstance(found, str), f"{kind} was taken, but doubles were refused: {wanted}"
            continue
        assert not isinstance(found, str), f"{kind} was refused: {found}"
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance, err_msg=kind)


def check_oddities(case: Case) -> None:
    for kind, value in case.some(oddities(np.asarray(case.given[case.name])), ODDITIES_EACH):
        found = case.outcome(value)
        if isinstance(found, str):
            assert found and "\n" not in found, kind
            continue
        assert kind not in ("words", "ragged", "objects"), kind
        given = case.given[case.name]
        assert kind != "complex" or np.iscomplexobj(given) or given.dtype is torch.complex128, kind
        # training tells of angles that are no numbers by its loss
        if case.name not in ("angles", "vector") and "inf" not in kind:
            assert not any(np.isnan(part).any() for part in found), kind


def numbers(result: Any) -> Iterator[np.ndarray]:
    if isinstance(result, torch.Tensor | np.ndarray | float | int | complex | np.generic):
        yield np.asarray(result.detach() if isinstance(result, torch.Tensor) else result)
    elif dataclasses.is_dataclass(result):
        for field in dataclasses.fields(result):
            yield from numbers(getattr(result, field.name))
    elif isinstance(result, tuple | list | dict):
        for part in result.values() if isinstance(result, dict) else result:
            yield from numbers(part)


def types(array: np.ndarray) -> Iterator[tuple[str, Any, np.ndarray, float]]:
    """Yield the same numbers in other types: name, what is given, its numbers in double, and how near results are."""
    yield "list", array.tolist(), array, 1e-12
    yield "numpy", array, array, 1e-12
    yield "strided", np.repeat(array, 2, axis=-1)[..., ::2], array, 1e-12
    yield "torch", torch.from_numpy(np.ascontiguousarray(array)), array, 1e-12
    yield (
        "gradient",
        torch.from_numpy(np.ascontiguousarray(array)).requires_grad_(array.dtype.kind in "fc"),
        array,
        1e-12,
    )
    if array.dtype.kind == "c":
        yield "complex64", array.astype(np.complex64), array.astype(np.complex64).astype(complex), 2e-4
        yield "real", np.real(array), np.real(array) + 0j, 1e-12
        return
    whole = np.rint(array.astype(float))
    yield "int", whole.astype(np.int32), whole.astype(array.dtype), 1e-12
    yield "tensor of ints", torch.from_numpy(whole.astype(np.int64)), whole.astype(array.dtype), 1e-12
    yield "bool", whole > 0, (whole > 0).astype(array.dtype), 1e-12
    for name in ("float32", "float16"):
        less = array.astype(name)
        yield name, less, less.astype(array.dtype), 2e-4 if name == "float32" else 1e-2
        yield f"tensor of {name}", torch.from_numpy(less), less.astype(array.dtype), 2e-4 if name == "float32" else 1e-2


def oddities(array: np.ndarray) -> Iterator[tuple[str, Any]]:
    """Yield what is not the same numbers: other extents, other axes, and no numbers."""
    for axis in range(array.ndim):
        for length in (0, 1):
            yield f"{length} on axis {axis}", np.take(array, range(length), axis)
        yield f"more on axis {axis}", np.concatenate([array, array], axis)
    yield "one more axis", array[None]
    yield "one axis less", array[0]
    yield "a number", 1.0
    yield "words", ["one", "two"]
    yield "ragged", [[1.0], [1.0, 2.0]]
    yield "objects", np.full(array.shape, None)
    for bad in (np.nan, np.inf, -1, 0, 99):
        for dtype in (float, np.float32):
            one_bad = array.astype(complex if array.dtype.kind == "c" else dtype)
            one_bad.flat[0] = bad
            yield f"{bad} in {dtype.__name__}", one_bad
    yield "complex", array + 0.5j
