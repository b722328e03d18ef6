"""The page of entangled aggregation: sums, messages, dishonest sources, checks, and what to take from them."""

from collections.abc import Iterable, Mapping
from typing import Any

from qfl.studies.markdown import table

from .entangled_measure import BITS, SPREAD_RAD, STATE_NOISE, STEP_RAD
from .entangled_settings import EntangledStudy

Row = Mapping[str, Any]
SET_UP = """**A simulation: no state was prepared, and nothing here is private.** It asks what the schemes of Fig. 3
and Section IV of "Quantum Federated Learning for 6G" could do at best. Every client turns its qubit of a shared GHZ
state by its angle; the parity of all bits tells the sum alone. {states:,} states for each sum of one angle, {trials}
sums for each point, {seeds} seed{s}; half of the states are measured a quarter turn apart. Lines are the closed form,
points the simulation; the closed form holds where it is well below 1 rad. Classical masks give the same sum exactly,
from one message a client."""
MESSAGES = """## Messages over EPR pairs

A client sends an angle of {bits} bits in {pairs} pairs (superdense coding); a lost half is noticed and sent again, a
depolarised one is wrong in three of four cases. Who catches a half sees the maximally mixed state, but the message does
not arrive, and a pair has to come to the client first: this needs as many good pairs as QKD, and gives what a sealed
message gives."""
SOURCES = """## A dishonest source

The sum hides its terms only if the states are what they should be. A server that makes them may hand every client a
qubit of its own instead, and read each angle from that client's bits. Of two clients, check states find that, at so
many measured for nothing else:"""
CHECKS = """## Does tampering break correlations?

One of {federation} clients tampers with {angles} angles. Honest updates are {step:g} rad in a common direction with
{spread:g} rad of each client's own. Every check scores every client, and may accuse {alarms:g} % of the honest ones;
{trials} federations for each seed. The correlations of shared states (EPR pairs with {noise:g} % depolarising,
{shots:,} a client) do not know the update at all: turning one's own qubit by another angle is what the protocol asks
for. Swap tests compare states that clients prepare from their updates, {shots:,} shots for each pair of clients; norm,
direction and distance from the others are plain arithmetic on the updates. Swap tests and arithmetic both see single
updates, so neither goes together with a sum that hides them."""

TAKE = """## What to take from it

- **Sums over GHZ states are private in principle and dear in practice.** The error falls with the root of the states;
  a few percent of noise or loss on each qubit end it at tens of clients.
- **Tampering breaks no correlation of shared states**: areas of {least:.3f} to {most:.3f}, where 0.5 is chance. What
  Section IV-A hopes for is not there.
- **Swap tests measure distances, with noise added**: mean area {swap:.3f}; the same distances by arithmetic have
  {distance:.3f}, the better of norm and direction {plain:.3f}. Swap tests need single updates as states, so the server
  might as well have the numbers."""


def entangled_page(found: Mapping[str, list[Row]], study: EntangledStudy) -> str:
    """Return the page."""
    words = {
        **vars(study),
        "seeds": len(study.seeds),
        "s": "s" * (len(study.seeds) > 1),
        "bits": BITS,
        "pairs": BITS // 2,
        "step": STEP_RAD,
        "spread": SPREAD_RAD,
        "noise": 100 * STATE_NOISE.depolarising,
        "alarms": 100 * study.false_alarms,
    }
    parts = (
        "# Aggregation over entangled states, simulated",
        SET_UP.format(**words),
        "![errors of sums, and checks](entangled.png)",
        "## Error of the sum, rad",
        _sums(found["sums"], study),
        MESSAGES.format(**words),
        _messages(found["messages"]),
        SOURCES,
        _sources(found["sources"]),
        CHECKS.format(**words),
        _checks(found["checks"]),
        _take(found),
    )
    return "\n\n".join(parts)


def _sums(rows: Iterable[Row], study: EntangledStudy) -> str:
    grouped: dict[tuple[float, float], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row["depolarising"], row["transmittance"]), []).append(row)
    head = ("depolarised", "lost", *(f"{number} clients" for number in study.clients))
    lines = [
        [_percent(p), _percent(1 - eta), *(f"{r['error_rad']:.4f}" for r in own)] for (p, eta), own in grouped.items()
    ]
    return table(head, lines)


def _messages(rows: Iterable[Row]) -> str:
    head = ("depolarised", "lost", "pairs an angle", "angles read wrongly", "error, rad")
    lines = [
        [
            _percent(row["depolarising"]),
            _percent(1 - row["transmittance"]),
            f"{row['pairs']:.2f}",
            _percent(row["wrong"]),
            f"{row['error_rad']:.4f}",
        ]
        for row in rows
    ]
    return table(head, lines)


def _sources(rows: Iterable[Row]) -> str:
    lines = [[str(row["checks"]), _percent(row["found"]), _percent(row["closed_form"])] for row in rows]
    return table(("check states", "found", "1 - 0.75^k"), lines)


def _checks(rows: list[Row]) -> str:
    attacks, names = (list(dict.fromkeys(row[key] for row in rows)) for key in ("attack", "check"))
    cells = {(row["attack"], row["check"]): f"{_percent(row['detected'])} ({row['area']:.3f})" for row in rows}
    lines = [[name, *(cells[attack, name] for attack in attacks)] for name in names]
    return table(("detected (area under the curve)", *attacks), lines, words=1)


def _take(found: Mapping[str, list[Row]]) -> str:
    areas = [row["area"] for row in found["checks"] if row["check"].startswith("shared")]
    kinds = {"swap": ("swap tests",), "distance": ("distance",), "plain": ("norm", "direction")}
    means = {kind: _mean_area(found["checks"], names) for kind, names in kinds.items()}
    return TAKE.format(least=min(areas), most=max(areas), **means)


def _mean_area(rows: list[Row], names: tuple[str, ...]) -> float:
    """Return the mean over attacks of the best of some checks' areas."""
    attacks = dict.fromkeys(row["attack"] for row in rows)
    best = [max(row["area"] for row in rows if row["attack"] == a and row["check"] in names) for a in attacks]
    return sum(best) / len(best)


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
