import numpy as np
import pytest

from qfl.config import DataSettings
from qfl.data.dataset import Dataset
from qfl.data.transform import average_pool, possible_sides, principal_components, transform
from qfl.errors import ConfigError

NOISE = np.random.default_rng(0).random((30, 784))


def pooled_by_hand(inputs, side, framed):
    size = int(np.sqrt(inputs.shape[1]))
    edge, block = (framed - size) // 2, framed // side
    framed_images = np.pad(inputs.reshape(-1, size, size), ((0, 0), (edge, edge), (edge, edge)))
    return framed_images.reshape(-1, side, block, side, block).mean(axis=(2, 4)).reshape(len(inputs), -1)


@pytest.mark.parametrize(("side", "framed"), [(16, 32), (8, 32), (14, 28), (7, 28), (4, 28), (28, 28), (1, 28)])
def test_mnist_is_framed_to_32_only_where_28_cannot_be_divided(side, framed):
    assert np.allclose(average_pool(NOISE, side), pooled_by_hand(NOISE, side, framed), atol=1e-15, rtol=0)


@pytest.mark.parametrize("side", [1, 2, 4, 8])
def test_digits_are_averaged_over_whole_blocks(side):
    assert np.allclose(average_pool(NOISE[:, :64], side), pooled_by_hand(NOISE[:, :64], side, 8), atol=1e-15, rtol=0)


def test_averages_of_2_x_2_pixels_are_exact():
    pixels = np.random.default_rng(1).integers(0, 256, (5, 784)) / 256  # sums of four have no rounding
    assert np.array_equal(average_pool(pixels, 16), pooled_by_hand(pixels, 16, 32))


@pytest.mark.parametrize("side", [s for s in range(1, 33) if s not in possible_sides(28)])
def test_other_sides_are_refused_with_the_possible_ones(side):
    with pytest.raises(ConfigError, match=rf"data.side = {side}: .*1, 2, 4, 7, 8, 14, 16, 28"):
        average_pool(NOISE, side)


def test_principal_component_scores_are_those_of_the_singular_value_decomposition():
    train = NOISE[:20, :9]
    scores, _ = principal_components(train, NOISE[20:, :9], 3)
    u, s, _ = np.linalg.svd(train - train.mean(axis=0))
    assert np.allclose(np.abs(scores), np.abs(u[:, :3] * s[:3]), atol=1e-10)


def test_principal_components_never_see_the_test_set():
    train, test = NOISE[:20, :9], NOISE[20:, :9]
    scores, before = principal_components(train, test, 3)
    changed = test.copy()
    changed[1:] *= -50.0
    scores_again, after = principal_components(train, changed, 3)
    assert np.array_equal(scores, scores_again)
    assert np.array_equal(before[0], after[0]) and not np.allclose(before[1:], after[1:])


def test_too_many_components_are_refused_with_the_largest_possible_number():
    with pytest.raises(ConfigError, match=r"data.pca = 10: .* at most 9 components"):
        principal_components(NOISE[:20, :9], NOISE[20:, :9], 10)


@pytest.mark.parametrize(("asked", "features"), [({}, 64), ({"side": 4}, 16), ({"pca": 5}, 5)])
def test_settings_choose_the_transform_and_labels_stay(asked, features):
    train, test = (Dataset(part, np.arange(len(part)) % 10) for part in (NOISE[:20, :64], NOISE[20:, :64]))
    small_train, small_test = transform(DataSettings(**asked), train, test, np.empty(0, dtype=np.int64))
    assert small_train.inputs.shape == (20, features) and small_test.inputs.shape == (10, features)
    assert np.array_equal(small_train.labels, train.labels) and np.array_equal(small_test.labels, test.labels)
