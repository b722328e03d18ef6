"""What a signed round's seconds go into: the clients' tensor program, and each thing that is not training."""

import statistics
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

SERVER = ("select", "broadcast", "verify", "aggregate", "evaluate")  # of a round's own row


class Told(NamedTuple):
    """What is known when a round is told of.

    Args:
        when: The clock, s.
        clients: Seconds of the clients' work up to now, by part (`qfl.federation.runtime.timing`).
        row: The round's seconds by phase.
        cpu: Processor seconds of this process up to now, all its threads together.
    """

    when: float
    clients: Mapping[str, float]
    row: Mapping[str, float]
    cpu: float = 0.0

    @classmethod
    def now(cls, clients: Mapping[str, float], row: Mapping[str, Any]) -> "Told":
        """Return it for this moment."""
        return cls(time.perf_counter(), dict(clients), row["seconds"], time.process_time())


def parts(told: Sequence[Told]) -> list[dict[str, float]]:
    """Return the seconds of each round but the first by part; together they are the round, from end to end.

    Args:
        told: Of every round from the first on.

    Returns:
        ``train`` is the tensor program, ``client_crypto`` verifies broadcasts and signs updates, ``client_build`` finds
        the data, ``carry`` copies and carries messages; then the server's phases; ``rows`` is what comes after them:
        rows, ledger and checkpoint.

    Example:
        >>> first = Told(0.0, {"train": 1.0}, {"train": 2.0})
        >>> after = Told(1.0, {"train": 1.5, "crypto": 0.125}, {"train": 0.75, "verify": 0.125})
        >>> {name: seconds for name, seconds in parts([first, after])[0].items() if seconds}
        {'train': 0.5, 'client_crypto': 0.125, 'carry': 0.125, 'verify': 0.125, 'rows': 0.125}
    """
    return [_between(earlier, later) for earlier, later in pairwise(told)]


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median seconds of each part over rounds."""
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def processor_s(told: Sequence[Told]) -> float:
    """Return the processor seconds of a round: the median over rounds but the first.

    Args:
        told: Of every round from the first on.

    Example:
        >>> processor_s([Told(0.0, {}, {}, 1.0), Told(1.0, {}, {}, 1.5)])
        0.5
    """
    return statistics.median(later.cpu - earlier.cpu for earlier, later in pairwise(told))


def share_training(rounds: Sequence[Mapping[str, float]]) -> float:
    """Return the share of a round that trains, between 0 and 1: the median over rounds.

    Example:
        >>> share_training([{"train": 1.0, "rows": 3.0}])
        0.25
    """
    return statistics.median(each["train"] / sum(each.values()) for each in rounds)


def _between(earlier: Told, later: Told) -> dict[str, float]:
    train, crypto, build = (
        later.clients.get(name, 0.0) - earlier.clients.get(name, 0.0) for name in ("train", "crypto", "build")
    )
    server = {name: later.row.get(name, 0.0) for name in SERVER}
    exchange = later.row.get("train", 0.0)
    found = {"train": train, "client_crypto": crypto, "client_build": build}
    found |= {"carry": exchange - train - crypto - build, **server}
    return found | {"rows": later.when - earlier.when - sum(found.values())}
