"""The pool: a TOML file with a table for each backend.

::

    [[backend]]
    name = "host"
    kind = "cpu"
    solver = "annealing"

    [[backend]]
    name = "annealer"
    kind = "qpu"
    solver = "qaoa"
    simulated = true
    queue-s = 0.3
    shot-s = 2e-4
    power-w = 25000.0

Before the tables may stand ``between-sites-s``, the seconds of a message from one ``site`` to another.
A quantum computer with ``qubits`` takes circuits as such, and may do without a solver.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Any

from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.runtime.pipeline.solve import OF_MODELS
from qfl.config import read_toml
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_own

DISTRIBUTED = "distributed"  # what quantum backends of several sites are called together
BETWEEN = "between-sites-s"
KEYS = {field.name.replace("_", "-"): field for field in fields(Backend)}


@dataclass(frozen=True)
class Pool:
    """The backends that share an orchestrator's jobs.

    Args:
        backends: At least one of them classical, because every job runs there whoever else is asked.
        between_sites_s: Seconds of a message from one site to another.

    Raises:
        ConfigError: If there is none, none is classical, two have one name, one is called as the policy calls all of
            them together, or the seconds are negative or not finite.

    Example:
        >>> Pool((Backend("host", "cpu", "annealing"),)).fallback.name
        'host'
    """

    backends: tuple[Backend, ...]
    between_sites_s: float = 0.0

    def __post_init__(self):
        names = [backend.name for backend in self.backends]
        if not names:
            raise ConfigError("the pool has no backend; give a table [[backend]] with name, kind and solver")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ConfigError(f"the pool has {twice[0]!r} more than once; give every backend a name of its own")
        if all(backend.quantum for backend in self.backends):
            raise ConfigError("the pool has no classical backend; give one of kind cpu or gpu, which always runs")
        if DISTRIBUTED in names:
            raise ConfigError(
                f"a backend is called {DISTRIBUTED!r}, which means several together; give it another name"
            )
        if not (isfinite(self.between_sites_s) and self.between_sites_s >= 0):
            raise ConfigError(f"between_sites_s is {self.between_sites_s:g}; give a finite number of 0 or more")

    @property
    def fallback(self) -> Backend:
        """The classical backend that always runs: the first."""
        return next(backend for backend in self.backends if not backend.quantum)

    @property
    def quantum(self) -> tuple[Backend, ...]:
        """The quantum backends that solve problems."""
        return tuple(backend for backend in self.backends if backend.quantum and backend.solver)

    @property
    def solving(self) -> tuple[Backend, ...]:
        """The backends that solve problems."""
        return tuple(backend for backend in self.backends if backend.solver)

    @property
    def running(self) -> tuple[Backend, ...]:
        """The quantum backends that take circuits as such."""
        return tuple(backend for backend in self.backends if backend.qubits)

    def away_s(self, backend: Backend) -> float:
        """Return the seconds of the messages to a backend and back, from where the classical one always runs."""
        return 0.0 if backend.site == self.fallback.site else 2 * self.between_sites_s

    def named(self, name: str) -> Backend:
        """Return a backend by its name.

        Raises:
            ConfigError: If there is none of that name.
        """
        for backend in self.backends:
            if backend.name == name:
                return backend
        known = ", ".join(backend.name for backend in self.backends)
        raise ConfigError(f"{name!r} is no backend of the pool; give one of {known}")


def read_pool(path: Path, solvers: Collection[str] | None = OF_MODELS) -> Pool:
    """Return the pool of a TOML file; every backend's solver is looked up.

    Args:
        path: The file.
        solvers: Names that a backend may give beside references to samplers; None where nobody is asked to solve.

    Raises:
        ConfigError: With one sentence for every fault.
    """
    if path.exists() and not path.is_file():  # a pipe that nobody writes into would be waited for
        raise ConfigError(f"{path} is no plain file; give a TOML file with tables [[backend]]")
    tables = read_toml(path)
    if unknown := sorted(tables.keys() - {"backend", BETWEEN}):
        raise ConfigError(f"{path}: unknown table {unknown[0]!r}; a pool has tables [[backend]], and {BETWEEN}")
    between = tables.get(BETWEEN, 0.0)
    if isinstance(between, bool) or not isinstance(between, int | float):
        raise ConfigError(f"{path}: {BETWEEN} = {between!r}; give the seconds of a message between sites, 0 or more")
    rows = tables.get("backend", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ConfigError(f"{path}: backend is no list of tables; write [[backend]] before each")
    try:
        return Pool(tuple(_backend(row, f"backend {k + 1}", solvers) for k, row in enumerate(rows)), between)
    except ConfigError as error:
        raise ConfigError([f"{path}: {fault}" for fault in error.faults]) from None


def _backend(row: Mapping[str, Any], where: str, solvers: Collection[str] | None) -> Backend:
    faults = [f"{where}: unknown key {key!r}; it takes {', '.join(KEYS)}" for key in row if key not in KEYS]
    needed = ("name", "kind") if row.get("qubits") else ("name", "kind", "solver")
    faults += [f"{where}: {key} is missing; give it" for key in needed if key not in row]
    values: dict[str, Any] = {"solver": ""}
    for key, value in row.items():
        if key in KEYS:
            kind: Any = KEYS[key].type
            value = float(value) if kind is float and type(value) is int else value
            if type(value) is not kind:
                faults.append(f"{where}: {key} = {value!r}; expected {kind.__name__}")
            values[KEYS[key].name] = value
    if faults:
        raise ConfigError(faults)
    backend = Backend(**values)
    if solvers is not None:
        require_solver(backend, solvers)
    return backend


def require_solver(backend: Backend, solvers: Collection[str] = OF_MODELS) -> None:
    """Return if a backend's solver can be asked.

    Args:
        backend: Of a pool.
        solvers: The names that there are.

    Raises:
        ConfigError: If it is neither a known solver nor a reference to a sampler.
    """
    if backend.solver in solvers or (backend.qubits and not backend.solver):
        return
    if not is_reference(backend.solver):
        raise ConfigError(
            f"backend {backend.name!r}: {backend.solver!r} is no solver; give one of {', '.join(solvers)}, or "
            'a sampler of your own, such as "samplers.py:Mine"'
        )
    load_own(backend.solver, f"backend {backend.name}")


def describe(backends: Sequence[Backend]) -> list[dict[str, Any]]:
    """Return the backends as plain rows."""
    return [dict(vars(backend)) for backend in backends]
