"""What follows from a structure is computed once, and gives the same as when it is computed anew."""

import dimod
import numpy as np
import pytest

from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.backbone.runtime.structure import compiled, structure_of


def sparse(seed, labels=range(30)):
    rng = np.random.default_rng(seed)
    pairs = [(i, j) for i in range(30) for j in range(i) if (i * 7 + j * 3) % 11 == 0]
    numbers = rng.normal(size=(30,)), rng.normal(size=(len(pairs),))
    names = list(labels)
    couplings = {(names[i], names[j]): c for (i, j), c in zip(pairs, numbers[1], strict=True)}
    return dimod.BinaryQuadraticModel(dict(zip(names, numbers[0], strict=True)), couplings, "BINARY")


def test_models_of_one_structure_share_what_follows_whatever_their_numbers_and_names():
    first, second = structure_of(sparse(1))[0], structure_of(sparse(2, [f"v{k}" for k in range(30)]))[0]
    assert first == second and compiled(first) is compiled(second)


def test_labels_that_are_numbers_out_of_order_keep_the_model_s_order():
    model = dimod.BinaryQuadraticModel({3: 1.0, 1: 2.0, 2: 5.0}, {(3, 1): 1.0, (2, 1): -2.0}, "BINARY")
    structure, linear, couplings = structure_of(model)
    assert linear.tolist() == [1.0, 2.0, 5.0]
    for values in ([1.0, 0.0, 1.0], [0.0, 1.0, 1.0]):
        sample = dict(zip(model.variables, values, strict=True))
        slopes = compiled(structure).slopes(linear, couplings, np.array(values))
        for k, v in enumerate(model.variables):
            gain = model.energy(sample | {v: 1}) - model.energy(sample | {v: 0})
            assert slopes[k] == pytest.approx(gain)


def test_the_relaxation_bounds_each_product_as_its_sign_wants():
    structure, _, couplings = structure_of(sparse(3))
    matrix, limits = compiled(structure).relaxation(couplings < 0)
    first, second = compiled(structure).pairs
    rng = np.random.default_rng(4)
    for _ in range(20):
        x = rng.random(30)
        tight = np.where(couplings < 0, np.minimum(x[first], x[second]), np.maximum(0, x[first] + x[second] - 1))
        assert (matrix @ np.concatenate([x, tight]) <= limits + 1e-12).all()
        loose = tight - 0.01 * np.sign(couplings)
        broken = matrix @ np.concatenate([x, loose]) > limits + 1e-12
        assert broken.any()


def test_a_known_structure_reduces_bit_for_bit_as_a_new_one():
    for seed in range(5):
        compiled.cache_clear()
        fresh = reduce(sparse(seed))
        reduce(sparse(seed + 50))  # another with the same structure
        known = reduce(sparse(seed))
        assert fresh.fixed == known.fixed and fresh.leaves == known.leaves and fresh.model == known.model
