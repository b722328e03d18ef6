"""Reduce, solve and verify where the problem is to learn from labelled rows.

Features stand in place of variables, and are made fewer; a machine of the solvers' table, with a quantum kernel or a
classical one, is what is asked; and what it learned is verified on folds of known rows that it has not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.backbone.applications.anomaly.feature_map import concentration, with_shots
from qfl.backbone.applications.anomaly.machines import (
    Machine,
    area_under_curve,
    forest_scores,
    kernel_scores,
    quantum_fidelity,
)
from qfl.backbone.runtime.pipeline.features import Features, compress
from qfl.backbone.runtime.pipeline.given_up import GivenUp
from qfl.backbone.runtime.pipeline.solve import SOLVERS
from qfl.errors import ConfigError
from qfl.seeds import stream

FOLDS = 3
Rows = Float64[ndarray, "_ feature"]
Labels = Int64[ndarray, " _"]


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """A problem: rows that are known, and rows that are asked about.

    Args:
        train: Known rows.
        labels: Of them, 1 for an anomaly, 0 for none.
        asked: Rows as wide.

    Raises:
        ConfigError: If a feature is not finite, or one kind of label is rarer than the folds that verify.
    """

    train: Rows
    labels: Labels
    asked: Rows

    def __post_init__(self):
        if not (np.isfinite(self.train).all() and np.isfinite(self.asked).all()):
            raise ConfigError("a row has a feature that is not finite; correct it or leave the row out")
        kinds = [int(np.sum(self.labels == kind)) for kind in (0, 1)]
        if min(kinds) < FOLDS or sum(kinds) < len(self.labels):
            raise ConfigError(f"the labels have fewer than {FOLDS} zeros or ones, or others; give both kinds")


@dataclass(frozen=True, eq=False)
class ReducedRows:
    """The same with fewer features.

    Args:
        problem: As it was given.
        features: What is left of them.
        train: Known rows, reduced.
        asked: Rows that are asked about, reduced.
    """

    problem: LabelledRows
    features: Features
    train: Rows
    asked: Rows

    @property
    def given_up(self) -> tuple[GivenUp, ...]:
        """The share of the training rows' variance that is lost."""
        return (self.features.given_up,)


def reduce_rows(problem: LabelledRows, method: str, count: int, *, seed: int = 1) -> ReducedRows:
    """Return the problem with fewer features.

    Args:
        problem: Labelled rows.
        method: One of `qfl.backbone.runtime.pipeline.features.COMPRESSIONS`.
        count: Features that are left, and so qubits.
        seed: Of what is drawn.

    Raises:
        ConfigError: If there is no such method, or as many features are not to be had.
    """
    features = compress(problem.train, method, count, seed=seed)
    return ReducedRows(problem, features, features.of(problem.train), features.of(problem.asked))


@dataclass(frozen=True, eq=False)
class SolvedRows:
    """What a machine makes of the rows that are asked about.

    Args:
        scores: The higher, the stranger.
        width: Of its kernel, chosen on folds of the known rows; NaN where there is none.
        concentration: Variance of the known rows' kernel off its diagonal; NaN where there is none.
        seconds: Wall-clock seconds.
        solver: Its name.
    """

    scores: Float64[ndarray, " row"]
    width: float
    concentration: float
    seconds: float
    solver: str


def solve_rows(
    reduced: ReducedRows, solver: str, *, seed: int, widths: Sequence[float] = (), shots: int | None = None
) -> SolvedRows:
    """Return the scores of a solver, with the width of its kernel that does best on folds of the known rows.

    Args:
        reduced: The problem.
        solver: A key of `qfl.backbone.runtime.pipeline.solve.SOLVERS` that takes rows.
        seed: Of folds, shots and the forest.
        widths: That are tried; all of the machine's if none is given.
        shots: Of every fidelity; None is exact.

    Raises:
        ConfigError: If there is no such solver, or it takes no rows.
    """
    begun, machine = perf_counter(), machine_of(solver)
    tried = {width: verify_rows(reduced, machine, width, seed=seed) for width in widths or machine.widths}
    width = max(tried, key=lambda each: tried[each])
    labels = reduced.problem.labels
    if machine.kernel is None:
        scores, spread = forest_scores(reduced.train, labels, reduced.asked, seed), float("nan")
    else:
        known, asked = _tables(reduced, machine, width, shots, seed)
        scores, spread = kernel_scores(machine, known, labels, asked), concentration(known)
    return SolvedRows(scores, width, spread, perf_counter() - begun, solver)


def verify_rows(reduced: ReducedRows, machine: Machine, width: float, *, seed: int = 1) -> float:
    """Return the mean area under the curve of a machine, on folds of known rows that it has not learned from.

    Args:
        reduced: The problem.
        machine: That is asked.
        width: Its kernel's.
        seed: Of the folds.
    """
    from sklearn.model_selection import StratifiedKFold

    rows, labels, found = reduced.train, reduced.problem.labels, list[float]()
    table = machine.kernel(rows, rows, width) if machine.kernel is not None else None
    for inside, outside in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(rows, labels):
        known = labels[inside]
        if table is None:
            scores = forest_scores(rows[inside], known, rows[outside], seed)
        else:
            scores = kernel_scores(machine, table[np.ix_(inside, inside)], known, table[np.ix_(outside, inside)])
        found.append(area_under_curve(scores, labels[outside]))
    return float(np.mean(found))


def machine_of(solver: str) -> Machine:
    """Return the machine of a solver that takes rows.

    Raises:
        ConfigError: If there is no such solver, or it takes no rows.
    """
    row = SOLVERS.get(solver)
    if row is None or row.takes != "rows":
        known = ", ".join(name for name, each in SOLVERS.items() if each.takes == "rows")
        raise ConfigError(f"{solver[:60]!r} is not a solver of labelled rows; give one of {known}")
    return row.make()


def _tables(
    reduced: ReducedRows, machine: Machine, width: float, shots: int | None, seed: int
) -> tuple[Float64[ndarray, "known known"], Float64[ndarray, "asked known"]]:
    """Return the kernel of the known rows, and that of those asked about with them; of shots, where these are given."""
    assert machine.kernel is not None
    count = len(reduced.train)
    table = machine.kernel(np.concatenate([reduced.train, reduced.asked]), reduced.train, width)
    if shots is not None and machine.kernel is quantum_fidelity:
        table = with_shots(table, shots, stream(seed, "anomaly", "shots"))
        table[:count] = (table[:count] + table[:count].T) / 2
        np.fill_diagonal(table[:count], 1.0)
    return table[:count], table[count:]
