"""One federation of Fig. 4b on its way: clock, accuracy on all devices' data and on the test set, round by round."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.report.record import Record, read_record
from qfl.results import RunFolder
from qfl.studies.federations.settings import Member

AMOUNTS = ("seconds", "rounds")


@dataclass(frozen=True)
class Run:
    """One federation.

    Args:
        names: The choice on each axis.
        seed: The run's.
        record: Its rows.
        amount: Seconds of the virtual clock and number of each round, under the names of `AMOUNTS`.
        value: Accuracy after each round on all ``devices``' data and on the ``test`` set.
    """

    names: tuple[str, ...]
    seed: int
    record: Record
    amount: Mapping[str, Float64[ndarray, " round"]]
    value: Mapping[str, Float64[ndarray, " round"]]

    @property
    def label(self) -> str:
        """The combination, as tables call it."""
        return " + ".join(self.names)

    def until(self, level: float, amount: str) -> float:
        """Return after how much the accuracy on all devices' data was first at a level; infinite if never.

        Args:
            level: Share of the samples.
            amount: One of `AMOUNTS`.
        """
        there = np.flatnonzero(self.value["devices"] >= level)
        return float(self.amount[amount][there[0]]) if len(there) else float("inf")

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield a row of CSV for each round."""
        columns = {**self.amount, **self.value}
        for numbers in zip(*columns.values(), strict=True):
            yield {"combination": self.label, "seed": self.seed} | dict(zip(columns, map(float, numbers), strict=True))


def read_runs(folders: Mapping[Member, RunFolder], scored: Sequence[Mapping[str, Any]]) -> list[Run]:
    """Return the runs with what their models are worth on all devices' data.

    Args:
        folders: Finished runs.
        scored: Rows of label, seed, round and accuracy.
    """
    values = {(row["label"], row["seed"], row["round"]): row["accuracy"] for row in scored}
    return [_run(member, read_record(folder), values) for member, folder in folders.items()]


def _run(member: Member, record: Record, values: Mapping[tuple[str, int, int], float]) -> Run:
    trained = record.trained
    rounds = [row["round"] for row in trained.rounds]
    clock = np.fmax.accumulate(trained.column("radio", "clock_s"))  # a round without a clock ended with the one before
    devices = np.array([values[member.label, member.seed, number] for number in rounds])
    amount = {"seconds": clock, "rounds": np.array(rounds, float)}
    return Run(member.names, member.seed, record, amount, {"devices": devices, "test": trained.column("accuracy")})
