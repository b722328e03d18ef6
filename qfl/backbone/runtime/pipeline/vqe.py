r"""The variational eigensolver on a diagonal Hamiltonian: layers of RY and a ring of CZ, trained, then measured.

.. math:: \min_\theta \langle \psi(\theta) | H | \psi(\theta) \rangle

All amplitudes are real, so the state is one real vector, and the energy its squares times the table of energies, with
gradients by torch. Trained from a small random start by Adam; the best of the measured states counts.

Reference:
    Peruzzo et al., A variational eigenvalue solver on a photonic quantum processor, Nat. Commun. 5, 4213 (2014);
    Kandala et al., Hardware-efficient variational quantum eigensolver, Nature 549, 242 (2017), for the form of layers.
"""

from typing import Any

import dimod
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from qfl.errors import ConfigError
from qfl.scheduling.solvers.qaoa import SAMPLES
from qfl.scheduling.solvers.qubit_qaoa import state_rewards
from qfl.seeds import stream

MOST_QUBITS = 14
STEPS, LEARNING_RATE = 80, 0.15


class QubitVQE(dimod.Sampler):
    """Draw from the trained state of a hardware-efficient circuit, one qubit for each variable.

    Example:
        >>> float(QubitVQE().sample_ising({"a": 1.0}, {("a", "b"): -1.0}).first.energy)
        -2.0
    """

    @property
    def properties(self) -> dict[str, Any]:
        """What this sampler is."""
        return {"most_variables": MOST_QUBITS}

    @property
    def parameters(self) -> dict[str, Any]:
        """What `sample` takes."""
        return {"num_reads": [], "layers": [], "steps": [], "seed": []}

    def sample(self, bqm: dimod.BinaryQuadraticModel, **parameters: Any) -> dimod.SampleSet:
        """Return the draws with their energies.

        Args:
            bqm: The model.
            parameters: ``num_reads``: shots (64); ``layers``: depth (2); ``steps`` of Adam (80); ``seed`` (0). Others
                are dropped with dimod's warning.

        Raises:
            ConfigError: If the model has more than `MOST_QUBITS` variables.
        """
        known: dict[str, Any] = self.remove_unknown_kwargs(**parameters)  # pyright: ignore[reportUnknownMemberType]
        return self._sample(bqm, **known)

    def _sample(
        self, bqm: dimod.BinaryQuadraticModel, num_reads: int = 64, layers: int = 2, steps: int = STEPS, seed: int = 0
    ) -> dimod.SampleSet:
        count = bqm.num_variables
        if count > MOST_QUBITS:
            raise ConfigError(f"the model has {count} variables and VQE takes {MOST_QUBITS}; give smaller blocks")
        if not count:
            return SAMPLES.from_samples([], bqm.vartype, energy=[])
        energy, draw = torch.from_numpy(-state_rewards(bqm).reshape(-1)), stream(seed, "vqe")
        angles = trained(energy, count, layers, steps, draw)
        chances = state(angles).square().numpy()
        drawn = draw.choice(len(chances), num_reads, p=chances / chances.sum())
        bits = np.array(np.unravel_index(drawn, (2,) * count)).T
        values = np.where(bits == 1, 1, -1 if bqm.vartype is dimod.SPIN else 0).astype(np.int8)
        return SAMPLES.from_samples_bqm((values, list(bqm.variables)), bqm).aggregate()


def trained(
    energy: Float[Tensor, " state"], qubits: int, layers: int, steps: int, draw: np.random.Generator
) -> Float[Tensor, "layer qubit"]:
    """Return the angles after training.

    Args:
        energy: Of every state.
        qubits: How many.
        layers: Rings of CZ; one more layer of rotations follows.
        steps: Of Adam.
        draw: Of the start.
    """
    begin = draw.uniform(-0.1, 0.1, (layers + 1, qubits))
    begin[0] += np.pi / 2  # about the even superposition
    angles = torch.tensor(begin, requires_grad=True)
    optimiser = torch.optim.Adam([angles], LEARNING_RATE)
    size = energy.std().clamp(min=1e-12)
    for _ in range(steps):
        optimiser.zero_grad()
        (state(angles).square() @ energy / size).backward()
        optimiser.step()
    return angles.detach()


def state(angles: Float[Tensor, "layer qubit"]) -> Float[Tensor, " state"]:
    """Return the amplitudes, qubit 0 the most significant: RY on all, then for every further layer a ring of CZ and RY.

    Example:
        >>> state(torch.tensor([[torch.pi / 2]], dtype=torch.float64)).round(decimals=3)
        tensor([0.7070, 0.7070], dtype=torch.float64)
    """
    layers, qubits = angles.shape
    half = angles / 2
    psi = torch.ones(1, dtype=angles.dtype)
    for qubit in range(qubits):
        psi = torch.outer(psi, torch.stack([half[0, qubit].cos(), half[0, qubit].sin()])).flatten()
    ring = _ring(qubits, angles.dtype)
    for layer in range(1, layers):
        psi = psi * ring
        for qubit in range(qubits):
            c, s = half[layer, qubit].cos(), half[layer, qubit].sin()
            low, high = psi.view(2**qubit, 2, -1).unbind(1)
            psi = torch.stack([c * low - s * high, s * low + c * high], 1).flatten()
    return psi


def _ring(qubits: int, dtype: torch.dtype) -> Float[Tensor, " state"]:
    """Return the signs of a ring of CZ; of two qubits it is one."""
    index = np.arange(2**qubits)
    bits = (index[:, None] >> np.arange(qubits)[::-1]) & 1
    pairs = range(qubits if qubits > 2 else qubits - 1)
    both = sum(bits[:, q] & bits[:, (q + 1) % qubits] for q in pairs) + np.zeros(len(index), int)
    return torch.from_numpy(1.0 - 2.0 * (both % 2)).to(dtype)
