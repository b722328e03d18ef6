"""``qfl bench qaoa``: exact one-hot QAOA in its subspace, beside PennyLane on qubits.

Two devices with C options each, 2C qubits, three layers, the ideal mixer on both sides, double precision, one thread.
The unit of work is one state from one table of rewards, angles given; the processor time of the one thread counts,
which other programs disturb less than the wall clock. Each side runs as it is fastest: ours takes many tables in one
program, and of PennyLane's forms and simulators (`qfl.studies.bench.qaoa_peers`) the fastest counts. All are printed.

- ``ratio_pennylane``: against the XY mixer on all 2^2C states, as PennyLane's own operators say it.
- ``ratio_givens``: against our rewriting of the mixer for PennyLane, the same on one-hot states alone.
- ``ratio_single``: as the first, but ours takes one table at a time, as in a descent.
"""

import time
import tracemalloc
from typing import Any

import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.quantum.one_hot import one_hot_state, one_hot_states
from qfl.quantum.qaoa_angles import QaoaAngles, fixed_angles
from qfl.seeds import stream
from qfl.studies.bench.measure import ratio, summary, take_turns
from qfl.studies.bench.qaoa_peers import DEVICES, FORMS, peer

TABLES = 256  # states in one program of ours
PROGRAMS = 8  # programs in one turn, so that a turn lasts as many milliseconds as one of PennyLane
PEER_TABLES = 4  # states in one turn of PennyLane; its time per state does not depend on it
REGISTERS = ((3, 20), (4, 20), (5, 20))  # devices, options


def bench_qaoa(repeats: int = 7, options: tuple[int, ...] = (4, 5, 6)) -> dict[str, Any]:
    """Return seconds per state of each contestant, their ratios, the differences, and the largest registers.

    The ratios in front are those of the last number of options, 12 qubits by default; ``max_abs_diff`` is the largest
    over all forms and sizes, after their global phases are made equal.

    Args:
        repeats: Timed repeats of each contestant.
        options: Options per device; the qubits are twice as many.
    """
    sizes = {f"options_{count}": compare(count, repeats) for count in options}
    registers = [largest(devices, count) for devices, count in REGISTERS]
    last = sizes[f"options_{options[-1]}"]
    return {
        "ratio_pennylane": last["ratio_pennylane"],
        "ratio_givens": last["ratio_givens"],
        "ratio_single": last["ratio_single"],
        "max_abs_diff": max(size["max_abs_diff"] for size in sizes.values()),
        **sizes,
        "largest": registers[-1],
        **{f"register_{each['qubits']}_qubits": each for each in registers},
        "setting": {
            "devices": 2,
            "layers": 3,
            "mixer": "ideal",
            "threads": 1,
            "clock": "processor time",
            "repeats": repeats,
            "precision": "float64, complex128",
            "states_per_program": TABLES,
        },
    }


def compare(options: int, repeats: int) -> dict[str, Any]:
    """Return the comparison for two devices with some options each; all times are per state."""
    from threadpoolctl import threadpool_limits

    ramp = fixed_angles(options, 2, 3)
    rewards = stream(0, "bench-qaoa", options).normal(size=(TABLES, options, options))
    peers = {f"{form} {device}": peer(form, device, options, ramp) for form in FORMS for device in DEVICES}
    few = rewards[:PEER_TABLES]
    contestants = {
        "many": lambda: [one_hot_states(rewards, *ramp) for _ in range(PROGRAMS)],
        "single": lambda: [one_hot_state(table, *ramp) for table in rewards],
        **{name: lambda run=run: run(few) for name, run in peers.items()},
    }
    with threadpool_limits(1):  # of the libraries loaded by now
        seconds = take_turns(contestants, repeats, time.process_time)
    each = {name: [one / _states(name) for one in values] for name, values in seconds.items()}
    fastest, givens = (
        _fastest([name for name in peers if name.startswith(forms)], each)
        for forms in (("matrices", "sparse"), "givens")
    )
    return {
        "ratio_pennylane": ratio(each[fastest], each["many"]),
        "ratio_givens": ratio(each[givens], each["many"]),
        "ratio_single": ratio(each[fastest], each["single"]),
        "fastest_peer": fastest,
        "max_abs_diff": max(difference(run(few), few, ramp) for run in peers.values()),
        **{name: summary(values) for name, values in each.items()},
    }


def _fastest(names: list[str], seconds: dict[str, list[float]]) -> str:
    return min(names, key=lambda name: summary(seconds[name])["median_s"])


def _states(contestant: str) -> int:
    return {"many": TABLES * PROGRAMS, "single": TABLES}.get(contestant, PEER_TABLES)


def difference(
    found: Complex128[ndarray, "table option option"],
    rewards: Float64[ndarray, "table option option"],
    ramp: QaoaAngles,
) -> float:
    """Return the largest difference of amplitudes from ours, after making the global phases equal.

    Args:
        found: Amplitudes of another, for each table.
        rewards: The tables: what each pair of options earns.
        ramp: Angles of the layers.
    """
    ours = one_hot_states(rewards, *ramp)
    overlap = np.einsum("tab,tab->t", found.conj(), ours)
    return float(np.abs(found * (overlap / abs(overlap))[:, None, None] - ours).max())


def largest(devices: int, options: int, layers: int = 3) -> dict[str, Any]:
    """Return seconds and bytes of one exact state of a register, which is checked against a product of small states.

    The reward is a sum of one table per device, so the state is the product of the devices' own states.

    Args:
        devices: Of the register.
        options: Of each device; the register has devices times options qubits.
        layers: Of QAOA.
    """
    tables = stream(0, "bench-register", devices, options).normal(size=(devices, options))
    reward = sum(row.reshape([-1 if a == axis else 1 for a in range(devices)]) for axis, row in enumerate(tables))
    ramp = fixed_angles(options, devices, layers)
    start = time.perf_counter()
    psi = one_hot_state(np.asarray(reward), *ramp)
    seconds = time.perf_counter() - start
    tracemalloc.start()
    one_hot_state(np.asarray(reward), *ramp)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    scale = float(np.std(reward))
    factors = [one_hot_state(row, np.array(ramp.gammas) * row.std() / scale, ramp.betas) for row in tables]
    product = factors[0]
    for factor in factors[1:]:
        product = np.multiply.outer(product, factor)
    return {
        "devices": devices,
        "options": options,
        "qubits": devices * options,
        "amplitudes": psi.size,
        "layers": layers,
        "seconds": seconds,
        "state_bytes": psi.nbytes,
        "peak_bytes": peak,
        "max_abs_diff": float(np.abs(psi - product).max()),
    }
