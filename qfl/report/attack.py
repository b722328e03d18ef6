"""What attackers did and how far they got, as a table of the report."""

import numpy as np

from qfl.report.formatting import count, known, short
from qfl.report.record import Record, last


def attack_facts(record: Record) -> list[tuple[str, str]]:
    """Return names and values of what attackers sent and what became of it; nothing where nobody attacked."""
    rounds = record.trained
    sent = rounds.column("attack", "attackers")
    if not np.isfinite(sent).any():
        return []
    accepted, left = (float(np.nansum(rounds.column("attack", key))) for key in ("accepted", "left_out"))
    told = np.isfinite(rounds.column("attack", "left_out")).any()
    success = last(rounds.column("attack", "success"))
    return [
        ("attack", record.word("settings", "attack.name")),
        ("updates of attackers", count(float(np.nansum(sent)))),
        ("of these accepted, signed and well-formed", count(accepted)),
        ("of these left out by the strategy", count(left) if told else "it does not say"),
        *([("altered test samples that get the attackers' label", f"{short(100 * success)} %")] * known(success)),
    ]
