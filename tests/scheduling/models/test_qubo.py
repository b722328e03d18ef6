"""Block models against the true sum rate: exact for pairs, below it for the tangent.

Also covers qfl/scheduling/models/block.py, qfl/scheduling/models/tangent.py.
"""

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.errors import ConfigError
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.models.qubo import pairwise_model
from qfl.scheduling.models.tangent import tangent_model
from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.starts import random_options
from qfl.wireless.uplink import UplinkInstance

VARIANTS = ("all_active", "optional_channel", "optional_power")


def random_case(seed, variant, block_size, weighted=False):
    rng = np.random.default_rng(seed)
    gain = 10 ** rng.uniform(0, 5, (7, 1)) * rng.exponential(size=(7, 3))
    instance = UplinkInstance(gain, np.ones(7), 1e-3, 0.25, 1.0, variant, 7, 0.0)
    weights = rng.uniform(0.1, 2, 7)
    problem = Problem(instance, "weighted_sum_rate", weights=weights) if weighted else Problem(instance)
    return problem, random_options(problem, seed), rng.permutation(7)[:block_size], rng


def with_options(problem, schedule, block, picks):
    choice, channel, power_w = problem.options, schedule.channel.copy(), schedule.power_w.copy()
    channel[block], power_w[block] = choice.channel[list(picks)], choice.power_w[list(picks)]
    return Schedule(channel, power_w)


@pytest.mark.parametrize("block_size", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
@given(seed=st.integers(0, 10_000), variant=st.sampled_from(VARIANTS))
@settings(max_examples=8)
def test_the_pairwise_model_is_the_sum_rate_for_blocks_of_one_and_two(seed, variant, block_size, weighted):
    problem, schedule, block, rng = random_case(seed, variant, block_size, weighted)
    model = pairwise_model(problem, schedule, block)
    for picks in rng.integers(len(problem.options), size=(20, block_size)):
        true = problem.value(with_options(problem, schedule, block, picks))
        assert model.reward(picks.tolist()) == pytest.approx(true, rel=1e-7, abs=1e-9)


def test_three_devices_are_exact_unless_all_share_a_sub_channel():
    wrong = 0
    for seed in range(5):
        problem, schedule, block, rng = random_case(seed, "all_active", 3)
        model = pairwise_model(problem, schedule, block)
        for picks in rng.integers(6, size=(40, 3)):
            same = len(set(picks % 3)) == 1
            error = abs(model.reward(picks.tolist()) - problem.value(with_options(problem, schedule, block, picks)))
            assert same or error < 1e-7
            wrong += same and error > 1e-3
    assert wrong


@given(seed=st.integers(0, 10_000), variant=st.sampled_from(VARIANTS), block_size=st.integers(1, 4))
@settings(max_examples=12)
def test_the_tangent_minorises_the_sum_rate_and_touches_it_at_its_point(seed, variant, block_size):
    problem, schedule, block, rng = random_case(seed, variant, block_size, weighted=True)
    model, choice = tangent_model(problem, schedule, block), problem.options
    here = [choice.index(int(schedule.channel[i]), float(schedule.power_w[i])) for i in block]
    value = problem.value(schedule)
    assert model.reward(here) == pytest.approx(value, abs=1e-7)
    for picks in rng.integers(len(choice), size=(30, block_size)):
        true = problem.value(with_options(problem, schedule, block, picks))
        assert model.reward(picks.tolist()) <= true + 1e-7


def test_the_limit_of_v4_costs_more_than_a_block_can_earn():
    gain = 10 ** np.random.default_rng(3).uniform(0, 5, (6, 3))
    problem = Problem(UplinkInstance(gain, np.ones(6), 1e-3, 0.25, 1.0, "capacity", 2, 0.0))
    schedule = random_options(problem, 3)
    table = pairwise_model(problem, schedule, np.array([0, 5])).diagonal()
    feasible = np.array(
        [
            [not problem.check(with_options(problem, schedule, np.array([0, 5]), (o, p))) for p in range(6)]
            for o in range(6)
        ]
    )
    assert feasible.any() and not feasible.all()
    assert table[feasible].min() > table[~feasible].max()


@pytest.fixture
def model():
    problem, schedule, block, _ = random_case(4, "optional_channel", 2)
    return pairwise_model(problem, schedule, block)


def test_all_forms_of_a_model_have_the_same_rewards(model):
    """Table, DQM and BQM agree at every one-hot state; the penalty vanishes there."""
    table, dqm, bqm = model.diagonal(), model.to_dqm(), model.to_bqm()
    for picks in np.ndindex(table.shape):
        reward = model.reward(picks) - model.constant
        binary = {b * 7 + o: int(o == picks[b]) for b in range(2) for o in range(7)}
        assert table[picks] == pytest.approx(reward)
        assert dqm.energies([list(picks)])[0] == pytest.approx(-reward)
        assert bqm.energy(binary) == pytest.approx(-reward)
        assert model.decode(binary) == model.decode({0: picks[0], 1: picks[1]}) == picks


def test_the_lowest_state_of_the_bqm_takes_one_option_for_each_device(model):
    """Over all 2^14 binary states, infeasible ones included."""
    best = dimod.ExactSolver().sample(model.to_bqm()).first
    found = np.array([best.sample[v] for v in range(14)]).reshape(2, 7)
    assert found.sum(axis=1).tolist() == [1, 1]
    assert model.diagonal()[model.decode(best.sample)] == pytest.approx(model.diagonal().max())


def test_a_binary_sample_without_one_option_for_each_device_is_mended(model):
    none, all_ones = dict.fromkeys(range(14), 0), dict.fromkeys(range(14), 1)
    expected = tuple(model.linear.argmax(axis=1))
    assert model.decode(none) == model.decode(all_ones) == expected


def test_a_sample_or_qubo_of_another_size_is_refused(model):
    with pytest.raises(ConfigError, match="a sample of 13 variables does not belong to a QUBO of 2 devices with 7"):
        model.decode(dict.fromkeys(range(13), 0))
    with pytest.raises(ConfigError, match="is not the size of its problem; give shape"):
        BlockModel(np.arange(2), 0.0, np.zeros((2, 7)), np.zeros((2, 2, 6, 6)))
    with pytest.raises(ConfigError, match="for 3 devices is not the size"):
        BlockModel(np.arange(3), 0.0, np.zeros((2, 7)), np.zeros((2, 2, 7, 7)))


def test_a_single_option_is_always_taken():
    """Its DQM and its BQM are of equal size, but hold a case number and an indicator."""
    model = BlockModel(np.arange(2), 0.0, np.ones((2, 1)), np.zeros((2, 2, 1, 1)))
    assert model.decode({0: 1, 1: 0}) == (0, 0)
