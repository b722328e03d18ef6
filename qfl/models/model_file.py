"""A trained model as one file: a header that says what the numbers are for, and the numbers.

The header holds the model's kind, all its settings, its features by name with their constants, and the digest of its
layout. Numbers trained for one set of features are meaningless with another, so a file is refused, by name, wherever
its header differs from the model it is to be used with. The file is numpy's ``.npz`` without pickles.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from qfl.config.renamed import renewed
from qfl.errors import ConfigError, Damaged, DataError
from qfl.models.features import Features
from qfl.reading import parse_json, read_arrays
from qfl.specs import models_of

FORMAT = "qfl-model-1"
NO_SETTINGS = ("features", "cut")  # what is written apart, and what only says how trained circuits are run


def save_model(path: str | Path, model: Any, angles: Float[np.ndarray, " angle"]) -> None:
    """Write a model and its trained entries.

    Args:
        path: The file; ``.npz`` is usual.
        model: A graph network of D2D pairs (`qfl.specs.models_of`).
        angles: Its entries, in float32 or float64.

    Raises:
        ValueError: If the model is of no known kind, or the entries are not as many as its layout says.
    """
    if len(angles) != len(model.layout):
        raise ValueError(f"the model has {len(model.layout)} entries, but {len(angles)} were given")
    with Path(path).open("wb") as file:  # an open file, so that numpy adds no suffix
        np.savez(file, header=np.array(json.dumps(_header(model))), angles=np.asarray(angles))


def load_model(path: str | Path, expected: Any = None) -> tuple[Any, NDArray]:
    """Return the model and the entries of a file.

    Args:
        path: What `save_model` wrote.
        expected: A model whose features, kind and settings the file must have; None takes those of the file.

    Raises:
        DataError: If the file is absent or no model file, or was trained for something else; the message says for what.
    """
    path = Path(path)
    header, angles = _read(path)
    if expected is not None:
        _compare(path, header, _header(expected))
    features = Features(**{part: tuple(map(tuple, rows)) for part, rows in header["features"].items()})
    settings = {name: tuple(value) if isinstance(value, list) else value for name, value in header["settings"].items()}
    model = models_of("d2d")[header["kind"]].kind(**settings, features=features)
    if model.layout.digest() != header["layout"] or len(angles) != len(model.layout):
        raise DataError(f"{path}: its {len(angles)} entries are not those of this version's model; train it again")
    return model, angles


def _header(model: Any) -> dict[str, Any]:
    kinds = {spec.kind: name for name, spec in models_of("d2d").items()}
    if type(model) not in kinds:
        raise ValueError(f"{type(model).__name__} is no model of {', '.join(kinds.values())}")
    names = [field.name for field in fields(model) if field.init and field.name not in NO_SETTINGS]
    settings = {name: getattr(model, name) for name in names}
    header = {"format": FORMAT, "kind": kinds[type(model)], "settings": settings, "layout": model.layout.digest()}
    return json.loads(json.dumps(header | {"features": asdict(model.features)}))  # tuples as lists, as in a file


def _read(path: Path) -> tuple[dict[str, Any], NDArray]:
    try:
        arrays = read_arrays(path)
        header, angles = parse_json(str(arrays["header"])), arrays["angles"]
    except (KeyError, Damaged) as error:
        if not path.exists():
            raise DataError(f"{path}: no such model file") from error
        raise DataError(f"{path}: not a model file of qfl, or damaged; expected what save_model wrote") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT or header.get("kind") not in models_of("d2d"):
        raise DataError(f"{path}: not a model file of this version ({FORMAT})")
    try:
        header["settings"] = renewed(header["settings"], header["kind"])
    except ConfigError as error:
        raise DataError(f"{path}: not a model file of qfl, or damaged: {error}") from error
    if header["settings"].get("k") == 0:  # as older files write all neighbours
        header["settings"]["k"] = None
    if "sampling" in header["settings"]:  # nor do they have what came later
        header["settings"].setdefault("repeats", True)
    return header, angles


def _compare(path: Path, header: dict[str, Any], expected: dict[str, Any]) -> None:
    found, wanted = (_feature_names(one["features"]) for one in (header, expected))
    if found != wanted:
        raise DataError(f"{path}: trained for the features {found}; this model reads {wanted}; train it for these")
    if header["features"] != expected["features"]:
        raise DataError(
            f"{path}: trained for the same features ({found}) with other constants, so of another scenario: "
            f"{header['features']}, not {expected['features']}; take the file's own model"
        )
    pairs = {"kind": (header["kind"], expected["kind"])}
    for name in header["settings"].keys() | expected["settings"].keys():
        pairs[name] = header["settings"].get(name), expected["settings"].get(name)
    other = [f"{name} = {theirs}, not {ours}" for name, (theirs, ours) in sorted(pairs.items()) if theirs != ours]
    if other:
        raise DataError(f"{path}: trained for another model: {'; '.join(other)}")


def _feature_names(features: dict[str, Any]) -> str:
    return ", ".join(f"{part} {name}" for part in ("node", "edge") for name, *_ in features[part])
