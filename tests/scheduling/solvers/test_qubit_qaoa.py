"""QAOA under a transverse field is a dimod sampler of binary models, and so is whatever takes its place."""

import unittest
from functools import reduce

import dimod
import dimod.testing
import numpy as np
import pytest
from scipy.linalg import expm

from qfl.errors import ConfigError
from qfl.quantum.one_hot import expected_reward, one_hot_state
from qfl.quantum.qaoa_angles import QaoaAngles, fixed_angles
from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers import dimod_blocks
from qfl.scheduling.solvers.qubit_qaoa import QubitQAOA, state_rewards
from qfl.seeds import stream
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw


@dimod.testing.load_sampler_bqm_tests(QubitQAOA)
class TestDimodConformance(unittest.TestCase):
    """dimod's own tests for samplers of binary models."""

    def test_the_sampler_has_dimods_interface(self):
        dimod.testing.assert_sampler_api(QubitQAOA())


def random_bqm(size: int, vartype: str, seed: int = 1) -> dimod.BinaryQuadraticModel:
    generator = stream(seed, "bqm", size)
    linear = {f"v{i}": generator.normal() for i in range(size)}
    quadratic = {(f"v{i}", f"v{j}"): generator.normal() for i in range(size) for j in range(i)}
    return dimod.BinaryQuadraticModel(linear, quadratic, 0.7, vartype)


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_the_reward_of_every_state_is_minus_dimods_energy(vartype):
    bqm = random_bqm(5, vartype)
    states = dimod.ExactSolver().sample(bqm)
    bits = (states.record.sample > 0).astype(int)
    index = [list(states.variables).index(name) for name in bqm.variables]
    np.testing.assert_allclose(state_rewards(bqm)[tuple(bits[:, index].T)], -states.record.energy, atol=1e-12)


def test_the_mixer_is_the_transverse_field():
    """Against dense matrices: exp(-i beta sum X) after exp(-i gamma e), from the even superposition."""
    bqm, ramp = random_bqm(4, "SPIN"), QaoaAngles((0.8, 1.3), (0.6, 0.3))
    reward = state_rewards(bqm).ravel()
    energy = (reward - reward.mean()) / reward.std()
    x = np.array([[0, 1], [1, 0]])
    field = sum(reduce(np.kron, [x if wire == own else np.eye(2) for wire in range(4)]) for own in range(4))
    psi = np.full(16, 0.25, dtype=complex)
    for gamma, beta in zip(*ramp, strict=True):
        psi = expm(-1j * beta * field) @ (np.exp(-1j * gamma * energy) * psi)
    np.testing.assert_allclose(one_hot_state(state_rewards(bqm), *ramp).ravel(), psi, atol=1e-12)


def test_the_fixed_angles_find_ground_states_far_more_often_than_even_draws():
    factors = []
    for seed in range(10, 16):
        reward = state_rewards(random_bqm(9, "SPIN", seed))
        factors.append(np.abs(one_hot_state(reward, *fixed_angles(2, 9, 3)).ravel()[reward.argmax()]) ** 2 * 2**9)
    assert np.mean(factors) > 15


def test_optimised_angles_lower_the_mean_energy():
    bqm = random_bqm(7, "SPIN")
    reward = state_rewards(bqm)
    ramps = [QaoaAngles(**QubitQAOA().sample(bqm, angles=angles).info) for angles in ("fixed", "optimised")]
    assert expected_reward(reward, *ramps[1]) > expected_reward(reward, *ramps[0]) + 0.05 * reward.std()


def test_the_seed_names_the_draws_and_shots_are_counted():
    bqm = random_bqm(8, "BINARY")
    first, again, other = (QubitQAOA().sample(bqm, num_reads=40, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.record.sample.tolist() != other.record.sample.tolist()
    assert first.record.num_occurrences.sum() == 40


def test_more_variables_than_a_state_can_hold_are_refused_in_a_sentence():
    with pytest.raises(ConfigError, match="21 variables and exact QAOA takes 20"):
        QubitQAOA().sample(random_bqm(21, "SPIN"))


def mock_of_dwave():
    testing = pytest.importorskip("dwave.system.testing", reason="dwave-system (a test extra) is not installed")
    from dwave.system import EmbeddingComposite

    return EmbeddingComposite(testing.MockDWaveSampler(topology_type="zephyr", topology_shape=[3]))


def annealer():
    from dwave.samplers import SimulatedAnnealingSampler

    return SimulatedAnnealingSampler()


@pytest.mark.parametrize(
    ("make", "parameters"),
    [
        (QubitQAOA, {"num_reads": 200}),
        (annealer, {"num_reads": 20}),
        (dimod.ExactSolver, {}),
        (mock_of_dwave, {"num_reads": 20}),
    ],
)
def test_every_sampler_of_binary_models_fills_the_same_place(make, parameters):
    """D-Wave's hardware, here its mock behind an embedding, schedules without a line of code for it."""
    problem = Problem(draw(UplinkScenario(num_devices=5, num_channels=2), 1))
    choose = dimod_blocks.of_sampler(make(), **parameters)
    solution = dimod_blocks.descent.solve(problem, choose, "any sampler", seed=1, num_blocks=4)
    values = [value for *_, value in solution.trace]
    assert values == sorted(values) and values[-1] > values[0]
    assert problem.check(solution.schedule) == []
