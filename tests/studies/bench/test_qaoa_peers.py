"""The peers compute the state that they are timed on, and the benchmark prints what it promises.

Also covers qfl/studies/bench/qaoa.py.
"""

import numpy as np
import pytest
from scipy.linalg import expm

from qfl.quantum.one_hot import one_hot_states
from qfl.quantum.qaoa_angles import QaoaAngles
from qfl.seeds import stream
from qfl.studies.bench import qaoa
from qfl.studies.bench.qaoa import bench_qaoa, difference, largest
from qfl.studies.bench.qaoa_peers import DEVICES, FORMS, peer, xy_exponential

RAMP = QaoaAngles((0.6, 1.1), (0.4, 0.2))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_pennylane_gives_our_amplitudes(form, device):
    rewards = stream(1, "peers").normal(size=(3, 3, 3))
    found = peer(form, device, 3, RAMP)(rewards)
    assert difference(found, rewards, RAMP) < 1e-12
    assert np.allclose(np.sum(np.abs(found) ** 2, axis=(1, 2)), 1)


def test_the_difference_sees_a_wrong_amplitude_but_not_a_global_phase():
    rewards = stream(2, "peers").normal(size=(2, 3, 3))
    ours = one_hot_states(rewards, *RAMP)
    assert difference(ours * np.exp(0.7j), rewards, RAMP) < 1e-14
    wrong = ours.copy()
    wrong[1, 2, 0] *= 1.01
    assert difference(wrong, rewards, RAMP) > 1e-4


def test_the_mixer_of_the_peers_is_the_exponential_of_the_xy_hamiltonian():
    x, y = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]])
    hamiltonian = np.zeros((8, 8), dtype=complex)
    for pair in ((0, 1), (0, 2), (1, 2)):
        for pauli in (x, y):
            a, b, c = (pauli if wire in pair else np.eye(2) for wire in range(3))
            hamiltonian += np.kron(np.kron(a, b), c) / 2
    np.testing.assert_allclose(xy_exponential(3, 0.3), expm(-0.3j * hamiltonian), atol=1e-14)


def test_a_register_is_checked_against_a_product_of_small_states():
    found = largest(3, 4)
    assert (found["qubits"], found["amplitudes"], found["state_bytes"]) == (12, 64, 1024)
    assert found["max_abs_diff"] < 1e-12
    assert found["peak_bytes"] >= found["state_bytes"] and found["seconds"] > 0


def test_the_benchmark_prints_its_keys(monkeypatch):
    monkeypatch.setattr(qaoa, "REGISTERS", ((2, 3), (3, 3)))
    result = bench_qaoa(repeats=1, options=(2, 3))
    assert result["max_abs_diff"] < 1e-10
    assert result["ratio_pennylane"] == result["options_3"]["ratio_pennylane"]
    assert result["largest"]["qubits"] == 9
    names = {f"{form} {device}" for form in FORMS for device in DEVICES}
    assert names <= result["options_2"].keys()
    exact = [name for name in names if not name.startswith("givens")]
    fastest = min(exact, key=lambda name: result["options_2"][name]["median_s"])
    assert result["options_2"]["fastest_peer"] == fastest
    assert {"ratio_givens", "ratio_single"} <= result.keys()
