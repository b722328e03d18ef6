"""A paper's claims beside what a study measured: one row each, in one form, with a verdict in words.

``examples/<paper>/claims.toml`` says, for each study by name, where in its numbers a claim is answered::

    [[fig4a]]
    claim = "sum rate of QAOA over SCA, %"
    paper = 35.0                       # its number; or in words, where it prints none
    as-published = "alternating.over.random_sca_power"    # in the paper's own set-up
    ours = "claims.0.gain_percent"                        # the best that we have; leave out what is not measured
    set-up = "200 devices, 20 sub-channels"
    even = 0.0                         # where neither side is ahead, or its place; the claim is that it is more
    direction = "more"                 # or "less"

A place is a number, or a table with ``mean`` and its interval (``low``, ``high``) or deviation (``sd``, ``count``);
``claims.[quantum=qaoa_bcd].gain`` is that of the first row of a list that says so.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scipy.stats import t as student

from qfl.config.runfile import read_toml
from qfl.errors import ConfigError
from qfl.report.formatting import UNKNOWN
from qfl.spread import finite, known_values
from qfl.studies.bands import CONFIDENCE
from qfl.studies.csv_files import flat, write_csv
from qfl.studies.markdown import table

FILE = "claims.toml"
KEYS = {"claim", "paper", "as-published", "ours", "set-up", "even", "direction"}
NEEDED = ("claim", "paper", "set-up")
TITLES = ("claim", "paper", "as published", "ours", "set-up", "verdict")
PLACES = {"as-published": "as_published", "ours": "ours"}
PART = re.compile(r"\[[^\]]*\]|[^.]+")
Row = dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """A mean over seeds, with its 95 % interval where there is one.

    Args:
        mean: In the claim's unit.
        low: Lower end of the interval.
        high: Upper end.
        seeds: Seeds or instances.
    """

    mean: float
    low: float | None = None
    high: float | None = None
    seeds: int | None = None

    def __str__(self) -> str:
        seeds = "" if self.seeds is None else f", {self.seeds} seed{'s' * (self.seeds != 1)}"
        return f"{self.mean:.4g}{'' if self.low is None else f' [{self.low:.4g}, {self.high:.4g}]'}{seeds}"


def claims_of(folder: Path, name: str) -> list[Row]:
    """Return a study's claims, none where its paper has no file of them, or the file none of this study.

    Raises:
        ConfigError: If the file is no TOML, or a claim lacks what it needs or says what is not known.
    """
    path = folder / FILE
    found = read_toml(path).get(name, []) if path.is_file() else []
    for each in found if isinstance(found, list) else [found]:
        lacking = [key for key in NEEDED if key not in each] if isinstance(each, dict) else list(NEEDED)
        odd = [] if lacking else [*each.keys() - KEYS]
        if lacking or odd:
            raise ConfigError(
                f"{path}: a claim of [[{name}]] {'lacks' if lacking else 'has'} {(lacking + odd)[0]!r}; "
                f"give {', '.join(NEEDED)} and any of {', '.join(sorted(KEYS - set(NEEDED)))}"
            )
    return found


def rows_of(claims: Sequence[Mapping[str, Any]], numbers: Mapping[str, Any]) -> list[Row]:
    """Return a row for each claim: ``claim``, ``paper``, ``as_published``, ``ours``, ``set_up`` and ``verdict``.

    Args:
        claims: As `claims_of` returned them.
        numbers: A study's.

    Example:
        >>> asked = {"claim": "gain, %", "paper": 35.0, "ours": "gain", "set-up": "as stated"}
        >>> rows_of([asked], {"gain": {"mean": 20.0, "low": 15.0, "high": 25.0, "seeds": 5}})[0]["verdict"]
        'ours: holds, by less than the paper says'
    """
    rows = []
    for claim in claims:
        if isinstance(claim.get("even"), str):
            beside = measured(numbers, claim["even"])
            claim = {**claim, "even": beside.mean if beside else float("nan")}
        found = {name: measured(numbers, claim.get(place, "")) for place, name in PLACES.items()}
        said = [f"{name.replace('_', ' ')}: {verdict(claim, value)}" for name, value in found.items() if value]
        plain = {name: value and asdict(value) for name, value in found.items()}
        known = {"claim": claim["claim"], "paper": claim["paper"], **plain, "set_up": claim["set-up"]}
        rows.append(known | {"verdict": "; ".join(said) or "not measured"})
    return rows


def measured(numbers: Mapping[str, Any], place: str) -> Measured | None:
    """Return what stands at a place, such as ``cells.0.gain``; None where nothing does.

    Args:
        numbers: A study's.
        place: Keys joined by dots; a key may hold dots itself.
    """
    node = _at(numbers, PART.findall(place), numbers.get("seeds")) if place else None
    return None if node is None or not known_values([node.mean]) else node


def _at(node: Any, parts: Sequence[str], seeds: Any) -> Measured | None:
    """Return the value below a node, with the seeds that the nearest table around it names."""
    if not parts:
        return _value(node, seeds)
    if isinstance(node, list):
        found = next((each for number, each in enumerate(node) if _is_named(parts[0], number, each)), None)
        return _at(found, parts[1:], seeds)
    if not isinstance(node, Mapping):
        return None
    seeds = node.get("seeds", seeds)
    for cut in range(1, len(parts) + 1):
        key = ".".join(parts[:cut])
        if key in node:
            return _at(_with_spread(node, key) if cut == len(parts) else node[key], parts[cut:], seeds)
    return None


def _with_spread(node: Mapping[str, Any], key: str) -> Any:
    """Return a value with the deviation, or half the interval of points, that stands beside it."""
    beside = {"sd": node.get(f"{key}_sd"), "half": node.get("interval") if key == "points" else None}
    known = {name: value for name, value in beside.items() if known_values([value])}
    return {"mean": node[key], **known} if known else node[key]


def _is_named(part: str, number: int, row: Any) -> bool:
    """Return whether a part of a place names a row of a list, by its number or by what it says."""
    if not part.startswith("["):
        return part == str(number)
    wanted = (each.partition("=") for each in part[1:-1].split(","))
    return isinstance(row, Mapping) and all(str(row.get(key)) == value for key, _, value in wanted)


def _value(node: Any, seeds: Any) -> Measured | None:
    own: Mapping[str, Any] = node if isinstance(node, Mapping) else {"mean": node}
    if not known_values([own.get("mean")]):
        return None
    mean, count = float(own["mean"]), own.get("count", own.get("seeds", seeds))
    count = count if type(count) is int else None
    if len(known_values([own.get("low"), own.get("high")])) == 2:
        return Measured(mean, float(own["low"]), float(own["high"]), count)
    half = own.get("half")
    if half is None and known_values([own.get("sd")]) and count and count > 1:
        half = float(student.ppf(0.5 + CONFIDENCE / 2, count - 1)) * own["sd"] / math.sqrt(count)
    return Measured(mean, seeds=count) if half is None else Measured(mean, mean - half, mean + half, count)


def verdict(claim: Mapping[str, Any], value: Measured) -> str:
    """Return in words what a measurement makes of a claim.

    Args:
        claim: With ``paper``, and ``even``, a number, and ``direction`` if they are not 0 and "more".
        value: What was measured.
    """
    sign, even = (-1 if claim.get("direction") == "less" else 1), claim.get("even", 0.0)
    low, high = value.mean if value.low is None else value.low, value.mean if value.high is None else value.high
    paper, few = claim["paper"], "" if value.low is not None else " (no interval)"
    if math.isnan(even):
        return "what it is beside was not measured"
    if isinstance(paper, int | float) and value.low is not None and low <= paper <= high:
        return "agrees with the paper's number"
    if value.low is not None and low <= even <= high:
        return "not told from chance"
    if sign * (value.mean - even) <= 0:
        return f"does not hold{few}"
    if not isinstance(paper, int | float):
        return f"holds{few}"
    return f"holds, by {'more' if sign * (value.mean - paper) > 0 else 'less'} than the paper says{few}"


def write_rows(folder: Path, rows: Sequence[Row]) -> None:
    """Write rows.csv into a folder; every study has one, empty where its paper claims nothing that is measured."""
    write_csv(folder / "rows.csv", [finite(flat(row)) for row in rows])


def section(rows: Sequence[Row]) -> str:
    """Return the rows as a table of a page; an empty text where there are none."""
    if not rows:
        return ""
    cells = [
        [
            row["claim"],
            _plain(row["paper"]),
            *(_shown(row[name]) for name in PLACES.values()),
            row["set_up"],
            row["verdict"],
        ]
        for row in rows
    ]
    return f"## What the paper says, and what was measured\n\n{table(TITLES, cells, words=len(TITLES))}"


def _shown(value: Mapping[str, Any] | None) -> str:
    return UNKNOWN if value is None else str(Measured(**value))


def _plain(paper: Any) -> str:
    return paper if isinstance(paper, str) else json.dumps(paper)
