"""What run.json says about a run before it starts: settings, versions, model, data, and what else could travel."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.config.references import references
from qfl.extend import is_reference
from qfl.federation.runtime.keys import key_folder
from qfl.given import described, is_given
from qfl.models.model import num_quantum
from qfl.provenance import host, source_digest, versions
from qfl.quantum.drawing import draw
from qfl.tasks.build import is_own
from qfl.tasks.federation import Federation
from qfl.trained.own_files import own_digests


def describe(settings: Settings, federation: Federation) -> dict[str, Any]:
    """Return the entries of run.json that follow from the settings."""
    return {
        "name": Path(settings.run.folder).name,
        "settings": settings.to_flat(),
        "versions": versions(),
        "host": host(),
        "source": source_digest(),
        "own": own_digests(settings),
        "keys": str(key_folder(settings)),
        "model": _model(federation),
        "data": federation.manifest,
        "baselines": _baselines(federation),
        "uplink": None,
        **({"metric": asdict(federation.metric)} if is_reference(settings.task) else {}),
        **_given(settings, federation),
    }


def _given(settings: Settings, federation: Federation) -> dict[str, Any]:
    """Return what the objects are that were handed over in Python, by the key of their setting; nothing for names."""
    given: dict[str, Any] = {key: described(own) for key, own in references(settings).items() if is_given(own)}
    if is_own(federation):
        parts = {part: type(getattr(federation, part)) for part in ("model", "task", "samples")}
        given["federation"] = {part: f"{kind.__module__}.{kind.__qualname__}" for part, kind in parts.items()}
    return {"given": given} if given else {}


def _model(federation: Federation) -> dict[str, Any]:
    layout, circuit = federation.model.layout, getattr(federation.model, "circuit", None)
    return {
        "name": type(federation.model).__name__ if is_own(federation) else federation.settings.model.name,
        "parameters": len(layout),
        "angles": layout.num_angles,
        "others": len(layout) - layout.num_angles,
        "quantum": num_quantum(federation.model),
        "qubits": circuit.num_qubits if circuit else None,
        "depth": _depth(federation) if circuit else None,
        "drawing": draw(circuit) if circuit else None,
        "names": list(layout.names),
    }


def _depth(federation: Federation) -> int | None:
    """Return the layers of the circuit; None where it is the user's own, which may have none."""
    name, layers = federation.settings.model.name, federation.settings.model.layers
    return getattr(federation.model, "num_layers", None if is_reference(name) else layers)


def _baselines(federation: Federation) -> list[dict[str, Any]]:
    """Return what other models would send on the same data, beside what this model sends."""
    width = 8 if federation.settings.precision == "double" else 4
    return [
        {"name": name, "parameters": count, "uplink_bytes": count * width}
        for name, count in federation.baselines.items()
    ]
