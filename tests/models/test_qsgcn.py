"""QSGCN: Table II's qubits, PennyLane's values, equivariance, and the refusal."""

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError, DataError
from qfl.models.qsgcn import Qsgcn, graph_circuit, qubits
from qfl.quantum import devices, exact
from qfl.seeds import stream


def channels(samples, links, seed=1):
    decades = stream(seed, "channels").normal(3, 1, (samples, links, links)) + 3 * np.eye(links)
    return torch.from_numpy(10**decades)


def entries(model, seed=1):
    return torch.from_numpy(model.initial(seed))


@pytest.mark.parametrize("links", [2, 4])
def test_powers_are_permutation_equivariant(links):
    model, gain = Qsgcn(), channels(3, links)
    order = torch.from_numpy(stream(links, "order").permutation(links))
    powers = model.powers(entries(model), gain)
    assert powers.std() > 1e-3 and powers.min() >= 0 and powers.max() <= 1
    permuted = model.powers(entries(model), gain[:, order][:, :, order])
    torch.testing.assert_close(permuted, powers[:, order], atol=1e-9, rtol=0)


def test_the_circuit_of_four_links_has_ten_qubits_and_pennylanes_values():
    circuit = graph_circuit(4, 1)
    assert circuit.num_qubits == qubits(4) == 10
    generator = stream(1, "qsgcn")
    angles = torch.from_numpy(generator.uniform(-3, 3, circuit.num_angles))
    inputs = torch.from_numpy(generator.uniform(-3, 3, (2, circuit.num_features)))
    found, expected = (run(circuit, angles, inputs) for run in (exact.expectations, devices.expectations))
    torch.testing.assert_close(found, expected, atol=1e-10, rtol=0)


def test_stacked_clients_and_gradients():
    model, gain = Qsgcn(layers=2), torch.stack([channels(2, 3, seed) for seed in (1, 2)])
    angles = torch.stack([entries(model, seed) for seed in (1, 2)]).requires_grad_()
    together = model.powers(angles, gain, noise_w=0.5, pmax_w=2.0)
    for client in range(2):
        alone = model.powers(angles[client], gain[client], noise_w=0.5, pmax_w=2.0)
        torch.testing.assert_close(together[client], alone, atol=1e-12, rtol=0)
    (gradient,) = torch.autograd.grad(together.sum(), angles)
    # no node's <Z> hears a last turn about Z, of nodes or of edges (they couple in Z), or the last layer's edges
    dead = [model.layout.names[place] for place in (gradient.abs() < 1e-12).all(0).nonzero().flatten()]
    assert set(dead) == {"circuit.0.5", *(f"circuit.1.{place}" for place in (2, 3, 4, 5))}


@pytest.mark.parametrize(("links", "count"), [(8, 36), (10, 55), (20, 210)])
def test_more_links_are_refused_with_qubits_and_bytes(links, count):
    model = Qsgcn()
    with pytest.raises(ConfigError, match=f"{count} qubits for {links} links.* {8 * 2**count:,} bytes"):
        model.powers(entries(model), channels(1, links))


def test_bad_gains_are_refused():
    model, gain = Qsgcn(), channels(1, 3)
    gain[0, 0, 1] = 0
    with pytest.raises(DataError, match="1 of 9 gains are zero"):
        model.powers(entries(model), gain)


def test_the_layout_names_rotations():
    layout = Qsgcn().layout
    assert layout.rotations[:2] == ((0, 1, 2), (3, 4, 5)) and len(layout.rotations) == 6
    assert all(name.startswith("circuit") for triple in layout.rotations for name in (layout.names[i] for i in triple))
