"""A gate parameter that is a sum: weights times angles and features, products of them, and a constant.

    t = shift + sum_j weight_j  theta_a theta_b ... x_c x_d ...

It is what a PennyLane program makes of its arguments before it hands them to a gate: ``2 * weights[0] - weights[1]``,
``pi * inputs[3] + weights[2]``, or ``inputs[0] * inputs[1]`` of ``IQPEmbedding``.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Term:
    """A weight times entries of the angle vector and features.

    Args:
        weight: In radians.
        angles: Indices of angles, which multiply.
        features: Indices of features, which multiply.
    """

    weight: float
    angles: tuple[int, ...] = ()
    features: tuple[int, ...] = ()

    def value(self, angles: Any, features: Any) -> Any:
        """Return the term for given angles and features, numbers or arrays that broadcast."""
        total: Any = self.weight
        for index in self.angles:
            total = total * angles[index]
        for index in self.features:
            total = total * features[index]
        return total


@dataclass(frozen=True)
class Sum:
    """A parameter of a gate: a constant and terms that depend on angles and features.

    Args:
        terms: One or more, each of at least one angle or feature.
        shift: The constant, in radians.

    Raises:
        ValueError: If a term is a constant, which belongs to the shift, or there is none.

    Example:
        >>> Sum((Term(2.0, angles=(0,)), Term(1.0, features=(1,))), shift=0.5).value([10.0], [0.0, 3.0])
        23.5
    """

    terms: tuple[Term, ...]
    shift: float = 0.0

    def __post_init__(self):
        if not self.terms or not all(term.angles or term.features for term in self.terms):
            raise ValueError("a sum has one term or more, each of an angle or a feature; a constant is a number")

    def value(self, angles: Any, features: Any) -> Any:
        """Return the sum for given angles and features, numbers or arrays that broadcast.

        Example:
            >>> Sum((Term(0.5, (0,), (0,)),)).value([4.0], [3.0])
            6.0
        """
        total: Any = self.shift
        for term in self.terms:
            total = total + term.value(angles, features)
        return total

    def times(self, factor: float) -> "Sum":
        """Return the sum times a number."""
        terms = tuple(Term(factor * term.weight, term.angles, term.features) for term in self.terms)
        return Sum(terms, factor * self.shift)

    @property
    def angles(self) -> set[int]:
        """Indices of the angles that it depends on."""
        return {index for term in self.terms for index in term.angles}

    @property
    def features(self) -> set[int]:
        """Indices of the features that it depends on."""
        return {index for term in self.terms for index in term.features}
