"""Trained power control of D2D pairs: gains in, transmit powers out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qfl.config import Settings
from qfl.errors import DataError, InputError
from qfl.models.features import Features
from qfl.specs import MODELS
from qfl.surroundings import own_arithmetic
from qfl.tasks.d2d import D2dTask, PowerModel, d2d_batch
from qfl.tasks.d2d_regions import features_of
from qfl.trained.predictor import require_shape
from qfl.wireless.units import dbm_to_w


@dataclass(frozen=True, eq=False)
class PowerControl:
    """A network that chooses powers, with its entries.

    Args:
        model: The network.
        angles: Its trained entries.
        noise_w: Noise power at every receiver in watts.
        pmax_w: Greatest transmit power in watts.
    """

    model: PowerModel
    angles: NDArray
    noise_w: float
    pmax_w: float

    @property
    def inputs(self) -> str:
        """What it takes, in words."""
        return "linear power gains [sample rx tx], as many receivers as transmitters, all above 0"

    def predict(self, x: Any) -> NDArray[np.float64]:
        """Return the transmit power of each pair in watts, [sample pair]."""
        angles = torch.from_numpy(self.angles)
        gain = self._gain(x).to(angles.dtype)
        with own_arithmetic(), torch.no_grad():
            return self.model.powers(angles, gain, noise_w=self.noise_w, pmax_w=self.pmax_w).double().numpy()

    def probabilities(self, x: Any) -> NDArray[np.float64]:
        """Refuse: powers are no classes."""
        raise InputError("a model of power control has no classes, and so no probabilities; use predict for its powers")

    def evaluate(self, x: Any, y: Any = None) -> dict[str, Any]:
        """Return the mean sum rate in bit/s/Hz of the chosen powers, and the number of samples; there are no labels."""
        angles = torch.from_numpy(self.angles)
        snr = (self._gain(x) * (self.pmax_w / self.noise_w)).to(angles.dtype)
        with own_arithmetic(), torch.no_grad():
            found, _ = D2dTask(self.model).evaluate(angles, d2d_batch(snr, torch.ones_like(snr[..., 0])))
        return {name: float(found[name]) for name in ("sum_rate", "loss")} | {"samples": len(snr)}

    def _gain(self, x: Any) -> Tensor:
        gain = require_shape(x, (None, None, None), self.inputs)
        if gain.shape[1] != gain.shape[2]:
            raise DataError(f"x has the shape {gain.shape}, but the model takes {self.inputs}; give square gains")
        if (gain <= 0).any():
            place = int((gain <= 0).reshape(len(gain), -1).any(axis=1).argmax())
            raise DataError(f"x: the sample at index {place} has a gain of 0 or less; give linear power gains, not dB")
        return torch.from_numpy(gain)


def describe(settings: Settings) -> tuple[dict[str, Any], dict[str, NDArray]]:
    """Return the features that the network reads, with their constants."""
    return {"features": asdict(features_of(settings.d2d, settings.seed))}, {}


def restore(
    settings: Settings, facts: Mapping[str, Any], angles: NDArray, arrays: Mapping[str, NDArray]
) -> PowerControl:
    """Return the power control of a model file.

    Args:
        settings: Of the run.
        facts: What `describe` gave.
        angles: The trained entries.
        arrays: None are needed.
    """
    features = Features(**{part: tuple(map(tuple, facts["features"][part])) for part in ("node", "edge")})
    model = MODELS[settings.model.name].make(settings, features=features)
    return PowerControl(model, angles, float(dbm_to_w(settings.d2d.noise_dbm)), settings.d2d.max_power_w)
