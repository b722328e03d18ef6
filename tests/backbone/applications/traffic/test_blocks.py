"""Blocks of demands, and the two controls."""

import numpy as np
import pytest

from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
from qfl.backbone.applications.traffic.blocks import SAMPLERS, PathSampler, block_descent, draw_block
from qfl.backbone.applications.traffic.heuristics import greedy
from qfl.backbone.applications.traffic.linear import utilisation_bound
from qfl.backbone.applications.traffic.routing import routing
from qfl.backbone.applications.traffic.surrogate import surrogate
from qfl.errors import ConfigError

from .conftest import all_choices, random_problem


@pytest.fixture(scope="module")
def abilene():
    return routing(ABILENE, hourly_demands(21, seed=3))


def test_enumeration_lists_every_routing_once_and_draws_are_routings():
    problem = random_problem(5)
    model = surrogate(problem)
    every = PathSampler(problem, every=True).sample(model)
    listed = {tuple(row) for row in every.record.sample}
    assert len(every) == len(listed) == len(all_choices(problem))
    assert every.first.energy == pytest.approx(min(problem.loads(c) @ problem.loads(c) for c in all_choices(problem)))
    drawn = PathSampler(problem, every=False).sample(model, num_reads=200, seed=4)
    assert len(drawn.record.sample) == 200 and {tuple(row) for row in drawn.record.sample} <= listed


def test_a_block_fits_and_has_a_demand_of_the_busiest_link(abilene):
    choice = greedy(abilene)
    busiest = abilene.loads(choice).argmax()
    for number in range(5):
        block = draw_block(abilene, choice, 16, 1, number)
        assert sum(len(abilene.paths[d]) for d in block) <= 16 and len({*block.tolist()}) == len(block) >= 4
        assert (abilene.share[(abilene.first + choice)[block], busiest] > 0).any()
    with pytest.raises(ConfigError, match="a block of 3 variables is too small for a demand's paths"):
        draw_block(abilene, choice, 3, 1, 0)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_block_descent_begins_at_greedy_and_never_ends_above_it_or_below_the_bound(abilene, sampler):
    found = block_descent(abilene, sampler, seed=1, blocks=6, variables=12, reads=16)
    assert utilisation_bound(abilene) - 1e-9 <= found.utilisation == abilene.utilisation(found.choice) <= found.raw
    assert found.raw <= abilene.utilisation(greedy(abilene))
    again = block_descent(abilene, sampler, seed=1, blocks=6, variables=12, reads=16)
    assert np.array_equal(found.choice, again.choice)
    assert sampler == "qaoa" or found.broken == 0


def test_an_unknown_sampler_is_refused(abilene):
    with pytest.raises(ConfigError, match="'grover' is not a sampler of blocks; give one of random, qaoa, enumeration"):
        block_descent(abilene, "grover", seed=1)
