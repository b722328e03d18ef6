"""The printed circuits: gate by gate, their counts, and what they cannot do."""

import numpy as np
import pytest
import torch

from qfl.models.cloud_edge.printed import cloud_circuit, edge_circuit, lemma_1
from qfl.quantum import devices, exact
from qfl.quantum.circuit import Circuit
from qfl.quantum.drawing import depth, gate_counts

ORDERS = ["operator", "time"]


def text(circuit):
    return [f"{g.name}{''.join(map(str, g.wires))}{[p.index for p in g.parameters] or ''}" for g in circuit.gates]


def values(circuit, seed=0, samples=5):
    rng = np.random.default_rng(seed)
    angles = torch.from_numpy(rng.uniform(-3, 3, circuit.num_angles))
    return angles, torch.from_numpy(rng.uniform(-3, 3, (samples, circuit.num_features)))


def test_the_cloud_gate_by_gate():
    """Two access points, two users, two layers: Eq. (11), then Eq. (12) from its right end."""
    encode = ["H0", "RZ0[0]", "RZ0[1]", "H1", "RZ1[2]", "RZ1[3]"]
    assert text(cloud_circuit(2, 2)) == [*encode, "RY3[3]", "RY2[2]", "RY1[1]", "RY0[0]", "CNOT12", "CZ01"]
    assert text(cloud_circuit(2, 2, order="time"))[6:] == ["CZ01", "CNOT12", "RY0[0]", "RY1[1]", "RY2[2]", "RY3[3]"]


def test_the_edge_gate_by_gate():
    encode = ["H0", "RZ0[0]", "H1", "RZ1[1]", "H2", "RZ2[2]"]
    connect = "RY0[0] CZ01 CZ12 RY0[0] RY1[1] RY2[2] CZ20 CZ01 CZ12 CZ01 RY1[1] CZ01 CZ12 RY2[2] CZ12".split()
    assert text(edge_circuit(3, 2, order="time")) == encode + connect
    assert text(edge_circuit(3, 2)) == encode + connect[::-1]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("aps", "users", "layers", "features"), [(2, 2, 1, 1), (4, 3, 2, 1), (3, 2, 3, 2)])
def test_both_engines_run_both_circuits(order, aps, users, layers, features):
    for circuit in (cloud_circuit(aps, users, layers, features, order), edge_circuit(users, 2, features, order)):
        given = values(circuit)
        torch.testing.assert_close(exact.expectations(circuit, *given), devices.expectations(circuit, *given))


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("aps", [2, 4])
def test_counts_of_section_iv_d(aps, layers):
    """Qubits are Definition 1's; Lemma 1 adds qubits for gates. Angles: N_layer N_neuron, as section IV-D has it."""
    circuit = cloud_circuit(aps, 3, layers)
    assert circuit.num_qubits == circuit.num_angles == layers * aps
    assert lemma_1(layers, aps) - circuit.num_qubits == 2 * (layers - 1)
    counts = gate_counts(circuit)
    assert (counts.get("CZ", 0), counts.get("CNOT", 0)) == ((layers - 1) * (aps - 1), layers - 1)
    assert counts["RY"] == layers * aps and counts["RZ"] == 3 * aps
    edge = edge_circuit(3, 2)
    assert edge.num_qubits == edge.num_angles == 3


def test_depth_of_the_connecting_part_grows_as_the_neurons():
    """A serial chain of N_neuron - 1 controlled Z, the connection of layers and one rotation: O(N_neuron)."""
    for aps in (2, 4, 8):
        circuit = cloud_circuit(aps, 1, 2, order="time")
        connect = Circuit(circuit.num_qubits, circuit.gates[2 * aps :], circuit.observables)
        assert depth(connect) == (aps - 1) + 1 + 1


def test_users_of_an_access_point_are_exchangeable():
    """Fault of Eq. (11): angles on one qubit add up, so the outputs stay when users change places at any one AP."""
    circuit = cloud_circuit(4, 3)
    angles, inputs = values(circuit)
    swapped = inputs.clone().view(5, 4, 3)
    swapped[:, 1] = swapped[:, 1, [2, 0, 1]]
    before, after = (exact.expectations(circuit, angles, x) for x in (inputs, swapped.flatten(1)))
    torch.testing.assert_close(before, after)
    assert before.std(0).min() > 0.05  # while they do depend on the channel


def test_an_output_sees_its_own_access_point_alone():
    """Read as operators, the controlled Z come last, where a measured Z does not notice them."""
    circuit = cloud_circuit(4, 3)
    angles, inputs = values(circuit)
    total = inputs.view(5, 4, 3).sum(-1)
    torch.testing.assert_close(exact.expectations(circuit, angles, inputs), -angles[:4].sin() * total.cos())


def test_read_in_time_the_outputs_see_no_channel_at_all():
    """The state before the rotation has <Z> = 0 on the equator, and behind a controlled Z <X> = 0, too."""
    circuit = cloud_circuit(4, 3, order="time")
    angles, inputs = values(circuit)
    torch.testing.assert_close(exact.expectations(circuit, angles, inputs), torch.zeros(5, 4, dtype=torch.float64))


def test_the_precoder_has_real_entries_of_as_many_qubits_as_users():
    with pytest.raises(ValueError, match="add users"):
        edge_circuit(2, 4)
