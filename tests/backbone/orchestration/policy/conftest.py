"""Worlds, and a policy that has seen one."""

import pytest

from qfl.backbone.orchestration.policy import world
from qfl.backbone.orchestration.policy.decide import InvocationPolicy


@pytest.fixture
def planted():
    return world.World(world.planted, seed=1)


@pytest.fixture
def null():
    return world.World(world.null, seed=2)


@pytest.fixture
def policy():
    return InvocationPolicy(["annealer"], energy_price=0.002)
