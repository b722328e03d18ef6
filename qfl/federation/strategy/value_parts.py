"""Values that are no plain JSON, taken apart into simpler ones and put together again: one row per type.

A row says what a value is made of and how it is made from that. The parts are values themselves, so a random generator
is a dict of integers and arrays, and a Flower record a list of pairs of names and `Array`.
"""

import random
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath
from typing import Any
from uuid import UUID

import numpy as np
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict

FACTORIES: dict[str, Callable[[], Any]] = {each.__name__: each for each in (int, float, list, dict, set, str)}
BIT_GENERATORS = {each.__name__: each for each in (np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937)} | {
    each.__name__: each for each in (np.random.Philox, np.random.SFC64)
}


@dataclass(frozen=True)
class Parts:
    """How values of one type are taken apart and put together.

    Args:
        apart: Gives simpler values: numbers, text, lists, dicts, arrays, or values of another row.
        together: Makes the value from them.
    """

    apart: Callable[[Any], Any]
    together: Callable[[Any], Any]


def _pairs(value: Any) -> list[Any]:
    return [[key, item] for key, item in value.items()]


def _array(parts: list[Any]) -> Array:
    dtype, shape, stype, data = parts
    return Array(dtype=dtype, shape=tuple(shape), stype=stype, data=data)


def _tensor(parts: list[Any]) -> torch.Tensor:
    raw, dtype, shape, grad = parts
    found = torch.from_numpy(raw.copy()).view(getattr(torch, dtype)).reshape(shape)
    return found.requires_grad_() if grad else found


def _tensor_parts(tensor: torch.Tensor) -> list[Any]:
    raw = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().copy()
    return [raw, str(tensor.dtype).removeprefix("torch."), list(tensor.shape), tensor.requires_grad]


def _generator(parts: list[Any]) -> np.random.Generator:
    bits = BIT_GENERATORS[parts[0]]()
    bits.state = parts[1]
    return np.random.Generator(bits)


def _legacy_generator(parts: list[Any]) -> np.random.RandomState:
    found = np.random.RandomState()
    found.set_state(parts[0])
    return found


def _python_random(parts: list[Any]) -> random.Random:
    found = random.Random()
    found.setstate((parts[0], tuple(parts[1]), parts[2]))
    return found


def _torch_generator(parts: list[Any]) -> torch.Generator:
    return torch.Generator().set_state(torch.from_numpy(parts[0].copy()))


def _default_dict(parts: list[Any]) -> defaultdict:
    return defaultdict(FACTORIES[parts[0]] if parts[0] else None, parts[1])


def _default_dict_parts(value: defaultdict) -> list[Any]:
    name = value.default_factory.__name__ if value.default_factory else ""  # pyright: ignore[reportAttributeAccessIssue]
    if name and FACTORIES.get(name) is not value.default_factory:
        raise TypeError("a defaultdict of anything but int, float, list, dict, set or str")
    return [name, _pairs(value)]


PARTS: dict[type, Parts] = {
    complex: Parts(lambda z: [z.real, z.imag], lambda parts: complex(*parts)),
    bytes: Parts(lambda value: np.frombuffer(value, np.uint8), lambda array: array.tobytes()),
    bytearray: Parts(lambda value: np.frombuffer(bytes(value), np.uint8), lambda array: bytearray(array.tobytes())),
    range: Parts(lambda value: [value.start, value.stop, value.step], lambda parts: range(*parts)),
    Decimal: Parts(str, Decimal),
    Fraction: Parts(str, Fraction),
    UUID: Parts(str, UUID),
    PosixPath: Parts(str, PosixPath),
    datetime: Parts(datetime.isoformat, datetime.fromisoformat),
    date: Parts(date.isoformat, date.fromisoformat),
    time: Parts(time.isoformat, time.fromisoformat),
    timedelta: Parts(lambda t: [t.days, t.seconds, t.microseconds], lambda parts: timedelta(*parts)),
    tuple: Parts(list, tuple),
    set: Parts(list, set),
    frozenset: Parts(list, frozenset),
    deque: Parts(lambda value: [value.maxlen, list(value)], lambda parts: deque(parts[1], parts[0])),
    OrderedDict: Parts(_pairs, OrderedDict),
    Counter: Parts(_pairs, lambda pairs: Counter(dict(pairs))),
    defaultdict: Parts(_default_dict_parts, _default_dict),
    Array: Parts(lambda array: [array.dtype, list(array.shape), array.stype, array.data], _array),
    ArrayRecord: Parts(_pairs, lambda pairs: ArrayRecord(OrderedDict(pairs))),
    ConfigRecord: Parts(_pairs, lambda pairs: ConfigRecord(dict(pairs))),
    MetricRecord: Parts(_pairs, lambda pairs: MetricRecord(dict(pairs))),
    RecordDict: Parts(_pairs, lambda pairs: RecordDict(dict(pairs))),
    torch.Tensor: Parts(_tensor_parts, _tensor),
    torch.nn.Parameter: Parts(
        _tensor_parts, lambda parts: torch.nn.Parameter(_tensor([*parts[:3], False]), requires_grad=parts[3])
    ),
    np.random.Generator: Parts(
        lambda value: [type(value.bit_generator).__name__, value.bit_generator.state], _generator
    ),
    np.random.RandomState: Parts(lambda value: [value.get_state(legacy=False)], _legacy_generator),
    random.Random: Parts(lambda value: list(value.getstate()), _python_random),
    torch.Generator: Parts(lambda value: [value.get_state().numpy().copy()], _torch_generator),
}
"""By exact type: what derives from one of these has more to it than the row knows."""

KINDS: dict[str, type] = {f"{each.__module__}.{each.__qualname__}": each for each in PARTS}
