"""Grover's search: its closed form against the amplitudes themselves, its minimum against all states."""

import dimod
import numpy as np
import pytest

from qfl.backbone.runtime.pipeline.grover import GroverSearch, chance, search
from qfl.errors import ConfigError


@pytest.mark.parametrize("marked", [1, 3, 8])
@pytest.mark.parametrize("iterations", range(6))
def test_the_chance_is_that_of_the_amplitudes(marked, iterations):
    psi = np.full(32, 32**-0.5)
    for _ in range(iterations):
        psi[:marked] *= -1  # the oracle
        psi = 2 * psi.mean() - psi  # inversion about the mean
    assert chance(marked, 32, iterations) == pytest.approx(np.sum(psi[:marked] ** 2))


def test_nearly_all_searches_find_the_minimum_within_the_iterations_of_theory():
    energy = np.random.default_rng(1).normal(size=256)
    found = [search(energy, 10**6, np.random.default_rng(seed)) for seed in range(60)]
    assert np.mean([states[-1] == energy.argmin() for states, _ in found]) > 0.9
    assert max(calls for _, calls in found) <= 22.5 * 16 + 16
    assert all(np.all(np.diff(energy[states]) < 0) for states, _ in found)


def test_iterations_grow_with_the_root_of_the_states():
    def calls_until_found(count, seed):
        energy, draw = np.random.default_rng(count).permutation(count).astype(float), np.random.default_rng(seed)
        total, best = 0, int(draw.integers(count))
        while energy[best] > 0:
            states, calls = search(energy, 40, draw)
            total += calls
            best = states[-1] if energy[states[-1]] < energy[best] else best
        return total

    few, many = (np.mean([calls_until_found(count, seed) for seed in range(40)]) for count in (64, 4096))
    assert 2 < many / few < 24  # 8 by the root, 64 by counting


def test_samples_carry_their_energy_and_too_many_variables_are_refused():
    model = dimod.BinaryQuadraticModel({k: (-1.0) ** k for k in range(6)}, {(0, 1): 2.0}, "SPIN")
    found = GroverSearch().sample(model, num_reads=200, seed=3)
    assert found.first.energy == dimod.ExactSolver().sample(model).first.energy
    assert GroverSearch().sample(model, num_reads=200, seed=3) == found
    with pytest.raises(ConfigError, match="21 variables"):
        GroverSearch().sample(dimod.BinaryQuadraticModel({k: 1.0 for k in range(21)}, {}, "BINARY"))
