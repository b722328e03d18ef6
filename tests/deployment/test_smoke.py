"""One SuperLink and two SuperNodes train, and end where the same run in one process ends.

Also covers qfl/deployment/run.py.
"""

import numpy as np
import pytest

pytestmark = pytest.mark.deployment


def test_a_deployed_run_ends_at_the_angles_of_the_run_in_one_process(make_fleet):
    fleet = make_fleet(2)
    fleet.up()
    deployed = fleet.run("deployed", rounds=2).end()
    here = fleet.run_here("here", rounds=2)
    np.testing.assert_allclose(deployed["angles"], here["angles"], atol=1e-6, rtol=0)
    assert deployed["backend"] == "deployed" and here["backend"] == "vectorised"
    fleet.down()
    assert not any(fleet.piece(name).pid_file.exists() for name in ("superlink", "superexec", "front", "node-0"))
