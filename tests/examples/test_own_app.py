"""The app that ``qfl new`` begins with. Also covers examples/own_app/data.py, examples/own_app/models.py and
examples/own_app/links.py, and examples/own_app/strategies/clipped.py.
"""

import runpy
from pathlib import Path

import numpy as np
import pytest

import qfl
from qfl.angles import AngleLayout

APP = Path(qfl.__file__).parent.parent / "examples/own_app"


def test_the_table_is_what_its_script_makes():
    assert (APP / "data/links.csv").read_text() == runpy.run_path(str(APP / "links.py"))["table"]()


def test_a_third_of_the_links_see_each_other_and_a_fifth_of_them_is_for_the_test():
    x, y, x_test, y_test = runpy.run_path(str(APP / "data.py"))["load"](APP / "data", 1)
    assert (x.shape, y.shape, x_test.shape, y_test.shape) == ((480, 4), (480,), (120, 4), (120,))
    assert 0.25 < y.mean() < 0.4


@pytest.mark.parametrize("bound", [0.5, 1.0, 2.0])
def test_no_client_of_the_clipped_mean_counts_for_more_than_the_bound(bound):
    rule = runpy.run_path(str(APP / "strategies/clipped.py"))["clipped_mean"]
    rng, layout = qfl.stream(1, "own"), AngleLayout(tuple("abc"), (6.28,) * 3)
    received, moves = rng.normal(size=3), rng.normal(size=(5, 3))
    moves[0] *= 1e6
    limit = bound * np.median([np.linalg.norm(move) for move in moves])
    cut = [move * min(1.0, limit / np.linalg.norm(move)) for move in moves]
    found = rule(received, received + moves, np.arange(1.0, 6.0), layout, bound=bound)
    np.testing.assert_allclose(found.angles, received + np.average(cut, axis=0, weights=np.arange(1.0, 6.0)), rtol=1e-6)
    assert found.diagnostics["clipped"] >= 1
