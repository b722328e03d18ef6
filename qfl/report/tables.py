"""The tables of the report: the model beside others, where the numbers come from, and all rounds."""

from dataclasses import dataclass

import numpy as np

from qfl.report.formatting import count, duration, known, moment, short, size
from qfl.report.merit import score_text
from qfl.report.record import PARTS, Record, as_number
from qfl.specs import MODELS

MOST_ROUNDS = 300
DIGESTS = ("source digest", "angle digest", "data digest", "run id")


@dataclass(frozen=True)
class Rival:
    """One model of the comparison, with numbers as text; ``ours`` marks the one that was trained."""

    name: str
    parameters: str
    uplink: str
    ratio: str
    ours: bool


def model_facts(record: Record) -> str:
    """Return what was trained, in one sentence."""
    name = record.word("model", "name")
    counts = {
        word: record.number("model", key)
        for word, key in (("qubits", "qubits"), ("layers", "depth"), ("angles", "angles"), ("others", "others"))
    }
    said = [f"{count(number)} {_noun(word, number)}" for word, number in counts.items() if number > 0]
    return f"{_title(name)}: {', '.join(said)}." if name and said else ""


def comparison(record: Record) -> list[Rival]:
    """Return the trained model and the baselines, by parameters and by bytes that one client sends."""
    baselines = record.header.get("baselines")
    baselines = [row for row in baselines if isinstance(row, dict)] if isinstance(baselines, list) else []
    if not baselines:
        return []
    ours = as_number(record.section("uplink").get("model_bytes"))
    name = record.word("model", "name")
    first = Rival(f"{_title(name)}, this run", count(record.number("model", "parameters")), size(ours), "1", True)
    return [first, *(_rival(row, ours) for row in baselines)]


def facts(record: Record) -> list[tuple[str, str]]:
    """Return source, digests, versions and machine by name; what is not known is left out."""
    host = record.section("host")
    versions = record.section("versions")
    named = [
        ("created", moment(record.word("created"))),
        ("source digest", record.word("source")),
        ("angle digest", record.word("final", "angles_sha256") or _last_digest(record)),
        ("run id", record.word("run_id")),
        ("data digest", record.word("data", "indices_sha256")),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions.items())),
        ("machine", ", ".join(f"{value} {name}" if name == "cores" else str(value) for name, value in host.items())),
    ]
    return [(name, value) for name, value in named if value]


def round_rows(record: Record) -> list[list[str]]:
    """Return the last rounds as text, one list per round."""
    shown = Record(record.header, record.rounds[-MOST_ROUNDS:], [])
    score = score_text(record.metric)
    columns = [
        map(count, shown.column("round")),
        map(score, shown.column(record.metric.name)),
        map(short, shown.column("loss")),
        map(score, shown.column(f"train_{record.metric.name}")),
        map(score, shown.column("worst_decile")),
        map(count, shown.column("accepted")),
        map(size, np.sum([shown.column("bytes_up", part) for part in PARTS], axis=0)),
        map(size, np.sum([shown.column("bytes_down", part) for part in PARTS], axis=0)),
        map(duration, shown.column("seconds", "total")),
    ]
    return [list(cells) for cells in zip(*columns, strict=True)]


def _rival(row: dict, ours: float) -> Rival:
    num_bytes = as_number(row.get("uplink_bytes"))
    ratio = num_bytes / ours if ours > 0 else float("nan")
    return Rival(
        _title(str(row.get("name"))),
        count(as_number(row.get("parameters"))),
        size(num_bytes),
        short(ratio) if known(ratio) else "",
        False,
    )


def _title(model: str) -> str:
    return MODELS[model].title if model in MODELS else model


def _noun(word: str, number: float) -> str:
    noun = "other parameters" if word == "others" else word
    return noun.removesuffix("s") if number == 1 else noun


def _last_digest(record: Record) -> str:
    digest = record.rounds[-1].get("angles_sha256") if record.rounds else None
    return digest if isinstance(digest, str) else ""
