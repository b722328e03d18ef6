"""Templates of models: the structure that an application's jobs share, so that a service knows it before the first one.

An entry holds the places of the model's couplings, and what else of the application does not depend on a job's numbers:
of traffic engineering its paths, which take longer to find than everything else before the solver.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from qfl.backbone.applications.posed import APPLICATIONS, pose
from qfl.backbone.runtime.structure import Structure, compiled, structure_of
from qfl.backbone.runtime.templates.entry import Template
from qfl.errors import ConfigError
from qfl.extend import load_object


def structure_template(application: str, request: Mapping[str, Any]) -> Template:
    """Return the template of a request; another request of the same structure has the same name.

    Args:
        application: A key of `qfl.backbone.applications.posed.APPLICATIONS`.
        request: Plain values, in the application's words.

    Raises:
        ConfigError: If it is no request of the application.

    Example:
        >>> structure_template("qubo", {"linear": {"a": -1.0}, "quadratic": [["a", "b", 2.0]]}).facts["variables"]
        2
    """
    posed = pose(application, request)
    structure, _, _ = structure_of(posed.model)
    compile_ = APPLICATIONS[application].compile
    facts, arrays = load_object(compile_)(request) if compile_ else ({}, {})
    first, second = compiled(structure).pairs
    numbers = {**arrays, "first": first, "second": second}
    about = {"application": application, "variables": structure.variables, "couplings": len(first), **facts}
    digest = hashlib.sha256(repr(structure).encode())
    for name, array in sorted(arrays.items()):
        digest.update(name.encode() + array.tobytes())
    digest.update(repr(sorted(facts.items())).encode())
    return Template(f"qubo.{application.replace('_', '-')}.{digest.hexdigest()[:12]}", "qubo", about, numbers)


def warm(entry: Template) -> None:
    """Compile the structure of an entry, and take over what its application knows beside it.

    Raises:
        ConfigError: If it does not hold what its kind holds.
    """
    compiled(_structure(entry)).pairs  # noqa: B018  (computed when it is asked for)
    application = APPLICATIONS.get(str(entry.facts.get("application")))
    if application is not None and application.warm:
        load_object(application.warm)(entry.facts, entry.arrays)


def _structure(entry: Template) -> Structure:
    first, second = (np.asarray(entry.arrays.get(name, ()), dtype=np.int32) for name in ("first", "second"))
    count, places = entry.facts.get("variables"), np.concatenate([first, second])
    if type(count) is not int or first.shape != second.shape or not ((places >= 0) & (places < count)).all():
        raise ConfigError(f"template {entry.label} holds no structure of a model; register it again")
    return Structure(count, first.tobytes(), second.tobytes())
