"""A user's function ``outputs(angles, inputs) -> [sample label]`` in torch operations, as a model.

How many entries it has cannot be read off a function, so it says so in attributes; an object with ``__call__`` has them
as its own::

    def outputs(angles, inputs, gain: float = 1.0):
        return gain * torch.cos(inputs @ angles.view(-1, 4) + 1)

    outputs.num_angles = lambda num_features: 4 * num_features   # or a number
    outputs.periods = 2 * pi                                     # of all, or one of each; none if it is left out
    outputs.initial = lambda seed: ...                           # [angle]; uniform in +-0.5 if it is left out

In place of number and periods there may be ``layout``, an `AngleLayout`, which names the entries, too. Arguments
besides ``angles`` and ``inputs`` are settings of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.errors import ConfigError, InputError
from qfl.extend import raised
from qfl.models.one_client import OneClientModel
from qfl.own_calls import call_own, own_arguments
from qfl.seeds import stream

TAKES = ("angles", "inputs")


def model_of_outputs(
    outputs: Callable[..., Tensor], key: str, given: Mapping[str, int], mine: Mapping[str, Any]
) -> OneClientModel:
    """Return a model from a function of one client's entries and samples.

    Args:
        outputs: A function or callable object with the attributes that this file names.
        key: The setting that names it, for messages.
        given: ``num_features`` and ``num_labels``.
        mine: Its own settings by name.

    Raises:
        ConfigError: If it does not say how many entries it has, or is given settings that it does not take.

    Example:
        >>> def outputs(angles, inputs):
        ...     return inputs @ angles.view(3, 2)
        >>> outputs.num_angles = 6
        >>> len(model_of_outputs(outputs, "model.name", {"num_features": 3, "num_labels": 2}, {}).layout)
        6
    """
    own = own_arguments(outputs, key, dict.fromkeys(TAKES), mine)
    said = f"{key}: {name_of(outputs)}"
    layout = _layout(outputs, key, said, given, mine)

    def one(angles: Tensor, inputs: Tensor) -> Any:
        return outputs(angles=angles, inputs=inputs, **own)

    start = getattr(outputs, "initial", None) or (lambda seed: stream(seed, "initial").uniform(-0.5, 0.5, len(layout)))
    size = len(layout)
    return OneClientModel(one, layout, _start(start, said), given["num_features"], layout.num_angles, (1,) * size)


def name_of(thing: object) -> str:
    """Return what a user's object is called in messages."""
    return str(getattr(thing, "__name__", type(thing).__name__))


def _layout(outputs: Any, key: str, said: str, given: Mapping[str, int], mine: Mapping[str, Any]) -> AngleLayout:
    found = getattr(outputs, "layout", None)
    if isinstance(found, AngleLayout):
        return found
    number = getattr(outputs, "num_angles", None)
    if number is None:
        raise ConfigError(
            f"{said} takes angles and inputs, but does not say how many angles; set {name_of(outputs)}.num_angles, a "
            "number or a function of num_features and num_labels"
        )
    if callable(number):
        asked = {name: value for name, value in mine.items() if name in _arguments(number)}
        number = call_own(number, key, given, asked)
    if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < 1:
        raise ConfigError(f"{said}: num_angles = {number!r}; give a whole number from 1 on")
    return _with_periods(int(number), getattr(outputs, "periods", inf), said)


def _with_periods(number: int, periods: Any, said: str) -> AngleLayout:
    listed = list(cast("Sequence[float]", periods)) if isinstance(periods, Sequence) else [periods] * number
    try:
        return AngleLayout(tuple(f"angle.{place}" for place in range(number)), tuple(map(float, listed)))
    except (InputError, TypeError, ValueError) as error:
        raise ConfigError(f"{said}: periods do not fit num_angles = {number} ({error})") from None


def _start(initial: Callable[[int], Any], said: str) -> Callable[[int], NDArray[np.float64]]:
    def start(seed: int) -> NDArray[np.float64]:
        try:
            return np.asarray(initial(seed), dtype=np.float64)
        except Exception as error:
            raise ConfigError(f"{said}: its initial(seed) {raised(error)}") from error

    return start


def _arguments(thing: Callable[..., Any]) -> Sequence[str]:
    return list(thing.__code__.co_varnames) if hasattr(thing, "__code__") else []
