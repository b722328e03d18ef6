"""The page of the day of traffic: every method against the bound, the decisions, and what they come to in words."""

from collections.abc import Mapping
from typing import Any

from qfl.studies.markdown import table

from .traffic_control import CLASSICAL, QUANTUM, quantum_joules
from .traffic_measure import METHODS
from .traffic_settings import Day

SET_UP = """The 12 nodes and 30 directed links of Abilene; a demand between every two, over {paths} shortest paths
each, gravity between cities over a day ({hours} hours, seed {seed}). The objective is the utilisation of the busiest
link, told as a multiple of the bound (the linear program over the same paths, or one demand's best path alone). *Raw*
is what a method gave, *verified* what the verify step makes of it: one path per demand, the true maximum recomputed,
moves of one demand made while they help. Where raw is far above verified, the local search did the work. QAOA takes
blocks of at most {qubits} variables, {blocks} an hour, with the best of {draws} draws each; its controls take blocks
drawn by the same rule, one with as many uniform draws, one with all routings. Seconds are this machine's; QAOA's are
its simulation's.

Annealing flips single bits of a model whose penalties keep one path for each demand, which is not its best: moves of
whole demands are not built. A block's best draw is that of the quadratic model, not of the true utilisation. One seed,
one day: nothing is claimed about the order of the samplers of blocks."""
LOOP = """## The loop

Classical is {classical}. QAOA is asked beside it in the {suite} hours of the calibration suite and, after that, where
the policy expects it to be better by more than what it does not know, and the classical answer is not within 0.1 % of
the bound. A block's job is taken to last {job_s:g} s ({latency:g} s an hour, deadline {deadline_s:g} s): a declared
value, not a measured one. The better verified answer in time is used. QAOA's columns were computed in every hour, asked
or not, to tell what the policy missed; it learned only from hours in which it asked.

Energy: the classical method always runs, its seconds as measured here at {host_w:g} W. A quantum job occupies the QPU
for {busy_s:g} s at {qpu_w:g} W, cryogenics and host included ({quantum_j:,.0f} J an hour that is asked); these are
declared values, and what a QPU draws while it waits for jobs is charged to nobody."""


def traffic_page(found: Mapping[str, Any], day: Day) -> str:
    """Return the page."""
    own = found["methods"]
    rows = [
        [
            title,
            *(f"{own[name][key]:.4f}" for key in ("raw", "verified", "worst")),
            f"{own[name]['broken']:.1f}",
            f"{own[name]['seconds']:.3g}",
        ]
        for name, title in METHODS.items()
    ]
    head = ("utilisation over the bound", "raw, mean", "verified, mean", "verified, worst hour", "broken demands", "s")
    return "\n\n".join(
        (
            "# Traffic engineering on Abilene over a day",
            SET_UP.format(**_numbers(day)),
            table(head, rows, words=1),
            _verdict(found),
            LOOP.format(**_numbers(day)),
            table(
                (
                    "hour",
                    "demand, Gbit/s",
                    "bound",
                    "classical",
                    "QAOA raw",
                    "QAOA verified",
                    "used",
                    "energy, J",
                    "asked",
                    "reason",
                ),
                [_decision(row) for row in found["decisions"]],
            ),
            "![traffic](traffic.png)",
        )
    )


def _numbers(day: Day) -> dict[str, Any]:
    words = {"classical": METHODS[CLASSICAL], "latency": day.blocks * day.job_s}
    return {**vars(day), **words, "hours": len(day.hours), "quantum_j": quantum_joules(day)}


def _verdict(found: Mapping[str, Any]) -> str:
    """Return when a quantum computer should be asked, by these numbers."""
    own, better, hours = found["methods"], found["quantum_better_hours"], len(found["decisions"])
    classical, quantum, every = (own[name] for name in (CLASSICAL, QUANTUM, "enumeration"))
    seconds = quantum["seconds"] / classical["seconds"]
    facts = (
        f"QAOA's verified answer is better than the classical one in {better} of {hours} hours, and better than all "
        f"other methods, its controls among them, in {found['quantum_best_hours']}. The means are "
        f"{quantum['verified']:.4f} and {classical['verified']:.4f} of the bound, at {seconds:.3g} times the seconds; "
        f"all routings of blocks give {every['verified']:.4f}, uniform draws {own['random']['verified']:.4f}. After "
        f"the suite the policy asked in {found['quantum_calls']} of {found['decided_hours']} hours; what was asked, in "
        f"the suite or after it, lowered the loop's mean by {found['gain']:.5f} of the bound. The day's decisions took "
        f"{found['energy_j']:,.0f} J, {found['classical_j']:,.1f} J of them classical; asked in every hour, QAOA alone "
        f"would have taken {found['quantum_j_if_always_asked']:,.0f} J."
    )
    if quantum["verified"] >= classical["verified"] or quantum["verified"] >= every["verified"]:
        return f"**The answer is: classical.** {facts}"
    return f"**On the mean of this day QAOA is better than the classical method and than its controls.** {facts}"


def _decision(row: Mapping[str, Any]) -> list[str]:
    numbers = [f"{row[key]:.4f}" for key in ("classical", "quantum_raw", "quantum_verified", "used")]
    flow = [f"{row['demand_mbps'] / 1000:.1f}", f"{row['bound']:.3f}"]
    return [
        str(row["hour"]),
        *flow,
        *numbers,
        f"{row['energy_j']:,.1f}",
        "yes" if row["asked"] else "no",
        row["reason"],
    ]
