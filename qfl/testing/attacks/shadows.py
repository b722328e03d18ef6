"""Shadow federations, all trained at once: each on a random half of a pool that its clients share out."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from qfl.models.model import Model
from qfl.seeds import stream


@dataclass(frozen=True, eq=False)
class Shadows:
    """What is trained.

    Args:
        model: A classifier.
        inputs: The pool.
        labels: Of the pool.
        federations: How many.
        clients: Of each; each holds an equal share of the federation's half.
        rounds: Of FedAvg, all clients in each.
        steps: Local steps of Adam, each on all of a client's samples.
        rate: Its step size.
    """

    model: Model
    inputs: Float[np.ndarray, "sample feature"]
    labels: Int[np.ndarray, " sample"]
    federations: int
    clients: int
    rounds: int
    steps: int
    rate: float

    def shares(self, seed: int) -> Int[np.ndarray, "federation client held"]:
        """Return who holds which samples of the pool: of every federation a half, drawn for itself."""
        held = len(self.labels) // 2 // self.clients
        drawn = [
            stream(seed, "shadow", number).permutation(len(self.labels))[: held * self.clients]
            for number in range(self.federations)
        ]
        return np.stack(drawn).reshape(self.federations, self.clients, held)


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of it.

    Args:
        final: Each federation's angles after the last round, [federation angle].
        broadcast: Those that the last round began with, [federation angle].
        sent: What each client sent in the last round, [federation client angle].
        members: Which federation trained on which sample, [federation sample].
        holder: The client that holds the sample; where nobody does, one drawn by chance, [federation sample].
    """

    final: NDArray[np.float64]
    broadcast: NDArray[np.float64]
    sent: NDArray[np.float64]
    members: Bool[np.ndarray, "federation sample"]
    holder: Int[np.ndarray, "federation sample"]


def train_shadows(shadows: Shadows, seed: int) -> Trained:
    """Return all federations after their rounds; clients of all of them are one batch of the engine.

    Args:
        shadows: What is trained.
        seed: Of halves and initial angles; all federations begin alike, as an attacker who saw the broadcast would.
    """
    shares = shadows.shares(seed)
    batch = shares.reshape(-1, shares.shape[-1])
    inputs, labels = torch.from_numpy(shadows.inputs[batch]).float(), torch.from_numpy(shadows.labels[batch])
    start = torch.from_numpy(shadows.model.initial(seed)).float()
    broadcast = final = start.repeat(shadows.federations, 1)
    sent = final[:, None].repeat(1, shadows.clients, 1)
    for _ in range(shadows.rounds):
        broadcast = final
        sent = _local(shadows, broadcast, inputs, labels).unflatten(0, (shadows.federations, shadows.clients))
        final = sent.mean(1)
    members, holder = _places(shadows, shares, seed)
    last, begun, given = (each.double().numpy() for each in (final, broadcast, sent))
    return Trained(last, begun, given, members, holder)


def _local(shadows: Shadows, broadcast: torch.Tensor, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the angles of all clients of all federations after their steps, [federation*client angle]."""
    angles = broadcast.repeat_interleave(shadows.clients, 0).requires_grad_()
    adam = torch.optim.Adam([angles], lr=shadows.rate)
    for _ in range(shadows.steps):
        logits = shadows.model.logits(angles, inputs)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
        (angles.grad,) = torch.autograd.grad(loss / labels.shape[1], angles)
        adam.step()
    return angles.detach()


def _places(
    shadows: Shadows, shares: NDArray[np.int64], seed: int
) -> tuple[Bool[np.ndarray, "federation sample"], Int[np.ndarray, "federation sample"]]:
    members = np.zeros((shadows.federations, len(shadows.labels)), dtype=bool)
    holder = stream(seed, "holder").integers(shadows.clients, size=members.shape)
    for number, federation in enumerate(shares):
        for client, held in enumerate(federation):
            members[number, held], holder[number, held] = True, client
    return members, holder
