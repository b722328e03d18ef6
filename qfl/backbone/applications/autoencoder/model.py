r"""The autoencoder as a model of the federation: encoder, channel and receiver, one flat vector of trained numbers.

A sample is a message's four bits, 0 or 1, and the noise of its seven uses; the logits say which message was received.
So whoever has recorded noise has samples, and classification is the task: ``data.name`` =
``qfl.backbone.applications.autoencoder.recorded:load``, ``model.name`` = the class here.

.. math:: x_m = \sqrt{7 \cdot 16}\; e_\theta(m) / \sqrt{\textstyle\sum_{m'} |e_\theta(m')|^2}, \qquad
          \text{logits} = V\,\mathrm{ReLU}(W (x_m + n) + b) + c

Reference:
    O'Shea and Hoydis, An introduction to deep learning for the physical layer, IEEE Trans. Cogn. Commun. Netw. 3, 563
    (2017), Section III.A.
"""

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.backbone.applications.autoencoder.codebooks import BITS, MESSAGES, USES
from qfl.backbone.applications.autoencoder.encoders import ENCODERS
from qfl.errors import ConfigError
from qfl.models.mlp import Mlp, make_mlp
from qfl.models.weights import require_entries, require_features

RECEIVER = 32
"""Hidden units of the receiver."""


class Autoencoder:
    """Encoder, channel and receiver behind the `Model` interface.

    Args:
        encoder: A key of `ENCODERS`.
        receiver: Hidden units of the receiver.
        num_features: Length of a sample: bits and noise, 11.
        num_labels: Messages, 16.

    Raises:
        ConfigError: If there is no such encoder, the receiver has no units, or samples and labels are none of these.

    Example:
        >>> model = Autoencoder("circuit")
        >>> model.num_encoder, len(model.layout)
        (64, 848)
    """

    def __init__(
        self,
        encoder: str = "circuit",
        receiver: int = RECEIVER,
        num_features: int = BITS + USES,
        num_labels: int = MESSAGES,
    ):
        if encoder not in ENCODERS:
            raise ConfigError(f"{encoder!r} is no encoder; give one of {', '.join(ENCODERS)}")
        if not 1 <= receiver <= 4096:
            raise ConfigError(f"receiver is {receiver}; give 1 to 4,096 hidden units")
        if (num_features, num_labels) != (BITS + USES, MESSAGES):
            raise ConfigError(
                f"the data have {num_features} features and {num_labels} labels; give {BITS} bits with the noise of "
                f"{USES} uses, and a label for each of {MESSAGES} messages"
            )
        self.encoder = ENCODERS[encoder].make()
        self.receiver: Mlp = make_mlp(USES, MESSAGES, receiver)
        self.num_encoder = len(self.encoder.layout)
        first, last = self.encoder.layout, self.receiver.layout
        names = (*(f"encoder.{n}" for n in first.names), *(f"receiver.{n}" for n in last.names))
        self.layout = AngleLayout(names, (*first.periods, *last.periods), first.rotations)

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the start of the encoder, and that of the receiver."""
        return np.concatenate([self.encoder.initial(seed), self.receiver.initial(seed)])

    def codebook(self, angles: Float[Tensor, "*client angle"]) -> Float[Tensor, "*client message use"]:
        """Return the symbols of every message, scaled to a mean energy of 1 for each use."""
        require_entries(angles, len(self.layout))
        found = self.encoder.symbols(angles[..., : self.num_encoder])
        return found / found.square().mean((-2, -1), keepdim=True).sqrt()

    def decide(
        self, angles: Float[Tensor, "*client angle"], received: Float[Tensor, "*client sample use"]
    ) -> Float[Tensor, "*client sample message"]:
        """Return the receiver's logits.

        Args:
            angles: The model's entries.
            received: Symbols after the channel.
        """
        return self.receiver.logits(angles[..., self.num_encoder :], received)

    def logits(
        self, angles: Float[Tensor, "*client angle"], inputs: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample label"]:
        """Return what the receiver makes of messages that were sent through noise.

        Args:
            angles: The model's entries.
            inputs: Bits and noise of every sample.
        """
        require_features(inputs, BITS + USES)
        bits, noise = inputs.to(angles.dtype).split((BITS, USES), dim=-1)
        message = ((bits > 0.5) * 2 ** torch.arange(BITS - 1, -1, -1)).sum(-1)
        codebook = self.codebook(angles)
        sent = codebook.gather(-2, message[..., None].expand(*message.shape, USES))
        return self.decide(angles, sent + noise)
