"""D2D power control whose gradient steps draw something of their own: neighbours of stars, and numbers of pairs.

The loss stays pure: a step's task is a function of the seed, the round, the step and the client, so that clients give
the same numbers trained together and one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.models.star_gnn import StarGnn
from qfl.seeds import stream
from qfl.tasks.d2d import D2dBatch, D2dTask

SMALLER_SHARE = 0.5  # of the steps that leave pairs out


@dataclass(frozen=True)
class D2dSteps(D2dTask):
    """Train a model to choose powers, every gradient step with a draw of its own; tests are those of `D2dTask`.

    Args:
        model: What turns channels into powers.
        network: The star network that draws its neighbours at random, where the model is one; None draws none.
        fewest_pairs: Where above 0, half of the steps, drawn anew, leave the last pairs of every sample out, down to a
            number drawn from this many up.
        seed: Of the run.
    """

    network: StarGnn | None = None
    fewest_pairs: int = 0
    seed: int = 0

    def at_step(self, round_number: int, step: int, clients: Sequence[int]) -> "D2dStep":
        """Return the task of one step.

        Args:
            round_number: From 1.
            step: Of the round, from 0.
            clients: Whose batches it is given, in their order.
        """
        return D2dStep(self.model, self, (round_number, step), tuple(clients))


@dataclass(frozen=True)
class D2dStep(D2dTask):
    """One step of `D2dSteps`.

    Args:
        model: What turns channels into powers.
        whole: The task that it is a step of.
        place: The round and the step.
        clients: Whose batches it is given.
    """

    whole: D2dSteps
    place: tuple[int, int]
    clients: tuple[int, ...]

    def metrics(
        self, angles: Float[Tensor, "client angle"], batch: D2dBatch, **options: Any
    ) -> dict[str, Float[Tensor, " client"]]:
        """Return ``sum_rate`` and ``loss`` of the step's pairs, with the step's neighbours.

        Args:
            angles: The model's entries.
            batch: Channels of all pairs.
            options: What else the model's ``powers`` takes.
        """
        seed = self.whole.seed
        smaller = fewer_pairs(batch, self.whole.fewest_pairs, seed, "round", *self.place)
        return super().metrics(angles, smaller, **options, **self._drawn(smaller))

    def _drawn(self, batch: D2dBatch) -> dict[str, Any]:
        network = self.whole.network
        if network is None:
            return {}
        shape = (1, *batch.snr.shape[1:3])
        drawn = [network.draw(self.whole.seed, "round", *self.place, client, shape=shape) for client in self.clients]
        return {"chosen": torch.cat(drawn)}


def fewer_pairs(batch: D2dBatch, fewest: int, seed: int, *path: str | int) -> D2dBatch:
    """Return the batch, or its first pairs alone, which are as random as all of them.

    Args:
        batch: Channels.
        fewest: The least number of pairs; 0 returns the batch.
        seed: Of the run.
        path: What the draw is for, such as a step.
    """
    pairs = batch.snr.shape[-1]
    if not fewest:
        return batch
    generator = stream(seed, "num-pairs", *path)
    smaller = int(generator.integers(fewest, pairs))
    if generator.random() >= SMALLER_SHARE:
        return batch
    return batch._replace(snr=batch.snr[..., :smaller, :smaller], alpha=batch.alpha[..., :smaller])
