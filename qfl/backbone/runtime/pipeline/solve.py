"""Every solver by its name, whatever it takes; and ask one for the minimum of a reduced model.

Those that take labelled rows are asked by `qfl.backbone.runtime.pipeline.rows.solve_rows`.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import dimod

from qfl.backbone.applications.anomaly.machines import MACHINES
from qfl.backbone.runtime.pipeline.grover import GroverSearch
from qfl.backbone.runtime.pipeline.vqe import MOST_QUBITS, QubitVQE
from qfl.errors import ConfigError
from qfl.scheduling.solvers.qubit_qaoa import MOST_VARIABLES, QubitQAOA


@dataclass(frozen=True)
class SolverRow:
    """A solver.

    Args:
        title: What it is.
        make: Returns the sampler of binary quadratic models, or the machine that learns from rows.
        quantum: Whether a quantum computer would run it.
        most: Largest number of variables; None for no limit.
        options: What it is given besides reads and seed.
        takes: ``model`` or ``rows``.
    """

    title: str
    make: Callable[[], Any]
    quantum: bool = False
    most: int | None = None
    options: Mapping[str, Any] | None = None
    takes: str = "model"


def _samplers() -> Any:
    import dwave.samplers

    return dwave.samplers


SOLVERS: dict[str, SolverRow] = {
    "annealing": SolverRow("simulated annealing", lambda: _samplers().SimulatedAnnealingSampler()),
    "tabu": SolverRow("tabu search", lambda: _samplers().TabuSampler(), options={"timeout": 20}),
    "descent": SolverRow("steepest descent from random points", lambda: _samplers().SteepestDescentSolver()),
    "exact": SolverRow("all assignments", dimod.ExactSolver, most=20),
    "qaoa": SolverRow("QAOA, three layers, fixed angles", QubitQAOA, quantum=True, most=MOST_VARIABLES),
    "vqe": SolverRow("variational eigensolver, two layers", QubitVQE, quantum=True, most=MOST_QUBITS),
    "grover": SolverRow("Grover's search for the minimum", GroverSearch, quantum=True, most=MOST_VARIABLES),
    **{
        name: SolverRow(each.title, partial(MACHINES.__getitem__, name), quantum=each.quantum, takes="rows")
        for name, each in MACHINES.items()
    },
}
OF_MODELS = {name: row for name, row in SOLVERS.items() if row.takes == "model"}


@dataclass(frozen=True)
class Solved:
    """What a solver found.

    Args:
        sample: The best assignment that it saw.
        energy: Its energy, by the model.
        seconds: Wall-clock seconds.
        solver: Its name.
    """

    sample: Mapping[Hashable, int]
    energy: float
    seconds: float
    solver: str


def solve(
    model: dimod.BinaryQuadraticModel, solver: str | dimod.Sampler, *, seed: int, reads: int = 32, **options: Any
) -> Solved:
    """Return the best of a solver's draws.

    Args:
        model: The reduced problem; one without variables is solved as it is.
        solver: A key of `OF_MODELS`, or any sampler of dimod's interface, such as
            ``EmbeddingComposite(DWaveSampler())``.
        seed: Of its draws, for samplers that take one.
        reads: Draws, for samplers that take a number.
        options: What it takes besides.

    Raises:
        ConfigError: If there is no such solver, or the model has more variables than it takes.

    Example:
        >>> model = dimod.BinaryQuadraticModel({"a": 1.0, "b": -1.0}, {"ab": 1.5}, "BINARY")
        >>> solve(model, "qaoa", seed=1).energy
        -1.0
    """
    name = solver if isinstance(solver, str) else type(solver).__name__
    sampler, settings = _sampler(solver, model) if isinstance(solver, str) else (solver, {})
    known = sampler.parameters or {}
    given = {key: value for key, value in (("num_reads", reads), ("seed", seed % 2**31)) if key in known}
    start = perf_counter()
    if not model.num_variables:
        return Solved({}, float(model.offset), perf_counter() - start, name)
    drawn = sampler.sample(model, **given, **settings, **options)
    row = drawn.record.sample[drawn.record.energy.argmin()]
    sample = {v: int(value) for v, value in zip(drawn.variables, row, strict=True)}
    return Solved(sample, float(model.energy(sample)), perf_counter() - start, name)


def _sampler(name: str, model: dimod.BinaryQuadraticModel) -> tuple[dimod.Sampler, Mapping[str, Any]]:
    if name not in OF_MODELS:
        raise ConfigError(f"{name!r} is not a solver of binary models; give one of {', '.join(OF_MODELS)}")
    row = OF_MODELS[name]
    if row.most is not None and model.num_variables > row.most:
        raise ConfigError(
            f"{name} takes at most {row.most} variables, the problem has {model.num_variables} after reduction; give "
            "another solver"
        )
    return row.make(), row.options or {}
