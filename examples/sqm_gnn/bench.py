"""``qfl bench star``: a star circuit's value and gradient on the star engine, beside PennyLane's candidates.

The circuit: k = 6 neighbours, 13 qubits, U_MSG and U_UPD of 15 angles each, two encoded features per qubit; <Z> of the
centre and its gradient with respect to all angles and features. Everybody runs in the same process with the same
threads, and all take turns. PennyLane's candidates run one circuit or a batch of 20 that share their angles, whichever
is named; the star engine runs 8 heads of 2,560 stars at once in float32, as a model does. Times are per circuit. The
gradients are compared in double precision.
"""

import os
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qfl.quantum.star_chain import bloch, chain
from qfl.quantum.star_circuit import SQM, expectations, star_circuit
from qfl.seeds import stream
from qfl.studies.bench.measure import summary, take_turns

from .bench_peers import Gradients, peers

HEADS, STARS = 8, 2560
NEIGHBOURS = (6, 12, 19, 39, 79)


def bench_star(k: int = 6, repeats: int = 5, threads: int = 1) -> dict[str, Any]:
    """Return the ratios to PennyLane's fastest candidates, the exponent of the cost in k, and circuits per second.

    ``ratio_pennylane`` is to the fastest of all, ``ratio_gate_by_gate`` to the fastest that runs the circuit as it is.

    Args:
        k: Neighbours of the circuit that PennyLane runs too.
        repeats: Timed repeats of each contestant.
        threads: torch threads, for everybody; ``OMP_NUM_THREADS`` says how many lightning.qubit takes.
    """
    torch.set_num_threads(threads)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    circuit = star_circuit(k)
    candidates = peers(circuit)
    drawn = {count: _draw(circuit.num_angles, count, circuit.num_features) for count in (1, 20)}
    runs = {name: lambda c=count, step=step: step(*drawn[c]) for name, (count, step) in candidates.items()}
    stars_of = {f"star engine k={size}": _problem(size) for size in dict.fromkeys((k, *NEIGHBOURS))}
    seconds = take_turns({**{name: lambda p=p: _gradients(*p) for name, p in stars_of.items()}, **runs}, repeats)
    counts = {**dict.fromkeys(stars_of, HEADS * STARS), **{name: count for name, (count, _) in candidates.items()}}
    each = {name: summary([one / counts[name] for one in values]) for name, values in seconds.items()}
    ranked = sorted(candidates, key=lambda name: each[name]["median_s"])
    by_gates = next(name for name in ranked if "whole blocks" not in name)
    star = {size: each[f"star engine k={size}"]["median_s"] for size in NEIGHBOURS}
    return {
        "ratio_pennylane": each[ranked[0]]["median_s"] / each[f"star engine k={k}"]["median_s"],
        "fastest_pennylane": ranked[0],
        "ratio_gate_by_gate": each[by_gates]["median_s"] / each[f"star engine k={k}"]["median_s"],
        "fastest_gate_by_gate": by_gates,
        "exponent_k": float(np.polyfit(np.log(list(star)), np.log(list(star.values())), 1)[0]),
        "circuits_per_second": {size: 1 / value for size, value in star.items()},
        "max_abs_grad_diff": _difference(circuit, candidates),
        "seconds_per_circuit": each,
        "setting": {
            "k": k,
            "qubits": 2 * k + 1,
            "threads": threads,
            "repeats": repeats,
            "heads": HEADS,
            "stars": STARS,
        },
    }


def _problem(k: int) -> tuple[Tensor, ...]:
    generator = stream(0, "bench-star", k)
    shapes = (HEADS, 30), (HEADS, 2, STARS), (HEADS, 2, k, STARS), (HEADS, 2, k, STARS)
    return tuple(torch.from_numpy(generator.uniform(-np.pi, np.pi, shape)).float() for shape in shapes)


def _gradients(*parts: Tensor) -> tuple[Tensor, ...]:
    """Return the gradient of the sum of all <Z> with respect to angles and features."""
    angles, *encoded = leaves = [part.detach().requires_grad_() for part in parts]
    centre, neighbour, edge = (bloch(angles) for angles in encoded)
    return torch.autograd.grad(chain(SQM.joint(angles), centre, neighbour, edge)[:, 2].sum(), leaves)


def _draw(num_angles: int, samples: int, num_features: int) -> tuple[Tensor, Tensor]:
    generator = stream(0, "bench-star", "circuit")
    angles = generator.uniform(-np.pi, np.pi, num_angles)
    inputs = generator.uniform(-np.pi, np.pi, (samples, num_features))
    return torch.from_numpy(angles).float(), torch.from_numpy(inputs).float()


def _difference(circuit: Any, candidates: dict[str, Any]) -> float:
    """Return the greatest difference of a gradient from that of a PennyLane candidate, in double precision."""
    angles, inputs = (part.double() for part in _draw(circuit.num_angles, 1, circuit.num_features))
    leaves = angles.requires_grad_(), inputs.requires_grad_()
    found: Gradients = torch.autograd.grad(expectations(circuit, *leaves).sum(), leaves)  # type: ignore[assignment]
    steps = [step for name, (_, step) in candidates.items() if "complex64" not in name or "blocks" in name]
    pairs = [zip(found, step(angles, inputs), strict=True) for step in steps]
    return max(float((ours - theirs).abs().max()) for pair in pairs for ours, theirs in pair)
