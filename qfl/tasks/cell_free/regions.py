"""Cell-free networks as clients: from settings to regions that train one graph network for assignment and power.

A client is a region: a cell-free network with a CPU to which its access points send their channels over the fronthaul,
as for `cell-free.csi = "full"`. That is what the graph network needs, whose messages go between access points, and what
its loss needs, the rates of all users. So an access point cannot be a client here without telling its channels; a
region can: its channels never leave it, and regions exchange the model's numbers alone. All regions draw from the same
distribution (IID), with access points and users placed anew in every sample. The central test has fresh channels, the
same as that of the edge models with the same seed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.models.ap_user_gnn import ApUserGnn
from qfl.models.ap_user_stars import Gain
from qfl.quantum.noise import Noise
from qfl.specs import MODELS, models_of
from qfl.tasks.cell_free.region_references import references
from qfl.tasks.cell_free.region_task import RegionBatch, RegionTask
from qfl.tasks.devices import device_tasks
from qfl.tasks.federation import Federation, Task
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.network import CellFree, check
from qfl.wireless.cell_free.precoders import Beams, max_ratio, slnr
from qfl.wireless.cell_free.rates import beam_gains

BEAMS: dict[str, Callable[[Beams, CellFree], Beams]] = {"slnr": slnr, "mr": lambda channel, _: max_ratio(channel)}


@dataclass(frozen=True, eq=False)
class RegionSamples:
    """Channels of all regions; sample n belongs to region n // count.

    Args:
        network: What every region draws.
        seed: Of the run.
        num_regions: Clients.
        count: Training channels of a region.
        test_count: Channels of the central test.
        beams: A key of `BEAMS`.
        dtype: Real precision.
    """

    network: CellFree
    seed: int
    num_regions: int
    count: int
    test_count: int
    beams: str
    dtype: torch.dtype

    @cached_property
    def gains(self) -> tuple[Gain, Gain]:
        """Known and true gains of the training channels."""
        own = [self._gains(draw(self.network, self.seed, self.count, f"region {r}")) for r in range(self.num_regions)]
        known, true = zip(*own, strict=True)
        return torch.cat(known, 1), torch.cat(true, 1)

    def take(self, index: Int[Tensor, "client sample"], weight: Float[Tensor, "client sample"]) -> RegionBatch:
        """Return samples by index."""
        known, true = self.gains
        return RegionBatch(known[0, index], true[0, index], weight)

    def test(self) -> RegionBatch:
        """Return the central test."""
        known, true = self._gains(draw(self.network, self.seed, self.test_count, "test"))
        return RegionBatch(known, true, torch.ones(known.shape[:2], dtype=self.dtype))

    def _gains(self, channels: Channels) -> tuple[Gain, Gain]:
        """Return what each user receives of each beam over the noise, as reckoned and as it is."""
        beams = BEAMS[self.beams](channels.known, self.network)
        both = (self.network.snr * beam_gains(h, beams)[None] for h in (channels.known, channels.true))
        known, true = (gain.to(self.dtype) for gain in both)
        return known, true


def build_regions(settings: Settings, network: CellFree) -> Federation:
    """Return the federation whose client r is a cell-free network of its own.

    Args:
        settings: The run's settings.
        network: The network with the number of access points of the settings.

    Raises:
        ConfigError: If the network cannot be.
    """
    own = settings.cell_free
    check(network)
    if network.num_users > network.num_aps:
        raise ConfigError(
            f"cell-free.users = {network.num_users}, but a region has cell-free.aps = {network.num_aps} access points, "
            "which serve one user each; give at least as many"
        )
    model = MODELS[settings.model.name].make(settings)
    count, dtype = settings.clients.count, torch.float64 if settings.precision == "double" else torch.float32
    samples = RegionSamples(network, settings.seed, count, own.samples, own.test_samples, own.beams, dtype)
    return Federation(
        settings,
        model,
        RegionTask(model, network, own.loss),
        samples,
        tuple(np.arange(count * own.samples).reshape(count, own.samples)),
        _manifest(settings, network, samples.test()),
        baselines={name: len(model.layout) for name in models_of("cell_free", "region") if name != settings.model.name},
        **_on_devices(settings, network, model),
    )


def _on_devices(settings: Settings, network: CellFree, model: ApUserGnn) -> dict[str, Any]:
    """Return the task on each region's own device; what no device runs is said before anybody starts."""
    if settings.engine == "exact" or model.classical:
        return {}
    from qfl.models.graph_device import DevicePairs
    from qfl.models.star_device import largest_circuit
    from qfl.quantum.device_mitigation import mitigation_of

    def on_noise(noise: Noise, path: tuple[int, ...]) -> Task:
        device = settings.device
        pairs = DevicePairs(model, device.name, device.shots, noise, path, mitigation_of(device, noise))
        return RegionTask(pairs, network, settings.cell_free.loss)

    neighbours = network.num_users + network.num_aps - 2
    return device_tasks(settings, largest_circuit(model.network, neighbours + 1), on_noise)


def _manifest(settings: Settings, network: CellFree, test: RegionBatch) -> dict[str, Any]:
    own = settings.cell_free
    return {
        "name": "cell-free regions",
        "clients": settings.clients.count,
        "train": own.samples * settings.clients.count,
        "test": own.test_samples,
        "access_points": network.num_aps,
        "beams": own.beams,
        "references": references(network, test, own.loss, settings.seed),
    }
