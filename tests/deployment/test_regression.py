"""A regression on two hosts ends where the same run in one process ends; each host standardises by its own copy."""

import numpy as np
import pytest

from qfl.seeds import stream

pytestmark = pytest.mark.deployment


def test_a_deployed_regression_ends_at_the_angles_of_the_run_in_one_process(make_fleet):
    fleet, draw = make_fleet(2), stream(1, "test", "deployed regression")
    x = draw.normal(size=(60, 4))
    for folder in (fleet.root / "data", *(fleet.node(client) / "data" for client in range(2))):
        folder.mkdir(exist_ok=True)
        np.savez(folder / "a.npz", x=x, y=x @ [[30.0, 0.1], [10.0, 0.0], [0.0, 0.2], [5.0, 0.1]] + [100.0, 3.0])
    changes = {"task": "regress", "model__name": "linear", "data__name": "a.npz", "data__partition": "dirichlet"}
    fleet.up()
    deployed = fleet.run("deployed", rounds=2, **changes).end()
    here = fleet.run_here("here", rounds=2, **changes)
    np.testing.assert_allclose(deployed["angles"], here["angles"], atol=1e-6, rtol=0)
    assert deployed["r2"] == pytest.approx(here["r2"], abs=1e-6) and deployed["backend"] == "deployed"
