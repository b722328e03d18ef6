"""What can solve which kind of problem: one row per solver.

A row says all that the rest of the code asks about a solver by its name. Its maker is a reference
(`qfl.extend.load_object`), so that reading the table imports no solver. A new solver is a file and a row here;
`qfl.scheduling.solvers.registry` is the door to all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, runtime_checkable

from qfl.errors import ConfigError

Kind = Literal["rates", "round_time", "assignment"]
"""Rates of the uplink (to maximise), its round time (to minimise), or users for access points (rates to maximise)."""

AIMS: dict[Kind, str] = {
    "rates": "maximises a sum of rates",
    "round_time": "minimises the time of a round",
    "assignment": "assigns access points",
}


@dataclass(frozen=True)
class SolverSpec:
    """A solver.

    Args:
        name: What it is called in settings, panels and JSON.
        problems: The kinds of problem that it solves.
        maker: Reference of ``solve(problem, *, seed, start=None, max_evaluations=None, **options) -> Solution``.
        family: Whose colour it is drawn in, a key of `qfl.studies.schedulers.inks.LIGHT`.
        options: Names of the options that it has of its own.
        fixed: Options that tell it from others of the same maker.
        climbs: Whether its trace never falls.
        keeps_start: Whether it never ends with less than the start that it is given.
        clocked: Whether it stops by the clock, so that one seed may give two solutions.
    """

    name: str
    problems: tuple[Kind, ...]
    maker: str
    family: str
    options: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    climbs: bool = False
    keeps_start: bool = False
    clocked: bool = False


RATES: tuple[Kind] = ("rates",)
UPLINK: tuple[Kind, ...] = ("rates", "round_time")
TIME: tuple[Kind] = ("round_time",)
ACCESS: tuple[Kind] = ("assignment",)

COMMON = ("start", "max_evaluations")
"""Options of every solver."""

BLOCKS = ("num_blocks", "block_size")
DESCENT = (*BLOCKS, "model")
HERE, THERE = "qfl.scheduling.solvers.", "qfl.scheduling.access_points."
POWERS, SCA, BINARY = f"{HERE}fixed_channels:solve", f"{HERE}sca:solve", f"{HERE}dimod_blocks:solve"
TANGENTS = ("num_iterations",)
UP = {"climbs": True, "keeps_start": True}

SOLVERS: tuple[SolverSpec, ...] = (
    # no planning, or sub-channels that are not planned
    SolverSpec("random", UPLINK, f"{HERE}random:solve", "random"),
    SolverSpec("random_wmmse", RATES, POWERS, "power", (), {"channels": "random", "power": "wmmse"}, climbs=True),
    SolverSpec("best_gain_wmmse", RATES, POWERS, "power", (), {"channels": "best_gain", "power": "wmmse"}, climbs=True),
    SolverSpec("random_sca_power", RATES, POWERS, "power", (), {"channels": "random", "power": "sca"}, climbs=True),
    # classical
    SolverSpec("greedy", RATES, f"{HERE}greedy:solve", "greedy"),
    SolverSpec("best_response", RATES, f"{HERE}best_response:solve", "response", ("max_sweeps",), **UP),
    SolverSpec("swap", RATES, f"{HERE}swap:solve", "response", ("max_sweeps",), **UP),
    SolverSpec("matching", RATES, f"{HERE}matching:solve", "matching"),
    SolverSpec("matching_dump_1opt", RATES, f"{HERE}matching_overflow:solve", "matching", ("max_sweeps",), **UP),
    SolverSpec("sca_final", RATES, SCA, "last", TANGENTS, {"keep": "final"}),
    SolverSpec("sca_best", RATES, SCA, "sca", TANGENTS, {"keep": "best"}, climbs=True),
    SolverSpec("sca_1opt", RATES, SCA, "sca", TANGENTS, {"keep": "polished"}, climbs=True),
    SolverSpec("annealing", RATES, f"{HERE}annealing:solve", "annealing", ("num_sweeps", "hottest", "coldest"), **UP),
    SolverSpec("brute_force", UPLINK, f"{HERE}brute_force:solve", "bound"),
    # block descent, equal but for what picks the options of a block
    SolverSpec("bcd_exact", RATES, f"{HERE}exact_blocks:solve", "exact", DESCENT, **UP),
    SolverSpec("bcd_sampling", RATES, f"{HERE}uniform_blocks:solve", "sampling", ("shots", *DESCENT), **UP),
    SolverSpec(
        "qaoa_bcd", RATES, f"{HERE}qaoa:solve", "qaoa", ("layers", "shots", "optimised", "sampler", *DESCENT), **UP
    ),
    SolverSpec("annealing_qubo", RATES, BINARY, "annealing", DESCENT, {"sampler": "annealing"}, **UP),
    SolverSpec("tabu", RATES, BINARY, "annealing", DESCENT, {"sampler": "tabu"}, **UP, clocked=True),
    SolverSpec("steepest_descent", RATES, BINARY, "annealing", DESCENT, {"sampler": "steepest_descent"}, **UP),
    # round time
    SolverSpec("tdma_lpt", TIME, f"{HERE}tdma_lpt:solve", "bound"),
    SolverSpec("squared_loads_qaoa", TIME, f"{HERE}load_balancing:with_qaoa", "qaoa", ("layers", "shots", *BLOCKS)),
    SolverSpec("squared_loads_annealing", TIME, f"{HERE}load_balancing:with_annealing", "annealing", BLOCKS),
    # users for access points
    SolverSpec("random", ACCESS, f"{THERE}random:solve", "random"),
    SolverSpec("algorithm4", ACCESS, f"{THERE}search:solve", "greedy", ("others",)),
    SolverSpec("matching", ACCESS, f"{THERE}matching:solve", "matching"),
    SolverSpec("greedy", ACCESS, f"{THERE}greedy:solve", "greedy"),
    SolverSpec("best_response", ACCESS, f"{THERE}best_response:solve", "response", ("max_sweeps",), **UP),
    SolverSpec("annealing", ACCESS, f"{THERE}annealing:solve", "annealing", ("sampler", *BLOCKS), **UP),
    SolverSpec("exhaustive", ACCESS, f"{THERE}exhaustive:solve", "exact"),
)

LONG = {"num_blocks": 3000}  # the case study shows 150 iterations

ALIASES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "bcd_exact_3000": ("bcd_exact", LONG),
    "bcd_sampling_3000": ("bcd_sampling", LONG),
    "qaoa_bcd_3000": ("qaoa_bcd", LONG),
    "neal": ("annealing_qubo", {}),  # dwave-neal is a shim of dwave-samplers
    "dwave-neal": ("annealing_qubo", {}),
}
"""Other names that settings may give: a solver, and options of it."""


def names(kind: Kind) -> tuple[str, ...]:
    """Return the names of the solvers of a kind of problem, those that solve nothing else first.

    Example:
        >>> names("round_time")
        ('tdma_lpt', 'squared_loads_qaoa', 'squared_loads_annealing', 'random', 'brute_force')
    """
    rows = sorted(SOLVERS, key=lambda spec: len(spec.problems))
    return tuple(spec.name for spec in rows if kind in spec.problems)


def specs_of(name: str) -> dict[Kind, SolverSpec]:
    """Return the row of a name, or of what it is another name of, for each kind of problem that it solves.

    Raises:
        ConfigError: If there is none.

    Example:
        >>> list(specs_of("greedy")), specs_of("qaoa_bcd_3000")["rates"].fixed
        (['rates', 'assignment'], {'num_blocks': 3000})
    """
    own, fixed = ALIASES.get(name, (name, {}))
    rows = [replace(spec, fixed={**spec.fixed, **fixed}) for spec in SOLVERS if spec.name == own]
    if not rows:
        raise ConfigError(f"{name!r} is not a solver; give one of {', '.join(dict.fromkeys(s.name for s in SOLVERS))}")
    return {kind: spec for spec in rows for kind in spec.problems}


@runtime_checkable
class AnyProblem(Protocol):
    """What the table asks of a problem: its kind, and what is to be large or small."""

    @property
    def kind(self) -> Kind: ...  # noqa: D102

    @property
    def objective(self) -> str: ...  # noqa: D102


def require_kind(problem: AnyProblem, kind: Kind, method: str) -> None:
    """Refuse a problem of another kind, with the solvers that do for it.

    Args:
        problem: What is to be solved.
        kind: What the method solves.
        method: Its name.

    Raises:
        ConfigError: If the problem is of another kind.
    """
    if problem.kind != kind:
        able = ", ".join(names(problem.kind))
        raise ConfigError(
            f"{method} {AIMS[kind]} and the objective is {problem.objective}; give {able}, or another objective"
        )
