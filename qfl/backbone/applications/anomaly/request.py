"""Anomalies as a request: rows reduced, every solver asked, each verified on folds that it has not seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.applications.checkpoints import known_widths, need_checkpoint
from qfl.backbone.applications.posed import take
from qfl.backbone.runtime.pipeline.features import require_count
from qfl.backbone.runtime.pipeline.rows import (
    LabelledRows,
    ReducedRows,
    SolvedRows,
    machine_of,
    reduce_rows,
    solve_rows,
    verify_rows,
)
from qfl.backbone.runtime.templates.folder import Templates
from qfl.errors import ConfigError

MOST_ROWS, MOST_FEATURES = 1000, 64
WORDS = {"qubits": 4, "compression": "pca", "solvers": ["svm_rbf", "svm_fidelity"], "checkpoint": ""}
Rows = Float64[ndarray, "_ _"]


@dataclass(frozen=True, eq=False)
class Detection:
    """What came of a request.

    Args:
        reduced: The rows as the solvers saw them.
        solved: By solver.
        quality: Verified area under the curve, by solver.
    """

    reduced: ReducedRows
    solved: Mapping[str, SolvedRows]
    quality: dict[str, float]

    @property
    def best(self) -> str:
        """The best solver; a quantum one only if it is better than every classical one."""
        return max(self.quality, key=lambda name: (self.quality[name], not machine_of(name).quantum))


def detection(request: Mapping[str, Any], *, seed: int = 1, templates: Templates | None = None) -> Detection:
    """Return what every solver makes of a request's rows.

    Args:
        request: As `qfl.backbone.applications.learning.detect_anomalies` takes it.
        seed: Of folds and whatever is drawn.
        templates: Of the registry.

    Raises:
        ConfigError: If it is no request.
    """
    needed = {"train": list, "labels": list, "rows": list}
    train, labels, rows, qubits, compression, solvers, checkpoint = take("detect", request, needed, WORDS)
    problem, names = _labelled(_rows("train", train), labels, _rows("rows", rows)), _names(solvers)
    require_count("detect: qubits", qubits, problem.train)
    reduced = reduce_rows(problem, compression, qubits, seed=seed)
    widths = known_widths(need_checkpoint(templates, checkpoint), reduced) if checkpoint else {}
    solved = {name: solve_rows(reduced, name, seed=seed, widths=widths.get(name, ())) for name in names}
    quality = {name: verify_rows(reduced, machine_of(name), solved[name].width, seed=seed) for name in names}
    return Detection(reduced, solved, quality)


def _names(solvers: list[Any]) -> list[str]:
    names = [name for name in solvers if isinstance(name, str)]
    if len(set(names)) < len(solvers) or not names or all(machine_of(name).quantum for name in names):
        raise ConfigError(f"detect: solvers are {repr(solvers)[:60]}; give names, each once, one of them classical")
    return names


def _labelled(seen: Rows, labels: list[Any], asked: Rows) -> LabelledRows:
    if len(labels) != len(seen) or not all(type(each) is int for each in labels) or seen.shape[1] != asked.shape[1]:
        raise ConfigError(
            f"detect: {len(labels)} labels for {len(seen)} rows of {seen.shape[1]} features, and rows of "
            f"{asked.shape[1]}; give a label, 0 or 1, for each row of train, and rows as wide"
        )
    return LabelledRows(seen, np.array(labels, dtype=np.int64), asked)


def _rows(what: str, given: list[Any]) -> Rows:
    try:
        found: Any = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.zeros(())
    if found.ndim != 2 or not found.size or not np.isfinite(found).all():
        raise ConfigError(f"detect: {what} is no table of finite numbers; give a list of rows, all of one width")
    if len(found) > MOST_ROWS or found.shape[1] > MOST_FEATURES:
        raise ConfigError(
            f"detect: {what} has {len(found):,} rows of {found.shape[1]} features; give at most {MOST_ROWS:,} of "
            f"{MOST_FEATURES}"
        )
    return found
