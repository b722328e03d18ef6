r"""One-hot QAOA as a circuit of qubits, on any PennyLane device, with shots and noise.

A qubit stands for one option of one device. The cost is a phase for each option and a controlled phase for each pair of
options. The mixer comes in two kinds, and they differ:

- ``ideal``: :math:`e^{-i\beta(J-1)}`, the XY mixer on the complete graph, exactly. J has rank one, J = M |W><W|, so it
  is a phase on one qubit between two chains of M - 1 Givens rotations, which make W and undo it (on one-hot states).
- ``trotter``: its product formula, :math:`e^{-i\beta(XX + YY)/2n}` pair by pair, n times. One step of it is a mixer in
  its own right, whose fidelity to the ideal one falls with the number of options.

Without noise both keep one-hot states. With noise, shots that are not one-hot are dropped and counted.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# PennyLane has no types, and the models of dimod have them in part

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import dimod
import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.quantum.device_list import open_device
from qfl.quantum.noise import NoiseModel
from qfl.quantum.qaoa_angles import QaoaAngles, choose_angles
from qfl.scheduling.solvers.qaoa import SAMPLES, choice_rewards, dqm_samples, variable_names
from qfl.seeds import stream

MIXERS = ("ideal", "trotter")
Registers = list[range]  # the wires of each device


@dataclass(frozen=True)
class PennyLaneQAOA:
    """Draw from one-hot QAOA run on qubits; it takes the models of `OneHotQAOA`.

    Args:
        device: PennyLane's name of the device.
        mixer: ``ideal`` or ``trotter``.
        trotter_steps: Steps n of the product formula.
        noise: After every gate on each of its wires, and before measurement; runs on ``default.mixed``.

    Raises:
        ConfigError: If the mixer is unknown, or noise is asked of a device other than ``default.mixed``.

    Example:
        >>> dqm = dimod.DiscreteQuadraticModel()
        >>> _ = dqm.add_variable(2, "a")
        >>> dqm.set_linear("a", [1.0, 0.0])
        >>> PennyLaneQAOA().sample_dqm(dqm, angles="optimised").first.sample
        {'a': np.int64(1)}
    """

    device: str = "default.qubit"
    mixer: str = "ideal"
    trotter_steps: int = 1
    noise: NoiseModel = field(default_factory=NoiseModel)

    def __post_init__(self):
        if self.mixer not in MIXERS or self.trotter_steps < 1:
            raise ConfigError(
                f"mixer {self.mixer!r} with {self.trotter_steps} steps; use one of {', '.join(MIXERS)} with 1 or more"
            )
        if self.noise and self.device != "default.mixed":
            raise ConfigError(f'noise needs device "default.mixed", not {self.device!r}; drop the noise or the device')

    @property
    def properties(self) -> Mapping[str, Any]:
        """What this sampler is."""
        return {"device": self.device, "mixer": self.mixer, "trotter_steps": self.trotter_steps}

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What `sample_dqm` takes."""
        return {"num_reads": [], "layers": [], "angles": [], "seed": []}

    def sample_dqm(
        self,
        dqm: dimod.DiscreteQuadraticModel,
        *,
        num_reads: int = 64,
        layers: int = 3,
        angles: QaoaAngles | str = "fixed",
        seed: int = 0,
    ) -> dimod.SampleSet:
        """Return the one-hot shots with their energies; ``info["not_one_hot"]`` counts the others.

        Arguments and errors are those of `OneHotQAOA.sample_dqm`; hardware has its own seed.

        Args:
            dqm: The model; its energy is minus the reward.
            num_reads: Shots, 1 or more.
            layers: Depth p.
            angles: ``fixed``, ``optimised`` for this model, or the angles themselves.
            seed: Same seed, same shots; hardware has its own.
        """
        import pennylane as qp

        if not dqm.num_variables():
            return SAMPLES.from_samples([], "DISCRETE", energy=[])
        ramp = choose_angles(choice_rewards(dqm), layers, angles)
        wires = registers(dqm)
        backend = open_device(self.device, wires[-1].stop, int(stream(seed, "pennylane-qaoa").integers(2**62)))

        def program() -> Any:
            self._queue(dqm, ramp)
            return qp.sample(wires=range(wires[-1].stop))

        bits = np.asarray(qp.QNode(program, backend, shots=num_reads, diff_method=None)()).reshape(num_reads, -1)
        groups = [bits[:, own.start : own.stop] for own in wires]
        valid = np.all([group.sum(axis=1) == 1 for group in groups], axis=0)
        drawn = np.stack([group[valid].argmax(axis=1) for group in groups], axis=1)
        return dqm_samples(dqm, drawn, gammas=ramp.gammas, betas=ramp.betas, not_one_hot=int(np.sum(~valid)))

    def state(self, dqm: dimod.DiscreteQuadraticModel, ramp: QaoaAngles) -> Complex128[ndarray, " state"]:
        """Return the amplitudes of all 2^qubits states, up to a global phase; the first wire is the leading bit."""
        import pennylane as qp

        def program() -> Any:
            self._queue(dqm, ramp)
            return qp.state()

        backend = open_device(self.device, registers(dqm)[-1].stop)
        return np.asarray(qp.QNode(program, backend, diff_method=None)(), dtype=np.complex128)

    def _queue(self, dqm: dimod.DiscreteQuadraticModel, ramp: QaoaAngles) -> None:
        import pennylane as qp

        with qp.QueuingManager.stop_recording():
            gates = list(self.gates(dqm, ramp))
        for gate in gates:
            qp.apply(gate)
            for wire in gate.wires if self.noise.depolarising else ():
                qp.DepolarizingChannel(self.noise.depolarising, wires=wire)
        for wire in range(registers(dqm)[-1].stop) if self.noise.readout else ():
            qp.BitFlip(self.noise.readout, wires=wire)

    def gates(self, dqm: dimod.DiscreteQuadraticModel, ramp: QaoaAngles) -> Iterator[Any]:
        """Yield the gates: the even superposition, then cost and mixer of every layer."""
        import pennylane as qp

        wires, steps, spread = registers(dqm), self.trotter_steps, float(np.std(choice_rewards(dqm))) or 1.0
        for own in wires:
            yield qp.X(own.start)
            yield from even_superposition(own)
        for gamma, beta in zip(*ramp, strict=True):
            yield from cost(dqm, wires, gamma / spread)
            for own in wires:
                yield from ideal_mixer(own, beta) if self.mixer == "ideal" else trotter_mixer(own, beta, steps)


def registers(dqm: dimod.DiscreteQuadraticModel) -> Registers:
    """Return the wires of each variable, one per case."""
    stops = np.cumsum([dqm.num_cases(name) for name in variable_names(dqm)]).tolist()
    return [range(start, stop) for start, stop in zip([0, *stops], stops, strict=False)]


def even_superposition(own: Sequence[int]) -> Iterator[Any]:
    """Yield the Givens rotations that take the first of the one-hot states to W."""
    import pennylane as qp

    for wire, angle in zip(own, _givens(len(own)), strict=False):
        yield qp.SingleExcitation(-angle, wires=(wire, wire + 1))


def ideal_mixer(own: Sequence[int], beta: float) -> Iterator[Any]:
    r"""Yield :math:`e^{-i\beta J} = W e^{-i \beta M |1><1|} W^\dagger`, with the phase on the first wire."""
    import pennylane as qp

    for wire, angle in reversed(list(zip(own, _givens(len(own)), strict=False))):
        yield qp.SingleExcitation(angle, wires=(wire, wire + 1))
    yield qp.PhaseShift(-beta * len(own), wires=own[0])
    yield from even_superposition(own)


def trotter_mixer(own: Sequence[int], beta: float, steps: int) -> Iterator[Any]:
    """Yield the product formula of the XY mixer on the complete graph.

    Args:
        own: The wires of one variable.
        beta: Angle in rad.
        steps: Steps n, 1 or more.
    """
    import pennylane as qp

    for _ in range(steps):
        for pair in combinations(own, 2):
            # IsingXY(phi) = exp(i phi (XX + YY) / 4)
            yield qp.IsingXY(-2 * beta / steps, wires=pair)


def _givens(options: int) -> Float64[ndarray, " rotation"]:
    """Return the angles that leave an even share behind at each of the first options - 1 wires."""
    left = np.arange(options, 1, -1)
    return 2 * np.arccos(1 / np.sqrt(left))


def cost(dqm: dimod.DiscreteQuadraticModel, wires: Registers, gamma: float) -> Iterator[Any]:
    """Yield exp(i gamma energy), up to a global phase, on one-hot states.

    Args:
        dqm: The model.
        wires: The wires of each variable, one for each case.
        gamma: Angle in rad for each unit of energy.
    """
    import pennylane as qp

    names = variable_names(dqm)
    for name, own in zip(names, wires, strict=True):
        for wire, bias in zip(own, dqm.get_linear(name), strict=True):
            yield qp.PhaseShift(gamma * float(bias), wires=wire)
    for (a, first), (b, second) in combinations(enumerate(names), 2):
        if second in dqm.adj[first]:
            for (i, j), bias in dqm.get_quadratic(first, second).items():
                yield qp.ControlledPhaseShift(gamma * float(bias), wires=(wires[a][i], wires[b][j]))
