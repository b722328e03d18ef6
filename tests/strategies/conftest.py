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
    own = {"data.validation": 0.1} if name == "fltrust" else {}
    return Settings.from_flat({"strategy.name": name, "clients.count": CLIENTS, "rounds": 10} | own | flat)


@pytest.fixture(autouse=True)
def server_steps(monkeypatch):
    """Let the server of FLTrust, which has no data for these angles, move all of them by the same step."""
    monkeypatch.setattr("strategies.fltrust.own_update", step_of_the_server)


def step_of_the_server(settings, received, round_number):
    return received + 0.1


@pytest.fixture
def run_round():
    """Give a function that broadcasts angles, lets each client ``move`` them, and returns the aggregate or None."""
    return one_round
