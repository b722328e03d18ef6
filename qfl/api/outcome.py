"""What a run came to, in plain values: what ``qfl run --json`` prints, and what `Run.summary` gives."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.specs import metric_of

if TYPE_CHECKING:  # numpy comes with it
    from qfl.results import RunFolder


def outcome(folder: "RunFolder", report: Path) -> dict[str, Any]:
    """Return figure of merit, loss, rounds, seconds, angles, angles_sha256 and run, and what was trained and sent.

    Where rounds failed, there are ``failed_rounds``, their number, and ``failure``, why the last of them did.

    Of a run that has not ended there are the figures of its last round, without the angles.
    """
    header, failures = folder.header, failed(folder)
    settings, model = header["settings"], header["model"]
    return (header.get("final") or _so_far(folder, metric_of(settings["task"]).name)) | {
        "report": str(report),
        "parameters": model["parameters"],
        "model": {key: model.get(key) for key in ("name", "parameters", "angles", "others", "quantum", "qubits")},
        "uplink": header["uplink"],
        "baselines": header["baselines"],
        **({"classes": len(header["data"]["classes"])} if "classes" in header.get("data", {}) else {}),
        **{key: settings[key] for key in ("task", "seed", "backend", "precision", "engine")},
        **({"failed_rounds": len(failures), "failure": failures[-1]} if failures else {}),
    }


def failed(folder: "RunFolder") -> list[str]:
    """Return why each round failed that did, and so left the angles as they were, in order."""
    return [row["failure"] for row in folder.rounds() if row.get("failure")]


def _so_far(folder: "RunFolder", metric: str) -> dict[str, Any]:
    rows = folder.rounds()
    tested = next((row for row in reversed(rows) if row.get("loss") is not None), {})
    return {
        metric: tested.get(metric),
        "loss": tested.get("loss"),
        "rounds": rows[-1]["round"] if rows else 0,
        "seconds": sum(row["seconds"]["total"] for row in rows),
        "run": str(folder.path),
    }
