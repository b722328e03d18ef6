"""Noise of a client's quantum hardware: how strong it is, and how it drifts from round to round.

A client's strength multiplies the mean strengths of the run file. It is lognormal over clients with mean one and
relative standard deviation ``spread``, and takes one multiplicative random step of relative size ``drift`` per round:

    s(0) = exp(sigma z - sigma^2 / 2),    sigma^2 = log(1 + spread^2)
    s(t) = s(0) exp(drift (z_1 + ... + z_t) - drift^2 t / 2)

Both keep the mean at one. `qfl.quantum.devices` applies the noise, on PennyLane's ``default.mixed``.

Reference:
    Nielsen and Chuang, Quantum computation and quantum information, Section 8.3.4, for the depolarising channel (with
    p/3 for each Pauli error, as PennyLane counts it). Spread over clients and drift over rounds are ours.
"""

from dataclasses import dataclass
from math import exp, log1p, sqrt
from typing import Protocol, runtime_checkable

from qfl.config import NoiseSettings
from qfl.quantum.channels import Channel, depolarising
from qfl.quantum.circuit import Circuit, Gate
from qfl.quantum.observables import wires_of
from qfl.seeds import stream

STRONGEST = 0.5  # a readout flip of one half already erases the bit


@runtime_checkable
class Noise(Protocol):
    """Noise of one client's device in one round, whatever it was made from."""

    def __bool__(self) -> bool:
        """Return whether there is any."""
        ...

    def steps(self, circuit: Circuit) -> tuple[Gate | Channel, ...]:
        """Return the circuit's gates, with what happens to the wires between them and before measurement."""
        ...

    def expected_errors(self, circuit: Circuit) -> float:
        """Return how many errors a run of the circuit meets on average: a noise budget for noise-aware weights."""
        ...


@dataclass(frozen=True)
class NoiseModel:
    """Noise of one client in one round: the same after every gate and on every wire.

    Args:
        depolarising: Probability p in [0, 0.5] of an X, Y or Z error (p/3 each) after every gate, on each of its wires:
            it shrinks <Z> by 1 - 4p/3.
        readout: Probability r in [0, 0.5] that a measured bit flips: it shrinks <Z> by 1 - 2r and <ZZ> by its square.

    Raises:
        ValueError: If a probability is out of range.

    Example:
        >>> bool(NoiseModel()), bool(NoiseModel(readout=0.02))
        (False, True)
    """

    depolarising: float = 0.0
    readout: float = 0.0

    def __post_init__(self):
        for name, value in (("depolarising", self.depolarising), ("readout", self.readout)):
            if not 0 <= value <= STRONGEST:
                raise ValueError(f"{name} = {value}: expected a probability between 0 and {STRONGEST}")

    def __bool__(self) -> bool:
        return bool(self.depolarising or self.readout)

    def steps(self, circuit: Circuit) -> tuple[Gate | Channel, ...]:
        """Return the gates, each with its channels, and before measurement what flips the bits of any Pauli word."""
        after, before = depolarising(4 * self.depolarising / 3, 1), depolarising(2 * self.readout, 1)
        found: list[Gate | Channel] = []
        for gate in circuit.gates:
            found += [gate, *(Channel(after, (wire,)) for wire in gate.wires if self.depolarising)]
        flips = [Channel(before, (wire,)) for wire in range(circuit.num_qubits) if self.readout]
        return tuple(found + flips)

    def expected_errors(self, circuit: Circuit) -> float:
        """Return the errors that gates and readout make on average.

        Example:
            >>> bell = Circuit(2, (Gate("H", (0,)), Gate("CNOT", (0, 1))), ((0, 1),))
            >>> round(NoiseModel(depolarising=0.1, readout=0.01).expected_errors(bell), 6)  # three places, two bits
            0.32
        """
        places = sum(len(gate.wires) for gate in circuit.gates)
        measured = {wire for observable in circuit.observables for wire in wires_of(observable)}
        return self.depolarising * places + self.readout * len(measured)

    def __str__(self) -> str:
        parts = [f"{self.depolarising:g} depolarising"] if self.depolarising else []
        return ", ".join(parts + ([f"{self.readout:g} readout error"] if self.readout else []))


def client_noise(settings: NoiseSettings, seed: int, client: int, round_number: int) -> NoiseModel:
    """Return the noise of one client in one round; the same arguments give the same noise, so a resumed run repeats it.

    Args:
        settings: Mean strengths, their spread over clients and their drift over rounds.
        seed: The run's seed.
        client: Partition id.
        round_number: Steps that the random walk has taken, at least 0.

    Returns:
        The mean strengths times the client's factor, clipped to [0, 0.5].

    Example:
        >>> settings = NoiseSettings(depolarising=0.01, spread=0.5, drift=0.1)
        >>> client_noise(settings, 1, 7, 3) == client_noise(settings, 1, 7, 3) != client_noise(settings, 1, 7, 4)
        True
    """
    sigma = sqrt(log1p(settings.spread**2))
    first = sigma * stream(seed, "noise-strength", client).standard_normal() - sigma**2 / 2
    # a longer draw starts with the shorter one, so round t + 1 continues the walk of round t
    steps = stream(seed, "noise-drift", client).standard_normal(round_number)
    strength = exp(first + settings.drift * float(steps.sum()) - settings.drift**2 * round_number / 2)
    return NoiseModel(min(settings.depolarising * strength, STRONGEST), min(settings.readout * strength, STRONGEST))


def expected_errors(circuit: Circuit, noise: Noise) -> float:
    """Return how many errors a run of the circuit meets on average: a noise budget for noise-aware weights.

    Example:
        >>> bell = Circuit(2, (Gate("H", (0,)), Gate("CNOT", (0, 1))), ((0, 1),))
        >>> expected_errors(bell, NoiseModel(readout=0.25))
        0.5
    """
    return noise.expected_errors(circuit)
