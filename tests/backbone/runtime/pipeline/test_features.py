"""Features made fewer, and the share of the variance that is lost."""

import numpy as np
import pytest

from qfl.backbone.runtime.pipeline.features import CLIP, compress
from qfl.errors import ConfigError

pytest.importorskip("sklearn")


def circle(count=120):
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([np.cos(turn), np.sin(turn)])


def test_components_explain_what_the_singular_values_say():
    rows = np.random.default_rng(1).normal(size=(50, 5)) @ np.diag([3.0, 2.0, 1.0, 1.0, 1.0]) @ np.ones((5, 5))
    rows += np.random.default_rng(2).normal(size=(50, 5))
    scaled = (rows - rows.mean(0)) / rows.std(0)
    values = np.linalg.svd(scaled, compute_uv=False) ** 2
    for count in (1, 3, 5):
        assert compress(rows, "pca", count).explained == pytest.approx(values[:count].sum() / values.sum())


def test_a_bottleneck_follows_a_curve_that_no_line_does_and_is_never_worse():
    line, curve = (compress(circle(), method, 1).explained for method in ("pca", "bottleneck"))
    assert line == pytest.approx(0.5) and curve > 0.6
    rows = np.random.default_rng(1).normal(size=(40, 6))
    assert compress(rows, "bottleneck", 2).explained >= compress(rows, "pca", 2).explained - 1e-12


@pytest.mark.parametrize("method", ["pca", "bottleneck"])
def test_what_is_left_has_deviation_one_and_others_rows_are_read_alike(method):
    rows = np.random.default_rng(3).normal(size=(40, 6)) * np.arange(1, 7)
    found = compress(rows, method, 3)
    assert np.allclose(found.of(rows).std(0), 1, atol=0.05) and np.abs(found.of(100 * rows)).max() == CLIP
    assert np.allclose(found.of(rows.copy()), found.of(rows), atol=1e-9)
    assert np.array_equal(compress(rows, method, 3).of(rows), found.of(rows))
    assert found.given_up.row["measured"] == pytest.approx(1 - found.explained)


def test_rows_that_are_all_the_same_explain_nothing_and_stay_finite():
    for method in ("pca", "bottleneck"):
        found = compress(np.ones((9, 3)), method, 2)
        assert np.isfinite(found.of(np.ones((2, 3)))).all() and found.explained == 0.0


@pytest.mark.parametrize(("method", "count"), [("zip", 1), ("pca", 0), ("pca", 4), ("bottleneck", -1)])
def test_what_cannot_be_is_refused(method, count):
    with pytest.raises(ConfigError, match=r"give 1 to 3|give one of pca, bottleneck"):
        compress(np.eye(5, 3), method, count)
