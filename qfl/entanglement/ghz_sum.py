"""A sum of phases that entanglement reveals and its terms that it hides, simulated: GHZ states shared by all clients.

Every client turns its qubit of (|0...0> + |1...1>) / sqrt 2 by its own phase. What all of them measure along X then
depends on the sum of the phases alone, through the parity of their bits: whoever sees fewer than all qubits sees even
odds, whatever the phases are. This needs states that are what they should be; `qfl.entanglement.source_check` looks.
"""

from dataclasses import dataclass
from math import atan2, cos, pi, sin, sqrt

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from qfl.errors import ConfigError


@dataclass(frozen=True)
class SharedStates:
    """How good the shared states are.

    Args:
        depolarising: Probability that a client's qubit is replaced by the maximally mixed state, 0 to 1.
        transmittance: Probability that a client's qubit arrives, above 0, at most 1; a state counts if all arrive.

    Example:
        >>> SharedStates(depolarising=0.1).visibility(2), SharedStates(transmittance=0.5).survival(3)
        (0.81, 0.125)
    """

    depolarising: float = 0.0
    transmittance: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.depolarising <= 1:
            raise ConfigError(f"depolarising = {self.depolarising!r}; give a number from 0 to 1")
        if not 0 < self.transmittance <= 1:
            raise ConfigError(f"transmittance = {self.transmittance!r}; give a number above 0, at most 1")

    def visibility(self, clients: int) -> float:
        """Return V = (1 - p)^n, by which the parity's expectation shrinks."""
        return (1 - self.depolarising) ** clients

    def survival(self, clients: int) -> float:
        """Return the share of states of which every qubit arrives: eta^n."""
        return self.transmittance**clients


@dataclass(frozen=True)
class PhaseSum:
    """What the server learns.

    Args:
        phase_rad: The sum of all phases, -pi to pi.
        states: Shared states that counted.
        sent: Shared states that were made.
    """

    phase_rad: float
    states: int
    sent: int


def parity_expectation(phases_rad: Float[ndarray, " client"], turned_rad: float, states: SharedStates) -> float:
    """Return the expectation of the product of all X: V cos(sum of phases - turned).

    Args:
        phases_rad: Of the clients, at least one.
        turned_rad: By which one client turns its qubit back besides.
        states: How good they are.

    Reference:
        Greenberger, Horne and Zeilinger, 1989, for the state; Komar et al., "A quantum network of clocks", 2014, for
        the sum of phases in its parity.

    Example:
        >>> round(parity_expectation(np.array([0.5, -0.2]), 0.3, SharedStates()), 12)
        1.0
    """
    return states.visibility(len(phases_rad)) * cos(float(np.sum(phases_rad)) - turned_rad)


def sum_phases(
    phases_rad: Float[ndarray, " client"], sent: int, states: SharedStates, generator: np.random.Generator
) -> PhaseSum:
    """Return what so many shared states tell of the sum; half of them are measured a quarter turn apart.

    Args:
        phases_rad: Of the clients, at least one, finite.
        sent: States that are made, 2 or more.
        states: How good they are.
        generator: Of losses and outcomes.

    Raises:
        ConfigError: If there are no phases, or too few states.

    Example:
        >>> found = sum_phases(np.array([0.5, 0.25]), 10**6, SharedStates(), np.random.default_rng(1))
        >>> abs(found.phase_rad - 0.75) < 0.01
        True
    """
    phases = np.asarray(phases_rad, float)
    if phases.ndim != 1 or not len(phases) or not np.isfinite(phases).all() or sent < 2:
        raise ConfigError(f"phases of shape {phases.shape}, {sent} states; give finite phases, and 2 states or more")
    means, counted = [], 0
    for turned, half in ((0.0, sent - sent // 2), (pi / 2, sent // 2)):
        arrived = int(generator.binomial(half, states.survival(len(phases))))
        even = generator.binomial(arrived, (1 + parity_expectation(phases, turned, states)) / 2)
        means.append(2 * even / arrived - 1 if arrived else 0.0)
        counted += arrived
    return PhaseSum(atan2(means[1], means[0]), counted, sent)


def standard_error(phase_rad: float, clients: int, sent: int, states: SharedStates) -> float:
    """Return the standard error of `sum_phases` in rad, to first order in 1/sqrt(states); infinite without any signal.

    ``sqrt((1 - 2 V^2 sin^2 cos^2) / (N/2)) / V`` for N states that count. It holds while it is small against 1.

    Args:
        phase_rad: The sum.
        clients: 1 or more.
        sent: States that are made, 2 or more.
        states: How good they are.

    Example:
        >>> round(standard_error(0.0, 3, 20_000, SharedStates()), 4)
        0.01
    """
    v, counted = states.visibility(clients), sent * states.survival(clients)
    if v == 0 or counted == 0:
        return float("inf")
    return sqrt((1 - 2 * (v * sin(phase_rad) * cos(phase_rad)) ** 2) / (counted / 2)) / v


def states_for(error_rad: float, clients: int, states: SharedStates) -> float:
    """Return how many states must be made for a standard error of the sum: 2 / (error V)^2 / eta^n at most.

    Args:
        error_rad: Wanted, above 0.
        clients: 1 or more.
        states: How good they are.

    Raises:
        ConfigError: If the error is not above 0.

    Example:
        >>> round(states_for(0.01, 10, SharedStates()))
        20000
    """
    if not error_rad > 0:
        raise ConfigError(f"error_rad = {error_rad!r}; give a number above 0")
    signal = states.visibility(clients) ** 2 * states.survival(clients)
    return 2 / error_rad**2 / signal if signal else float("inf")
