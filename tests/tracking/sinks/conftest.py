"""What the tests of sinks share: a run that is played into sinks, and what the sinks must then hold."""

import numpy as np
import pytest

from qfl.config import Settings
from qfl.results import RunFolder
from qfl.tracking.sinks.sinks import Sinks


def row_of(number):
    """Return a round's row, with all that a row may hold."""
    return {
        "round": number,
        "loss": 2.0 - 0.25 * number,
        "accuracy": None if number == 2 else np.float64(0.125 * number),
        "per_class": [0.5, None],
        "accepted": 4,
        "seconds": {"total": 0.5 + number},
        "angles_sha256": "a" * 64,
        "diagnostics": {},
        "failure": None,
    }


@pytest.fixture
def expected():
    """Return the numbers of rounds 0 to 5: by name, pairs of round and value."""
    return {
        "loss": [(number, 2.0 - 0.25 * number) for number in range(6)],
        "accuracy": [(number, 0.125 * number) for number in range(6) if number != 2],
        "per_class/0": [(number, 0.5) for number in range(6)],
        "accepted": [(number, 4.0) for number in range(6)],
        "seconds/total": [(number, 0.5 + number) for number in range(6)],
    }


class Played:
    """A run folder whose rounds are played into sinks, stopped and taken up again."""

    def __init__(self, path):
        self.settings = Settings.from_flat({"rounds": 5, "run.folder": str(path), "train.learning-rate": 0.125})
        header = {"settings": self.settings.to_flat(), "status": "running", "run_id": "0123456789abcdef" * 2}
        self.folder = RunFolder.create("toy", header, path=path)

    def play(self, sinks, rounds, kept_to=None, summary=None):
        """Play rounds as a run does; those after ``kept_to`` come into no checkpoint."""
        first, last = rounds
        kept_to = last if kept_to is None else kept_to
        self.folder.truncate(first - 1)
        told = Sinks(sinks)
        told.start(Settings.from_flat(self.settings.to_flat() | {"run.resume": first > 0}), self.folder, first - 1)
        for number in range(first, last + 1):
            self.folder.append("rounds", [row_of(number)])
            told.row(row_of(number), number <= kept_to)
        if summary:
            told.end(summary)
        return told


@pytest.fixture
def played(tmp_path):
    return Played(tmp_path / "runs" / "toy")


@pytest.fixture
def through_a_kill_and_a_resume(played):
    """Return a function that plays rounds 0 to 5 into new sinks: killed after round 3, resumed after round 2."""

    def play(make):
        played.play(make(), (0, 3), kept_to=2)
        played.play(make(), (3, 5), summary={"status": "completed", "accuracy": 0.625, "angles_sha256": "b" * 64})
        return played

    return play
