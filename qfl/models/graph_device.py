"""Graph networks on a client's device: QSGCN's one circuit, and the stars of access points and users."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.models.ap_user_gnn import ApUserGnn, Choice
from qfl.models.ap_user_stars import Gain
from qfl.models.qsgcn import Qsgcn
from qfl.models.star_device import on_device
from qfl.models.vqc import Execute
from qfl.quantum.noise import Noise


@dataclass(frozen=True, eq=False)
class DeviceGraph:
    """QSGCN whose circuit runs on a client's device.

    Args:
        model: What runs.
        execute: A device (`qfl.quantum.devices.on_device`): every call, such as a gradient step, draws new shots.
    """

    model: Qsgcn
    execute: Execute

    @property
    def layout(self) -> AngleLayout:
        """The model's."""
        return self.model.layout

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the model's initial entries."""
        return self.model.initial(seed)

    def powers(
        self,
        angles: Float[Tensor, "*client angle"],
        gain: Float[Tensor, "*client sample rx tx"],
        *,
        noise_w: float = 1.0,
        pmax_w: float = 1.0,
        alpha: Float[Tensor, "*client sample link"] | None = None,
    ) -> Float[Tensor, "*client sample link"]:
        """Return transmit powers in [0, pmax_w] watts, as `Qsgcn.powers` does.

        Args:
            angles: The model's entries, of one client or of several.
            gain: Linear power gains, above 0, of as many clients.
            noise_w: Noise power at every receiver in watts.
            pmax_w: Greatest transmit power in watts.
            alpha: Weights of the links' rates, where they are a feature; 1 if None.
        """
        return self.model.powers(angles, gain, noise_w=noise_w, pmax_w=pmax_w, alpha=alpha, execute=self.execute)


@dataclass(frozen=True, eq=False)
class DevicePairs:
    """The graph network of access points and users, its stars on a client's device.

    Args:
        model: What runs.
        device: PennyLane's name of the device.
        shots: Shots per expectation value; None is exact.
        noise: Noise of every gate and of the readout.
        path: What the shots are drawn from, such as (seed, client, round).
        calls: Counts the calls, so that each draws shots of its own.
    """

    model: ApUserGnn
    device: str
    shots: int | None
    noise: Noise
    path: tuple[int, ...]
    calls: Iterator[int] = field(default_factory=count, init=False)

    @property
    def layout(self) -> AngleLayout:
        """The model's."""
        return self.model.layout

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the model's initial entries."""
        return self.model.initial(seed)

    def choose(self, angles: Float[Tensor, "client angle"], gain: Gain, interference: float) -> Choice:
        """Return logits and powers of all pairs, as `ApUserGnn.choose` does.

        Args:
            angles: The entries, of as many clients as ``gain`` has.
            gain: Received power over noise of every beam at every user.
            interference: What of a foreign signal's power is received, 0 to 1.
        """
        execute = on_device(self.device, self.shots, self.noise, (*self.path, next(self.calls)))
        return self.model.choose(angles, gain, interference, execute)
