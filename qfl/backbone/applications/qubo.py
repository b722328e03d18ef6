"""A binary quadratic model as it is, for whoever has posed a problem already.

A request has ``linear``, a table from variables to biases; ``quadratic``, a list of ``[variable, variable, bias]``; and
``offset``, a number. Variables that are nearly alike may be held alike at a price of ``tolerance``, in units of energy;
what that cost at most is told beside the answer. The answer has ``sample`` and ``energy``.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import dimod

from qfl.backbone.applications.posed import MOST_COUPLINGS, MOST_VARIABLES, Posed, Sample, take
from qfl.errors import ConfigError


def pose(request: Mapping[str, Any]) -> Posed:
    """Return the problem.

    Raises:
        ConfigError: If it is none, a coefficient is not finite, or it is too large.

    Example:
        >>> posed = pose({"linear": {"a": -1.0, "b": 1.0}, "quadratic": [["a", "b", 2.0]]})
        >>> posed.read({"a": 1, "b": 0})
        {'sample': {'a': 1, 'b': 0}, 'energy': -1.0}
    """
    others = {"quadratic": [], "offset": 0.0, "tolerance": 0.0}
    linear, quadratic, offset, tolerance = take("qubo", request, {"linear": dict}, others)
    if not (isfinite(tolerance) and tolerance >= 0):
        raise ConfigError(f"qubo: tolerance is {tolerance:g}; give a finite number of 0 or more")
    if len(linear) > MOST_VARIABLES or len(quadratic) > MOST_COUPLINGS:
        raise ConfigError(
            f"qubo: {len(linear):,} biases and {len(quadratic):,} couplings; give at most {MOST_VARIABLES:,} and "
            f"{MOST_COUPLINGS:,}"
        )
    model = dimod.BinaryQuadraticModel(dimod.BINARY)
    model.offset = _number("offset", offset)
    for variable, bias in linear.items():
        model.add_linear(variable, _number(f"linear {variable!r}", bias))
    for entry in quadratic:
        model.add_quadratic(*_coupling(entry))

    def read(sample: Sample) -> dict[str, Any]:
        return {"sample": {str(v): int(sample[v]) for v in model.variables}, "energy": float(model.energy(sample))}

    return Posed(model, read, tolerance=tolerance)


def _coupling(entry: Any) -> tuple[str, str, float]:
    if not (isinstance(entry, list) and len(entry) == 3 and all(isinstance(v, str) for v in entry[:2])):
        raise ConfigError(f"qubo: the coupling {repr(entry)[:60]} is none; give [variable, variable, number]")
    first, second, bias = entry
    if first == second:
        raise ConfigError(f"qubo: the coupling of {first!r} with itself is a bias; add it to linear")
    return first, second, _number(f"coupling {first!r} {second!r}", bias)


def _number(what: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ConfigError(f"qubo: {what} is {repr(value)[:60]}; give a finite number")
    return float(value)
