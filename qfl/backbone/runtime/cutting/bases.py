r"""Mutually unbiased bases as circuits: the bases in which parallel wires are measured and prepared anew.

For n wires the :math:`2^n` bases beside the computational one are eigenbases of the sets
:math:`\{X^x Z^{M_a x}\}`, with :math:`M_a[i,j] = \mathrm{Tr}(a\, e_i e_j)` over GF(2^n): graph states, made by
H on every wire, CZ where M is 1 beside its diagonal and S where it is on it.

Reference:
    Wootters and Fields, Annals of Physics 191, 363 (1989); Harada, Wada and Yamamoto, PRX Quantum 5, 040308 (2024).
"""

from functools import lru_cache
from math import pi

from qfl.errors import ConfigError
from qfl.quantum.circuit import Gate

POLYNOMIALS = {1: 0b11, 2: 0b111, 3: 0b1011, 4: 0b10011}
"""Irreducible polynomials over GF(2), by degree."""


def preparation(basis: int, wires: tuple[int, ...]) -> list[Gate]:
    r"""Return the gates that take :math:`|x\rangle` to state x of a basis.

    Args:
        basis: From 0 on; number :math:`2^n` is the computational basis.
        wires: n wires.

    Example:
        >>> [gate.name for gate in preparation(1, (0,))]  # the eigenbasis of Y
        ['H', 'S']
    """
    count = len(wires)
    if basis == 2**count:
        return []
    matrix = _matrix(count, basis)
    gates = [Gate("H", (wire,)) for wire in wires]
    gates += [Gate("S", (wires[i],)) for i in range(count) if matrix[i][i]]
    gates += [Gate("CZ", (wires[i], wires[j])) for i in range(count) for j in range(i) if matrix[i][j]]
    return gates


def measurement(basis: int, wires: tuple[int, ...]) -> list[Gate]:
    """Return the gates after which measuring Z on every wire is measuring in a basis: `preparation` undone."""
    return [_inverse(gate) for gate in reversed(preparation(basis, wires))]


def _inverse(gate: Gate) -> Gate:
    return Gate("PhaseShift", gate.wires, (-pi / 2,)) if gate.name == "S" else gate


@lru_cache
def _matrix(count: int, element: int) -> tuple[tuple[int, ...], ...]:
    if count not in POLYNOMIALS:
        raise ConfigError(f"{count} wires are to be cut at once; give 1 to {max(POLYNOMIALS)}")
    return tuple(
        tuple(_trace(_times(_times(element, 1 << i, count), 1 << j, count), count) for j in range(count))
        for i in range(count)
    )


def _times(a: int, b: int, count: int) -> int:
    """Return the product in GF(2^count)."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a, b = a << 1, b >> 1
        a ^= POLYNOMIALS[count] if a >> count & 1 else 0
    return product


def _trace(a: int, count: int) -> int:
    """Return a + a^2 + a^4 + ..., which is 0 or 1."""
    total, power = 0, a
    for _ in range(count):
        total ^= power
        power = _times(power, power, count)
    return total
