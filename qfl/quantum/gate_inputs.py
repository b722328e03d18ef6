r"""A circuit whose gates take their parameters as inputs, one for each parameter that depends on angles or features.

So pieces of a circuit, and the circuits of a gradient by shifts, are the same circuit for other rows of inputs: all of
them run in one batch. Of an expectation value, each input of a rotation is

.. math:: \frac{\partial E}{\partial x} = \sum_t c_t \, E(x + s_t),

with two terms for gates of one frequency, and four for the controlled rotations, which have two.

Reference:
    Mitarai et al., Quantum circuit learning, PRA 98, 032309 (2018), for two terms; Anselmetti, Wierichs, Gogolin and
    Parrish, Local, expressive, quantum-number-preserving VQE ansätze, NJP 23, 113010 (2021), Eq. (8), for four.
"""

# pyright: reportIncompatibleMethodOverride=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (torch annotates autograd.Function's static methods as taking anything)

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import pi, sqrt
from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from qfl.errors import ConfigError
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.sums import Sum

Rule = tuple[tuple[float, float], ...]
"""Coefficients and shifts, in radians."""
TWO: Rule = ((0.5, pi / 2), (-0.5, -pi / 2))
WIDE, NARROW = (sqrt(2) + 1) / (4 * sqrt(2)), (sqrt(2) - 1) / (4 * sqrt(2))
FOUR: Rule = ((WIDE, pi / 2), (-WIDE, -pi / 2), (-NARROW, 3 * pi / 2), (NARROW, -3 * pi / 2))
OF_FOUR = ("CRX", "CRY", "CRZ", "IsingXY")
MOST_ROWS = 8192  # that run in one batch
Rows = Float[Tensor, "row input"]
Run = Callable[[Rows], Float[Tensor, "row observable"]]


@dataclass(frozen=True)
class GateInputs:
    """A circuit, and what its inputs are.

    Args:
        circuit: Its features are the inputs.
        parameters: What each input was in the circuit that was given.
        rules: How each input's derivative is had; empty where it depends on no angle.
    """

    circuit: Circuit
    parameters: tuple[Parameter, ...]
    rules: tuple[Rule, ...]

    @property
    def evaluations(self) -> int:
        """Count the circuits of one value and its gradient by shifts."""
        return 1 + sum(map(len, self.rules))

    def rows(self, angles: Float[Tensor, "client angle"], samples: Float[Tensor, "client sample feature"]) -> Rows:
        """Return the inputs of every client's samples, one row each, client by client.

        Args:
            angles: Of every client.
            samples: Features of every client's samples.

        Example:
            >>> gates = (Gate("RX", (0,), (Feature(0, 2.0),)), Gate("RY", (0,), (Angle(0),)))
            >>> given = gate_inputs(Circuit(1, gates, ((0,),), num_features=1))
            >>> given.rows(torch.tensor([[0.5]]), torch.tensor([[[1.0], [0.25]]])).tolist()
            [[2.0, 0.5], [0.5, 0.5]]
        """
        trained = [angle[:, None] for angle in angles.unbind(-1)]
        features = list(samples.unbind(-1))
        blank = samples.new_zeros(samples.shape[:2])
        found = [blank + _value(parameter, trained, features) for parameter in self.parameters]
        return (torch.stack(found, -1) if found else samples[..., :0]).flatten(0, 1)


@lru_cache(maxsize=32)
def gate_inputs(circuit: Circuit) -> GateInputs:
    """Return a circuit with an input for each parameter that is no number.

    Args:
        circuit: One that does not encode its sample in amplitudes.

    Raises:
        ConfigError: If it does.

    Example:
        >>> shared = (Gate("RX", (0,), (Angle(0),)), Gate("CRY", (0, 1), (Angle(0),)))
        >>> found = gate_inputs(Circuit(2, shared, ((1,),)))
        >>> found.circuit.num_features, found.evaluations
        (2, 7)
    """
    if circuit.amplitudes:
        raise ConfigError(
            "a circuit whose sample is its initial state is no list of gates; encode features as angles of gates, such "
            "as by model.encoding = 'angle'"
        )
    parameters: list[Parameter] = []
    rules: list[Rule] = []
    gates = [_with_inputs(gate, parameters, rules) for gate in circuit.gates]
    changed = replace(circuit, gates=tuple(gates), num_features=len(parameters), names=())
    return GateInputs(changed, tuple(parameters), tuple(rules))


def by_shifts(run: Run, rows: Rows, rules: tuple[Rule, ...]) -> Float[Tensor, "row observable"]:
    """Return what a device gives for rows of inputs, with a gradient that further runs give.

    Args:
        run: Runs all rows; it need not be differentiable.
        rows: The inputs.
        rules: Of each input; empty for those without a derivative.

    Example:
        >>> x = torch.tensor([[0.3]], dtype=torch.float64, requires_grad=True)
        >>> by_shifts(torch.cos, x, (TWO,)).backward()
        >>> bool(torch.isclose(x.grad, -x.sin()).all())
        True
    """
    return cast(Tensor, _Shifted.apply(run, rules, rows))


class _Shifted(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, run: Run, rules: tuple[Rule, ...], rows: Tensor) -> Tensor:
        ctx.run, ctx.rules = run, rules
        ctx.save_for_backward(rows)
        return in_batches(run, rows.detach())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[None, None, Tensor]:
        (rows,) = ctx.saved_tensors
        terms = [(k, c, s) for k, rule in enumerate(ctx.rules) for c, s in rule]
        moves = rows.new_zeros(len(terms), 1, rows.shape[1])
        for place, (k, _, shift) in enumerate(terms):
            moves[place, 0, k] = shift
        gradient = torch.zeros_like(rows)
        if terms:
            values = in_batches(ctx.run, (rows + moves).flatten(0, 1)).unflatten(0, (len(terms), len(rows)))
            for (k, coefficient, _), found in zip(terms, values, strict=True):
                gradient[:, k] += coefficient * (found * slope).sum(-1)
        return None, None, gradient


def in_batches(run: Run, rows: Rows) -> Float[Tensor, "row observable"]:
    """Return what a run gives for rows of inputs, so many at once that memory does not grow with their number."""
    return torch.cat([run(part) for part in rows.split(MOST_ROWS)]) if len(rows) else run(rows)


def _with_inputs(gate: Gate, parameters: list[Parameter], rules: list[Rule]) -> Gate:
    """Return a gate that takes inputs, and append what they are."""
    taken: list[Parameter] = []
    for parameter in gate.parameters:
        if isinstance(parameter, Angle | Feature | Sum):
            taken.append(Feature(len(parameters)))
            trained = isinstance(parameter, Angle) or (isinstance(parameter, Sum) and bool(parameter.angles))
            rules.append((FOUR if gate.name in OF_FOUR else TWO) if trained else ())
            parameters.append(parameter)
        else:
            taken.append(parameter)
    return replace(gate, parameters=tuple(taken))


def _value(parameter: Parameter, angles: list[Tensor], features: list[Tensor]) -> Any:
    if isinstance(parameter, Angle):
        return angles[parameter.index]
    if isinstance(parameter, Feature):
        return parameter.scale * features[parameter.index]
    return parameter.value(angles, features) if isinstance(parameter, Sum) else parameter
