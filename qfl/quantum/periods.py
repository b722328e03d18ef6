r"""Periods of trained angles, measured: the smallest shift that leaves every expectation value unchanged.

The period of a gate is not always that of its angle. A controlled rotation has :math:`4\pi`, but :math:`2\pi` where
nothing that is measured depends on the phase of its control, and a gate made of three of them may have :math:`\pi`. As
a function of one angle a value is :math:`\sum_m c_m e^{2\pi i m\theta/P}` with a known longest period P and |m| up to a
known degree, so that P divided by the greatest common divisor of the m that occur is the period. It is found by
dividing P by primes, at generic values of all other angles and features, for as long as no value changes.

An angle without effect, such as that of RZ before a measured Z, has every period; it keeps the longest.

Reference:
    Schuld, Sweke and Meyer, "Effect of data encoding on the expressive power of variational quantum-machine-learning
    models", 2021, arXiv:2008.08605, for values as Fourier series of an angle. Dividing by primes is ours.
"""

# pyright: reportUnknownMemberType=false
# (torch does not annotate Tensor.tolist)

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import inf
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.quantum.circuit import GATES, Angle, Circuit
from qfl.quantum.sums import Sum
from qfl.seeds import stream

TURN = GATES["RZ"][2]  # of one Pauli rotation's expectation values, whatever stands around it
TOLERANCE = 1e-9
AFFORDABLE = 1 << 21  # amplitudes times gates times angles: a second; angles of larger circuits keep the longest
AT_ONCE = 64  # angle vectors
SAMPLES = 2

Values = Callable[[Float[Tensor, "shift angle"]], Tensor]


def shortest_periods(values: Values, longest: Sequence[float], degrees: Sequence[int]) -> list[float]:
    """Return the smallest period of each angle.

    Args:
        values: What must not change, for many angle vectors; the first axis is theirs.
        longest: A period of each angle in radians, of which the smallest is a fraction.
        degrees: Most periods that a term of the values has within the longest; 0 keeps the longest.

    Example:
        >>> shortest_periods(lambda vectors: (4 * vectors).cos(), [2 * torch.pi], [4])
        [1.5707963267948966]
    """
    generic = torch.as_tensor(stream(0, "periods").uniform(-3, 3, len(longest)))
    base = values(generic[None])[0]
    if not base.numel():
        return list(longest)

    def unchanged(moves: list[tuple[int, float]]) -> list[bool]:
        shifted = generic.repeat(len(moves), 1)
        for row, (index, shift) in enumerate(moves):
            shifted[row, index] += shift
        moved = torch.cat([values(some) for some in torch.split(shifted, AT_ONCE)])
        return cast("list[bool]", ((moved - base).abs().flatten(1).amax(1) < TOLERANCE).tolist())

    doubtful = [index for index, degree in enumerate(degrees) if degree > 1]
    dead = unchanged([(index, 1.0) for index in doubtful]) if doubtful else []  # no period of a gate divides 1
    fractions = {index: 1 for index, still in zip(doubtful, dead, strict=True) if not still}
    todo = [(index, prime) for index in fractions for prime in _primes(degrees[index])]
    while todo := [(index, prime) for index, prime in todo if fractions[index] * prime <= degrees[index]]:
        still = unchanged([(index, longest[index] / (fractions[index] * prime)) for index, prime in todo])
        todo = [pair for pair, same in zip(todo, still, strict=True) if same]
        for index, prime in todo:
            fractions[index] *= prime
    return [period / fractions.get(index, 1) for index, period in enumerate(longest)]


@lru_cache(maxsize=64)
def circuit_periods(circuit: Circuit) -> tuple[float, ...]:
    """Return the period of each angle of a circuit, for generic features.

    Angles of one Pauli rotation have 2 pi. Angles of controlled rotations, and those that several gates share, are
    measured; where gates of different periods share one, and in circuits that are too large to be run often, they keep
    the longest period of their gates, which may be a multiple of the smallest.

    Example:
        >>> from qfl.quantum.circuit import Gate
        >>> both = Gate("H", (0,)), Gate("H", (1,))
        >>> gates = *both, Gate("CRZ", (0, 1), (Angle(0),)), *both
        >>> [circuit_periods(Circuit(2, gates, ((wire,),)))[0] / torch.pi for wire in (0, 1)]
        [4.0, 2.0]
    """
    longest, degrees = gate_periods(circuit)
    count = sum(degree > 1 for degree in degrees)
    values = _values(circuit, count) if count else None
    return tuple(longest if values is None else shortest_periods(values, longest, degrees))


def gate_periods(circuit: Circuit) -> tuple[list[float], list[int]]:
    """Return the longest period of the gates of each angle, and the degree of `shortest_periods`."""
    uses: list[list[float]] = [[] for _ in range(circuit.num_angles)]
    sums = set[int]()
    for gate in circuit.gates:
        for parameter in gate.parameters:
            if isinstance(parameter, Angle):
                uses[parameter.index].append(gate.period)
            elif isinstance(parameter, Sum):
                sums |= parameter.angles
                for term in parameter.terms:
                    for index in term.angles:
                        alone = len(term.angles) == 1 and not term.features and term.weight
                        uses[index].append(gate.period / abs(term.weight) if alone else inf)
    alike = [len(set(own)) == 1 and index not in sums for index, own in enumerate(uses)]
    return [_common(own) for own in uses], [
        len(own) * round(max(own) / TURN) if same else 0 for own, same in zip(uses, alike, strict=True)
    ]


def _common(periods: list[float]) -> float:
    """Return the smallest multiple of all of some periods, or infinity where they have none of 64 times the longest."""
    longest = max(periods)
    for multiple in range(1, 65) if longest < inf else ():
        if all(abs(multiple * longest / own - round(multiple * longest / own)) < TOLERANCE for own in periods):
            return multiple * longest
    return inf


def _primes(most: int) -> list[int]:
    return [n for n in range(2, most + 1) if all(n % less for less in range(2, n))]


def _values(circuit: Circuit, count: int) -> Values | None:
    """Return expectation values as a function of angle vectors, or None if they take too long for so many angles."""
    from qfl.quantum import exact, star_circuit  # both need circuits

    run = exact.expectations
    if 2**circuit.num_qubits * len(circuit.gates) * count > AFFORDABLE:
        if star_circuit.why_no_star(circuit) is not None:
            return None
        run = star_circuit.expectations
    shape = (SAMPLES, circuit.num_features)
    inputs = torch.as_tensor(stream(0, "periods", "inputs").uniform(-3, 3, shape))

    def values(vectors: Float[Tensor, "shift angle"]) -> Tensor:
        if not circuit.observables:
            return vectors[:, :0]
        with torch.inference_mode(False), torch.no_grad():
            return run(circuit, vectors, inputs.expand(len(vectors), -1, -1))

    return values
