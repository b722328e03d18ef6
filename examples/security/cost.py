"""Seconds, bytes and airtime of a signed round, by signature in one envelope; and of a round that hides updates."""

from typing import Any

import numpy as np

from qfl.errors import ConfigError
from qfl.studies.csv_files import write_csv
from qfl.studies.markdown import table
from qfl.studies.request import Request
from qfl.studies.study import Study

from .cost_measure import CostStudy, Row, air_s, measured
from .cost_sums import HEAD, sums_line, sums_measured, sums_page

ROWS, SUMS = "signatures", "sums"
RANGES = {
    "seeds": (1, 100),
    "clients": (1, 10_000),
    "channels": (1, 1000),
    "angles": (1, 10**6),
    "repeats": (1, 10**6),
}
UNSIGNED = "none"
PAGE = """# What signing and hiding updates cost

## What a signature costs

One round of {clients} clients, each with {angles} angles of 4 bytes, on {channels} sub-channels of the cell, {seeds}
cell{s}; every algorithm signs the same claims in the same COSE envelope. Seconds are medians of {repeats} calls,
processor time in one thread of this machine; the time on the air is when the last update is in (one client at a time
on a sub-channel). The round's time is one client's signing, that, and the server's verifying of all, one after another.

{table}

**Ed25519, ECDSA P-256 and RSA-3072 are here to be measured only: a quantum computer forges them, and no federation
accepts a key of theirs.** Without seconds: the library, liboqs, is not installed here, so its bytes alone are told (the
longest that its signature can be). Bytes of Flower's framing and of sealing come on top, the same for all."""


def settings_of(request: Request) -> CostStudy:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range.
    """
    asked: dict[str, Any] = request.asked
    faults = [
        f"{key} = {asked[key]}; give a whole number from {low} to {high}"
        for key, (low, high) in RANGES.items()
        if type(asked[key]) is not int or not low <= asked[key] <= high
    ]
    if faults:
        raise ConfigError(faults)
    seeds = tuple(range(request.seed, request.seed + asked["seeds"]))
    return CostStudy(seeds, asked["clients"], asked["channels"], asked["angles"], asked["repeats"])


def run(request: Request, study: CostStudy) -> list[Row]:
    """Return one row per algorithm and sum, with the airtime in every cell; what is there is not measured again.

    All are measured in one go, so that they are measured on one machine.
    """
    if not request.folder.rows(ROWS):
        bare = {"update_bytes": 4 * study.angles, "sign_s": 0.0, "verify_s": 0.0, "signature_bytes": 0}
        rows = [(UNSIGNED, bare), *measured(study)]
        in_air = {name: [air_s(found["update_bytes"], seed, study) for seed in study.seeds] for name, found in rows}
        request.folder.append(ROWS, [{"algorithm": name, **found, "air_s": in_air[name]} for name, found in rows])
    if not request.folder.rows(SUMS):
        request.folder.append(SUMS, list(sums_measured(study)))
    return [*request.folder.rows(ROWS), *request.folder.rows(SUMS)]


def summarise(request: Request, study: CostStudy, rows: list[Row]) -> dict[str, Any]:
    """Return each algorithm's costs, with the round's time over all cells, and each sum's."""
    sums = {row["name"]: row | {"air_s": float(np.mean(row["air_s"]))} for row in rows if "name" in row}
    return {row["algorithm"]: _summary(row, study) for row in rows if "algorithm" in row} | {SUMS: sums}


def _summary(row: Row, study: CostStudy) -> Row:
    air = float(np.mean(row["air_s"]))
    if row["sign_s"] is None:
        return {**row, "air_s": air, "round_s": None}
    return {**row, "air_s": air, "round_s": row["sign_s"] + air + study.clients * row["verify_s"]}


def draw(request: Request, study: CostStudy, rows: list[Row], found: dict[str, Any]) -> None:
    """Write the rows."""
    signatures = [row for row in rows if "algorithm" in row]
    write_csv(
        request.folder.path / "cost.csv", [{**row, "air_s": found[row["algorithm"]]["air_s"]} for row in signatures]
    )
    write_csv(request.folder.path / "sums.csv", list(found[SUMS].values()))


def tell(request: Request, study: CostStudy, rows: list[Row], found: dict[str, Any]) -> str:
    """Return the page."""
    head = ("algorithm", "sign, ms", "verify, ms", "signature, B", "update, B", "on the air, ms", "round, ms", "times")
    bare = found[UNSIGNED]["round_s"]
    numbers = {name: getattr(study, name) for name in ("clients", "angles", "channels", "repeats")}
    body = table(head, [_line(name, row, bare) for name, row in found.items() if name != SUMS], words=1)
    page = PAGE.format(**numbers, seeds=len(study.seeds), s="s" * (len(study.seeds) > 1), table=body)
    sums = list(found[SUMS].values())
    return f"{page}\n{sums_page(sums, study.clients, table(HEAD, map(sums_line, sums), words=1))}"


def _line(name: str, row: Row, bare_s: float) -> list[str]:
    sizes = [f"{row[key]:,}" for key in ("signature_bytes", "update_bytes")]
    air = f"{1000 * row['air_s']:.2f}"
    if row["round_s"] is None:
        return [f"{name} (at most)", "", "", *sizes, air, "", ""]
    milliseconds = [f"{1000 * row[key]:.3f}" for key in ("sign_s", "verify_s")]
    return [name, *milliseconds, *sizes, air, f"{1000 * row['round_s']:.2f}", f"{row['round_s'] / bare_s:.2f}"]


STUDY = Study(settings_of, run, summarise, draw, tell)
