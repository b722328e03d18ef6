r"""What a cut costs: sub-circuits, shots, and whether one side waits for the other.

A cut replaces a gate or a wire by a sum of local operations with real coefficients :math:`c_i`; estimating the sum by
sampling takes :math:`\gamma^2` times the shots of the uncut circuit for the same error, :math:`\gamma = \sum_i |c_i|`.
"""

from dataclasses import dataclass
from math import sin, sqrt

from qfl.errors import ConfigError


@dataclass(frozen=True)
class CutCost:
    """The cost of one cut into two sides.

    Args:
        first: Distinct circuits on the first side, or of both where the sides are alike.
        second: Distinct circuits on the second side.
        first_shots: Shots of all circuits of the first side, in shots of the uncut circuit.
        second_shots: The same for the second.
        waits: Whether the second side needs the outcomes of the first before it can begin.
    """

    first: int
    second: int
    first_shots: float
    second_shots: float
    waits: bool

    @property
    def circuits(self) -> int:
        """All distinct circuits."""
        return self.first + self.second


def gate_gamma(angle: float) -> float:
    r"""Return :math:`\gamma = 1 + 2|\sin\theta|` of a cut :math:`R_{ZZ}(\theta)` gate.

    Reference:
        Mitarai and Fujii, New J. Phys. 23, 023021 (2021), with signed outcomes of the measurements.

    Example:
        >>> from math import pi
        >>> gate_gamma(pi / 2)
        3.0
    """
    return 1 + 2 * abs(sin(angle))


def gate_cut(gamma: float = 3.0) -> CutCost:
    r"""Return the cost of a cut two-qubit gate: six settings on each side, none waits; :math:`\gamma = 3` for CZ, CNOT.

    Example:
        >>> gate_cut().circuits, gate_cut().first_shots
        (12, 9.0)
    """
    return CutCost(6, 6, gamma**2, gamma**2, waits=False)


def locc_wire_cut(wires: int = 1) -> CutCost:
    r"""Return the cost of cutting parallel wires with one-way classical communication, in mutually unbiased bases.

    :math:`2^n + 1` channels, each a measurement and a preparation that needs its outcome;
    :math:`\gamma = 2^{n+1} - 1`.

    Reference:
        Harada, Wada and Yamamoto, PRX Quantum 5, 040308 (2024).

    Example:
        >>> locc_wire_cut(1).circuits, locc_wire_cut(2).circuits, locc_wire_cut(2).first_shots
        (6, 10, 49.0)
    """
    channels, gamma = 2 ** _wires(wires) + 1, 2 ** (wires + 1) - 1
    return CutCost(channels, channels, float(gamma**2), float(gamma**2), waits=True)


def lo_wire_cut(wires: int = 1) -> CutCost:
    r"""Return the nominal cost of cutting wires without communication: :math:`8^n` terms, :math:`\gamma = 4^n`.

    Reference:
        Peng, Harrow, Ozols and Wu, Phys. Rev. Lett. 125, 150504 (2020).

    Example:
        >>> lo_wire_cut(1).circuits, lo_wire_cut(1).first_shots
        (16, 16.0)
    """
    return CutCost(8 ** _wires(wires), 8**wires, float(16**wires), float(16**wires), waits=False)


def reused_wire_cut(wires: int = 1) -> CutCost:
    r"""Return the cost of the same cut if each side is run once and its data serve all terms.

    :math:`3^n` measurement settings and :math:`6^n` eigenstates; the variance is at most
    :math:`3^n / N_A + 6^n / N_B` for one wire (for two, measured up to 1.6 times the first term), least for
    :math:`N_A : N_B = \sqrt{3^n} : \sqrt{6^n}`.

    Example:
        >>> cost = reused_wire_cut(1)
        >>> cost.circuits, round(cost.first_shots, 2), round(cost.second_shots, 2)
        (9, 7.24, 10.24)
    """
    first, second = 3 ** _wires(wires), 6**wires
    both = sqrt(first) + sqrt(second)
    return CutCost(first, second, sqrt(first) * both, sqrt(second) * both, waits=False)


def _wires(wires: int) -> int:
    if not 1 <= wires <= 8:
        raise ConfigError(f"{wires} wires are to be cut at once; give 1 to 8")
    return wires
