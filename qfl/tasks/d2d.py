r"""D2D power control as a task: an unsupervised loss, the negative weighted sum rate.

.. math:: L = -\frac1N \sum_n \sum_i \alpha_i \log_2(1 + \mathrm{SINR}_i)

in bit/s/Hz, so always base 2. There are no labels: a realisation of the channel is a sample. Nothing here remembers
anything, so the same task trains one region or many at once.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.wireless.d2d_rates import sum_rate


@runtime_checkable
class PowerModel(Protocol):
    """A network that turns channels into powers; its trained numbers are one flat vector."""

    @property
    def layout(self) -> AngleLayout:
        """Names and periods of the entries that are trained and travel."""
        ...

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the entries that training starts from; the same for the same seed."""
        ...

    def powers(
        self,
        angles: Float[Tensor, "*client angle"],
        gain: Float[Tensor, "*client sample rx tx"],
        *,
        noise_w: float = 1.0,
        pmax_w: float = 1.0,
        alpha: Float[Tensor, "*client sample pair"] | None = None,
    ) -> Float[Tensor, "*client sample pair"]:
        """Return transmit powers in [0, pmax_w] watts.

        Args:
            angles: The model's entries, of one client or of several.
            gain: Linear power gains, above 0, of as many clients.
            noise_w: Noise power at every receiver in watts.
            pmax_w: Greatest transmit power in watts.
            alpha: Weights of the pairs' rates, where they are a feature; 1 if None.
        """
        ...


class D2dBatch(NamedTuple):
    """Realisations of a channel.

    Args:
        snr: Gain times highest power over noise, ``[rx, tx]``.
        alpha: Weights of the pairs' rates.
        region: Which region (client) a realisation is of.
        weight: 0 for padding, 1 otherwise.
    """

    snr: Float[Tensor, "*client sample rx tx"]
    alpha: Float[Tensor, "*client sample pair"]
    region: Int[Tensor, "*client sample"]
    weight: Float[Tensor, "*client sample"]


@dataclass(frozen=True)
class D2dTask:
    """Train a model to choose powers.

    Args:
        model: What turns channels into powers.
    """

    model: PowerModel

    def metrics(
        self, angles: Float[Tensor, "*client angle"], batch: D2dBatch, **options: Any
    ) -> dict[str, Float[Tensor, "*client"]]:
        """Return ``sum_rate`` in bit/s/Hz, averaged over each client's samples, and ``loss``, its negative.

        Args:
            angles: The model's entries.
            batch: Channels.
            options: What else the model's ``powers`` takes, such as ``k``.
        """
        mean = (self.rates(angles, batch, **options) * batch.weight).sum(-1) / batch.weight.sum(-1)
        return {"loss": -mean, "sum_rate": mean}

    def evaluate(self, angles: Float[Tensor, " angle"], batch: D2dBatch) -> tuple[dict[str, Tensor], list[float]]:
        """Return `metrics` of the central test; there are no classes."""
        return self.metrics(angles, batch), []

    def per_region(self, angles: Float[Tensor, " angle"], batch: D2dBatch, num_regions: int) -> list[float]:
        """Return the mean sum rate of each region in bit/s/Hz (0 for a region without samples).

        Args:
            angles: The model's entries.
            batch: Samples of all regions.
            num_regions: Regions there are.
        """
        rate = self.rates(angles, batch).double()
        count = torch.bincount(batch.region, minlength=num_regions)
        return (torch.bincount(batch.region, rate, num_regions) / count.clamp(min=1)).tolist()

    def rates(
        self, angles: Float[Tensor, "*client angle"], batch: D2dBatch, **options: Any
    ) -> Float[Tensor, "*client sample"]:
        """Return the weighted sum rate of each sample under the model's powers."""
        x = self.model.powers(angles, batch.snr, alpha=batch.alpha, **options)
        return sum_rate(batch.snr, x, batch.alpha)


def d2d_batch(snr: Float[Tensor, "sample rx tx"], alpha: Float[Tensor, "sample pair"]) -> D2dBatch:
    """Return all samples of one region as one batch.

    Example:
        >>> d2d_batch(torch.ones(2, 3, 3), torch.ones(2, 3)).weight.tolist()
        [1.0, 1.0]
    """
    return D2dBatch(snr, alpha, torch.zeros(len(snr), dtype=torch.int64), torch.ones(len(snr), dtype=snr.dtype))
