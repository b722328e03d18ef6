"""What counts as never changing, and which functions have a memory outside themselves."""

import logging
import re
import threading
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from qfl.aggregation.circular import circular_mean
from qfl.config import Settings
from qfl.federation.strategy.constants import is_constant, rebound


@dataclass(frozen=True)
class Frozen:
    held: object = 1.0


@dataclass
class Open:
    held: list = field(default_factory=list)


def holding(value):
    return lambda: value


def rebinding():
    count = 0

    def step():
        nonlocal count
        count += 1

    return step


def counting_within():
    """Rebinds a variable of its own, which is gone afterwards."""
    count = 0

    def step():
        nonlocal count
        count += 1

    step()
    return count


def itself():
    def found():
        return found

    return found


CONSTANTS = [
    *(np.add, float, re, circular_mean, Path("a"), Settings(), Frozen(), Frozen((1, "a", Frozen()))),
    *(holding(2.0), holding(np.mean), itself(), partial(np.add, 1.0), threading.Lock(), logging.getLogger("x")),
    *(np.dtype("f4"), range(3)),
]
OTHERS = [
    *([], {}, np.zeros(2), Open(), Frozen([1]), Frozen((1, [2])), holding([]), holding(np.zeros(1)), rebinding()),
    *(partial(np.add, [1.0]), lambda seen=[]: seen),
]


def kind(value):
    """A name without an address, the same in every process."""
    return type(value).__name__


@pytest.mark.parametrize("value", CONSTANTS, ids=kind)
def test_code_settings_and_what_holds_no_more_are_constant(value):
    assert is_constant(value)


@pytest.mark.parametrize("value", OTHERS, ids=kind)
def test_what_can_change_or_holds_such_is_not(value):
    assert not is_constant(value)


def test_a_function_tells_which_variables_outside_it_changes():
    assert list(rebound(rebinding())) == ["count"]
    assert list(rebound(counting_within)) == [] and list(rebound(holding([]))) == []
