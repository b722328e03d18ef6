"""What clients do in a round: gradient steps on their own data, many clients in one tensor program.

A list of one client is the sequential case, a list of all of them the vectorised one; the same code runs both, and
every draw depends on the seed, the round and the client alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.models.vqc import Vqc
from qfl.quantum.shot_count import counted
from qfl.seeds import stream
from qfl.surroundings import own_arithmetic
from qfl.tasks.adversarial import hardened
from qfl.tasks.depths import at_depth, client_layers
from qfl.tasks.federation import Federation, Stepped, Task
from qfl.tasks.local_steps import local_rate, local_steps
from qfl.tasks.natural import MetricRequest, preconditioner
from qfl.tasks.personal import personal_entries
from qfl.tasks.proximal import proximal_distance


@dataclass(frozen=True)
class ClientUpdate:
    """What one client made of a broadcast.

    Args:
        client: Partition id.
        angles: The trained vector.
        num_examples: Samples the client holds.
        train_loss: Mean loss over the local steps.
        loss: Loss of the *received* angles on the client's first batch.
        score: Figure of merit of the received angles on the client's first batch; of that batch as it is trained on
            (``train.adversarial``), as the losses are.
        noise: Errors that one run of the circuit meets on average on the client's device (0 for the exact engine).
        personal: Its personal entries after training, in whose place ``angles`` has what was received.
        shots: Shots that its device ran (0 for the exact engine).
        extra_shots: Those among them that are for error mitigation or cuts.
    """

    client: int
    angles: NDArray
    num_examples: int
    train_loss: float
    loss: float
    score: float
    noise: float = 0.0
    personal: NDArray = field(default_factory=lambda: np.zeros(0))
    shots: int = 0
    extra_shots: int = 0


@dataclass(frozen=True, eq=False)
class Guidance:
    """What steers the steps of clients besides their own gradients.

    Args:
        proximal_mu: Weight of FedProx's proximal term.
        correction: What is added to every gradient, [client angle]: SCAFFOLD's control variates.
        metric: In which metric gradients are measured: the quantum natural gradient.
        personal: The personal entries that clients begin with, [client personal] (`qfl.tasks.personal`).
    """

    proximal_mu: float = 0.0
    correction: NDArray | None = None
    metric: MetricRequest | None = None
    personal: NDArray | None = None

    def of(self, *places: int) -> "Guidance":
        """Return the guidance of some of the clients."""
        own = list(places)
        correction, personal = (None if each is None else each[own] for each in (self.correction, self.personal))
        return replace(self, correction=correction, personal=personal)


UNGUIDED = Guidance()


def train_clients(
    federation: Federation,
    received: NDArray,
    round_number: int,
    clients: Sequence[int],
    guidance: Guidance = UNGUIDED,
) -> list[ClientUpdate]:
    """Train clients from the received angles and return their updates, in order.

    Args:
        federation: Data, model and task.
        received: The broadcast angle vector, [angle].
        round_number: From 1.
        clients: Partition ids.
        guidance: What steers their steps besides, in their order.

    On the exact engine all clients train in one batched program; on a PennyLane device, whose noise is the client's
    own, they train one after the other.
    """
    with own_arithmetic():
        if layers := client_layers(federation.settings):
            return _of_depths(federation, np.asarray(received), round_number, clients, layers)
        if federation.settings.engine == "exact":
            return _train(federation, federation.task, received, round_number, clients, guidance)
        return [
            _on_device(federation, received, round_number, client, guidance.of(place))
            for place, client in enumerate(clients)
        ]


def _on_device(
    federation: Federation, received: NDArray, round_number: int, client: int, guidance: Guidance
) -> ClientUpdate:
    """Return the update of one client, trained on its own device, with the shots that this took."""
    with counted() as found:
        task = federation.task_of(client, round_number)
        (update,) = _train(federation, task, received, round_number, [client], guidance)
    return replace(update, shots=found.shots, extra_shots=found.extra)


def _of_depths(
    federation: Federation, received: NDArray, round_number: int, clients: Sequence[int], layers: Sequence[int]
) -> list[ClientUpdate]:
    """Return the updates of clients of different depth, those of one depth trained together."""
    found: dict[int, ClientUpdate] = {}
    for depth in sorted({layers[client] for client in clients}):
        part, own = at_depth(federation, depth)
        members = [client for client in clients if layers[client] == depth]
        for update in _train(part, part.task, received[own], round_number, members, UNGUIDED):
            whole = received.copy()
            whole[own] = update.angles
            found[update.client] = replace(update, angles=whole)
    return [found[client] for client in clients]


def _train(
    federation: Federation,
    task: Task,
    received: NDArray,
    round_number: int,
    clients: Sequence[int],
    guidance: Guidance,
) -> list[ClientUpdate]:
    own = personal_entries(federation.settings, federation.model.layout)
    start = torch.from_numpy(np.asarray(received)).to(federation.dtype).repeat(len(clients), 1)
    if guidance.personal is not None:
        start[:, own] = torch.from_numpy(guidance.personal).to(federation.dtype)
    angles = start.clone().requires_grad_()
    steps = client_batches(federation, round_number, clients)
    optimizer = _optimizer(federation, angles, round_number)
    counts = torch.tensor([_num_steps(federation, client) for client in clients])
    correction = None if guidance.correction is None else torch.from_numpy(guidance.correction).to(federation.dtype)
    asked, proximal_mu, measured = guidance.metric, guidance.proximal_mu, []
    natural = preconditioner(federation, np.asarray(received), steps, asked) if asked else None
    for number in range(len(steps)):
        done = counts <= number
        before_step = angles.detach().clone() if done.any() else None
        now = task.at_step(round_number, number, clients) if isinstance(task, Stepped) else task
        batch = hardened(
            federation.settings, now, angles, _step(federation, steps, number), round_number, number, clients
        )
        measured.append(now.metrics(angles, batch))
        pull = proximal_mu * proximal_distance(angles, start, _periods(federation)) if proximal_mu else 0.0
        (angles.grad,) = torch.autograd.grad((measured[-1]["loss"] + pull).sum(), angles)
        if correction is not None:
            angles.grad = angles.grad + correction
        if natural:
            angles.grad = natural.applied(angles.grad)
        optimizer.step()
        if before_step is not None:  # a client that has made its steps stays where it is while others go on
            angles.data[done] = before_step[done]
    trained = angles.detach().numpy().copy()
    personal, trained[:, own] = trained[:, own], received[own]
    mean_loss, before = _mean([step["loss"].detach() for step in measured], counts), measured[0]
    return [
        ClientUpdate(
            client,
            trained[place].copy(),
            len(federation.parts[client]),
            mean_loss[place].item(),
            before["loss"][place].item(),
            before[federation.metric.name][place].item(),
            _noise(federation, client, round_number),
            personal[place],
        )
        for place, client in enumerate(clients)
    ]


def client_batches(federation: Federation, round_number: int, clients: Sequence[int]) -> NDArray[np.int64]:
    """Return indices into the training set, [step client sample]; -1 is padding.

    A client walks through a fresh permutation of its samples, wrapping round when it has fewer than the round needs;
    one whose samples fit a batch takes all of them in every step. The steps are those of the client that makes most;
    who makes fewer (`qfl.tasks.local_steps`) has its last batch again, which it does not train on.

    Args:
        federation: Who holds which samples, and the sizes of steps and batches.
        round_number: From 1.
        clients: Partition ids.
    """
    train = federation.settings.train
    rows = [_indices(federation, round_number, client) for client in clients]
    width = min(train.batch_size, max(len(federation.parts[client]) for client in clients))
    batches = np.full((max(map(len, rows)), len(clients), width), -1)
    for place, row in enumerate(rows):
        batches[: len(row), place, : row.shape[1]] = row
        batches[len(row) :, place] = batches[len(row) - 1, place]
    return batches


def _num_steps(federation: Federation, client: int) -> int:
    return local_steps(federation.settings, len(federation.parts[client]))


def _mean(losses: list[Float[Tensor, " client"]], counts: Int[Tensor, " client"]) -> Float[Tensor, " client"]:
    """Return each client's mean over the steps that it made."""
    made = torch.arange(len(losses))[:, None] < counts
    return torch.stack(losses).masked_fill(~made, 0.0).sum(0) / counts


def _indices(federation: Federation, round_number: int, client: int) -> NDArray[np.int64]:
    train, own, steps = federation.settings.train, federation.parts[client], _num_steps(federation, client)
    if len(own) <= train.batch_size:
        return np.tile(own, (steps, 1))
    order = stream(federation.settings.seed, "batch", round_number, client).permutation(own)
    return np.resize(order, (steps, train.batch_size))


def _step(federation: Federation, batches: NDArray[np.int64], number: int) -> Any:
    index = torch.from_numpy(batches[number])
    weight = (index >= 0).to(federation.dtype)
    index = torch.where(index >= 0, index, index[:, :1])  # padding repeats a sample, with weight 0
    return federation.samples.take(index, weight)


def _optimizer(federation: Federation, angles: Tensor, round_number: int) -> torch.optim.Optimizer:
    """Return the local optimiser: elementwise, so one over stacked clients is one per client."""
    train = federation.settings.train
    rate = local_rate(federation.settings, round_number)
    if train.optimizer == "adam":
        return torch.optim.Adam([angles], lr=rate)
    return torch.optim.SGD([angles], lr=rate, momentum=train.momentum)


def _periods(federation: Federation) -> Float[Tensor, " angle"]:
    circular = federation.settings.strategy.distance == "circular"
    periods = federation.model.layout.periods
    return torch.tensor(periods if circular else [torch.inf] * len(periods), dtype=federation.dtype)


def _noise(federation: Federation, client: int, round_number: int) -> float:
    if federation.settings.engine == "exact":
        return 0.0
    from qfl.quantum.client_noise import noise_of

    noise = noise_of(federation.settings, client, round_number)
    return noise.expected_errors(federation.model.circuit) if isinstance(federation.model, Vqc) else 0.0
