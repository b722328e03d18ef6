"""What a run came to, in one sentence and a few numbers."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from qfl.report.formatting import count, duration, known, percent, short, size
from qfl.report.merit import measured
from qfl.report.record import Record, last

STANDARD = {"Dilithium2": "ML-DSA-44", "Dilithium3": "ML-DSA-65", "Dilithium5": "ML-DSA-87"}
STATES = {"completed": "completed", "running": "in progress", "failed": "failed", "interrupted": "interrupted"}


class Tile(NamedTuple):
    """One number of the headline, what it is, and a remark."""

    name: str
    value: str
    remark: str = ""


@dataclass(frozen=True)
class Headline:
    """The top of the report.

    Args:
        state: How the run stands, a word.
        sentence: What happened.
        trouble: Why the run ended early, or empty.
        tiles: The numbers to know, most telling first.
    """

    state: str
    sentence: str
    trouble: str
    tiles: tuple[Tile, ...]


def headline(record: Record) -> Headline:
    """Return the sentence and the numbers of the headline, as far as the run has got."""
    state = STATES.get(record.word("status"), "unknown state")
    return Headline(state, _sentence(record), record.word("error") if state != "completed" else "", _tiles(record))


def rounds_done(record: Record) -> int:
    """Return the number of the last recorded round, 0 before the first."""
    return record.rounds[-1]["round"] if record.rounds else 0


def signature_name(record: Record) -> str:
    """Return the signature algorithm by its standard name, or empty where none is stated."""
    given = record.settings.get("security.algorithm")
    return STANDARD.get(given, given) if isinstance(given, str) else ""


def _sentence(record: Record) -> str:
    who = f"{_num_clients(record)} {'quantum clients' if known(record.number('model', 'qubits')) else 'clients'}"
    done, reached = rounds_done(record), _final(record, record.metric.name)
    if not done or not known(reached):
        return f"{who}; no round has been evaluated yet."
    samples = record.number("data", "test")
    test = f"{count(samples)} held-out samples" if known(samples) else "held-out samples"
    rounds = f"{count(done)} round{'s' if done > 1 else ''}"
    metric = record.metric
    reached_on = f"{who} reached {measured(reached, metric)} {metric.noun} on {test} in {rounds}"
    device, exact = scored_on(record), _final(record, f"exact_{metric.name}")
    if not device:
        return f"{reached_on}."
    return f"{reached_on}, scored on {device}; the exact engine gives {measured(exact, metric)}."


def scored_on(record: Record) -> str:
    """Return the device that gave the figures of the test set, or empty where the exact engine did."""
    devices = [row["scored_on"] for row in record.rounds if isinstance(row.get("scored_on"), str)]
    return devices[-1] if devices else ""


def _tiles(record: Record) -> tuple[Tile, ...]:
    done, asked = rounds_done(record), record.number("settings", "rounds")
    rounds = Tile("rounds", count(done), f"of {count(asked)}" if known(asked) and asked != done else "")
    loss = Tile("loss", short(_final(record, "loss")), f"{record.metric.loss}, test")
    time = Tile("time", duration(_seconds(record)), _pace(record))
    return (
        Tile(
            record.metric.noun,
            measured(_final(record, record.metric.name), record.metric),
            f"held-out test set, on {device}" if (device := scored_on(record)) else "held-out test set",
        ),
        loss,
        rounds,
        time,
        Tile("clients", _num_clients(record), _participation(record)),
        *_travelling(record),
        *_signed(record),
    )


def _travelling(record: Record) -> tuple[Tile, ...]:
    parameters, others = record.number("model", "parameters"), record.number("model", "others")
    if not known(parameters):
        return ()
    angles = record.number("model", "quantum")
    angles = angles if known(angles) else record.number("model", "angles")  # of older runs
    pure = "circuit angles only" if others == 0 else f"{count(angles)} of them angles"
    return (Tile("parameters", count(parameters), pure if known(others) else ""),)


def _signed(record: Record) -> tuple[Tile, ...]:
    name, num_bytes = signature_name(record), record.number("uplink", "signature_bytes")
    if not name:
        return ()
    return (Tile("every message signed", name, f"{size(num_bytes)} each" if known(num_bytes) else ""),)


def _num_clients(record: Record) -> str:
    stated = record.number("settings", "clients.count")
    return count(stated if known(stated) else record.number("data", "clients"))


def _participation(record: Record) -> str:
    asked, accepted = (np.nansum(record.column(name)) for name in ("asked", "accepted"))
    if accepted >= asked > 0:
        return "every update used"
    return f"{percent(accepted / asked)} of updates used" if asked > 0 else ""


def _final(record: Record, name: str) -> float:
    stated = record.number("final", name)
    return stated if known(stated) else last(record.column(name))


def _seconds(record: Record) -> float:
    stated = record.number("final", "seconds")
    measured = record.column("seconds", "total")
    return stated if known(stated) else float(np.nansum(measured)) if np.isfinite(measured).any() else float("nan")


def _pace(record: Record) -> str:
    seconds = record.trained.column("seconds", "total")
    seconds = seconds[np.isfinite(seconds)]
    return f"{duration(float(np.median(seconds)))} a round" if seconds.size else ""
