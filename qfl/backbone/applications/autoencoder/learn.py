"""Learn encoder and receiver together at one signal-to-noise ratio, by Adam on fresh noise in every step."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi

import numpy as np
import torch
from torch import Tensor

from qfl.backbone.applications.autoencoder.block_errors import Decided, Received, noise_deviation
from qfl.backbone.applications.autoencoder.codebooks import MESSAGES, USES, Codebook, every_message
from qfl.backbone.applications.autoencoder.model import Autoencoder
from qfl.errors import ConfigError
from qfl.seeds import stream

STEPS, BATCH, LEARNING_RATE = 600, 512, 0.05
MOST_STEPS = 100_000


@dataclass(frozen=True, eq=False)
class Learned:
    """A codebook with its receiver.

    Args:
        model: What was trained.
        angles: Its entries.
    """

    model: Autoencoder
    angles: Tensor

    @property
    def codebook(self) -> Codebook:
        """The symbols of every message, of mean energy 1."""
        with torch.no_grad():
            return self.model.codebook(self.angles.double()).numpy()

    def decide(self, received: Received) -> Decided:
        """Return the messages that the trained receiver decides for.

        Args:
            received: Symbols after the channel.
        """
        with torch.no_grad():
            logits = self.model.decide(self.angles, torch.from_numpy(received).to(self.angles.dtype))
        return logits.argmax(-1).numpy()


def learn(name: str, snr_db: float = 3.0, *, seed: int = 1, steps: int | None = None) -> Learned:
    """Return what an encoder of a kind and its receiver have learned; 64 angles take about four seconds.

    Args:
        name: A key of `ENCODERS`.
        snr_db: Eb/N0 of the training, dB, -20 to 20.
        seed: Of starts, messages and noise.
        steps: Of Adam, whose step size falls to 0 as half a cosine; `STEPS` if None.

    Raises:
        ConfigError: If there is no such encoder or a number is out of range.

    Example:
        >>> learn("table", steps=20).codebook.shape
        (16, 7)
    """
    steps, deviation = STEPS if steps is None else steps, noise_deviation(snr_db, USES)
    if not 1 <= steps <= MOST_STEPS:
        raise ConfigError(f"steps is {steps}; give 1 to {MOST_STEPS:,}")
    model = Autoencoder(name)
    angles = torch.from_numpy(model.initial(seed)).float().requires_grad_()
    optimiser = torch.optim.Adam([angles], LEARNING_RATE)
    for number, (inputs, message) in enumerate(_batches(seed, deviation, steps)):
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * (1 + cos(pi * number / steps)) / 2
        loss = torch.nn.functional.cross_entropy(model.logits(angles, inputs), message)
        (angles.grad,) = torch.autograd.grad(loss, angles)
        optimiser.step()
    return Learned(model, angles.detach())


def _batches(seed: int, deviation: float, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    draw, bits = stream(seed, "autoencoder", "batches"), every_message()
    for _ in range(steps):
        message = draw.integers(MESSAGES, size=BATCH)
        noise = deviation * draw.normal(size=(BATCH, USES))
        yield torch.from_numpy(np.column_stack([bits[message], noise])).float(), torch.from_numpy(message)
