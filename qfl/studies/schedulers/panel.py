"""The panel: every method that is compared, with the baselines that would expose a weak comparison."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qfl.extend import is_reference
from qfl.scheduling.specs import LONG, specs_of

OWN = "own"
"""Family of users' methods."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One method of the panel; equal only to itself, so that it can be a key.

    Args:
        name: In tables, files and JSON.
        solver: Its name in `qfl.scheduling.specs`, or a reference to a user's.
        about: What it is, for people, with ``{layers}`` and ``{shots}`` where it has them.
        options: Passed to the solver.
        start: ``own`` (the solver's own, named in its result) or ``matching_dump``, that of matching and overflow.
        traced: Whether it is drawn in the figures of values on the way; its end is in all others anyhow.
    """

    name: str
    solver: str
    about: str
    options: Mapping[str, Any] = field(default_factory=dict)
    start: str = "own"
    traced: bool = False

    @property
    def family(self) -> str:
        """Whose colour it is drawn in, see `qfl.studies.schedulers.colours`."""
        return OWN if is_reference(self.solver) else specs_of(self.solver)["rates"].family


PANEL: tuple[Entry, ...] = (
    Entry("random", "random", "random sub-channel, random power in dBm"),
    Entry("random_wmmse", "random_wmmse", "random sub-channel, WMMSE power"),
    Entry("random_sca_power", "random_sca_power", "random sub-channel, SCA power", traced=True),
    Entry("best_gain_wmmse", "best_gain_wmmse", "best-gain sub-channel, WMMSE power"),
    Entry("sca_final", "sca_final", "SCA of assignment and power, last iterate rounded", traced=True),
    Entry("sca_best", "sca_best", "SCA, best iterate rounded"),
    Entry("sca_1opt", "sca_1opt", "SCA, best iterate, then best responses", traced=True),
    Entry("sca_alternating", "sca_alternating", "SCA of sub-channels, SCA of powers, 150 turns"),
    Entry("sca_alternating_1opt", "sca_alternating_1opt", "the same, then best responses"),
    Entry("bcd_sampling", "bcd_sampling", "150 blocks, best of {shots} uniform"),
    Entry("qaoa_bcd", "qaoa_bcd", "150 blocks, QAOA p = {layers}, {shots} shots"),
    Entry("bcd_exact", "bcd_exact", "150 blocks, enumerated"),
    Entry("annealing_qubo", "annealing_qubo", "150 blocks, annealing of their QUBOs"),
    Entry("bcd_sampling_3000", "bcd_sampling", "3,000 blocks, best of {shots} uniform", LONG, traced=True),
    Entry("qaoa_bcd_3000", "qaoa_bcd", "3,000 blocks, QAOA p = {layers}, {shots} shots", LONG, traced=True),
    Entry("bcd_exact_3000", "bcd_exact", "3,000 blocks, enumerated", LONG, traced=True),
    Entry("qaoa_alternating", "qaoa_alternating", "QAOA of sub-channels, SCA of powers, 150 turns", traced=True),
    Entry("exact_alternating", "exact_alternating", "the same, blocks enumerated"),
    Entry("best_response", "best_response", "best responses (1-opt)", traced=True),
    Entry("annealing", "annealing", "simulated annealing on the true objective", traced=True),
    Entry("greedy", "greedy", "greedy insertion, strongest first"),
    Entry("qaoa_bcd_matched", "qaoa_bcd", "150 blocks, QAOA, from matching + dump", start="matching_dump"),
    Entry("annealing_matched", "annealing", "annealing from matching + dump",
          {"hottest": 0.01, "coldest": 1e-4}, "matching_dump"),
    Entry("matching_dump_1opt", "matching_dump_1opt", "matching + dump, then best responses", traced=True),
)  # fmt: skip
"""From the weakest recipe to the strongest."""

MATCHING = Entry("matching", "matching", "maximum-weight matching, the others silent")
"""Feasible where a device may be silent (optional_channel, optional_power); the optimum there if the bound is tight."""

SMALL: tuple[Entry, ...] = (
    *(e for e in PANEL if e.options is not LONG and e.name != "annealing_qubo"),
    Entry("brute_force", "brute_force", "every schedule"),
)
"""The panel of cases small enough for brute force."""

FAMILIES = {entry.name: entry.family for entry in (*PANEL, MATCHING, *SMALL)}

EXPOSING = ("random_sca_power", "best_gain_wmmse", "sca_1opt", "bcd_exact", "bcd_sampling", "matching_dump_1opt")
"""What no comparison is shown without."""


def family_of(method: str) -> str:
    """Return whose colour a method is drawn in; what the panel does not have is a user's."""
    return FAMILIES.get(method, OWN)


def panel(variant: str, wanted: Sequence[str] = ()) -> tuple[Entry, ...]:
    """Return the panel of a variant, or those of it that are wanted.

    Example:
        >>> [entry.name for entry in panel("optional_channel")][-1]
        'matching'
    """
    whole = (*PANEL, MATCHING) if variant in ("optional_channel", "optional_power") else PANEL
    return (*(entry for entry in whole if not wanted or entry.name in wanted), *own_entries(wanted))


def own_entries(names: Iterable[str]) -> tuple[Entry, ...]:
    """Return the methods among some names that are references to users' solvers.

    Example:
        >>> [entry.family for entry in own_entries(["greedy", "schedule.py:solve"])]
        ['own']
    """
    return tuple(Entry(name, name, "a user's own", traced=True) for name in names if is_reference(name))


def small_panel(wanted: Sequence[str] = ()) -> tuple[Entry, ...]:
    """Return the methods of the small cases, or those of them that are wanted; brute force is always among them."""
    ours = (entry for entry in SMALL if not wanted or entry.name in wanted or entry.name == "brute_force")
    return (*ours, *own_entries(wanted))


def names(variant: str) -> tuple[str, ...]:
    """Return the names of a variant's whole panel."""
    return tuple(entry.name for entry in panel(variant))


def missing_baselines(wanted: Sequence[str]) -> list[str]:
    """Return the exposing baselines that a choice of methods leaves out."""
    return [name for name in EXPOSING if name not in wanted]
