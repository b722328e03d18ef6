"""What never changes, so that no checkpoint need hold it: the code and the settings that a strategy is made with."""

import dis
import enum
import logging
import re
import threading
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from functools import partial
from pathlib import PurePath
from typing import Any

import numpy as np
import torch

from qfl.extend import load_object

CODE = (type, types.ModuleType, types.BuiltinFunctionType, types.GenericAlias, enum.Enum, np.ufunc, type(np.mean))
TOOLS = (logging.Logger, re.Pattern, type(threading.Lock()), type(threading.RLock()), range)
VALUES = (PurePath, date, time, timedelta, np.dtype, torch.dtype, torch.device)


def is_constant(value: Any) -> bool:
    """Tell whether a value that is no number or text can never change.

    A module's functions are constant, and any other function if all that it holds is; so are frozen dataclasses.

    Example:
        >>> is_constant(sorted), is_constant(lambda step=0.5: step), is_constant(lambda seen=[]: seen)
        (True, True, False)
    """
    if isinstance(value, types.FunctionType):
        return _is_of_a_module(value) or _holds_constants(value)
    if isinstance(value, partial):
        return all(map(_is_fixed, (value.func, *value.args, *value.keywords.values())))
    if is_dataclass(value) and not isinstance(value, type):
        frozen: bool = type(value).__dataclass_params__.frozen  # pyright: ignore[reportAttributeAccessIssue]
        return frozen and all(_is_fixed(getattr(value, each.name)) for each in fields(value))
    return isinstance(value, CODE + TOOLS + VALUES)


def rebound(function: types.FunctionType) -> Iterator[str]:
    """Yield the variables outside a function, of its module or of the function around it, that it assigns to.

    Such a variable is a memory that no attribute shows.
    """
    yield from _rebound(function.__code__, frozenset(function.__code__.co_freevars))


def _rebound(code: types.CodeType, outer: frozenset[str]) -> Iterator[str]:
    for step in dis.get_instructions(code):
        if step.opname == "STORE_GLOBAL" or (step.opname == "STORE_DEREF" and step.argval in outer):
            yield step.argval
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _rebound(inner, outer & frozenset(inner.co_freevars))


def _is_of_a_module(function: types.FunctionType) -> bool:
    try:
        return load_object(f"{function.__module__}:{function.__qualname__}") is function
    except (ImportError, AttributeError, ValueError):
        return False


def _holds_constants(function: types.FunctionType) -> bool:
    try:
        cells = [cell.cell_contents for cell in function.__closure__ or () if cell.cell_contents is not function]
    except ValueError:  # a variable that has no value yet
        return False
    held = (*cells, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return not vars(function) and all(map(_is_fixed, held)) and not any(rebound(function))


def _is_fixed(value: Any) -> bool:
    if isinstance(value, tuple | frozenset):
        return all(map(_is_fixed, value))
    return value is None or isinstance(value, bool | int | float | complex | str | bytes) or is_constant(value)
