r"""Make a binary quadratic model smaller, say what that may cost, and remember the way back.

Three exact rules, until none helps: a variable whose every gradient has one sign is fixed (first-order persistency); a
variable with one neighbour left is the best answer to it, which a linear term says as well (leaf elimination); what is
0 or 1 in the optimal vertex of the linear relaxation is so in an optimum, too (roof duality: the others are 1/2 there).

Two more rules use symmetry (`qfl.backbone.runtime.pipeline.symmetry`). All are exact, unless a tolerance is given: then
variables that are nearly alike are held alike, and the reduction says what that costs at most.

Unlike the networks of the literature the relaxation is solved as a linear program. D-Wave's ``roof_duality``
(dwave-preprocessing 0.6.11) is not used: for some random models of nine variables its values miss the minimum.

Reference:
    Hammer, Hansen and Simeone, Roof duality, complementation and persistency in quadratic 0-1 optimization,
    Mathematical Programming 28, 121 (1984); Boros and Hammer, Discrete Applied Mathematics 123, 155 (2002), section 5.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import dimod
import numpy as np
from scipy.optimize import linprog

from qfl.backbone.runtime.pipeline.given_up import GivenUp
from qfl.backbone.runtime.pipeline.symmetry import merges, without_fields
from qfl.backbone.runtime.structure import compiled, structure_of
from qfl.errors import ConfigError

Variable = Hashable


@dataclass(frozen=True)
class Leaf:
    """A variable that answers one other.

    Args:
        variable: It.
        neighbour: The other.
        answers: Its best value where the other is 0, and where it is 1.
    """

    variable: Variable
    neighbour: Variable
    answers: tuple[int, int]


@dataclass(frozen=True)
class Reduction:
    """A smaller model with the same minimum.

    Args:
        original: The model that was given, in binary variables.
        model: What is left; its energies are the original's, the rest being at its best.
        fixed: Variables that have one best value.
        leaves: Variables that answer another, in the order in which they were taken out.
        rules: How many variables each rule took.
        loss: By how much the model's minimum may be above the original's at most; 0 is exact.
    """

    original: dimod.BinaryQuadraticModel
    model: dimod.BinaryQuadraticModel
    fixed: Mapping[Variable, int]
    leaves: tuple[Leaf, ...]
    rules: Mapping[str, int]
    loss: float = 0.0

    @property
    def given_up(self) -> tuple[GivenUp, ...]:
        """What holding variables alike has cost; empty where every rule was exact."""
        count = self.original.num_variables
        return (GivenUp("alike", count, count - self.rules["alike"], self.loss),) if self.loss else ()

    @property
    def ratio(self) -> float:
        """Variables left over variables given."""
        return self.model.num_variables / max(1, self.original.num_variables)

    def lift(self, sample: Mapping[Variable, int]) -> dict[Variable, int]:
        """Return values of all variables of the original from values of those that are left."""
        values = {v: int(sample[v]) for v in self.model.variables} | dict(self.fixed)
        for leaf in reversed(self.leaves):
            values[leaf.variable] = leaf.answers[values[leaf.neighbour]]
        return values


def reduce(
    model: dimod.BinaryQuadraticModel, *, roof_duality: bool = True, symmetry: bool = False, tolerance: float = 0.0
) -> Reduction:
    """Return the model with everything taken out that is known to be best.

    Args:
        model: Binary or spin; spins are read as binary variables.
        roof_duality: Whether the linear relaxation is asked where the other rules find nothing more.
        symmetry: Whether twins are held alike and parts without fields have one variable fixed.
        tolerance: What holding variables alike may cost, 0 or more, in the model's unit; of effect with symmetry.

    Raises:
        ConfigError: If a coefficient is not finite, or the tolerance is below 0 or not finite.

    Example:
        >>> chain = dimod.BinaryQuadraticModel({"a": -1.0, "b": 2.0, "c": 0.5}, {"ab": -1.5, "bc": 1.0}, "BINARY")
        >>> found = reduce(chain, roof_duality=False)
        >>> found.model.num_variables, found.lift({})
        (0, {'c': 0, 'b': 0, 'a': 1})
    """
    original = model.change_vartype(dimod.BINARY, inplace=False)
    biases = [*original.linear.values(), *original.quadratic.values(), original.offset]
    if not all(isfinite(bias) for bias in biases):
        raise ConfigError("a coefficient of the problem is not finite; give finite numbers")
    if not (isfinite(tolerance) and tolerance >= 0):
        raise ConfigError(f"the tolerance is {tolerance:g}; give a finite number of 0 or more")
    found = Reduction(original, original.copy(), {}, (), {})
    while True:
        smaller = _persistency(found)
        smaller = _leaves(smaller)
        if smaller.model.num_variables == found.model.num_variables and roof_duality:
            smaller = _roof_duality(smaller)
        if smaller.model.num_variables == found.model.num_variables and symmetry:
            smaller = _alike(_upright(smaller), tolerance)
        if smaller.model.num_variables == found.model.num_variables:
            return found
        found = smaller


def _persistency(found: Reduction) -> Reduction:
    """Fix variables whose gradient has one sign whatever the others are."""
    if not _any_fixed(found.model):
        return found
    model, fixed, waiting = found.model.copy(), dict[Variable, int](), list(found.model.variables)
    while waiting:
        v = waiting.pop()
        if v in fixed:
            continue
        bias, couplings = model.get_linear(v), [c for _, c in model.iter_neighborhood(v)]
        value = 0 if bias + sum(c for c in couplings if c < 0) >= 0 else 1
        if value == 0 or bias + sum(c for c in couplings if c > 0) <= 0:
            waiting += [u for u, _ in model.iter_neighborhood(v)]
            fixed[v] = value
            model.fix_variable(v, value)
    rules = _counted(found.rules, "persistency", len(fixed))
    return replace(found, model=model, fixed={**found.fixed, **fixed}, rules=rules)


def _any_fixed(model: dimod.BinaryQuadraticModel) -> bool:
    """Return whether there is a variable to begin with; large models mostly have none, and are looked at once."""
    structure, linear, couplings = structure_of(model)
    everywhere = np.ones(len(linear))
    least, most = (
        compiled(structure).slopes(linear, part, everywhere)
        for part in (np.minimum(couplings, 0), np.maximum(couplings, 0))
    )
    return bool(((least >= 0) | (most <= 0)).any())


def _leaves(found: Reduction) -> Reduction:
    """Take out variables with one neighbour: min over x of (a + c y) x is a linear function of y."""
    model, leaves = found.model.copy(), list(found.leaves)
    while one := next((v for v in model.variables if model.degree(v) == 1), None):
        ((other, coupling),) = model.iter_neighborhood(one)
        alone, beside = (min(0.0, model.get_linear(one) + y * coupling) for y in (0, 1))
        leaves.append(Leaf(one, other, (int(alone < 0), int(beside < 0))))
        model.remove_variable(one)
        model.add_linear(other, beside - alone)
        model.offset += alone
    rules = _counted(found.rules, "leaves", len(leaves) - len(found.leaves))
    return replace(found, model=model, leaves=tuple(leaves), rules=rules)


def _upright(found: Reduction) -> Reduction:
    """Fix one variable of every part that may be turned upside down."""
    order, places = list(found.model.variables), without_fields(found.model)
    if not places:
        return found
    model, fixed = found.model.copy(), {order[place]: 0 for place in places}
    model.fix_variables(fixed)
    rules = _counted(found.rules, "spin flip", len(fixed))
    return replace(found, model=model, fixed={**found.fixed, **fixed}, rules=rules)


def _alike(found: Reduction, tolerance: float) -> Reduction:
    """Hold variables alike that may trade places, nearly so where that is tolerated: one answers the other."""
    pairs, cost = merges(found.model, tolerance - found.loss)
    if not pairs:
        return found
    order, model = list(found.model.variables), found.model.copy()
    for first, second in pairs:
        model.contract_variables(order[first], order[second])
    leaves = tuple(Leaf(order[second], order[first], (0, 1)) for first, second in pairs)
    rules = _counted(found.rules, "alike", len(pairs))
    return replace(found, model=model, leaves=found.leaves + leaves, rules=rules, loss=found.loss + cost)


def _roof_duality(found: Reduction) -> Reduction:
    """Fix what is 0 or 1 in an optimal vertex of the relaxation."""
    if not found.model.num_variables:
        return found
    fixed = {v: round(x) for v, x in _relaxed(found.model).items() if min(x, 1 - x) < 1e-6}
    model = found.model.copy()
    model.fix_variables(fixed)
    rules = _counted(found.rules, "roof duality", len(fixed))
    return replace(found, model=model, fixed={**found.fixed, **fixed}, rules=rules)


def _relaxed(model: dimod.BinaryQuadraticModel) -> dict[Variable, float]:
    """Return an optimal vertex: least a x + c z with z at most x and y (c < 0), or at least 0 and x + y - 1 (c > 0)."""
    structure, linear, couplings = structure_of(model)
    if not len(couplings):
        return {v: float(bias < 0) for v, bias in zip(model.variables, linear, strict=True)}
    matrix, limits = compiled(structure).relaxation(couplings < 0)
    cost = np.concatenate([linear, couplings])
    found = linprog(cost, A_ub=matrix, b_ub=limits, bounds=(0, 1), method="highs-ds")
    return dict(zip(model.variables, found.x.tolist(), strict=False)) if found.success else {}


def _counted(rules: Mapping[str, int], rule: str, count: int) -> dict[str, Any]:
    return {**rules, rule: rules.get(rule, 0) + count} if count else dict(rules)
