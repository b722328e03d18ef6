"""Features of a D2D channel: logarithms of the gains over noise at full power, standardised with constants.

    x = (log10(p_max g / sigma^2) - mean) / deviation

The direct link has its own mean and deviation. They are constants of the model, since every client must mean the same
by an angle; `fit_features` takes them from sample channels of the training scenario.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Features:
    """Constants that standardise log10 gains over noise.

    Args:
        direct_mean: Of the direct links, in decades.
        direct_deviation: Of the direct links, in decades.
        interfering_mean: Of the interfering links, in decades.
        interfering_deviation: Of the interfering links, in decades.
    """

    direct_mean: float
    direct_deviation: float
    interfering_mean: float
    interfering_deviation: float

    def scaled(self, snr: Float[Tensor, "*sample rx tx"]) -> Float[Tensor, "*sample rx tx"]:
        """Return the features of all links, from gains over noise at full power (linear)."""
        diagonal = torch.eye(snr.shape[-1], dtype=torch.bool, device=snr.device)
        decades = snr.log10()
        direct = (decades - self.direct_mean) / self.direct_deviation
        return torch.where(diagonal, direct, (decades - self.interfering_mean) / self.interfering_deviation)


def fit_features(snr: Float[Tensor, "*sample rx tx"]) -> Features:
    """Return the constants that give sample channels mean 0 and deviation 1, rounded to 0.01 decades."""
    decades = snr.log10()
    diagonal = torch.eye(snr.shape[-1], dtype=torch.bool, device=snr.device).expand(snr.shape)
    parts = decades[diagonal], decades[~diagonal]
    return Features(*(round(float(value), 2) for part in parts for value in (part.mean(), part.std())))


ITU_1411 = Features(6.57, 1.19, 3.44, 1.4)
"""Of 20 pairs of 2 to 65 m in 500 m x 500 m, 1 W, -104 dBm, shadowing 8 dB and Rayleigh fading."""
