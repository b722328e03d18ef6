"""``qfl bench vqc``: one gradient step of 200 quantum clients, beside its peers in their best settings.

The circuit: 8 qubits, angle encoding, 4 strongly entangling layers, 8 Z expectation values; 200 clients, each with its
own angles and a batch of 32; one scalar loss per client (the mean square of its outputs), and its gradient with respect
to the client's angles. All contestants run in the same process with the same threads, batch and precision (float32
angles, complex64 amplitudes) and take turns. The gradients are compared in double precision.

With the extra ``peers`` two more compile the whole step with XLA: PennyLane on JAX and TensorCircuit-NG. ``first_s`` is
the first step, compiling included; the ratio that counts is the one to the fastest, whichever that is here.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Circuit
from qfl.quantum.exact import expectations
from qfl.seeds import stream
from qfl.studies.bench.jax_peers import compiled_peers
from qfl.studies.bench.measure import ratio, summary, take_turns
from qfl.studies.bench.peak import peak_flops, step_flops
from qfl.studies.bench.pennylane_peers import broadcasting, torch_layer_loop

Step = Callable[[Tensor, Tensor], Tensor]


def bench_vqc(
    num_qubits: int = 8,
    num_layers: int = 4,
    clients: int = 200,
    batch: int = 32,
    repeats: int = 5,
    threads: int = 2,
    encoding: str = "angle",
) -> dict[str, Any]:
    """Return seconds of each contestant, ratios, the greatest difference between gradients, and the share of the peak.

    Args:
        num_qubits: Qubits, and features of a sample (2^qubits with amplitude encoding).
        num_layers: Strongly entangling layers.
        clients: Clients with their own angles.
        batch: Samples per client.
        repeats: Timed repeats of each contestant.
        threads: torch threads, for everybody.
        encoding: ``angle`` or ``amplitude``.
    """
    torch.set_num_threads(threads)
    features = num_qubits if encoding == "angle" else 2**num_qubits
    circuit = classifier(encoding, "strongly_entangling", num_qubits, num_layers, features, num_qubits)
    steps: dict[str, Step] = {
        "exact": exact_step(circuit),
        "pennylane_loop": torch_layer_loop(circuit),
        "pennylane_broadcast": broadcasting(circuit),
        **(compiled_peers(circuit) if encoding == "angle" else {}),
    }
    single = _draw(circuit, clients, batch, torch.float32)
    compiling = {name: _seconds(lambda step=step: step(*single)) for name, step in steps.items()}
    seconds = take_turns({name: lambda step=step: step(*single) for name, step in steps.items()}, repeats)
    double = _draw(circuit, clients, batch, torch.float64)
    gradients = [step(*double) for step in steps.values()]
    peers = [name for name in steps if name != "exact"]
    fastest = min(peers, key=lambda name: summary(seconds[name])["median_s"])
    peak = peak_flops(threads)
    return {
        "ratio_fastest_peer": ratio(seconds[fastest], seconds["exact"]),
        "fastest_peer": fastest,
        "ratio_loop": ratio(seconds["pennylane_loop"], seconds["exact"]),
        "ratio_broadcast": ratio(seconds["pennylane_broadcast"], seconds["exact"]),
        "max_abs_grad_diff": max(float((gradients[0] - other).abs().max()) for other in gradients[1:]),
        **_fraction(circuit, clients, batch, peak, summary(seconds["exact"])["median_s"]),
        **{name: summary(values) | {"first_s": compiling[name]} for name, values in seconds.items()},
        "setting": {
            "qubits": num_qubits,
            "layers": num_layers,
            "clients": clients,
            "batch": batch,
            "encoding": encoding,
            "threads": threads,
            "repeats": repeats,
            "precision": "float32, complex64",
        },
    }


def _fraction(circuit: Circuit, clients: int, batch: int, peak: float, step_s: float) -> dict[str, float | None]:
    """Return the peak, and the share of it that a step's products reach; None where the engine runs unitaries."""
    by_state = not circuit.amplitudes and batch <= 2**circuit.num_qubits
    share = step_flops(circuit, clients, batch) / step_s / peak if by_state else None
    return {"peak_gflops": peak / 1e9, "peak_fraction": share}


def _seconds(run: Callable[[], Tensor]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def exact_step(circuit: Circuit) -> Step:
    """Return one gradient step of all clients on the exact engine: (angles, inputs) -> gradients, [client angle]."""

    def step(angles: Tensor, inputs: Tensor) -> Tensor:
        angles = angles.detach().requires_grad_()
        loss = expectations(circuit, angles, inputs).square().mean((1, 2)).sum()
        return torch.autograd.grad(loss, angles)[0]

    return step


def _draw(circuit: Circuit, clients: int, batch: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    generator = stream(0, "bench-vqc")
    angles = generator.uniform(-np.pi, np.pi, (clients, circuit.num_angles))
    inputs = generator.uniform(0.0, 1.0, (clients, batch, circuit.num_features))
    return torch.from_numpy(angles).to(dtype), torch.from_numpy(inputs).to(dtype)
