"""What goes with differential privacy: a sentence for whatever would tell more of a client than its noisy movement."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qfl.config.masked_rules import NEEDS, SUMS
from qfl.extend import is_reference
from qfl.specs import MODELS

if TYPE_CHECKING:
    from qfl.config.settings import Settings

LOCAL_NEEDS: dict[str, str] = {name: NEEDS[name] for name in ("qfedavg", "noise-aware", "fednova", "scaffold")} | {
    name: NEEDS[name] for name in ("heterofl", "blocks")
}
"""What these strategies need beside a movement: a client that adds its own noise tells nothing else."""


def privacy_faults(s: "Settings") -> Iterator[str]:
    """Yield a sentence for every setting with which the promised epsilon would not hold, or means nothing.

    Args:
        s: The settings, each within its own range.
    """
    own = s.privacy
    if own.mechanism == "none":
        if own.epsilon is not None or own.noise_multiplier is not None:
            yield "privacy.epsilon and privacy.noise-multiplier need privacy.mechanism; name one, or leave them out"
        return
    yield from _numbers(s)
    yield from _who_sees_what(s)
    yield from _strategy(s)
    yield from _other_ways_out(s)


def _numbers(s: "Settings") -> Iterator[str]:
    own = s.privacy
    if own.epsilon == 0:
        yield "privacy.epsilon = 0 lets no update leave a client; give a number above 0, or -1 for no budget"
    if own.epsilon is None and own.noise_multiplier is None:
        yield (
            f"privacy.mechanism = {own.mechanism!r} says neither how much a client may spend nor how much noise there "
            "is; give privacy.epsilon, privacy.noise-multiplier, or both"
        )
    if own.delta >= 1 / s.clients.count:
        yield (
            f"privacy.delta = {own.delta:g} with {s.clients.count} clients would let one of them be shown outright; "
            f"give less than {1 / s.clients.count:g}"
        )


def _who_sees_what(s: "Settings") -> Iterator[str]:
    own, seen = s.privacy, s.security.aggregation
    if own.mechanism == "central" and seen != "plain":
        yield (
            f"privacy.mechanism = 'central' clips single updates, and security.aggregation = {seen!r} hides them; "
            "use 'distributed' with 'masked'"
        )
    if own.mechanism == "local" and seen != "plain":
        yield (
            f"privacy.mechanism = 'local' with security.aggregation = {seen!r} adds every client's whole noise to a "
            "sum that hides it already; use 'distributed' with 'masked', which needs less"
        )
    if own.mechanism == "distributed" and seen != "masked":
        yield (
            "privacy.mechanism = 'distributed' adds too little noise to each update to show one by itself; set "
            "security.aggregation = 'masked'"
        )
    if own.mechanism == "distributed" and own.accountant == "pld":
        yield (
            "privacy.accountant = 'pld' knows no bound for sums of discrete noise; use 'rdp' with "
            "privacy.mechanism = 'distributed'"
        )
    if own.colluding and own.mechanism != "distributed":
        yield f"privacy.colluding = {own.colluding} is for privacy.mechanism = 'distributed'; leave it out"


def _strategy(s: "Settings") -> Iterator[str]:
    name, mechanism = s.strategy.name, s.privacy.mechanism
    if mechanism == "local" and name in LOCAL_NEEDS:
        yield f"strategy.name = {name!r} {LOCAL_NEEDS[name]}, and privacy.mechanism = 'local' tells its movement alone"
    if mechanism != "central":
        return  # masked_rules says it of sums
    instead = f"use one of {', '.join(SUMS)}, or privacy.mechanism = 'local'"
    if is_reference(name):
        yield f"strategy.name = {name!r} is your own: nobody knows how far one client moves its result; {instead}"
    elif name in NEEDS:
        yield (
            f"strategy.name = {name!r} {NEEDS[name]}: the noise of privacy.mechanism = 'central' is right for their "
            f"mean alone; {instead}"
        )


def _other_ways_out(s: "Settings") -> Iterator[str]:
    yield from _of_rounds(s)
    if s.attack.on and s.privacy.mechanism != "central":
        yield (
            f"attack.name = {s.attack.name!r} with privacy.mechanism = {s.privacy.mechanism!r} would have "
            "attackers cut their updates and add noise, which no attacker does; use 'central', where the server does it"
        )
    if s.train.personal:
        yield "train.personal with privacy.mechanism: what clients keep would get noise, too; leave one out"
    if s.clients.selection == "balanced":
        yield "clients.selection = 'balanced' tells the server every client's labels without noise; use 'uniform'"
    if s.data.validation:
        yield "data.validation tells how clients' own samples rate a round, without noise; leave it out"
    if s.data.class_weights == "balanced":
        yield "data.class-weights = 'balanced' counts all clients' labels, without noise; give numbers, or 'none'"
    if s.data.pca is not None:
        yield "data.pca fits its components to all clients' samples, without noise; use data.side, or leave it out"
    if s.task == "cell_free" and s.model.name in MODELS and MODELS[s.model.name].client != "region":
        yield (
            f"model.name = {s.model.name!r} has the server learn an assignment from all clients' channels, without "
            "noise; leave privacy.mechanism out"
        )


def _of_rounds(s: "Settings") -> Iterator[str]:
    if s.round.max_norm is not None:
        yield "round.max-norm with privacy.mechanism: privacy.clip is the cap; leave it out"
    if s.round.archive_every:
        yield (
            "round.archive-every is for `qfl unlearn`, which would spend clients' budgets again; leave it out with "
            "privacy.mechanism"
        )
