"""What a gate's parameter is made of, found from its values and derivatives at three generic points.

A parameter t(theta, x) is taken if it is linear, or a polynomial of degree two without an angle's square, and refused
in a sentence if it is not: its derivatives are computed at one point, and what they foretell must hold at two more.
Squares of features and products of features with features or angles are kept, as `IQPEmbedding` and re-uploading with
trained weights need them.
"""

# pyright: reportUnknownMemberType=false
# (torch does not annotate autograd.grad)

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qfl.errors import ConfigError
from qfl.quantum.circuit import Angle, Feature, Parameter
from qfl.quantum.sums import Sum, Term
from qfl.seeds import stream

TOLERANCE = 1e-9
DIGITS = 12

Points = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Trace:
    """A parameter of a gate: what it depends on, and its value where it depends on nothing.

    Args:
        parameter: An angle, a feature, a sum or a number.
        constant: Its value at a generic point: a number, or a matrix.
    """

    parameter: Parameter
    constant: Any


def trace_points(num_angles: int, num_features: int) -> Points:
    """Return three generic points (angles, features), which remember what is computed from them."""
    points: Points = []
    for place in range(3):
        rng = stream(0, "traces", place)
        angles, features = rng.uniform(0.1, 3, num_angles), rng.uniform(0.1, 1, num_features)
        points.append((torch.as_tensor(angles).requires_grad_(), torch.as_tensor(features).requires_grad_()))
    return points


def trace(values: list[Any], points: Points, what: str, names: tuple[str, ...], *, fixed: bool = False) -> Trace:
    """Return what a parameter is made of.

    Args:
        values: The parameter at each of the points.
        points: From `trace_points`.
        what: Whose parameter it is, for the sentence.
        names: Of the angles.
        fixed: Whether it may depend on nothing, as a matrix.

    Raises:
        ConfigError: If it is no linear function, and no product, of angles and features.
    """
    first = values[0]
    if not isinstance(first, Tensor) or not first.requires_grad:
        constant = np.asarray(first.detach() if isinstance(first, Tensor) else first)
        if not fixed and constant.ndim:
            raise ConfigError(f"{what} has a parameter for each of several samples; write the function for one sample")
        return Trace(0.0 if fixed else float(constant), constant)
    if fixed:
        raise ConfigError(f"{what} has a matrix that depends on its arguments; we take fixed matrices alone")
    if first.ndim:
        raise ConfigError(f"{what} has a parameter for each of several samples; write the function for one sample")
    terms, shift = _terms(first, points[0], what)
    for value, (angles, features) in zip(values[1:], points[1:], strict=True):
        foretold = shift + sum(term.value(angles.detach(), features.detach()) for term in terms)
        if abs(float(foretold) - float(value.detach())) > TOLERANCE * (1 + abs(float(value.detach()))):
            of = ", ".join(dict.fromkeys(name for term in terms for name in _names(term, names)))
            raise ConfigError(
                f"{what} is turned by a function of {of or 'its arguments'} that is not linear; turn it by sums of "
                "angles and features, and prepare features before the circuit"
            )
    return Trace(_simplest(terms, shift), 0.0)


def _terms(value: Tensor, point: tuple[Tensor, Tensor], what: str) -> tuple[list[Term], float]:
    """Return the terms of a polynomial of degree two, from its derivatives, and its constant."""
    own = [leaf for leaf in point if leaf.numel()]
    slopes = torch.autograd.grad(value, own, create_graph=True, retain_graph=True, allow_unused=True)
    split = point[0].numel()
    filled = [torch.zeros_like(leaf) if slope is None else slope for leaf, slope in zip(own, slopes, strict=True)]
    slope, at = torch.cat(filled), torch.cat([leaf.detach() for leaf in own])
    terms: list[Term] = []
    for i in slope.detach().nonzero().flatten().tolist() if slope.requires_grad else []:
        rows = torch.autograd.grad(slope[i], own, retain_graph=True, allow_unused=True) if slope.requires_grad else []
        row = torch.cat([torch.zeros_like(leaf) if r is None else r for leaf, r in zip(own, rows, strict=True)])
        for j in row.detach().nonzero().flatten().tolist():
            if j >= i:
                terms.append(_term(float(row[j].detach()) * (0.5 if i == j else 1.0), [i, j], split))
    straight = slope.detach().clone()
    for term in terms:
        places = [*term.angles, *(split + f for f in term.features)]
        for k, place in enumerate(places):
            straight[place] -= term.weight * at[places[1 - k]]
    for i in straight.nonzero().flatten().tolist():
        if abs(weight := _rounded(float(straight[i]))) > TOLERANCE:
            terms.append(_term(weight, [i], split))
    total = sum(float(t.value(point[0].detach(), point[1].detach())) for t in terms)
    return terms, _rounded(float(value.detach()) - total)


def _names(term: Term, names: tuple[str, ...]) -> list[str]:
    return [names[i] for i in term.angles] + [f"feature {i}" for i in term.features]


def _term(weight: float, places: list[int], split: int) -> Term:
    weight = _rounded(weight)
    return Term(weight, tuple(p for p in places if p < split), tuple(p - split for p in places if p >= split))


def _rounded(value: float) -> float:
    """Return a number without what rounding left of zero or of a whole number."""
    near = float(round(value))
    return near if abs(value - near) < 10.0**-DIGITS else value


def _simplest(terms: list[Term], shift: float) -> Parameter:
    if not terms:
        return shift
    (term, *more) = terms
    if more or shift:
        return Sum(tuple(terms), shift)
    if term.weight == 1 and len(term.angles) == 1 and not term.features:
        return Angle(term.angles[0])
    if len(term.features) == 1 and not term.angles:
        return Feature(term.features[0], term.weight)
    return Sum((term,))
