"""Strategies for a small fleet, and one round of it through Flower's own messages."""

from math import inf

import pytest

from qfl.angles import TWO_PI, AngleLayout
from qfl.config import Settings
from qfl.testing.kits.strategy import CLIENTS, one_round

LAYOUT = AngleLayout(tuple("abcdef"), (TWO_PI,) * 5 + (inf,), ((0, 1, 2),))


@pytest.fixture
def layout():
    return LAYOUT


@pytest.fixture
def settings():
    """Give settings of a strategy for the fleet of seven clients."""
    return settings_of


def settings_of(name, **values):
    flat = {f"strategy.{key.replace('_', '-')}": value for key, value in values.items()}
    return Settings.from_flat({"strategy.name": name, "clients.count": CLIENTS, "rounds": 10} | flat)


@pytest.fixture
def run_round():
    """Give a function that broadcasts angles, lets each client ``move`` them, and returns the aggregate or None."""
    return one_round
