"""A layer of star circuits on PennyLane: any device, shots, noise; every head and axis is a circuit of its own."""

from functools import partial
from math import prod

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.errors import ConfigError
from qfl.models.device_model import ShotModel
from qfl.models.star_count import circuit_neighbours
from qfl.models.star_gnn import StarGnn
from qfl.models.star_layer import Execute, RunLayer
from qfl.models.star_product import multiplied
from qfl.quantum import devices
from qfl.quantum.circuit import Circuit
from qfl.quantum.convolution import Convolution
from qfl.quantum.mitigation import Mitigation
from qfl.quantum.noise import Noise
from qfl.quantum.star_circuit import AXES, star_circuit
from qfl.quantum.star_cut import GROUP

MOST_NEIGHBOURS = GROUP


def on_device(
    device: str = "default.qubit",
    shots: int | None = None,
    noise: Noise | None = None,
    seed: devices.Seed = 0,
    mitigation: Mitigation | None = None,
    axes: tuple[str, ...] = AXES,
) -> Execute:
    """Return the execution of a model's stars on a PennyLane device; a pure function, shots included.

    Args:
        device: PennyLane's name of the device.
        shots: Shots per expectation value; None, and 0, are exact.
        noise: Noise after every gate and before measurement; ``default.mixed`` then holds 4^(2k + 1) numbers: seconds
            a circuit at k = 4, a gigabyte and many minutes at k = 6, where `qfl.models.star_layer.sampled` is exact.
        seed: Of the shots: a number, or a path such as (seed, client, round).
        mitigation: Errors that are undone; None for none.
        axes: Along which centres are measured, a circuit for each; the others' values are zero.

    Raises:
        ConfigError: When it is run, if k is greater than 6.
    """
    path = seed if isinstance(seed, tuple) else (seed,)
    run_one = partial(devices.expectations, device=device, shots=shots, noise=noise, mitigation=mitigation)

    def execute(convolution: Convolution, angles: Tensor) -> RunLayer:
        def run(
            layer: int,
            node: Tensor,
            edge: Tensor,
            index: Tensor,
            kept: Tensor | None = None,
            centre: Tensor | None = None,
        ) -> Tensor:
            k = index.shape[-2]
            _require_small(k, kept is not None)
            inputs, values = _inputs(node, edge, index, node if centre is None else centre), []
            for head in range(node.shape[1]):
                for place, axis in enumerate(AXES):
                    if axis not in axes:
                        values.append(torch.zeros_like(inputs[:, head, :, :1]))
                        continue
                    circuit, given = star_circuit(k, convolution, axis), (angles[:, layer, head], inputs[:, head])
                    values.append(run_one(circuit, *given, seed=(*path, layer, head, place)))
            return torch.stack(values, 1).squeeze(-1).unflatten(1, (-1, len(AXES)))

        return run

    return execute


class DeviceStars(ShotModel[StarGnn]):
    """A power model of star circuits on a client's device."""

    def powers(
        self,
        angles: Float[Tensor, "*client angle"],
        gain: Float[Tensor, "*client sample rx tx"],
        *,
        noise_w: float = 1.0,
        pmax_w: float = 1.0,
        alpha: Float[Tensor, "*client sample link"] | None = None,
        chosen: Int[Tensor, "*client layer sample rx neighbour"] | None = None,
    ) -> Float[Tensor, "*client sample link"]:
        """Return transmit powers in [0, pmax_w] watts, as `StarGnn.powers` does.

        Args:
            angles: The model's entries, of one client or of several.
            gain: Linear power gains, above 0, of as many clients.
            noise_w: Noise power at every receiver in watts.
            pmax_w: Greatest transmit power in watts.
            alpha: Weights of the links' rates, where they are a feature; 1 if None.
            chosen: The neighbours of every star, where they are drawn at random.
        """
        if angles.ndim == 1:
            one = [None if part is None else part[None] for part in (alpha, chosen)]
            own = {"noise_w": noise_w, "pmax_w": pmax_w, "alpha": one[0], "chosen": one[1]}
            return self.powers(angles[None], gain[None], **own)[0]
        stars = self.model.stars(gain * (pmax_w / noise_w), alpha, chosen=chosen)
        execute = self._execution(self.next_path())
        return self.model.outputs(angles, stars, execute).unflatten(-1, gain.shape[1:3]) * pmax_w

    def _execution(self, path: tuple[int, ...]) -> Execute:
        """Return how the circuits of one call run, whole or cut."""
        if not self.model.cut:
            return on_device(self.device, self.shots, self.noise, path, self.mitigation)

        def group(number: int) -> Execute:
            return on_device(self.device, self.shots, self.noise, (*path, number), self.mitigation, ("X", "Y"))

        return multiplied(group, self.model.cut)


def largest_circuit(model: StarGnn, num_links: int) -> Circuit:
    """Return the circuit of a model's star in a network, after it is found to be one that a device runs.

    Args:
        model: The model.
        num_links: Links of the network.

    Raises:
        ConfigError: If a circuit has more than `MOST_NEIGHBOURS` neighbours, or a star that is not cut is subsampled.
    """
    k = circuit_neighbours(model, num_links)
    _require_small(k, not model.cut and 0 < model.neighbour_subsampling < k)
    return star_circuit(k, model.convolution, AXES[0])


def _require_small(k: int, subsampled: bool) -> None:
    if k > MOST_NEIGHBOURS:
        raise ConfigError(
            f"a star of k = {k} neighbours has {2 * k + 1} qubits; PennyLane runs k up to {MOST_NEIGHBOURS}: "
            f"lower k, cut stars (cut = {MOST_NEIGHBOURS}), or run it exactly"
        )
    if subsampled:
        raise ConfigError(
            f"a star of k = {k} neighbours is subsampled, which PennyLane does not run whole: set "
            f"neighbour_subsampling to {k} or more, cut stars (cut = {MOST_NEIGHBOURS}), or run it exactly"
        )


def circuits(num_links: int, layers: int, heads: int, samples: int = 1) -> int:
    """Count the circuits of a forward pass: one per sample, link, layer, head and axis.

    Args:
        num_links: Links of a network, each the centre of a star.
        layers: Layers of the model.
        heads: Star circuits per link and layer.
        samples: Networks.

    Example:
        >>> circuits(20, layers=3, heads=8)
        1440
    """
    return prod((samples, num_links, layers, heads, len(AXES)))


def _inputs(node: Tensor, edge: Tensor, index: Tensor, centre: Tensor) -> Tensor:
    """Return the features of every star's circuit, [client head star feature]: theta and phi, wire by wire."""
    rows = index.flatten(-2).unsqueeze(-2)  # an axis of theta and phi, and one of heads where these share neighbours
    around = (rows if index.ndim == 4 else rows.unsqueeze(1)).expand(-1, *node.shape[1:3], -1)
    neighbour = node.gather(-1, around).unflatten(-1, index.shape[-2:])
    wires = torch.cat((centre.unsqueeze(3), neighbour, edge), 3)
    return wires.permute(0, 1, 4, 3, 2).flatten(3)
