"""From settings to a federation of access points."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.models.vqc import Execute
from qfl.quantum.circuit import Circuit
from qfl.quantum.client_noise import central_noise
from qfl.quantum.noise import Noise
from qfl.specs import MODELS, models_of
from qfl.tasks.cell_free.blocks import Blocks, block_of
from qfl.tasks.cell_free.cloud import CloudTraining
from qfl.tasks.cell_free.regions import build_regions
from qfl.tasks.cell_free.samples import CellFreeSamples, upload_bytes
from qfl.tasks.cell_free.task import CellFreeTask
from qfl.tasks.devices import CLOUD, device_tasks
from qfl.tasks.federation import Federation, Task
from qfl.wireless.cell_free.network import CellFree, check


def build_cell_free(settings: Settings) -> Federation:
    """Return the federation whose client m is access point m, or region m for a graph network.

    Raises:
        ConfigError: If the network cannot be.
    """
    own, network = settings.cell_free, network_of(settings)
    if MODELS[settings.model.name].client == "region":
        return build_regions(settings, replace(network, num_aps=own.aps))
    check(network)
    _check_sizes(settings, network)
    blocks = blocks_of(settings)
    samples = CellFreeSamples(
        network,
        settings.seed,
        own.samples,
        own.test_samples,
        own.assignment,
        own.csi,
        CloudTraining(steps=own.cloud_steps),
        own.best_of,
        torch.float64 if settings.precision == "double" else torch.float32,
        cloud_device=_cloud_device(settings, blocks.edge.circuit),
    )
    return Federation(
        settings,
        blocks,
        CellFreeTask(blocks, network, own.loss),
        samples,
        tuple(np.arange(own.samples) + ap * own.samples for ap in range(network.num_aps)),
        _manifest(settings, network, samples),
        baselines=_baselines(settings, network),
        **(_on_devices(settings, network, blocks) if blocks.edge.circuit else {}),
    )


def _on_devices(settings: Settings, network: CellFree, blocks: Blocks) -> dict[str, Any]:
    """Return the task on each access point's own device."""
    from qfl.quantum.device_mitigation import mitigation_of
    from qfl.quantum.devices import on_device

    spec, device, circuit = MODELS[settings.model.name], settings.device, blocks.edge.circuit

    def on_noise(noise: Noise, path: tuple[int, ...]) -> Task:
        execute = on_device(device.name, device.shots, noise, path, mitigation_of(device, noise))
        edge = spec.make(settings, network=network, execute=execute)
        return CellFreeTask(replace(blocks, edge=edge), network, settings.cell_free.loss)

    return device_tasks(settings, circuit, on_noise) if circuit else {}


def _cloud_device(settings: Settings, circuit: Circuit | None) -> Callable[[int], Execute] | None:
    """Return what makes the device of the cloud's circuit, which is the server's; None is the exact engine."""
    if settings.cell_free.cloud_engine == "exact" or circuit is None:
        return None
    from qfl.quantum.device_mitigation import mitigation_of
    from qfl.quantum.devices import on_device

    device, noise = settings.device, central_noise(settings, circuit)
    undone = mitigation_of(device, noise)
    return lambda purpose: on_device(device.name, device.shots, noise, (settings.seed, CLOUD, purpose), undone)


def blocks_of(settings: Settings) -> Blocks:
    """Return the access points' edge models."""
    own, network = settings.cell_free, network_of(settings)
    edge = MODELS[settings.model.name].make(settings, network=network)
    num_layers = own.layers if settings.model.name == "edge_plus" else 1
    return Blocks(edge, block_of(own.mode, network.num_aps, own.clusters), num_layers)


def network_of(settings: Settings) -> CellFree:
    """Return the network: one access point per client, and the rest from the settings of the subject."""
    own = settings.cell_free
    return CellFree(
        num_aps=settings.clients.count,
        num_users=own.users,
        num_antennas=own.antennas,
        snr_db=own.snr_db,
        interference=own.interference,
        csi_error=own.csi_error,
        coherent=own.coherent,
        phase_error_rad=own.phase_error_rad,
    )


def _check_sizes(settings: Settings, network: CellFree) -> None:
    if network.num_users > network.num_aps:
        raise ConfigError(
            f"cell-free.users = {network.num_users}, but there are {network.num_aps} access points (clients.count), "
            "which serve one user each; give at least as many"
        )
    if settings.model.name == "edge_printed" and network.num_antennas > network.num_users:
        raise ConfigError(
            f"model.name = 'edge_printed' has a qubit and an output per user: {network.num_users} users cannot give "
            f"the entries of {network.num_antennas} antennas; use model.name = 'edge_plus'"
        )


def _manifest(settings: Settings, network: CellFree, samples: CellFreeSamples) -> dict[str, Any]:
    own = settings.cell_free
    return {
        "name": "cell-free channels",
        "clients": network.num_aps,
        "train": own.samples,
        "test": own.test_samples,
        "mode": own.mode,
        "assignment": own.assignment,
        "csi": own.csi,
        "best_of": own.best_of,
        "csi_bytes_per_channel": upload_bytes(network, own.csi),
        "csi_bytes_per_ap": samples.rules.num_bytes,
        "assignment_bytes_per_round": own.samples * network.num_aps,
    }


def _baselines(settings: Settings, network: CellFree) -> dict[str, int]:
    return {
        name: len(spec.make(settings, network=network).layout)
        for name, spec in models_of("cell_free", "access point").items()
        if name != settings.model.name and not (name == "edge_printed" and network.num_antennas > network.num_users)
    }
