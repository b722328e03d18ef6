"""What the rows say of attackers: who attacked, what became of their updates, and how far they got."""

from collections.abc import Collection

from numpy.typing import NDArray

from qfl.federation.attacking.attack import attack_of, attacking
from qfl.federation.attacking.poisoned import success
from qfl.results import Row
from qfl.tasks.federation import Federation


def with_attack(
    row: Row, rows: list[Row], federation: Federation, angles: NDArray, *, tested: bool
) -> tuple[Row, list[Row]]:
    """Return a round's row and its client rows, each with the entry ``attack``; without attack they are as they were.

    A client's entry is whether it attacked. The round's has the ``name`` of the attack; how many asked clients are
    ``attackers``, and how many of their updates were ``accepted``; of these, how many the strategy left out
    (``left_out``; None where it does not say); and the ``success`` of an attack on samples, the share of altered test
    samples that get the label which attackers want (None for other attacks, and where no test was due).

    Args:
        row: The round's.
        rows: One per asked client.
        federation: Whose settings say who attacks.
        angles: After the round.
        tested: Whether the round had a test.
    """
    settings = federation.settings
    if not settings.attack.on:
        return row, rows
    bad = attacking(settings, row["round"])
    own = [each for each in rows if each["client"] in bad]
    accepted = [each for each in own if each["status"] == "accepted"]
    entry = {
        "name": settings.attack.name,
        "attackers": len(own),
        "accepted": len(accepted),
        "left_out": sum(each["left_out"] for each in accepted) if all("left_out" in each for each in rows) else None,
        "success": success(federation, attack_of(settings), angles) if tested else None,
    }
    return row | {"attack": entry}, [each | {"attack": each["client"] in bad} for each in rows]


def with_left_out(rows: list[Row], left_out: Collection[int] | None) -> list[Row]:
    """Return client rows that say of each accepted update whether the strategy left it out of the mean.

    Args:
        rows: One per asked client.
        left_out: Clients whose update it left out; None where it does not say.
    """
    if left_out is None:
        return rows
    return [each | {"left_out": each["status"] == "accepted" and each["client"] in left_out} for each in rows]
