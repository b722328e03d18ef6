"""What run.json says about a run before it starts: settings, versions, model, data, and what else could travel."""

from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.federation.runtime.keys import key_folder
from qfl.provenance import host, source_digest, versions
from qfl.quantum.drawing import draw
from qfl.tasks.federation import Federation


def describe(settings: Settings, federation: Federation) -> dict[str, Any]:
    """Return the entries of run.json that follow from the settings."""
    return {
        "name": Path(settings.run.folder).name,
        "settings": settings.to_flat(),
        "versions": versions(),
        "host": host(),
        "source": source_digest(),
        "keys": str(key_folder(settings)),
        "model": _model(federation),
        "data": federation.manifest,
        "baselines": _baselines(federation),
        "uplink": None,
    }


def _model(federation: Federation) -> dict[str, Any]:
    layout, circuit = federation.model.layout, getattr(federation.model, "circuit", None)
    return {
        "name": federation.settings.model.name,
        "parameters": len(layout),
        "angles": layout.num_angles,
        "others": len(layout) - layout.num_angles,
        "qubits": circuit.num_qubits if circuit else None,
        "depth": getattr(federation.model, "num_layers", federation.settings.model.layers) if circuit else None,
        "drawing": draw(circuit) if circuit else None,
        "names": list(layout.names),
    }


def _baselines(federation: Federation) -> list[dict[str, Any]]:
    """Return what other models would send on the same data, beside what this model sends."""
    width = 8 if federation.settings.precision == "double" else 4
    return [
        {"name": name, "parameters": count, "uplink_bytes": count * width}
        for name, count in federation.baselines.items()
    ]
