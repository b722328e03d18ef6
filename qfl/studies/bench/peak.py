"""How near to this machine's peak a gradient step runs: its matrix products, beside one large one in the same run.

A step of the exact engine is a chain of products (`qfl.quantum.program`): a block of F basis states meets a state of
2^n amplitudes for every sample, 8 F 2^n real operations in complex numbers. The backward pass does three of each: it
undoes the product, carries the gradient back, and collects that of the matrix. Gathers, phases and measurements are not
counted, so the fraction says how much of the time could be saved at most if they cost nothing and products ran at peak.
"""

import time

import torch

from qfl.quantum.circuit import Circuit
from qfl.quantum.program import Constant, Matmul, compile_circuit

SIZE, TURNS = 2048, 5


def peak_flops(threads: int, size: int = SIZE, turns: int = TURNS) -> float:
    """Return real operations per second of the fastest of some square products in single precision.

    Args:
        threads: torch threads.
        size: Rows and columns.
        turns: Products, of which the fastest counts.
    """
    torch.set_num_threads(threads)
    left, right = torch.ones(size, size), torch.ones(size, size)
    seconds: list[float] = []
    for _ in range(turns):
        start = time.perf_counter()
        torch.mm(left, right)
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)


def step_flops(circuit: Circuit, clients: int, samples: int) -> int:
    """Return the real operations of the matrix products in one gradient step, forward and backward.

    Args:
        circuit: Angle-encoded, with no more samples than amplitudes; what the engine runs state by state.
        clients: With angles of their own.
        samples: Of each client.

    Example:
        >>> from qfl.quantum.circuit import Angle, Gate
        >>> gates = (Gate("RX", (0,), (Angle(0),)), Gate("CNOT", (0, 1)), Gate("RX", (1,), (Angle(1),)))
        >>> step_flops(Circuit(2, gates, ((0,),)), clients=1, samples=1)
        512
    """
    program = compile_circuit(circuit)
    fronts = sum(2**each.size for each in program.operations if isinstance(each, Matmul))
    fixed = sum(len(each.matrix) for each in program.operations if isinstance(each, Constant))
    each_amplitude = (4 * fronts + 3 * fixed) * (2 if program.real else 8)
    return clients * samples * 2**circuit.num_qubits * each_amplitude
