import numpy as np
import torch

from qfl.angles import pack
from qfl.models.weights import glorot_uniform, split_weights, weight_layout

SHAPES = {"a.weight": (2, 3), "a.bias": (2,), "b": (1, 1, 2, 2)}


def test_names_say_the_array_and_the_place_in_the_order_of_the_vector():
    names = weight_layout(SHAPES).names
    assert names[:3] == ("a.weight.0.0", "a.weight.0.1", "a.weight.0.2")
    assert names[5:9] == ("a.weight.1.2", "a.bias.0", "a.bias.1", "b.0.0.0.0")


def test_splitting_undoes_packing_with_and_without_a_client_axis():
    arrays = [np.random.default_rng(0).random(shape) for shape in SHAPES.values()]
    vector = torch.tensor(pack(arrays))
    for part, pair, array in zip(
        split_weights(vector, SHAPES), split_weights(torch.stack([vector, -vector]), SHAPES), arrays, strict=True
    ):
        assert np.array_equal(part.numpy(), array)
        assert np.array_equal(pair.numpy(), np.stack([array, -array]))


def test_arrays_of_one_model_do_not_share_their_random_numbers():
    assert not np.array_equal(glorot_uniform(0, "first", (3, 4)), glorot_uniform(0, "second", (3, 4)))
