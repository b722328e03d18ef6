"""What it costs that the server sees a sum alone: one row for plain, masked and encrypted (CKKS) updates."""

from collections.abc import Iterator

import numpy as np

from qfl.errors import MissingExtra
from qfl.security.homomorphic.ckks import ROOM
from qfl.security.masking.fixed_point import FixedPoint
from qfl.studies.bench.encrypted_round import encrypted_round
from qfl.studies.bench.masked_round import Fleet, masked_round, plain_round

from .cost_measure import CostStudy, Row, air_s

MANY, NEIGHBOURS = 100, 50  # clients from which on each masks with so many
PAGE = """
## What hiding single updates costs

The same clients and angles in whole numbers of 8 bytes, signed under ML-DSA-65; what the server comes by is the sum and
no single update. Seconds are processor time in one thread, bytes one client's in all steps of a round; on the air is
the update alone. Masks are between {neighbours} neighbours.

{table}

Both sums are exact: what is lost is what rounding to the finest movement loses before. CKKS decrypts with an error, at
most {error} of that unit here, which its keyholder rounds off before it tells anybody. It takes {client_times} of a
client's time under masks and puts {times} times the bytes on the air, and it trusts more: whoever holds the round's
key reads every update if the server helps, and a server that lies has a single one opened. So masking is the one to
take. Making the round's key and opening the sum takes one client {keyholder} ms and {key_bytes} bytes up besides."""


def sums_measured(study: CostStudy) -> Iterator[Row]:
    """Yield a row for each way; where TenSEAL is not installed, none for CKKS."""
    fleet, finest = Fleet.of(study.clients), FixedPoint(np.array([2 * np.pi]), np.array([32.0]))
    plain = plain_round(fleet, study.angles)
    sent = plain["bytes_up"]
    yield _row("plain", plain, sent, study)
    masked = masked_round(fleet, study.angles, NEIGHBOURS if study.clients > MANY else 0)
    yield _row("masked", masked, sent, study) | {"exact": masked["exact"], "movement": 2.0**-32}
    try:
        found = encrypted_round(fleet, study.angles)
    except MissingExtra:
        return
    bits = finest.within(ROOM, study.clients, fleet.roster.rows[0].max_examples or 1).bits[0]
    more = ("exact", "error_before_rounding", "keyholder_ms", "keyholder_bytes_up")
    yield (
        _row("CKKS", found, found["bytes_up"], study) | {name: found[name] for name in more} | {"movement": 2.0**-bits}
    )


def sums_page(rows: list[Row], clients: int, table: str) -> str:
    """Return the page's part on them."""
    neighbours = NEIGHBOURS if clients > MANY else "all"
    plain, masked, last = rows[0], rows[1], rows[-1]
    if last["name"] != "CKKS":
        return f"\n\n{table}\n\nCKKS is not here: TenSEAL, of the extra `homomorphic`, is not installed."
    return PAGE.format(
        neighbours=neighbours,
        table=table,
        error=f"{last['error_before_rounding']:.3f}",
        client_times=f"{100 * last['client_ms'] / masked['client_ms']:.0f} %",
        times=f"{last['air_bytes'] / plain['air_bytes']:.0f}",
        keyholder=f"{last['keyholder_ms']:.0f}",
        key_bytes=f"{last['keyholder_bytes_up']:,}",
    )


def sums_line(row: Row) -> list[str]:
    """Return a row of the table under `HEAD`."""
    down = f"{row['bytes_down']:,}" if row["bytes_down"] is not None else ""
    numbers = [f"{row['client_ms']:.1f}", f"{1000 * row['server_s']:.0f}", f"{row['bytes_up']:,}", down]
    exact = "" if row.get("exact") is None else "yes" if row["exact"] else "no"
    finest = f"{row['movement']:.1e}" if row.get("movement") else ""
    return [row["name"], *numbers, f"{row['air_bytes']:,}", f"{1000 * float(np.mean(row['air_s'])):.0f}", exact, finest]


HEAD = (
    "sum",
    "a client, ms",
    "server, ms",
    "up, B",
    "down, B",
    "update, B",
    "on the air, ms",
    "exact",
    "finest movement, rad",
)


def _row(name: str, found: Row, air_bytes: int, study: CostStudy) -> Row:
    numbers = {key: found.get(key) for key in ("client_ms", "server_s", "bytes_up", "bytes_down")}
    air = [air_s(air_bytes, seed, study) for seed in study.seeds]
    return {"name": name, **numbers, "air_bytes": air_bytes, "air_s": air}
