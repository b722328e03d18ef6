"""What is measured for the paper's theory: rows of gradients, of counts, of exchanged users, and of rates."""

from collections.abc import Iterator
from typing import Any

import torch

from qfl.models.cloud_edge.cloud import make_cloud
from qfl.models.cloud_edge.decoding import candidates
from qfl.models.cloud_edge.limits import exchangeable_limit
from qfl.models.cloud_edge.objectives import candidate_rates
from qfl.models.cloud_edge.plus import pair_circuit
from qfl.models.cloud_edge.printed import edge_circuit, lemma_1
from qfl.models.cloud_edge.trainability import (
    assignment_losses,
    expectation_norms,
    loss_norms,
    random_angles,
    shift_norms,
    single_neuron,
)
from qfl.quantum.circuit import Circuit
from qfl.quantum.drawing import depth
from qfl.quantum.exact import expectations
from qfl.quantum.expressivity import lie_dimension
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.precoders import max_ratio

from .measure import measure
from .methods import baselines
from .theory_readings import READINGS, circuit_of, cloud_of, connecting, in_two_rounds, with_own_angles
from .theory_settings import Theory, network_of

Row = dict[str, Any]
LOSSES = ("loss", "shift", "expectation")
FULL = 4  # access points of Table III
METHODS = ("algorithm4_mr", "exhaustive_min_mr", "exhaustive_sum_81_mr")
TELLS_APART = 1e-9


def gradients(study: Theory, seed: int) -> Iterator[Row]:
    """Yield, for every circuit and loss, mean and largest squared gradient norm over random angles and channels."""
    for neurons in study.neurons:
        network = network_of(neurons)
        channels = draw(network, seed, study.draws, "trainability")
        for layers in study.layers:
            for reading in READINGS:
                cloud = cloud_of(reading, neurons, layers)
                angles = random_angles(seed, study.draws, len(cloud.layout))
                norms = {
                    "loss": loss_norms(cloud, network, channels, angles),
                    "shift": shift_norms(cloud, network, channels, angles),
                    "expectation": expectation_norms(cloud, channels, angles),
                }
                about = {"seed": seed, "reading": reading, "layers": layers, "neurons": neurons}
                for loss in LOSSES:
                    yield about | {"loss": loss, "mean": float(norms[loss].mean()), "most": float(norms[loss].max())}


def extended(study: Theory, seed: int) -> Iterator[Row]:
    """Yield the same of the extended cloud at Table III, where its training starts: few of its numbers are angles."""
    network = network_of(FULL)
    cloud, channels = make_cloud("extended", network), draw(network, seed, study.draws, "trainability")
    starts = [torch.from_numpy(cloud.initial(study.draws * seed + number)) for number in range(study.draws)]
    norms = loss_norms(cloud, network, channels, torch.stack(starts))
    yield {"seed": seed, "mean": float(norms.mean()), "most": float(norms.max()), "entries": len(cloud.layout)}


def inputs(study: Theory, seed: int) -> Iterator[Row]:
    """Yield what the paper says of inputs and losses: the single neuron, x as a number, and the range of Eq. (22)."""
    for neurons in study.neurons:
        network = network_of(neurons)
        channels = draw(network, seed, study.trials, "trainability")
        phase = cloud_of("operator", neurons, 1).seen(channels).unflatten(-1, (neurons, network.num_users)).sum(-1)
        losses = assignment_losses(network, channels, candidates(neurons, network.num_users, all_served=False))
        yield {
            "seed": seed,
            "neurons": neurons,
            "single_neuron": float(single_neuron(phase).mean()),
            "x_as_a_number": float(phase.square().mean() / 4),
            "largest_loss": float(losses.max()),
        }


def rates(study: Theory, seed: int) -> Iterator[Row]:
    """Yield both rates at Table III: what no cloud exceeds that takes users for one another, and who does."""
    network = network_of(FULL)
    channels = draw(network, seed, study.trials, "test")
    rows, beams = candidates(FULL, network.num_users, all_served=False), max_ratio(channels.known)
    found = candidate_rates(network, channels.known, beams, rows, penalty=0.0)
    limits = [exchangeable_limit(each, rows, network.num_users) for each in (found.amin(-1), found.sum(-1))]
    least, total = (float(limit.mean()) for limit in limits)
    yield {"seed": seed, "method": "exchangeable_limit", "min_rate": least, "sum_rate": total}
    methods = {name: method for name, method in baselines(network, seed).items() if name in METHODS}
    for row in measure(network, channels, methods):
        yield {"seed": seed, **{key: row[key] for key in ("method", "min_rate", "sum_rate")}}


def exchanges(study: Theory, seed: int) -> Iterator[Row]:
    """Yield how far outputs move where two users of one access point change places, and how many angles they see."""
    network = network_of(FULL)
    channels = draw(network, seed, study.draws, "exchange")
    swapped = Channels(*(_swap(part) for part in channels))
    for reading in READINGS:
        cloud = cloud_of(reading, FULL, 2)
        angles = random_angles(seed, 1, len(cloud.layout))[0]
        moved = (cloud.outputs(angles, channels) - cloud.outputs(angles, swapped)).abs().max()
        heard = cloud.outputs(angles, channels).std(0).max()
        yield {"seed": seed, "circuit": reading, "moved": float(moved), "spread": float(heard)} | _used(reading, seed)
    pairs = make_cloud("extended", network)
    start = torch.from_numpy(pairs.initial(seed))
    before, after = (pairs.policy(start, each) for each in (channels, swapped))
    yield {"seed": seed, "circuit": "extended", "moved": float((before - after).abs().max())}


def _used(reading: str, seed: int) -> Row:
    """Return how many of a reading's angles change any output at all."""
    circuit = circuit_of(reading, FULL, 2)
    angles = random_angles(seed, 20, circuit.num_angles).requires_grad_()
    inputs = random_angles(seed + 1, 20, circuit.num_features)[:, None]
    weights = torch.arange(1.0, 1.0 + len(circuit.observables), dtype=angles.dtype)
    (slopes,) = torch.autograd.grad((expectations(circuit, angles, inputs)[:, 0] @ weights).sum(), angles)
    return {"angles": circuit.num_angles, "used": int((slopes.abs() > TELLS_APART).any(0).sum())}


def counts(study: Theory) -> Iterator[Row]:
    """Yield qubits, angles, depths and Lie dimensions of every reading: nothing here is drawn."""
    for reading in READINGS:
        for neurons in study.neurons:
            for layers in study.layers:
                circuit = circuit_of(reading, neurons, layers)
                yield {"circuit": reading, "layers": layers, "neurons": neurons} | _counted(circuit)
    for neurons in study.depths:
        for reading in READINGS:
            yield {"circuit": reading, "layers": 2, "neurons": neurons} | _depths(circuit_of(reading, neurons, 2))
    edge, pair = with_own_angles(edge_circuit(3, 2)), pair_circuit(4, 2, 4)
    yield {"circuit": "edge", "layers": 1, "neurons": 3} | _counted(edge) | {"angles": edge_circuit(3, 2).num_angles}
    yield {"circuit": "extended", "layers": 2, "neurons": 4} | _counted(pair) | {"depth": depth(pair)}


def lemma_1_counts(layers: int, neurons: int) -> Row:
    """Return the qubits that Lemma 1, and that its proof, count for the cloud.

    Example:
        >>> lemma_1_counts(2, 4)
        {'lemma': 10, 'proof': 12}
    """
    return {"lemma": lemma_1(layers, neurons), "proof": layers - 1 + neurons - 1 + layers * neurons}


def _counted(circuit: Circuit) -> Row:
    dimensions = {
        f"lie{'' if encoding else '_trained'}{'' if entanglers else '_apart'}": lie_dimension(
            circuit, encoding, entanglers
        )
        for encoding in (True, False)
        for entanglers in (True, False)
    }
    wires = {wire for gate in circuit.gates for wire in gate.wires}
    return {"qubits": len(wires), "angles": circuit.num_angles} | dimensions


def _depths(circuit: Circuit) -> Row:
    connect = connecting(circuit)
    return {"depth": depth(connect), "depth_two_rounds": depth(in_two_rounds(connect))}


def _swap(part: torch.Tensor) -> torch.Tensor:
    """Return channels with the first two users exchanged at the first access point."""
    swapped = part.clone()
    swapped[:, 0, [0, 1]] = part[:, 0, [1, 0]]
    return swapped


TABLES = {"gradients": gradients, "extended": extended, "inputs": inputs, "rates": rates, "exchanges": exchanges}
