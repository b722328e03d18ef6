"""What goes with masked and encrypted sums, where the server sees no single update: a sentence for what needs more."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qfl.config.named_clients import client_faults
from qfl.extend import is_reference

if TYPE_CHECKING:
    from qfl.config.settings import Settings

FEWEST = 3
SUMMED = ("masked", "ckks")
"""Values of ``security.aggregation`` by which the server sees one sum."""
SUMS = ("fedavg", "fedavgm", "fedadam", "fedyogi", "fedadagrad", "fedprox", "fedqng", "delta")
"""Strategies that need the updates' weighted mean and nothing else: of the mean they make what they make of all."""

_SINGLE = "compares single updates"
NEEDS: dict[str, str] = {
    "median": _SINGLE,
    "trimmed-mean": _SINGLE,
    "geometric-median": _SINGLE,
    "meamed": _SINGLE,
    "trimmed-circular-mean": _SINGLE,
    "norm-screen": "judges every update by its length",
    "direction-screen": "judges every update by its direction",
    "fltrust": "judges every update by its direction",
    "krum": _SINGLE,
    "bulyan": _SINGLE,
    "qfedavg": "weights every update by its client's loss",
    "noise-aware": "weights every update by its client's noise",
    "fednova": "divides every update by its client's steps",
    "scaffold": "keeps a control variate of every client",
    "heterofl": "averages each entry over the clients that moved it",
    "blocks": "averages each block over the clients that moved it",
    "circular": "adds up angles on their circle, not their movements",
    "su2": "adds up rotations, not their movements",
}
"""What other strategies need, which no sum of updates says."""


def masked_faults(s: "Settings") -> Iterator[str]:
    """Yield a sentence for everything that needs single updates, and for numbers that protect nobody.

    Args:
        s: The settings, each within its own range.
    """
    own = s.security
    if own.aggregation != "masked":
        given = {name: getattr(own, name) for name in ("neighbours", "threshold")}
        for name, number in given.items():
            if number is not None:
                yield f"security.{name} = {number} goes with security.aggregation = 'masked'; set that, or leave it out"
    if own.aggregation not in SUMMED:
        return
    yield from _single_updates(s)
    if not list(client_faults(s.clients)):
        yield from _numbers(s)


def _single_updates(s: "Settings") -> Iterator[str]:
    name, masked = s.strategy.name, f"security.aggregation = {s.security.aggregation!r}"
    instead = f"use one of {', '.join(SUMS)}, or security.aggregation = 'plain'"
    if is_reference(name):
        yield f"strategy.name = {name!r} is your own, and {masked} shows it one mean in place of updates; {instead}"
    elif name in NEEDS:
        yield f"strategy.name = {name!r} {NEEDS[name]}, and {masked} hides all but their sum; {instead}"
    if s.train.personal:
        yield f"train.personal with {masked}: what clients keep to themselves is not in the sum; leave one out"
    for key in ("max_norm", "max_examples"):
        if getattr(s.round, key) is not None:
            yield f"round.{key.replace('_', '-')} caps single updates, and {masked} hides them; leave one out"
    if s.round.checkpoint_every != 1:
        yield (
            f"{masked} with round.checkpoint-every = {s.round.checkpoint_every}: clients give a round's sum once, so a "
            "resumed run cannot ask for it again; use 1"
        )


def _numbers(s: "Settings") -> Iterator[str]:
    asked, own = s.clients.asked, s.security
    if asked < FEWEST:
        yield (
            f"security.aggregation = {own.aggregation!r} with {asked} of the clients asked in a round: the sum would "
            f"tell each of the others; ask at least {FEWEST}"
        )
        return
    if own.aggregation != "masked":
        return
    if own.neighbours and own.neighbours % 2:
        yield f"security.neighbours = {own.neighbours}: half stand on either side; give an even number"
    elif own.neighbours and own.neighbours >= asked:
        yield f"security.neighbours = {own.neighbours}, but {asked} clients are asked; give less, or 0 for all"
    else:
        yield from _threshold(own.threshold, asked if own.neighbours is None else min(own.neighbours + 1, asked))


def _threshold(threshold: int | None, holders: int) -> Iterator[str]:
    if threshold is not None and not holders // 2 < threshold <= holders:
        yield (
            f"security.threshold = {threshold}, but {holders} clients hold the shares of each; give "
            f"{holders // 2 + 1} to {holders}, or 0"
        )
