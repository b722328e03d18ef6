"""What differential privacy promises of each client, as a table of the report."""

import numpy as np

from qfl.report.formatting import percent, short
from qfl.report.record import Record, last

NOBODY = {
    "central": "the server adds noise to the mean: its models keep the promise, it sees single updates",
    "local": "each client adds noise to its update: the server sees nothing else of it",
    "distributed": "each client adds a share of the noise to a masked sum, which is all that the server sees",
}


def privacy_facts(record: Record) -> list[tuple[str, str]]:
    """Return names and values of the noise and of what the clients have spent; nothing where there was no noise."""
    rounds = record.trained
    spent = rounds.column("privacy", "epsilon")
    if not np.isfinite(spent).any():
        return []
    settings, budget = record.settings, record.number("settings", "privacy.epsilon")
    mechanism = str(settings.get("privacy.mechanism"))
    clipped = rounds.column("privacy", "clipped")
    ended = record.word("ended")
    shares = np.isfinite(clipped)
    named = [
        ("who adds noise", NOBODY.get(mechanism, mechanism)),
        ("epsilon spent", f"{short(last(spent))} by the client that was asked most often"),
        ("delta", short(last(rounds.column("privacy", "delta")))),
        ("budget", short(budget) if budget > 0 else "none"),
        ("accountant", str(settings.get("privacy.accountant", ""))),
        ("longest movement", f"{short(record.number('settings', 'privacy.clip'))} rad"),
        ("updates that were cut", percent(float(clipped[shares].mean())) if shares.any() else "not told"),
        ("noise over sensitivity", short(record.number("privacy", "noise_multiplier"))),
        ("noise of each entry of a mean", f"{short(last(rounds.column('privacy', 'noise_rad')))} rad"),
        ("noise comes from", _source(str(settings.get("backend")))),
        ("why it ended", ended),
    ]
    return [(name, value) for name, value in named if value]


def _source(backend: str) -> str:
    if backend == "deployed":
        return "the operating system"
    return "the run's seed: a simulation, whose noise can be taken off by whoever knows the seed"
