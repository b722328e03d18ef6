"""Calibrations from files: our own tables in TOML or JSON, or the properties of a backend as IBM writes them in JSON.

::

    [[qubits]]                 # in their order
    t1_s = 120e-6
    t2_s = 90e-6               # at most twice t1_s
    read_1_of_0 = 0.010        # p(1 | 0); 0 if left out
    read_0_of_1 = 0.025

    [[gates]]
    name = "sx"                # a pulse; "cx", the entangling gate; or a gate of the circuit, such as "RY"
    wires = [0]                # left out: on all wires
    duration_s = 35e-9
    error = 3e-4               # average infidelity, relaxation included

What of IBM's properties is read is in `qfl.quantum.ibm_properties`.
"""

import math
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from qfl.errors import ConfigError, Damaged
from qfl.extend import find_file, find_folder
from qfl.quantum.calibration import KNOWN, Calibration, GateCost, Qubit
from qfl.quantum.ibm_properties import tables_of
from qfl.reading import parse_json, read_text

KEY = "noise.calibration"
ENDINGS = (".toml", ".json")
MOST_BYTES = 2**24
QUBIT, GATE = ("t1_s", "t2_s", "read_1_of_0", "read_0_of_1"), ("name", "wires", "duration_s", "error")
Table = dict[str, Any]


def calibration_files(given: str) -> tuple[Path, ...]:
    """Return the files that the setting names: one, several with commas between them, or all of a folder by name.

    Raises:
        ConfigError: If there is none, or it ends otherwise.
    """
    try:
        folder = find_folder(given)
        if folder is None:
            return tuple(_file(part.strip()) for part in given.split(","))
        found = sorted(path for path in folder.iterdir() if path.suffix in ENDINGS)
    except OSError as error:
        raise ConfigError(
            f"{KEY} = {given[:100]!r} cannot be read ({error.strerror}); give files or a folder"
        ) from None
    if not found:
        raise ConfigError(f"{KEY} = {given!r} holds no file that ends in {' or '.join(ENDINGS)}; put one there")
    return tuple(found)


def absolute_files(given: str) -> str:
    """Return the setting with absolute paths, for processes that start in other folders.

    Raises:
        ConfigError: As `calibration_files`.
    """
    return ",".join(map(str, calibration_files(given)))


def read_calibration(path: Path) -> Calibration:
    """Return the calibration of a file.

    Raises:
        ConfigError: If it cannot be read, or says what cannot be; the sentence has the file and the key.
    """
    try:
        stamp = path.stat()
    except OSError as error:
        raise ConfigError(f"{KEY}: {path.name} cannot be read ({error.strerror}); give another file") from None
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=256)
def _read(path: Path, changed_ns: int, size: int) -> Calibration:
    del changed_ns, size  # another file is read again
    try:
        text = read_text(path, MOST_BYTES)
        found: Any = tomllib.loads(text) if path.suffix == ".toml" else parse_json(text)
    except (Damaged, ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, Damaged) else f"is no TOML ({error})"
        raise ConfigError(f"{KEY}: {path.name} {said}; write [[qubits]] and [[gates]]") from None
    return calibration_of(found, path.name)


def calibration_of(given: Any, name: str) -> Calibration:
    """Return a calibration from tables, ours or IBM's.

    Args:
        given: With ``qubits`` and ``gates``.
        name: Of the file, for sentences.

    Raises:
        ConfigError: If a qubit or a gate lacks something, or has what cannot be.

    Example:
        >>> gate = {"name": "sx", "duration_s": 3e-8, "error": 0.0}
        >>> calibration_of({"qubits": [{"t1_s": 1e-4, "t2_s": 8e-5}], "gates": [gate]}, "one.toml").gates
        (('sx', (), GateCost(duration_s=3e-08, error=0.0)),)
    """
    tables = cast("Table", given) if isinstance(given, dict) else {}
    qubits, gates = (_rows(tables, key, name) for key in ("qubits", "gates"))
    if all(isinstance(each, list) for each in qubits):
        qubits, gates = tables_of(qubits, gates)
    own = tuple(_qubit(each, f"{KEY}: {name}: qubits[{n}]") for n, each in enumerate(qubits))
    costs = [_gate(each, f"{KEY}: {name}: gates[{n}]", len(own)) for n, each in enumerate(gates)]
    places = [cost[:2] for cost in costs]
    for n, place in enumerate(places):
        if place in places[:n]:
            where = f"on wires {list(place[1])}" if place[1] else "on all wires"
            raise ConfigError(f"{KEY}: {name}: gates[{n}] lists {place[0]} {where} again; list it once")
    return Calibration(name, own, tuple(costs))


def _file(place: str) -> Path:
    path = find_file(place) if place else None
    if path is None:
        raise ConfigError(f"{KEY}: there is no file {place!r}; give one that is there, or a folder of them")
    if path.suffix not in ENDINGS:
        raise ConfigError(f"{KEY} = {place!r}: expected a file that ends in {' or '.join(ENDINGS)}")
    return path


def _rows(tables: Table, key: str, name: str) -> list[Any]:
    found = tables.get(key)
    if not isinstance(found, list) or not found:
        raise ConfigError(f"{KEY}: {name} has no list {key}; write [[{key}]], one for each")
    return cast("list[Any]", found)


def _table(given: Any, known: tuple[str, ...], where: str) -> Table:
    if not isinstance(given, dict):
        raise ConfigError(f"{where} is no table; give it {', '.join(known)}")
    table = cast("Table", given)
    if unknown := sorted(table.keys() - set(known)):
        raise ConfigError(f"{where} has {unknown[0]!r}, which is not read; it takes {', '.join(known)}")
    return table


def _number(table: Table, key: str, where: str, least: str, most: float, default: float | None = None) -> float:
    """Return a number that is finite, 0 or more (or above 0, as ``least`` says), and ``most`` or less."""
    value = table.get(key, default)
    if value is None:
        raise ConfigError(f"{where} has no {key}; give it")
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or value < 0 or value > most or (least == "above 0" and not value):
        span = f"{least} and at most {most:g}" if math.isfinite(most) else least
        raise ConfigError(f"{where}.{key} = {str(value)[:50]}: expected a number {span}")
    return float(value)


def _qubit(given: Any, where: str) -> Qubit:
    table = _table(given, QUBIT, where)
    t1 = _number(table, "t1_s", where, "above 0", math.inf)
    t2 = _number(table, "t2_s", where, "above 0", math.inf)
    if t2 > 2 * t1:
        raise ConfigError(f"{where}.t2_s = {t2:g} is more than twice t1_s = {t1:g}; no qubit keeps its phase so long")
    reads = [_number(table, key, where, "of 0 or more", 1.0, 0.0) for key in QUBIT[2:]]
    return Qubit(t1, t2, *reads)


def _gate(given: Any, where: str, num_qubits: int) -> tuple[str, tuple[int, ...], GateCost]:
    table = _table(given, GATE, where)
    name = table.get("name")
    if not isinstance(name, str) or name not in KNOWN:
        raise ConfigError(f"{where}.name = {str(name)[:50]!r}: expected one of {', '.join(KNOWN)}")
    wires = _wires(table, where, num_qubits)
    if wires and KNOWN[name] not in (0, len(wires)):
        raise ConfigError(f"{where}.wires = {list(wires)}: {name} acts on {KNOWN[name]}")
    cost = GateCost(
        _number(table, "duration_s", where, "of 0 or more", math.inf),
        _number(table, "error", where, "of 0 or more", 1.0),
    )
    return name, wires, cost


def _wires(table: Table, where: str, num_qubits: int) -> tuple[int, ...]:
    given = table.get("wires", [])
    wires = (
        [wire if type(wire) is int else -1 for wire in cast("list[Any]", given)] if isinstance(given, list) else [-1]
    )
    if not set(wires) <= set(range(num_qubits)) or len(set(wires)) != len(wires):
        raise ConfigError(
            f"{where}.wires = {str(cast('object', given))[:50]}: expected different qubits from 0 to {num_qubits - 1}, "
            "in a list"
        )
    return tuple(sorted(wires))
