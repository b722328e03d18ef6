"""The properties of a backend as IBM writes them in JSON, as the tables of our own calibration files.

Read are T1, T2 and readout errors of the qubits, and length and error of ``sx`` and of ``cx``, ``ecr`` or ``cz``; all
other gates are composed of these. A T2 above 2 T1, which measurements may give, is taken as 2 T1, as Qiskit Aer does.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from qfl.quantum.calibration import PAIR, PULSE

UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
PAIRS = ("cx", "ecr", "cz")
READOUT = {"read_1_of_0": "prob_meas1_prep0", "read_0_of_1": "prob_meas0_prep1"}
COST = {"duration_s": "gate_length", "error": "gate_error"}
Table = dict[str, Any]


def tables_of(qubits: list[Any], gates: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return qubits and gates as our own tables; what is missing is missing there, too.

    Args:
        qubits: A list of names, values and units for each.
        gates: Objects with a gate, its qubits and its parameters.

    Example:
        >>> times = [{"name": name, "value": 100.0, "unit": "us"} for name in ("T1", "T2")]
        >>> tables_of([[*times, {"name": "readout_error", "value": 0.02, "unit": ""}]], [])[0][0]["read_0_of_1"]
        0.02
    """
    return [_qubit(_values(row)) for row in qubits], list(_gates(gates))


def _qubit(values: Mapping[str, float]) -> Table:
    found: Table = {key: values[name] for key, name in (("t1_s", "T1"), ("t2_s", "T2")) if name in values}
    if len(found) == 2:
        found["t2_s"] = min(found["t2_s"], 2 * found["t1_s"])
    for key, name in READOUT.items():
        error = values.get(name, values.get("readout_error"))
        found |= {} if error is None else {key: error}
    return found


def _gates(rows: list[Any]) -> Iterator[Table]:
    seen = set[tuple[str, tuple[str, ...]]]()
    for row in rows:
        table = cast("Table", row) if isinstance(row, dict) else {}
        gate, wires = table.get("gate"), table.get("qubits")
        name = PULSE if gate == PULSE else PAIR if gate in PAIRS else ""
        if not name or not isinstance(wires, list):
            continue
        place = name, tuple(sorted(map(str, cast("list[Any]", wires))))
        if place not in seen:  # a pair may be listed in both directions
            values = _values(table.get("parameters"))
            yield {"name": name, "wires": wires, **{key: values[own] for key, own in COST.items() if own in values}}
        seen.add(place)


def _values(rows: Any) -> dict[str, float]:
    """Return a list of names, values and units by name, times in seconds."""
    found = dict[str, float]()
    for row in cast("list[Any]", rows) if isinstance(rows, list) else []:
        table = cast("Table", row) if isinstance(row, dict) else {}
        value = table.get("value")
        if isinstance(value, int | float):
            found[str(table.get("name"))] = float(value) * UNITS.get(str(table.get("unit")), 1.0)
    return found
