"""Who takes part in a round where the run says so itself: clients by number or tag, or a function of the user's own.

A function takes those of these arguments that it asks for, and its own settings (``[clients.my]``). It returns the
numbers of the clients to ask, at least one and at most ``per_round``::

    round_number   from 1
    clients        numbers of all clients
    per_round      how many are asked
    rng            a generator of this round's own: the same seed gives the same clients
    tags           numbers of the clients of each tag of [clients.tags]
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from qfl.config import ClientsSettings
from qfl.config.named_clients import named_clients
from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_own
from qfl.federation.grids.selection import Pool, choose, held_labels
from qfl.own_calls import call_own
from qfl.seeds import stream
from qfl.tasks.federation import Federation

KEY = "clients.selection"
Choose = Callable[[int], list[int]]


def chooser(federation: Federation) -> Choose:
    """Return what gives the clients of a round, by its number from 1, as ``clients.selection`` asks.

    Raises:
        ConfigError: If the selection is a function of the user's own that cannot be called, or chooses clients that
            are not there.
    """
    settings, clients = federation.settings, federation.settings.clients
    if is_reference(clients.selection):
        own = _own(clients, settings.seed)
        own(1)  # what is wrong with it is said before anybody trains
        return own
    if (named := named_clients(clients)) is not None:
        return lambda number: among(named, settings.seed, clients.asked, number)
    labels = held_labels(federation) if clients.selection == "balanced" else ()  # no other gets to know them
    pool = Pool(settings.seed, clients.count, labels)
    return lambda number: choose(clients.selection, pool, clients.asked, number)


def among(named: tuple[int, ...], seed: int, size: int, round_number: int) -> list[int]:
    """Return ``size`` of the named clients, ascending, every subset with the same probability; all where they are few.

    Args:
        named: Clients that may take part.
        seed: The run's seed.
        size: How many to ask.
        round_number: The round, on which the draw depends.

    Example:
        >>> among((2, 3, 9), 1, 3, 5)
        [2, 3, 9]
    """
    if size >= len(named):
        return list(named)
    return sorted(stream(seed, "select", round_number).permutation(np.array(named))[:size].tolist())


def _own(clients: ClientsSettings, seed: int) -> Choose:
    rule, mine = load_own(clients.selection, KEY), unfold(clients.my)
    tags = {name: named_clients(replace(clients, selection=f"tag:{name}")) for name in unfold(clients.tags)}

    def chosen(number: int) -> list[int]:
        given = {
            "round_number": number,
            "clients": list(range(clients.count)),
            "per_round": clients.asked,
            "rng": stream(seed, "select", number),
            "tags": {name: list(numbers or ()) for name, numbers in tags.items()},
        }
        return _checked(call_own(rule, KEY, given, mine), clients, number)

    return chosen


def _checked(found: Any, clients: ClientsSettings, number: int) -> list[int]:
    """Return the clients that a function chose, ascending.

    Raises:
        ConfigError: If they are no numbers of clients, too many or none, or one is there twice.
    """
    said = f"{KEY} = {clients.selection!r} in round {number}"
    if not isinstance(found, list | tuple | range | np.ndarray):
        raise ConfigError(f"{said} returned {type(found).__name__}; return a list of numbers of clients")
    chosen = [each.item() if isinstance(each, np.generic) else each for each in found]
    if wrong := [each for each in chosen if type(each) is not int or not 0 <= each < clients.count]:
        raise ConfigError(
            f"{said} returned {str(wrong[0])[:50]!r}, which is no client; return numbers from 0 to {clients.count - 1}"
        )
    if len(set(chosen)) < len(chosen):
        raise ConfigError(f"{said} returned a client twice; return each once")
    if not 0 < len(chosen) <= clients.asked:
        raise ConfigError(
            f"{said} returned {len(chosen)} clients; return 1 to {clients.asked}, or raise clients.per-round"
        )
    return sorted(chosen)
