"""PennyLane runs a circuit: on any of its devices, with finite shots and noise.

The shapes are those of the exact engine (`qfl.quantum.exact`), and so are the numbers where there are no shots and no
noise. ``default.qubit`` and ``default.mixed`` run all samples of a client in one broadcast execution and differentiate
by backpropagation; every other device gets one batch of unbroadcast circuits (one job on hardware; ``lightning.qubit``
cannot broadcast amplitude embedding) and PennyLane's best gradient for it: adjoint, or parameter shifts.

PennyLane takes seconds to import, so it is imported where it is used.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PennyLane has no type stubs)

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from qfl.errors import ConfigError, InputError
from qfl.quantum.circuit import Circuit
from qfl.quantum.device_list import is_simulator, open_device
from qfl.quantum.mitigation import Mitigation, mitigate
from qfl.quantum.noise import Noise, NoiseModel
from qfl.quantum.own_noise import PennyLaneNoise
from qfl.quantum.pennylane_program import measure_density, measure_words, queue_gates, words_of_density
from qfl.quantum.retries import retried
from qfl.quantum.samples import Array, circuit_arguments, real_tensor, unit_samples
from qfl.quantum.shot_count import beside_the_plain_one, counting
from qfl.seeds import stream

SIMULATORS = ("default.qubit", "default.mixed")  # these broadcast and backpropagate
GRAPH_BYTES = 1 << 30  # a larger autograd graph is recomputed in the backward pass, piece by piece

Seed = int | tuple[int, ...]


def expectations(
    circuit: Circuit,
    angles: Array,
    inputs: Array | None = None,
    *,
    device: str = "default.qubit",
    shots: int | None = None,
    noise: Noise | None = None,
    seed: Seed = 0,
    mitigation: Mitigation | None = None,
) -> Float[Tensor, "*client sample observable"]:
    """Return the expectation values of the circuit's Z words; a pure function, shots included.

    Args:
        circuit: What to run.
        angles: One vector [angle], or one per client; clients run one after the other. Whole numbers are taken as
            floats, as are those of ``inputs``.
        inputs: Samples [sample feature], or samples of each client; None runs one sample of a circuit without features.
        device: PennyLane's name of the device. Options that a plugin needs come from PennyLane's configuration file.
        shots: Shots per expectation value; None, and 0, are exact.
        noise: Noise after gates and before measurement; it needs a device of `SIMULATORS` and runs on
            ``default.mixed``, whose time and memory grow as 4^qubits.
        seed: The seed of the shots, or a seed and a path such as ``(seed, client, round)``. Hardware has its own.
        mitigation: Errors that are undone, by further circuits whose shots are extra (`qfl.quantum.shot_count`).

    Returns:
        Values in [-1, 1] in the precision of ``angles``, with gradients. In double precision too, PennyLane's
        ``default.mixed`` rounds the factors of diagonal gates, and ``lightning.qubit`` its values, to single: 1e-8 off.

    Raises:
        ConfigError: If the device cannot be used here, or cannot run noise.
        InputError: If a length does not fit the circuit, a feature is not finite, or a sample to be amplitude-encoded
            is all zeros.

    Example:
        >>> from qfl.quantum.circuit import Angle, Gate
        >>> circuit = Circuit(1, (Gate("RY", (0,), (Angle(0),)),), ((0,),))
        >>> round(float(expectations(circuit, torch.tensor([torch.pi / 3]))), 6)
        0.5
    """
    if mitigation:
        order, path = count(), _path(seed)

        def run_one(each: Circuit) -> Tensor:
            number = next(order)
            with beside_the_plain_one(number > 0):
                own = (*path, number)
                return expectations(each, angles, inputs, device=device, shots=shots, noise=noise, seed=own)

        return mitigate(run_one, circuit, mitigation)
    angles, inputs = circuit_arguments(circuit, angles, inputs)
    if circuit.amplitudes:
        unit_samples(inputs.double())  # said before a device is opened, and of which client
    shape = (*inputs.shape[:-1], len(circuit.observables))
    if 0 in shape:
        return angles.new_zeros(shape) + 0 * angles.sum()  # empty, with a gradient
    run = qnode(circuit, device, shots, noise, seed)
    stacked = angles.ndim == 2
    if not stacked:
        angles, inputs = angles[None], inputs[None]
    values = _client_by_client(run, angles, inputs, _sample_bytes(circuit, device, shots, noise))
    return values if stacked else values[0]


def on_device(
    device: str = "default.qubit",
    shots: int | None = None,
    noise: Noise | None = None,
    seed: Seed = 0,
    mitigation: Mitigation | None = None,
) -> Callable[[Circuit, Tensor, Tensor], Tensor]:
    """Return `expectations` bound to one client's device: every call, such as a gradient step, draws new shots.

    The same sequence of calls gives the same values.

    Args:
        device: PennyLane's name of the device.
        shots: Shots of a circuit; 0 for exact values.
        noise: Noise of every gate and of the readout; None for none.
        seed: What the shots are drawn from: a number, or a path such as (seed, client, round).
        mitigation: Errors that are undone; None for none.

    Example:
        >>> from qfl.quantum.circuit import Gate
        >>> circuit = Circuit(1, (Gate("H", (0,)),), ((0,),))
        >>> execute = on_device(shots=1000, seed=(1, 7, 3))
        >>> samples = torch.zeros(1, 0)
        >>> bool(execute(circuit, torch.zeros(0), samples) == execute(circuit, torch.zeros(0), samples))
        False
    """
    calls, path = count(), _path(seed)
    run = partial(expectations, device=device, shots=shots, noise=noise, mitigation=mitigation)

    def execute(circuit: Circuit, angles: Tensor, inputs: Tensor) -> Tensor:
        return run(circuit, angles, inputs, seed=(*path, next(calls)))

    return execute


def qnode(
    circuit: Circuit,
    device: str = "default.qubit",
    shots: int | None = None,
    noise: Noise | None = None,
    seed: Seed = 0,
) -> Callable[[Array, Array], Tensor]:
    """Return a function of angles [angle] and inputs [feature] or [sample feature] that runs the circuit.

    Errors are those of `expectations`; each call draws new shots.

    Args:
        circuit: What to run.
        device: PennyLane's name of the device.
        shots: Shots of a circuit; 0 for exact values.
        noise: Noise of every gate and of the readout; None for none.
        seed: What the shots are drawn from: a number, or a path such as (seed, client, round).

    Returns:
        The function; its values are [observable] or [sample observable], with torch gradients.

    Example:
        >>> from qfl.quantum.circuit import Feature, Gate
        >>> run = qnode(Circuit(1, (Gate("RX", (0,), (Feature(0, 2.0),)),), ((0,),), num_features=1))
        >>> round(float(run(torch.zeros(0), torch.tensor([torch.pi / 6]))), 6)
        0.5
    """
    import pennylane as qp
    from pennylane.transforms import broadcast_expand

    if noise and device not in SIMULATORS:
        raise ConfigError(f'noise needs device.name = "default.mixed", not {device!r}; drop the noise or the device')
    name = "default.mixed" if noise else device
    backend = open_device(name, circuit.num_qubits, _device_seed(seed) if shots else None)
    backend = counting(backend) if shots else backend
    reads = isinstance(noise, PennyLaneNoise) and noise.reads  # noise of a measurement is of the one that is asked for
    whole, simulated = name == "default.mixed" and not shots and not reads, is_simulator(name)

    def program(angles: Tensor, inputs: Tensor) -> list[Any]:
        precision = inputs.dtype if name in SIMULATORS else torch.float64
        queue_gates(circuit, noise or NoiseModel(), angles, inputs, precision)
        return measure_density(circuit) if whole else measure_words(circuit)

    node: Any = qp.QNode(program, backend, interface="torch", shots=shots or None)
    if isinstance(noise, PennyLaneNoise):
        node = qp.add_noise(node, noise.model)
    one_by_one: Any = broadcast_expand(node)

    def run(angles: Array, inputs: Array) -> Tensor:
        given = real_tensor("inputs", inputs)
        if given.ndim == 1:
            return run(angles, given[None])[0]
        angles, inputs = circuit_arguments(circuit, angles, given)
        if angles.ndim != 1:
            raise InputError(f"angles: expected one vector [angle], not {angles.ndim} axes {tuple(angles.shape)}")
        if circuit.amplitudes and inputs.requires_grad and (shots or name not in SIMULATORS):
            raise ValueError(f"amplitudes have no gradient on {name!r} with {shots} shots; use an exact simulator")
        # shots need parameter shifts, and those cannot shift a broadcast parameter
        broadcast = name in SIMULATORS and not (shots and inputs.requires_grad)
        chosen = node if broadcast else one_by_one
        values = chosen(angles, inputs) if simulated else retried(partial(chosen, angles, inputs), backend)
        if whole:
            values = words_of_density(circuit, *values)
        # a circuit that ignores its inputs gives one value for all samples
        return torch.stack([value.to(angles.dtype).expand(len(inputs)) for value in values], dim=-1)

    return run


def _path(seed: Seed) -> tuple[int, ...]:
    return seed if isinstance(seed, tuple) else (seed,)


def _device_seed(seed: Seed) -> int:
    first, *rest = _path(seed)
    return int(stream(first, "shots", *rest).integers(2**62))


def _sample_bytes(circuit: Circuit, device: str, shots: int | None, noise: Noise | None) -> int:
    """Return about what one sample's autograd graph takes: backpropagation keeps some four copies per operation."""
    if shots or device not in SIMULATORS:
        return 0
    operations = len((noise or NoiseModel()).steps(circuit))
    mixed = bool(noise) or device == "default.mixed"
    return 4 * 16 * operations * 2 ** (circuit.num_qubits * (1 + mixed))


def _client_by_client(
    run: Callable[[Tensor, Tensor], Tensor], angles: Tensor, inputs: Tensor, sample_bytes: int
) -> Tensor:
    if inputs.shape[:2].numel() * sample_bytes <= GRAPH_BYTES:
        return torch.stack([run(own, samples) for own, samples in zip(angles, inputs, strict=True)])
    again = partial(checkpoint, run, use_reentrant=False, preserve_rng_state=False)
    size = max(1, GRAPH_BYTES // sample_bytes)
    rows = [[again(own, piece) for piece in samples.split(size)] for own, samples in zip(angles, inputs, strict=True)]
    return torch.stack([torch.cat(row) for row in rows])  # type: ignore[arg-type]
