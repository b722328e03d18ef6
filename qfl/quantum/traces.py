"""What a gate's parameter is made of, found from its values and derivatives at three generic points.

A parameter t(theta, x) is taken if it is linear, or a polynomial of degree two without an angle's square, and refused
in a sentence if it is not: its derivatives are computed at one point, and what they foretell must hold at two more.
Squares of features and products of features with features or angles are kept, as `IQPEmbedding` and re-uploading with
trained weights need them.
"""

# pyright: reportUnknownMemberType=false
# (torch does not annotate autograd.grad)

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float
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
    terms, shift = _terms(first, points[0])
    for value, (angles, features) in zip(values[1:], points[1:], strict=True):
        foretold = shift + sum(term.value(angles.detach(), features.detach()) for term in terms)
        if abs(float(foretold) - float(value.detach())) > TOLERANCE * (1 + abs(float(value.detach()))):
            of = ", ".join(dict.fromkeys(name for term in terms for name in _names(term, names)))
            raise ConfigError(
                f"{what} is turned by a function of {of or 'its arguments'} that is not linear; turn it by sums of "
                "angles and features, and prepare features before the circuit"
            )
    return Trace(_simplest(terms, shift), 0.0)


def _terms(value: Tensor, point: tuple[Tensor, Tensor]) -> tuple[list[Term], float]:
    """Return the terms of a polynomial of degree two, from its derivatives, and its constant."""
    split = point[0].numel()
    at = torch.cat([leaf.detach() for leaf in point])
    slope = _slope(value, point)
    terms: list[Term] = []
    for i in _places(slope) if slope.requires_grad else []:
        row = _slope(slope[i], point).detach()
        terms += [_term(float(row[j]) * (0.5 if i == j else 1.0), [i, j], split) for j in _places(row) if j >= i]
    straight = slope.detach().clone()
    for term in terms:
        places = [*term.angles, *(split + f for f in term.features)]
        for k, place in enumerate(places):
            straight[place] -= term.weight * at[places[1 - k]]
    weights = [(place, _rounded(float(straight[place]))) for place in _places(straight)]
    terms += [_term(weight, [place], split) for place, weight in weights if abs(weight) > TOLERANCE]
    total = sum(float(t.value(point[0].detach(), point[1].detach())) for t in terms)
    return terms, _rounded(float(value.detach()) - total)


def _slope(value: Tensor, point: tuple[Tensor, Tensor]) -> Float[Tensor, " entry"]:
    """Return the derivatives of a number with respect to the angles and the features."""
    own = [leaf for leaf in point if leaf.numel()]
    found = cast("Sequence[Tensor | None]", torch.autograd.grad(value, own, create_graph=True, allow_unused=True))
    filled = [torch.zeros_like(leaf) if slope is None else slope for leaf, slope in zip(own, found, strict=True)]
    return torch.cat(filled)


def _places(values: Float[Tensor, " entry"]) -> list[int]:
    """Return where the numbers are that are not zero."""
    return cast("list[int]", values.detach().nonzero().flatten().tolist())


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
