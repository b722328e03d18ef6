"""What every application that optimises is to the control plane: a binary quadratic model, and what an answer means.

A controller says what it wants in its own words; `pose` turns them into a model, and `Posed.read` turns an assignment
back, its quality recomputed by the application. Who solved it is not among what comes back to the application.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dimod

from qfl.errors import ConfigError
from qfl.extend import load_object

Sample = Mapping[Hashable, int]
MOST_VARIABLES = 2000
MOST_COUPLINGS = 200_000


@dataclass(frozen=True)
class Posed:
    """A problem as the pipeline takes it.

    Args:
        model: What is to be least.
        read: From values of its variables to the application's answer, plain values; what it is worth among them.
        feasible: Whether the application's constraints hold.
        tolerance: What reduction may give up, in the model's unit.
        parts: From a number of parts to the variables of each, where the application knows them: regions of a network.
    """

    model: dimod.BinaryQuadraticModel
    read: Callable[[Sample], dict[str, Any]]
    feasible: Callable[[Sample], bool] = lambda sample: True
    tolerance: float = 0.0
    parts: Callable[[int], Sequence[Collection[Hashable]]] | None = None


@dataclass(frozen=True)
class ApplicationSpec:
    """An application.

    Args:
        title: Its name for people.
        pose: Reference of the function from a request's plain values to a `Posed`.
        compile: Reference of the function from a request to facts and numbers of its template; empty where the model's
            structure is all.
        warm: Reference of the function that takes them over.
    """

    title: str
    pose: str
    compile: str = ""
    warm: str = ""


APPLICATIONS: dict[str, ApplicationSpec] = {
    "qubo": ApplicationSpec("binary quadratic model", "qfl.backbone.applications.qubo:pose"),
    "ris": ApplicationSpec("phases of a reconfigurable surface", "qfl.backbone.applications.ris:pose"),
    "slices": ApplicationSpec("admission of network slices", "qfl.backbone.applications.slices:pose"),
    "decoding": ApplicationSpec("decoding of a binary linear code", "qfl.backbone.applications.decoding:pose"),
    "traffic": ApplicationSpec(
        "paths of demands in a backbone",
        "qfl.backbone.applications.traffic.request:pose",
        "qfl.backbone.applications.traffic.request:compile_paths",
        "qfl.backbone.applications.traffic.request:warm_paths",
    ),
    "uplink": ApplicationSpec("sub-channels of a cell's devices", "qfl.backbone.applications.uplink:pose"),
    "access_points": ApplicationSpec("users for access points", "qfl.backbone.applications.access_points:pose"),
}


def pose(application: str, request: Mapping[str, Any]) -> Posed:
    """Return the problem of a request.

    Args:
        application: A key of `APPLICATIONS`.
        request: Plain values, in the application's own words.

    Raises:
        ConfigError: If there is no such application, a word of the request is unknown or missing, or the problem is
            none, too large, or not finite.

    Example:
        >>> pose("qubo", {"linear": {"a": -1.0}, "quadratic": [["a", "b", 2.0]]}).model.num_variables
        2
    """
    if application not in APPLICATIONS:
        raise ConfigError(f"{application!r} is no application; give one of {', '.join(APPLICATIONS)}")
    posed = load_object(APPLICATIONS[application].pose)(request)
    model = posed.model
    if not 1 <= model.num_variables <= MOST_VARIABLES or model.num_interactions > MOST_COUPLINGS:
        raise ConfigError(
            f"{application}: the problem has {model.num_variables:,} variables and {model.num_interactions:,} "
            f"couplings; give 1 to {MOST_VARIABLES:,} and at most {MOST_COUPLINGS:,}"
        )
    return posed


def take(
    application: str, request: Mapping[str, Any], needed: Mapping[str, type], others: Mapping[str, Any]
) -> list[Any]:
    """Return a request's values in the order in which they are named, those that may be left out at their default.

    Args:
        application: For sentences.
        request: Plain values.
        needed: Words that must be there, and the type of each value.
        others: Words that may be left out, and their defaults, whose types say what is taken.

    Raises:
        ConfigError: With a sentence for every unknown or missing word and every value of another type.
    """
    types = {**needed, **{word: type(default) for word, default in others.items()}}
    words = ", ".join(types)
    faults = [f"{application}: unknown word {word!r}; it takes {words}" for word in request if word not in types]
    faults += [f"{application}: {word!r} is missing; give it" for word in needed if word not in request]
    values: list[Any] = []
    for word, kind in types.items():
        value = request.get(word, others.get(word))
        value = float(value) if kind is float and type(value) is int else value
        if word in request and type(value) is not kind:
            faults.append(f"{application}: {word!r} is {_brief(value)}; expected {WORDS.get(kind, kind.__name__)}")
        values.append(value)
    if faults:
        raise ConfigError(faults)
    return values


WORDS = {
    bool: "true or false",
    dict: "a table",
    list: "a list",
    float: "a number",
    int: "a whole number",
    str: "a text",
}


def _brief(value: Any) -> str:
    return repr(value)[:60]
