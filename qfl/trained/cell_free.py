"""Trained models of cell-free networks: a region's graph network from gains to powers; an access point's is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import DataError, InputError
from qfl.models.ap_user_gnn import ApUserGnn
from qfl.specs import MODELS
from qfl.surroundings import own_arithmetic
from qfl.tasks.cell_free.build import network_of
from qfl.tasks.cell_free.region_task import RegionBatch, RegionTask, decode
from qfl.tasks.federation import Trainable
from qfl.trained.predictor import require_shape


@dataclass(frozen=True, eq=False)
class RegionControl:
    """Assignment and power of a region, with the network's entries.

    Args:
        model: The graph network.
        angles: Its trained entries.
        task: What scores it.
    """

    model: ApUserGnn
    angles: NDArray
    task: RegionTask

    @property
    def inputs(self) -> str:
        """What it takes, in words."""
        return "received power over noise [sample ap beam user] of every beam at every user, above 0"

    def predict(self, x: Any) -> NDArray[np.float64]:
        """Return the share of its power that each access point sends to each user, [sample ap user]."""
        gain = self._gain(x)
        with own_arithmetic(), torch.no_grad():
            found = self.model.choose(torch.from_numpy(self.angles)[None], gain, self.task.network.interference)
            user = torch.nn.functional.one_hot(decode(found.logit), gain.shape[-1])
            return (user * found.power)[0].double().numpy()

    def probabilities(self, x: Any) -> NDArray[np.float64]:
        """Return how likely each access point serves each user, [sample ap user]: the softmax over users."""
        gain = self._gain(x)
        with own_arithmetic(), torch.no_grad():
            found = self.model.choose(torch.from_numpy(self.angles)[None], gain, self.task.network.interference)
            return found.logit.softmax(-1)[0].double().numpy()

    def evaluate(self, x: Any, y: Any = None) -> dict[str, Any]:
        """Return the least and the summed rate in bit/s/Hz; the gains are both what is known and what is true."""
        gain = self._gain(x)
        batch = RegionBatch(gain, gain, torch.ones(gain.shape[:2], dtype=gain.dtype))
        with own_arithmetic(), torch.no_grad():
            found, _ = self.task.evaluate(torch.from_numpy(self.angles), batch)
        return {name: float(found[name]) for name in ("rate", "sum_rate", "loss")} | {"samples": gain.shape[1]}

    def _gain(self, x: Any) -> torch.Tensor:
        gain = require_shape(x, (None, None, None, None), self.inputs)
        if gain.shape[2] != gain.shape[3]:
            raise DataError(f"x has the shape {gain.shape}, but the model takes {self.inputs}; give a beam per user")
        if (gain <= 0).any():
            raise DataError("x holds gains of 0 or less; give linear power gains, not dB")
        return torch.from_numpy(gain).to(torch.from_numpy(self.angles).dtype)[None]


@dataclass(frozen=True, eq=False)
class EdgeBeams:
    """Access points' edge models: their beams need the cloud's assignment, which no array of inputs brings."""

    model: Trainable
    angles: NDArray
    inputs: str = "the cloud's assignment besides channels"

    def predict(self, x: Any) -> NoReturn:
        """Refuse, and say what can be done."""
        raise InputError(
            "edge models of access points make beams for the users that the cloud assigns, which the model file does "
            "not hold; score the file on its own test with `qfl evaluate MODEL`, or begin a run with --start-from"
        )

    probabilities = predict

    def evaluate(self, x: Any, y: Any = None) -> NoReturn:
        """Refuse likewise."""
        self.predict(x)


def describe(settings: Settings) -> tuple[dict[str, Any], dict[str, NDArray]]:
    """Return nothing: the settings say all."""
    return {}, {}


def restore(
    settings: Settings, facts: Mapping[str, Any], angles: NDArray, arrays: Mapping[str, NDArray]
) -> RegionControl | EdgeBeams:
    """Return the model of a model file.

    Args:
        settings: Of the run.
        facts: None are needed.
        angles: The trained entries.
        arrays: None are needed.
    """
    from qfl.tasks.cell_free.build import blocks_of

    if MODELS[settings.model.name].client == "region":
        model = MODELS[settings.model.name].make(settings)
        return RegionControl(model, angles, RegionTask(model, network_of(settings), settings.cell_free.loss))
    return EdgeBeams(blocks_of(settings), angles)
