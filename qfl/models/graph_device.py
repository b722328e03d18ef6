"""Graph networks on a client's device: QSGCN's one circuit, and the stars of access points and users."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from qfl.models.ap_user_gnn import ApUserGnn, Choice
from qfl.models.ap_user_stars import Gain
from qfl.models.device_model import DeviceModel, ShotModel
from qfl.models.qsgcn import Qsgcn
from qfl.models.star_device import on_device
from qfl.models.vqc import Execute


@dataclass(frozen=True, eq=False)
class DeviceGraph(DeviceModel[Qsgcn]):
    """QSGCN whose circuit runs on a client's device.

    Args:
        model: What runs.
        execute: A device (`qfl.quantum.devices.on_device`): every call, such as a gradient step, draws new shots.
    """

    execute: Execute

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


class DevicePairs(ShotModel[ApUserGnn]):
    """The graph network of access points and users, its stars on a client's device."""

    def choose(self, angles: Float[Tensor, "client angle"], gain: Gain, interference: float) -> Choice:
        """Return logits and powers of all pairs, as `ApUserGnn.choose` does.

        Args:
            angles: The entries, of as many clients as ``gain`` has.
            gain: Received power over noise of every beam at every user.
            interference: What of a foreign signal's power is received, 0 to 1.
        """
        execute = on_device(self.device, self.shots, self.noise, self.next_path(), self.mitigation)
        return self.model.choose(angles, gain, interference, execute)
