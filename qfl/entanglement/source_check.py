"""Whether shared states are GHZ states: some are measured for that alone, along X or along Z, and must be correlated.

Honest states never fail, but for noise. A server that hands out other states, such as a qubit of its own to every
client, could read each phase by itself; a product state fails every fourth check at best.
"""

from dataclasses import dataclass

import numpy as np

from qfl.entanglement.ghz_sum import SharedStates
from qfl.errors import ConfigError


@dataclass(frozen=True)
class Checked:
    """What came of checks.

    Args:
        checks: How many states were measured.
        failed: How many were not correlated as they should be.
    """

    checks: int
    failed: int


def failure_rate(clients: int, states: SharedStates, product: bool = False) -> float:
    """Return how often a check fails.

    Half of the checks are of the parity along X, which fails with probability (1 - V) / 2; half of all bits along Z,
    which must be equal. A product of |+> passes the first always, the second with probability 2^(1 - n).

    Args:
        clients: 2 or more.
        states: How good honest states are.
        product: Whether the states are products of |+> instead, without noise: those that tell a dishonest source
            each client's phase.

    Example:
        >>> failure_rate(2, SharedStates(), product=True), failure_rate(5, SharedStates())
        (0.25, 0.0)
    """
    if clients < 2:
        raise ConfigError(f"clients = {clients}; give 2 or more")
    if product:
        return (1 - 2.0 ** (1 - clients)) / 2
    p = states.depolarising
    equal = (1 - p / 2) ** clients + (p / 2) ** clients  # all bits stayed, or all turned over
    return ((1 - states.visibility(clients)) / 2 + 1 - equal) / 2


def check_states(
    checks: int, clients: int, states: SharedStates, generator: np.random.Generator, product: bool = False
) -> Checked:
    """Return how many of so many states fail.

    Args:
        checks: 0 or more.
        clients: 2 or more.
        states: How good honest states are.
        generator: Of outcomes.
        product: As `failure_rate` takes it.
    """
    return Checked(checks, int(generator.binomial(checks, failure_rate(clients, states, product))))
