r"""Errors of hardware undone by arithmetic: readout flips inverted, noise extrapolated to none, at a price in shots.

A bit that flips with probability r shrinks a Z word of w wires by :math:`(1 - 2r)^w`, which is divided out: exact, at
:math:`(1 - 2r)^{-2w}` times the variance. Zero-noise extrapolation runs the circuit with its gates folded
(`qfl.quantum.folding`) and goes from the values at some scales :math:`\lambda_i` back to :math:`\lambda = 0`: by the
polynomial through all of them (``richardson``), by a line through them (``linear``), or by
:math:`a \, e^{-b\lambda}` through the first and the last (``exponential``), which is exact where all noise is
depolarising and every path of the word through the circuit meets as much of it.

Reference:
    Temme, Bravyi and Gambetta, Error mitigation for short-depth quantum circuits, PRL 119, 180509 (2017), Eq. (4) for
    the weights of Richardson's extrapolation; Endo, Benjamin and Li, Practical quantum error mitigation for near-future
    applications, PRX 8, 031027 (2018), for the exponential; Bravyi, Sheldon, Kandala, McKay and Gambetta, Mitigating
    measurement errors in multiqubit experiments, PRA 103, 042605 (2021), for readout that factors over qubits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, prod
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from torch import Tensor

from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit
from qfl.quantum.folding import folded
from qfl.quantum.noise import STRONGEST
from qfl.quantum.observables import Observable, letters
from qfl.quantum.readout_inversion import growth, inverted

Values = Any
"""Of a circuit's observables on the last axis: a numpy array, or a tensor through which gradients go."""

EXTRAPOLATIONS = ("richardson", "linear", "exponential")
DIM = 1e-3
"""Size of a value below which the exponential, which never changes sign, gives way to the line."""


@dataclass(frozen=True)
class Mitigation:
    """What is undone, and how.

    Args:
        readout: Probability in [0, 0.5) of a flip of each measured bit, which is inverted; 0 inverts nothing.
        scales: By which noise is multiplied, the first 1; none, or 1 alone, extrapolates nothing. What folding makes
            of them, a whole number of pairs of gates, is what is extrapolated from.
        extrapolation: One of `EXTRAPOLATIONS`.
        flips: For each wire how likely 1 is read of a 0, and 0 of a 1, in place of ``readout``, which is the same for
            all wires and ways; observables are words of Z then, and sums of these.

    Raises:
        ConfigError: If a number is out of range, or the scales do not rise from 1 on.

    Example:
        >>> Mitigation(0.02, (1.0, 3.0)).extrapolation
        'richardson'
    """

    readout: float = 0.0
    scales: tuple[float, ...] = ()
    extrapolation: str = "richardson"
    flips: tuple[tuple[float, float], ...] = ()

    def __post_init__(self):
        if not 0 <= self.readout < STRONGEST:
            raise ConfigError(f"readout is {self.readout:g}; give a probability from 0 to below {STRONGEST}")
        if self.readout and self.flips:
            raise ConfigError("readout and flips are two descriptions of the same errors; give one of them")
        if bad := [flip for flip in self.flips if not (min(flip) >= 0 and sum(flip) < 1)]:
            raise ConfigError(f"flips of a wire are {bad[0]}; give two probabilities that add up to less than 1")
        if self.extrapolation not in EXTRAPOLATIONS:
            raise ConfigError(f"extrapolation is {self.extrapolation!r}; give one of {', '.join(EXTRAPOLATIONS)}")
        rising = all(a < b for a, b in pairwise(self.scales)) and all(map(isfinite, self.scales))
        if self.scales and not (rising and self.scales[0] == 1):
            raise ConfigError(f"scales are {list(self.scales)}; give 1 and finite numbers that rise from there")


@dataclass(frozen=True)
class Bill:
    """What mitigation costs.

    Args:
        circuits: Circuits run instead of one.
        gates: Gates run in all, over those of the circuit by itself.
        variance: Of a mitigated value over that of the plain one, if every circuit gets as many shots and a shot
            scatters as much at every scale; of the longest word.
    """

    circuits: int
    gates: float
    variance: float

    @property
    def shots(self) -> float:
        """How many times the shots an equally precise value takes."""
        return self.circuits * self.variance


def mitigate(run: Callable[[Circuit], Values], circuit: Circuit, mitigation: Mitigation) -> Values:
    """Return expectation values with errors undone.

    Args:
        run: Returns the values of a circuit, [... observable], on the device.
        circuit: What is to be run.
        mitigation: What is undone.

    Raises:
        ConfigError: If readout is inverted and an observable sums up words of different lengths.

    Example:
        >>> from qfl.quantum.circuit import Gate
        >>> def fades(c):  # a device on which every gate takes a tenth, and a readout that flips 5 % of the bits
        ...     return np.array([0.9 ** len(c.gates) * 0.9])
        >>> circuit = Circuit(1, (Gate("X", (0,)), Gate("X", (0,))), ((0,),))
        >>> mitigate(fades, circuit, Mitigation(0.05, (1.0, 3.0), "exponential")).round(12)
        array([1.])
    """
    grow = _readout_factors(circuit.observables, mitigation.readout)
    run = inverted(run, mitigation.flips) if mitigation.flips else run
    circuits = _circuits(circuit, mitigation)
    at = [run(each) for each in circuits]
    found = [values * (values.new_tensor(grow) if isinstance(values, Tensor) else grow) for values in at]
    scales = _scales(circuits)
    if mitigation.extrapolation == "exponential" and len(scales) > 1:
        return _exponential(found, scales[-1])
    return _weighed(found, weights(scales, mitigation.extrapolation))


def bill(circuit: Circuit, mitigation: Mitigation) -> Bill:
    """Return what mitigation of a circuit costs; the exponential's variance is that of its line at small noise.

    Args:
        circuit: What is to be run.
        mitigation: What is undone.

    Example:
        >>> from qfl.quantum.circuit import Gate
        >>> bill(Circuit(1, (Gate("X", (0,)),), ((0,),)), Mitigation(scales=(1.0, 3.0))).variance
        2.5
    """
    circuits = _circuits(circuit, mitigation)
    scales = _scales(circuits)
    ends = [scales[0], scales[-1]] if mitigation.extrapolation == "exponential" and len(scales) > 1 else scales
    of_each = weights(ends, "linear" if len(ends) < len(scales) else mitigation.extrapolation)
    grow = _readout_factors(circuit.observables, mitigation.readout).max(initial=1.0)
    grow = max([grow, *(growth(each, mitigation.flips) for each in circuit.observables if mitigation.flips)])
    return Bill(len(circuits), sum(scales), float(grow**2 * (of_each**2).sum()))


def weights(scales: Sequence[float], extrapolation: str) -> Float64[ndarray, " scale"]:
    """Return the weight of the value at each scale in the one at no noise.

    Args:
        scales: Different ones, 1 or more of them.
        extrapolation: ``richardson``; else the least-squares line, which through two points is the same.

    Example:
        >>> weights([1.0, 3.0], "richardson"), weights([1.0, 2.0, 3.0], "linear").round(3)
        (array([ 1.5, -0.5]), array([ 1.333,  0.333, -0.667]))
    """
    at = np.array(scales, dtype=np.float64)
    if extrapolation == "richardson":
        others = [np.delete(at, i) for i in range(len(at))]
        return np.array([prod((o / (o - s)).tolist()) for s, o in zip(at, others, strict=True)], np.float64)
    if len(at) == 1:
        return np.ones(1)
    centred = at - at.mean()
    return 1 / len(at) - at.mean() * centred / (centred**2).sum()


def _circuits(circuit: Circuit, mitigation: Mitigation) -> list[Circuit]:
    """Return the folded circuits, the plain one first; scales that few gates cannot tell apart are run once."""
    every = {len(each.gates): each for scale in mitigation.scales or (1.0,) for each in [folded(circuit, scale)]}
    return list(every.values())


def _scales(circuits: Sequence[Circuit]) -> list[float]:
    """Return by how much the gates of each are more than those of the first."""
    return [len(each.gates) / max(1, len(circuits[0].gates)) for each in circuits]


def _weighed(found: Sequence[Values], of_each: Float64[ndarray, " scale"]) -> Values:
    total = found[0] * float(of_each[0])
    for values, weight in zip(found[1:], of_each[1:], strict=True):
        total = total + values * float(weight)
    return total


def _exponential(found: Sequence[Values], last: float) -> Values:
    """Return what a e^(-b scale) through the first and the last is at 0; the line where there is no such curve."""
    line = _weighed([found[0], found[-1]], weights([1.0, last], "linear"))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = found[0] / found[-1]
        curve = found[0] * abs(ratio) ** (1 / (last - 1))
    usable = (ratio >= 1) & (abs(found[-1]) > DIM)
    where: Any = Tensor.where if isinstance(curve, Tensor) else _where
    return where(curve, usable, line)


def _where(values: ndarray, usable: ndarray, otherwise: ndarray) -> ndarray:
    return np.where(usable, values, otherwise)


def _readout_factors(observables: Sequence[Observable], readout: float) -> Float64[ndarray, " observable"]:
    return np.array([(1 - 2 * readout) ** -_length(observable, readout) for observable in observables])


def _length(observable: Observable, readout: float) -> int:
    """Return how many wires are read out for an observable, which must be as many for all its words."""
    if isinstance(observable, tuple):
        return len(observable)
    lengths = {len(letters(word)) for _, word in observable.terms}
    if readout and len(lengths) > 1:
        raise ConfigError(
            f"readout cannot be inverted for {observable}, whose words have {sorted(lengths)} wires; measure each by "
            "itself"
        )
    return max(lengths)
