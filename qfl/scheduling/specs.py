"""What can solve which kind of problem: one row per solver.

A row says all that the rest of the code asks about a solver by its name. Its maker is a reference
(`qfl.extend.load_object`), so that reading the table imports no solver. A new solver is a file and a row here;
`qfl.scheduling.solvers.registry` is the door to all of them.
"""

from collections.abc import Iterable, Mapping
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
        family: Whose colour it is drawn in, a key of `qfl.studies.schedulers.colours.LIGHT`.
        monotone: What never gets worse: its ``trace``, or with it the end beside the ``start`` that is given.
        options: Names of the options that it has of its own.
        fixed: Options that tell it from others of the same maker.
        clocked: Whether it stops by the clock, so that one seed may give two solutions.
    """

    name: str
    problems: tuple[Kind, ...]
    maker: str
    family: str
    monotone: Literal["no", "trace", "start"] = "no"
    options: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    clocked: bool = False


RATES: tuple[Kind, ...] = ("rates",)
TIME: tuple[Kind, ...] = ("round_time",)
UPLINK: tuple[Kind, ...] = (*RATES, *TIME)
ACCESS: tuple[Kind, ...] = ("assignment",)

COMMON = ("start", "max_evaluations")
"""Options of every solver."""

BLOCKS = ("num_blocks", "block_size")
DESCENT = (*BLOCKS, "model")
QAOA = ("layers", "shots", "optimised", "sampler", *DESCENT)
COOLING, SWEEPS, TANGENTS = ("num_sweeps", "hottest", "coldest"), ("max_sweeps",), ("num_iterations",)
IN_TURNS = ("num_iterations", "block_size")

UP, APS = "qfl.scheduling.solvers", "qfl.scheduling.access_points"
POWERS, SCA, BINARY = f"{UP}.fixed_channels:solve", f"{UP}.sca:solve", f"{UP}.dimod_blocks:solve"
TURNS = f"{UP}.alternating"

SOLVERS: tuple[SolverSpec, ...] = (
    # no planning, or sub-channels that are not planned
    SolverSpec("random", UPLINK, f"{UP}.random:solve", "random"),
    SolverSpec("random_wmmse", RATES, POWERS, "power", "trace", (), {"channels": "random", "power": "wmmse"}),
    SolverSpec("best_gain_wmmse", RATES, POWERS, "power", "trace", (), {"channels": "best_gain", "power": "wmmse"}),
    SolverSpec("random_sca_power", RATES, POWERS, "power", "trace", (), {"channels": "random", "power": "sca"}),
    # classical
    SolverSpec("greedy", RATES, f"{UP}.greedy:solve", "greedy"),
    SolverSpec("best_response", RATES, f"{UP}.best_response:solve", "response", "start", SWEEPS),
    SolverSpec("swap", RATES, f"{UP}.swap:solve", "response", "start", SWEEPS),
    SolverSpec("matching", RATES, f"{UP}.matching:solve", "matching"),
    SolverSpec("matching_dump_1opt", RATES, f"{UP}.matching_overflow:solve", "matching", "start", SWEEPS),
    SolverSpec("sca_final", RATES, SCA, "last", "no", TANGENTS, {"keep": "final"}),
    SolverSpec("sca_best", RATES, SCA, "sca", "trace", TANGENTS, {"keep": "best"}),
    SolverSpec("sca_1opt", RATES, SCA, "sca", "trace", TANGENTS, {"keep": "polished"}),
    SolverSpec("annealing", RATES, f"{UP}.annealing:solve", "annealing", "start", COOLING),
    SolverSpec("brute_force", UPLINK, f"{UP}.brute_force:solve", "bound"),
    # block descent, equal but for what picks the options of a block
    SolverSpec("bcd_exact", RATES, f"{UP}.exact_blocks:solve", "exact", "start", DESCENT),
    SolverSpec("bcd_sampling", RATES, f"{UP}.uniform_blocks:solve", "sampling", "start", ("shots", *DESCENT)),
    SolverSpec("qaoa_bcd", RATES, f"{UP}.qaoa:solve", "qaoa", "start", QAOA),
    SolverSpec("annealing_qubo", RATES, BINARY, "annealing", "start", DESCENT, {"sampler": "annealing"}),
    SolverSpec("tabu", RATES, BINARY, "annealing", "start", DESCENT, {"sampler": "tabu"}, clocked=True),
    SolverSpec("steepest_descent", RATES, BINARY, "annealing", "start", DESCENT, {"sampler": "steepest_descent"}),
    # sub-channels and powers in turns
    SolverSpec(
        "qaoa_alternating", RATES, f"{TURNS}:with_qaoa", "qaoa", "trace", ("layers", "shots", "sampler", *IN_TURNS)
    ),
    SolverSpec("exact_alternating", RATES, f"{TURNS}:with_exact", "exact", "trace", IN_TURNS),
    SolverSpec("sca_alternating", RATES, f"{TURNS}:with_sca", "sca", "trace", TANGENTS, {"keep": "best"}),
    SolverSpec("sca_alternating_1opt", RATES, f"{TURNS}:with_sca", "sca", "trace", TANGENTS, {"keep": "polished"}),
    # round time
    SolverSpec("tdma_lpt", TIME, f"{UP}.tdma_lpt:solve", "bound"),
    SolverSpec(
        "squared_loads_qaoa",
        TIME,
        f"{UP}.load_balancing:with_qaoa",
        "qaoa",
        "no",
        ("layers", "shots", "sampler", *BLOCKS),
    ),
    SolverSpec("squared_loads_annealing", TIME, f"{UP}.load_balancing:with_annealing", "annealing", "no", BLOCKS),
    # users for access points
    SolverSpec("random", ACCESS, f"{APS}.random:solve", "random"),
    SolverSpec("algorithm4", ACCESS, f"{APS}.search:solve", "greedy", "no", ("others",)),
    SolverSpec("matching", ACCESS, f"{APS}.matching:solve", "matching"),
    SolverSpec("greedy", ACCESS, f"{APS}.greedy:solve", "greedy"),
    SolverSpec("best_response", ACCESS, f"{APS}.best_response:solve", "response", "start", SWEEPS),
    SolverSpec("annealing", ACCESS, f"{APS}.annealing:solve", "annealing", "start", ("sampler", *BLOCKS)),
    SolverSpec("exhaustive", ACCESS, f"{APS}.exhaustive:solve", "exact"),
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


def require_choice(option: str, given: str, known: Iterable[str]) -> None:
    """Refuse a value of an option that is none of the known ones.

    Args:
        option: Its name.
        given: The value.
        known: The values that it takes.

    Raises:
        ConfigError: With the known ones.
    """
    if given not in known:
        raise ConfigError(f"{option} is {given!r}; give one of {', '.join(known)}")
