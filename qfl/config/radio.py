"""The settings of the radio that carries the updates; off unless ``radio.on`` is true."""

from dataclasses import dataclass

from qfl.config.blocks import Blocks
from qfl.config.cell import Cell, Motion
from qfl.config.setting import Subject, setting


@dataclass(frozen=True)
class Airtime(Subject):
    """Whether the updates take the radio, who schedules it for what, and when its round ends."""

    on: bool = setting(False, "carry the updates over a simulated radio, on a virtual clock")
    objective: str = setting(
        "round_time",
        "what the allocation is for: round_time (one device at a time on a sub-channel), or all at once",
        choices=("round_time", "sum_rate", "weighted_sum_rate"),
    )
    weights: str = setting(
        "coverage",
        "weight of a device (weighted_sum_rate): its samples, or its samples over its rank among those with its label",
        choices=("samples", "coverage"),
    )
    solver: str = setting(
        "auto",
        "a solver of qfl.scheduling, or auto, qaoa, annealing, sca: the one that fits the objective; "
        "or your own, such as schedule.py:solve; with a pool, auto decides by the invocation policy",
    )
    evaluations: int | None = setting(
        None, "schedules the solver may try in one allocation; 0 is its own limit", low=0, means={0: None}
    )
    warm_start: bool = setting(False, "begin each allocation at the one before")
    deadline_s: float | None = setting(
        None, "virtual seconds from broadcast to the radio's deadline; 0 waits for all", low=0.0, means={0.0: None}
    )
    enough: int | None = setting(
        None, "the round ends early with so many updates in; 0 waits for all", low=0, means={0: None}
    )
    frame_s: float | None = setting(
        None,
        "virtual seconds an allocation is kept when all send at once; 0 keeps it for the round",
        low=0.0,
        means={0.0: None},
    )
    compute_s: float = setting(
        0.0,
        "virtual seconds of local training on a device of median speed (speeds as in selection = resource)",
        low=0.0,
    )


@dataclass(frozen=True)
class Invocation(Subject):
    """Who may be asked for an allocation where ``radio.solver = "auto"`` has a pool to choose from."""

    pool: str = setting(
        "", "TOML file of simulated backends: the fitting solver always runs, a quantum one beside it where that pays"
    )
    decide_s: float = setting(
        1.0, "virtual seconds an allocation may wait for a quantum backend of the pool", low=0.0, above=True
    )
    suite: int = setting(20, "allocations in which every quantum backend of the pool is asked, to learn", low=0)
    energy_price: float = setting(0.0, "what a joule costs, in shares of the objective", low=0.0)


@dataclass(frozen=True)
class RadioSettings(Motion, Cell, Blocks, Invocation, Airtime):
    """The uplink that the updates take, its cell, and how that changes from round to round.

    Dataclasses list the fields of their bases from the last to the first: `Airtime`, `Invocation`, `Blocks`, `Cell`,
    `Motion`.
    """
