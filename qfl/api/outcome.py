"""What a run came to, in plain values: what ``qfl run --json`` prints, and what `Run.summary` gives."""

from pathlib import Path
from typing import Any

from qfl.results import RunFolder
from qfl.specs import metric_of


def outcome(folder: RunFolder, report: Path) -> dict[str, Any]:
    """Return figure of merit, loss, rounds, seconds, angles, angles_sha256 and run, and what was trained and sent.

    Of a run that has not ended there are the figures of its last round, without the angles.
    """
    header = folder.header
    settings, model = header["settings"], header["model"]
    return (header.get("final") or _so_far(folder, metric_of(settings["task"]).name)) | {
        "report": str(report),
        "parameters": model["parameters"],
        "model": {key: model.get(key) for key in ("name", "parameters", "angles", "others", "quantum", "qubits")},
        "uplink": header["uplink"],
        "baselines": header["baselines"],
        **({"classes": len(header["data"]["classes"])} if "classes" in header.get("data", {}) else {}),
        **{key: settings[key] for key in ("task", "seed", "backend", "precision", "engine")},
    }


def _so_far(folder: RunFolder, metric: str) -> dict[str, Any]:
    rows = folder.rounds()
    tested = next((row for row in reversed(rows) if row.get("loss") is not None), {})
    return {
        metric: tested.get(metric),
        "loss": tested.get("loss"),
        "rounds": rows[-1]["round"] if rows else 0,
        "seconds": sum(row["seconds"]["total"] for row in rows),
        "run": str(folder.path),
    }
