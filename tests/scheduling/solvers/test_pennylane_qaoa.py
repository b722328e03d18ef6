"""One-hot QAOA on PennyLane's qubits is the exact one; Trotter's mixer, shots and noise do what is said of them."""

from itertools import product

import dimod
import networkx
import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.quantum.noise import NoiseModel
from qfl.quantum.one_hot import one_hot_state
from qfl.quantum.qaoa_angles import QaoaAngles
from qfl.scheduling.solvers.pennylane_qaoa import PennyLaneQAOA, registers, trotter_mixer
from qfl.scheduling.solvers.qaoa import OneHotQAOA, choice_rewards
from qfl.seeds import stream

RAMP = QaoaAngles((0.5, 0.9, 1.4), (0.41, 0.17, 0.08))


def random_dqm(*shape: int) -> dimod.DiscreteQuadraticModel:
    generator, dqm = stream(1, "dqm", *shape), dimod.DiscreteQuadraticModel()
    for name, cases in enumerate(shape):
        dqm.add_variable(cases, name)
        dqm.set_linear(name, generator.normal(size=cases))
    for a, b in product(range(len(shape)), repeat=2):
        if a < b:
            cases = product(range(shape[a]), range(shape[b]))
            dqm.set_quadratic(a, b, {case: generator.normal() for case in cases})
    return dqm


def one_hot_part(psi: np.ndarray, dqm: dimod.DiscreteQuadraticModel) -> np.ndarray:
    wires = registers(dqm)
    index = [
        sum(2 ** (wires[-1].stop - 1 - own[case]) for own, case in zip(wires, choice, strict=True))
        for choice in product(*map(range, map(len, wires)))
    ]
    return psi[index].reshape([len(own) for own in wires])


def in_phase(psi: np.ndarray, reference: np.ndarray) -> np.ndarray:
    overlap = np.vdot(psi, reference)
    return psi * overlap / abs(overlap)


@pytest.mark.parametrize("device", ["default.qubit", "lightning.qubit"])
@pytest.mark.parametrize("shape", [(3, 3), (4, 4), (2, 2, 2), (2, 5)])
def test_the_ideal_mixer_on_qubits_gives_the_exact_amplitudes(shape, device):
    dqm = random_dqm(*shape)
    exact = one_hot_state(choice_rewards(dqm), *RAMP)
    found = one_hot_part(PennyLaneQAOA(device).state(dqm, RAMP), dqm)
    np.testing.assert_allclose(in_phase(found, exact), exact, atol=1e-12, rtol=0)


def test_the_ideal_mixer_is_the_exponential_of_pennylanes_own_xy_mixer():
    """PennyLane's Hamiltonian on the complete graph, exponentiated as a matrix; arbitrary start."""
    import pennylane as qp
    from scipy.linalg import expm

    dqm = random_dqm(4)
    start, after = (
        one_hot_part(PennyLaneQAOA().state(dqm, ramp), dqm)
        for ramp in (QaoaAngles((0.7,), (0.0,)), QaoaAngles((0.7,), (0.3,)))
    )
    hamiltonian = qp.matrix(qp.qaoa.xy_mixer(networkx.complete_graph(4)), wire_order=range(4))
    index = [8, 4, 2, 1]
    np.testing.assert_allclose(hamiltonian[np.ix_(index, index)], np.ones((4, 4)) - np.eye(4), atol=1e-15)
    expected = expm(-0.3j * hamiltonian)[np.ix_(index, index)] @ start
    np.testing.assert_allclose(in_phase(after, expected), expected, atol=1e-12, rtol=0)


def fidelity(dqm: dimod.DiscreteQuadraticModel, steps: int, ramp: QaoaAngles) -> float:
    found = one_hot_part(PennyLaneQAOA(mixer="trotter", trotter_steps=steps).state(dqm, ramp), dqm)
    assert abs(np.linalg.norm(found) - 1) < 1e-12  # Trotter's mixer keeps one-hot states, too
    return abs(np.vdot(found, one_hot_state(choice_rewards(dqm), *ramp))) ** 2


def test_trotters_mixer_is_another_one_that_approaches_the_ideal_one():
    dqm, ramp = random_dqm(4, 4), QaoaAngles((0.8, 0.9), (0.6, 0.4))
    one, four, many = (fidelity(dqm, steps, ramp) for steps in (1, 4, 32))
    assert one < 0.9 < four < many
    assert many > 0.999


@pytest.mark.parametrize("steps", [1, 3])
def test_trotters_mixer_is_pennylanes_time_evolution_and_one_step_of_it_is_its_mixer_layer(steps):
    import pennylane as qp

    hamiltonian = qp.qaoa.xy_mixer(networkx.complete_graph(4))
    theirs = qp.matrix(qp.ApproxTimeEvolution(hamiltonian, 0.4, steps), wire_order=range(4))
    ours = qp.matrix(lambda: list(trotter_mixer(range(4), 0.4, steps)), wire_order=range(4))()
    np.testing.assert_allclose(ours, theirs, atol=1e-12, rtol=0)
    if steps == 1:
        layer = qp.matrix(lambda: qp.qaoa.mixer_layer(0.4, hamiltonian), wire_order=range(4))()
        np.testing.assert_allclose(ours, layer, atol=1e-12, rtol=0)


@pytest.mark.parametrize("device", ["default.qubit", "lightning.qubit"])
def test_shots_follow_the_exact_probabilities(device):
    dqm = random_dqm(3, 3)
    found = PennyLaneQAOA(device).sample_dqm(dqm, num_reads=4000, angles=RAMP, seed=1)
    counts = np.zeros((3, 3))
    np.add.at(counts, tuple(found.record.sample.T), found.record.num_occurrences)
    expected = 4000 * np.abs(one_hot_state(choice_rewards(dqm), *RAMP)) ** 2
    assert counts.sum() == 4000 and found.info["not_one_hot"] == 0
    # chi-squared of 8 degrees of freedom exceeds 26.1 once in a thousand times
    assert np.sum((counts - expected) ** 2 / expected) < 26.1


def test_the_same_seed_gives_the_same_shots():
    dqm = random_dqm(3, 3)
    first, second = (PennyLaneQAOA().sample_dqm(dqm, num_reads=50, seed=4) for _ in range(2))
    assert first == second


def test_noise_breaks_some_one_hot_states_and_the_rest_is_returned():
    dqm = random_dqm(2, 2)
    noisy = PennyLaneQAOA("default.mixed", noise=NoiseModel(depolarising=0.01, readout=0.02))
    found = noisy.sample_dqm(dqm, num_reads=500, layers=1, seed=2)
    assert 0 < found.info["not_one_hot"] < 500
    assert found.record.num_occurrences.sum() == 500 - found.info["not_one_hot"]
    assert len(found) <= 4


def test_it_takes_the_place_of_the_exact_sampler():
    dqm = random_dqm(3, 3)
    best = dimod.ExactDQMSolver().sample_dqm(dqm).first.energy
    for sampler in (OneHotQAOA(), PennyLaneQAOA()):
        assert sampler.sample_dqm(dqm, num_reads=200, seed=3).first.energy == pytest.approx(best)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"mixer": "xy"}, "ideal, trotter"),
        ({"trotter_steps": 0}, "1 or more"),
        ({"noise": NoiseModel(readout=0.1)}, "default.mixed"),
    ],
)
def test_a_sampler_that_cannot_be_says_so_in_a_sentence(arguments, words):
    with pytest.raises(ConfigError, match=words):
        PennyLaneQAOA(**arguments)


def test_a_device_that_is_not_installed_is_named():
    with pytest.raises(ConfigError, match=r"no\.such"):
        PennyLaneQAOA("no.such").sample_dqm(random_dqm(2))
