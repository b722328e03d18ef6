"""One-hot QAOA as a sampler of discrete models, and as the sampler of a descent's blocks."""

from itertools import product

import dimod
import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.quantum.one_hot import one_hot_state
from qfl.quantum.qaoa_angles import QaoaAngles, fixed_angles
from qfl.scheduling.descent import on_diagonal
from qfl.scheduling.models.qubo import pairwise_model
from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers import qaoa
from qfl.scheduling.solvers.pennylane_qaoa import PennyLaneQAOA
from qfl.scheduling.solvers.qaoa import OneHotQAOA, block_sampler, choice_rewards, of_dqm_sampler
from qfl.scheduling.starts import random_options
from qfl.seeds import stream
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw


def random_dqm(*shape: int) -> dimod.DiscreteQuadraticModel:
    generator, dqm = stream(1, "dqm", *shape), dimod.DiscreteQuadraticModel()
    dqm.offset = 2.5
    for number, cases in enumerate(shape):
        dqm.add_variable(cases, f"device {number}")
        dqm.set_linear(f"device {number}", generator.normal(size=cases))
    for a, b in product(range(len(shape)), repeat=2):
        if a > b:  # stored with the later variable first
            biases = {case: generator.normal() for case in product(range(shape[a]), range(shape[b]))}
            dqm.set_quadratic(f"device {a}", f"device {b}", biases)
    return dqm


def small_problem(seed: int) -> Problem:
    return Problem(draw(UplinkScenario(num_devices=6, num_channels=2), seed))


@pytest.mark.parametrize("shape", [(3,), (2, 3), (3, 4, 5), (2, 2, 2, 3)])
def test_the_reward_of_every_choice_is_minus_dimods_energy(shape):
    dqm = random_dqm(*shape)
    samples = dimod.ExactDQMSolver().sample_dqm(dqm)
    reward = choice_rewards(dqm)
    assert samples.record.sample.shape[0] == reward.size
    np.testing.assert_allclose(reward[tuple(samples.record.sample.T)], -samples.record.energy, atol=1e-12)


def test_every_sample_takes_one_case_of_every_variable_and_has_dimods_energy():
    dqm = random_dqm(3, 4, 5)
    found = OneHotQAOA().sample_dqm(dqm, num_reads=300, seed=1)
    assert set(found.variables) == set(dqm.variables)
    assert found.record.num_occurrences.sum() == 300
    assert np.all(found.record.sample >= 0) and np.all(found.record.sample < [3, 4, 5])
    np.testing.assert_allclose(found.record.energy, dqm.energies((found.record.sample, found.variables)), atol=1e-12)


def test_samples_follow_the_probabilities_of_the_state():
    dqm, ramp = random_dqm(3, 3), QaoaAngles((0.6, 1.1), (0.3, 0.15))
    found = OneHotQAOA().sample_dqm(dqm, num_reads=20_000, angles=ramp, seed=2)
    counts = np.zeros((3, 3))
    np.add.at(counts, tuple(found.record.sample.T), found.record.num_occurrences)
    expected = 20_000 * np.abs(one_hot_state(choice_rewards(dqm), *ramp)) ** 2
    # chi-squared of 8 degrees of freedom exceeds 26.1 once in a thousand times
    assert np.sum((counts - expected) ** 2 / expected) < 26.1


def test_the_seed_names_the_draws():
    dqm = random_dqm(4, 4)
    first, again, other = (OneHotQAOA().sample_dqm(dqm, seed=seed) for seed in (5, 5, 6))
    assert first == again
    assert first.record.sample.tolist() != other.record.sample.tolist()


def test_fixed_angles_are_those_of_the_table_and_optimised_ones_lower_the_mean_energy():
    dqm = random_dqm(20, 20)
    fixed, fitted = (OneHotQAOA().sample_dqm(dqm, num_reads=2000, angles=angles) for angles in ("fixed", "optimised"))
    assert (fixed.info["gammas"], fixed.info["betas"]) == fixed_angles(20, 2, 3)
    means = [np.average(found.record.energy, weights=found.record.num_occurrences) for found in (fixed, fitted)]
    assert means[1] < means[0] - 0.3
    assert means[0] < -choice_rewards(dqm).mean() - 1  # even draws


def test_a_model_without_variables_has_no_samples():
    assert len(OneHotQAOA().sample_dqm(dimod.DiscreteQuadraticModel())) == 0


@pytest.mark.parametrize(
    ("shape", "arguments", "words"),
    [((60,) * 6, {}, r"4\.67e\+10 choices"), ((2, 2), {"angles": "best"}, "'best'.*optimised")],
)
def test_what_cannot_be_sampled_is_refused_in_a_sentence(shape, arguments, words):
    dqm = dimod.DiscreteQuadraticModel()
    for cases in shape:
        dqm.add_variable(cases)
    with pytest.raises(ConfigError, match=words):
        OneHotQAOA().sample_dqm(dqm, **arguments)


def test_the_block_sampler_gives_the_best_of_its_draws():
    """Many draws of a small block meet the best choice; one draw follows the state."""
    reward = stream(3, "block").normal(size=(5, 5))
    best = np.unravel_index(reward.argmax(), reward.shape)
    assert block_sampler(shots=500)(reward, stream(3, "many")) == best
    ones = [block_sampler(shots=1)(reward, stream(3, "one", trial)) for trial in range(300)]
    share = np.mean([one == best for one in ones])
    probability = abs(one_hot_state(reward, *fixed_angles(5, 2, 3))[best]) ** 2
    assert abs(share - probability) < 4 * np.sqrt(probability * (1 - probability) / 300)


@pytest.mark.parametrize("optimised", [False, True])
def test_qaoa_descent_never_lowers_the_sum_rate_and_beats_its_random_start(optimised):
    problem = small_problem(1)
    solution = qaoa.solve(problem, seed=1, num_blocks=12, shots=16, optimised=optimised)
    values = [value for *_, value in solution.trace]
    assert values == sorted(values)
    assert values[-1] > values[0]
    assert solution.value == problem.value(solution.schedule)
    assert problem.check(solution.schedule) == []


def test_at_equal_shots_qaoa_draws_better_blocks_than_even_draws_on_the_radio():
    """Rewards of blocks of two devices with 40 options each, 8 draws; mean over 40 blocks."""
    gains = []
    for seed in range(1, 9):
        problem = Problem(draw(UplinkScenario(), seed))
        schedule = random_options(problem, seed)
        for block in range(5):
            reward = pairwise_model(problem, schedule, np.array([2 * block, 2 * block + 1])).diagonal()
            generator = stream(seed, "compare", block)
            best = [reward[block_sampler(shots=8)(reward, generator)] for _ in range(5)]
            even = [reward.ravel()[generator.integers(reward.size, size=8)].max() for _ in range(5)]
            gains.append((np.mean(best) - np.mean(even)) / (reward.max() - reward.mean()))
    assert np.mean(gains) > 0.05


@pytest.mark.parametrize("sampler", [OneHotQAOA(), PennyLaneQAOA(), dimod.ExactDQMSolver()])
def test_samplers_of_discrete_models_fill_the_same_place(sampler):
    problem = small_problem(2)
    model = pairwise_model(problem, random_options(problem, 2), np.array([1, 4]))
    parameters = {} if isinstance(sampler, dimod.ExactDQMSolver) else {"num_reads": 400}
    picks = of_dqm_sampler(Seeded(sampler), **parameters)(model, stream(2, "pick"))
    assert model.reward(picks) == pytest.approx(model.constant + model.diagonal().max())


class Seeded:
    """A sampler that need not take a seed."""

    def __init__(self, sampler):
        self.sampler = sampler

    def sample_dqm(self, dqm, *, seed, **parameters):
        known = {"seed": seed} if "seed" in self.sampler.parameters else {}
        return self.sampler.sample_dqm(dqm, **parameters, **known)


def test_a_descent_on_qubits_does_what_the_exact_one_does():
    problem = small_problem(3)
    on_qubits = qaoa.solve(problem, seed=3, num_blocks=4, shots=400, sampler=PennyLaneQAOA())
    exact = qaoa.solve(problem, seed=3, num_blocks=4, shots=400)
    # with 400 shots on 16 choices both find the best of every block
    assert on_qubits.value == pytest.approx(exact.value)


def test_without_a_sample_left_each_device_takes_its_own_best_option():
    class Broken:
        def sample_dqm(self, dqm, *, seed):
            return dimod.SampleSet.from_samples([], "DISCRETE", energy=[])

    problem = small_problem(4)
    model = pairwise_model(problem, random_options(problem, 4), np.array([0, 1]))
    assert of_dqm_sampler(Broken())(model, stream(4)) == tuple(model.linear.argmax(axis=1))


def test_the_table_of_a_block_is_the_reward_of_its_model():
    problem = small_problem(5)
    model = pairwise_model(problem, random_options(problem, 5), np.array([2, 3]))
    np.testing.assert_allclose(choice_rewards(model.to_dqm()), model.diagonal(), atol=1e-9)
    picks = on_diagonal(block_sampler(shots=200))(model, stream(5, "pick"))
    assert model.diagonal()[picks] == model.diagonal().max()
