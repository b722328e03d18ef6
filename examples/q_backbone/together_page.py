"""The page of what points of presence train together: each model in three ways, over seeds."""

from typing import Any

import numpy as np

from qfl.config import Settings
from qfl.studies.markdown import table
from qfl.studies.request import Request

from .together_subjects import SUBJECTS

HEAD = {
    "federated": "federated",
    "central": "central",
    "alone": "a point alone",
    "alone_on_its_own": "on its own samples",
}
KEYS = tuple(HEAD)
Rows = list[dict[str, Any]]


def summarise(request: Request, settings: Settings, rows: Rows) -> dict[str, Any]:
    """Return means and standard errors over seeds, by model, and the reference's."""
    models: dict[str, Any] = {}
    for model in SUBJECTS[settings.data.name].models:
        own = [row for row in rows if row["model"] == model]
        models[model] = {key: _over_seeds([row[key] for row in own]) for key in KEYS}
        models[model]["parameters"] = int(own[0]["parameters"])
    reference = _over_seeds([row["reference"] for row in rows if row["model"] == next(iter(models))])
    return {"models": models, "reference": reference, "rounds": settings.rounds, "points": settings.clients.count}


def _over_seeds(values: list[float]) -> dict[str, float | None]:
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return {"value": float(np.mean(values)), "error": error}


def tell(request: Request, settings: Settings, rows: Rows, found: dict[str, Any]) -> str:
    """Return the page."""
    subject, seeds = SUBJECTS[settings.data.name], len({row["seed"] for row in rows})
    name = subject.reference[0]
    lines = [
        [model, f"{own['parameters']}", *(_text(own[key]) for key in KEYS)] for model, own in found["models"].items()
    ]
    return "\n\n".join(
        (
            f"# {subject.title}: {subject.figure}",
            f"{settings.clients.count} points, {settings.rounds} rounds, {seeds} seed{'s' * (seeds > 1)}; ± is the "
            "standard error. All three ways see each sample as often; *a point alone* is the mean over points, on "
            f"fresh samples of all points and on those of its own. {name[0].upper() + name[1:]}, on the same samples "
            f"of all points: {_text(found['reference'])}.",
            table(("model", "numbers trained", *HEAD.values()), lines, words=1),
        )
    )


def _text(own: dict[str, float | None]) -> str:
    return f"{own['value']:.4f}" + (f" ± {own['error']:.4f}" if own["error"] is not None else "")
