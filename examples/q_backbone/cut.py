"""A wide circuit on narrow devices: cut where it costs least, run in pieces, put together, beside the uncut circuit.

Then smaller ones, cut by other libraries as well (`cut_peers`).
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qfl.backbone.runtime.cutting.pieces import cut
from qfl.backbone.runtime.cutting.placement import place_cuts
from qfl.backbone.runtime.cutting.reconstruct import Run, circuits_of, exactly, expectations
from qfl.backbone.runtime.cutting.variance import shot_noise
from qfl.errors import ConfigError, MissingExtra
from qfl.quantum.circuit import Circuit, Gate
from qfl.quantum.observables import only_z_words
from qfl.report.canvas import canvas
from qfl.report.palette import LIGHT
from qfl.seeds import stream
from qfl.shipped import install
from qfl.studies.csv_files import write_csv
from qfl.studies.markdown import table
from qfl.studies.request import Request
from qfl.studies.study import Study

from .cut_peers import peer_rows, require_addon
from .settings import range_faults

Row = dict[str, Any]
RANGES = {"qubits": (2, 24), "layers": (1, 6), "width": (2, 24), "shots": (10, 1_000_000)}
RANGES |= {"peer-qubits": (4, 12), "peer-shots": (1000, 10_000_000), "peer-seeds": (1, 100)}
VALUES, PEERS = "values", "peers"
WHAT = """{cuts} cuts leave pieces of {pieces} qubits, at an overhead of {overhead:g} if terms were sampled (no
placement has less than {overhead_bound:g}). Instead each of the {sub_circuits} sub-circuits is run once and its data
are used for all terms: {shots:,} shots on `{device}`, {on_devices_s:.1f} s."""
HOW_FAR = """Without shots the pieces give the uncut circuit to {largest_difference_exactly:.0e}; with shots they are
off by at most {largest_error_in_predicted:.1f} predicted errors."""
BESIDE = """## Beside other libraries

A chain of {qubits} qubits, cut in the middle: a layer with one gate across it, and two layers with two. Every method
has {shots:,} shots in all, spread evenly over its circuits; the error is the root mean square over four observables and
{seeds} seeds, the seconds are the least of {seeds} runs. The overhead is what sampling terms would cost; `wire` is cut
without communication. Ours and PennyLane's circuits run on `default.qubit`, Qiskit's on Aer."""
SECONDS = ("build_s", "run_s", "join_s")
WORDS = {"ours": "qfl", "qiskit": "qiskit-addon-cutting", "pennylane": "PennyLane, `cut_circuit`"}


@dataclass(frozen=True)
class CutSettings:
    """What is cut, for what, and how often it is run."""

    qubits: int
    layers: int
    width: int
    shots: int
    device: str
    peer_qubits: int
    peer_shots: int
    peer_seeds: int


def settings_of(request: Request) -> CutSettings:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range.
    """
    if faults := range_faults(request.asked, RANGES):
        raise ConfigError(faults)
    return CutSettings(**{key.replace("-", "_"): value for key, value in request.asked.items()})


def run(request: Request, settings: CutSettings) -> list[Row]:
    """Return a row for each observable; what the folder holds is not run again."""
    if not request.folder.rows(VALUES):
        request.folder.append(VALUES, list(_rows(request, settings)))
    if not request.folder.rows(PEERS):
        request.folder.append(PEERS, list(_peers(request, settings)))
    return request.folder.rows(VALUES)


def _peers(request: Request, settings: CutSettings) -> Iterator[Row]:
    try:
        require_addon()
    except MissingExtra as absent:
        request.show(str(absent))
    named = {"one gate across": 1, "two gates across": 2}
    circuits = {name: chain(settings.peer_qubits, layers, request.seed) for name, layers in named.items()}
    for row in peer_rows(circuits, settings.peer_shots, range(request.seed, request.seed + settings.peer_seeds)):
        request.show(f"{row['circuit']}, {row['library']}, {row['cut']}: {row['run_s']:.1f} s")
        yield row


def chain(qubits: int, layers: int, seed: int) -> Circuit:
    """Return layers of RY, CZ between neighbours and RX, and the observables Z of both ends and their product."""
    draw = stream(seed, "backbone", "chain")
    gates = [Gate("RY", (w,), (draw.uniform(-3, 3),)) for w in range(qubits)]
    for _ in range(layers):
        gates += [Gate("CZ", (w, w + 1)) for w in range(qubits - 1)]
        gates += [Gate("RX", (w,), (draw.uniform(-1, 1),)) for w in range(qubits)]
    return Circuit(qubits, tuple(gates), ((0,), (qubits // 2,), (qubits - 1,), (0, qubits - 1)))


def _rows(request: Request, settings: CutSettings) -> Iterator[Row]:
    circuit = chain(settings.qubits, settings.layers, request.seed)
    placement = place_cuts(circuit, settings.width)
    pieces = cut(circuit, placement.cuts)
    circuits = [c for _, c in circuits_of(pieces)]
    request.show(f"{len(placement.cuts)} cuts, {len(pieces.pieces)} pieces, {len(circuits)} sub-circuits")
    start = time.perf_counter()
    whole = exactly(circuit)
    uncut_s = time.perf_counter() - start
    start = time.perf_counter()
    joined = expectations(pieces, exactly)
    request.show(f"exactly: {time.perf_counter() - start:.1f} s")
    noise = shot_noise(pieces)
    shots = noise.spread(settings.shots * len(circuits))
    start = time.perf_counter()
    sampled = expectations(pieces, _device(shots, settings.device, request.seed))
    about = {
        "pieces": ", ".join(str(piece.qubits) for piece in pieces.pieces),
        "cuts": len(placement.cuts),
        "overhead": placement.overhead,
        "overhead_bound": placement.bound,
        "sub_circuits": len(circuits),
        "shots": int(sum(shots)),
        "uncut_s": uncut_s,
        "on_devices_s": time.perf_counter() - start,
    }
    error = np.sqrt(noise.variance(shots))
    for k, word in enumerate(only_z_words(circuit.observables, "a cut circuit")):
        values = {"uncut": whole[k], "joined": joined[k], "with_shots": sampled[k], "predicted_error": error[k]}
        yield {"observable": "".join(f"Z{w}" for w in word)} | {name: float(v) for name, v in values.items()} | about


def _device(shots: list[int], device: str, seed: int) -> Run:
    """Return what runs the sub-circuits, in their order, each with its own number of shots, on a PennyLane device."""
    import torch

    from qfl.quantum.devices import expectations as on_device

    order = iter(range(len(shots)))

    def run(circuit: Circuit) -> np.ndarray:
        k = next(order)
        angles = torch.zeros(0, dtype=torch.float64)
        if not circuit.observables:
            return np.zeros(0)
        return on_device(circuit, angles, device=device, shots=shots[k], seed=(seed, k))[0].numpy()

    return run


def summarise(request: Request, settings: CutSettings, rows: list[Row]) -> dict[str, Any]:
    """Return the numbers, and how many predicted errors the values with shots are off."""
    about = {key: rows[0][key] for key in ("pieces", "cuts", "overhead", "overhead_bound", "sub_circuits", "shots")}
    return {
        "cut": {
            **about,
            "largest_difference_exactly": max(abs(r["joined"] - r["uncut"]) for r in rows),
            "largest_error_in_predicted": max(abs(r["with_shots"] - r["uncut"]) / r["predicted_error"] for r in rows),
            "observables": {
                r["observable"]: {k: r[k] for k in ("uncut", "with_shots", "predicted_error")} for r in rows
            },
        },
        "peers": request.folder.rows(PEERS),
    }


def draw(request: Request, settings: CutSettings, rows: list[Row], found: dict[str, Any]) -> None:
    """Write the rows, and the values with their error bars beside those of the uncut circuit."""
    write_csv(request.folder.path / "cut.csv", rows)
    cut_png(rows, request.folder.path / "cut.png")


def cut_png(rows: list[Row], path: Path) -> None:
    """Draw values with shots, two predicted errors up and down, and those of the uncut circuit."""
    with canvas(path, (7.0, 4.0)) as figure:
        axes, x = figure.subplots(), np.arange(len(rows))
        axes.bar(x, [r["uncut"] for r in rows], 0.5, color=LIGHT["track"], label="uncut, exact")
        values, errors = [r["with_shots"] for r in rows], [2 * r["predicted_error"] for r in rows]
        axes.errorbar(
            x, values, errors, fmt="o", color=LIGHT["test"], capsize=4, label="by cuts, with shots (two errors)"
        )
        axes.axhline(0, color=LIGHT["rule"], linewidth=1)
        axes.set_xticks(x, [r["observable"] for r in rows])
        axes.set_ylabel("expectation value")
        axes.legend(frameon=False)


def tell(request: Request, settings: CutSettings, rows: list[Row], found: dict[str, Any]) -> str:
    """Return the page."""
    first, numbers = rows[0], found["cut"]
    head = ("", "uncut, exact", "by cuts, exact", "by cuts, with shots", "predicted error")
    lines = [
        (
            r["observable"],
            *(f"{r[key]:+.5f}" for key in ("uncut", "joined", "with_shots")),
            f"{r['predicted_error']:.5f}",
        )
        for r in rows
    ]
    title = f"# A circuit of {settings.qubits} qubits on devices of {settings.width}"
    words = (WHAT.format(**first, device=settings.device), table(head, lines, words=1), HOW_FAR.format(**numbers))
    return "\n\n".join((title, *words, "![values](cut.png)", *_beside(settings, found["peers"])))


def _beside(settings: CutSettings, peers: list[Row]) -> Iterator[str]:
    """Yield the parts of the page that are about other libraries."""
    yield BESIDE.format(qubits=settings.peer_qubits, shots=settings.peer_shots, seeds=settings.peer_seeds)
    head = ("circuit", "library", "cut", "circuits", "overhead", "build", "run", "put together", "exactly", "error")
    yield table(head, (_peer_line(row) for row in peers), words=3)
    if not any(row["library"] == "qiskit" for row in peers):
        yield f"qiskit-addon-cutting was not installed; `{install('cutting')}` adds its rows."


def _peer_line(row: Row) -> tuple[str, ...]:
    seconds = (f"{1000 * row[key]:.3g} ms" if row[key] < 1 else f"{row[key]:.1f} s" for key in SECONDS)
    numbers = f"{row['circuits']}", f"{row['overhead']:g}", *seconds
    return (
        row["circuit"],
        WORDS[row["library"]],
        row["cut"],
        *numbers,
        f"{row['error_exactly']:.0e}",
        f"{row['error']:.4f}",
    )


STUDY = Study(settings_of, run, summarise, draw, tell)
