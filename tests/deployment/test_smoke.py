"""One SuperLink and two nodes train, ours and Flower's, and end where the same run in one process ends.

Also covers qfl/deployment/run.py.
"""

import subprocess

import pytest

pytestmark = pytest.mark.deployment


@pytest.fixture(scope="module")
def fleet(make_fleet):
    """Give a fleet of which client 1 is on Flower's SuperNode."""
    fleet = make_fleet(2)
    for client, node in enumerate(("own", "flower")):
        fleet.carry(client, node)
    fleet.up()
    return fleet


@pytest.fixture(scope="module")
def here(fleet):
    return fleet.run_here("here", rounds=2)


def processes(words):
    return subprocess.run(["pgrep", "-f", words], capture_output=True, text=True).stdout.split()


def test_a_deployed_run_ends_at_the_angles_of_the_run_in_one_process(fleet, here):
    deployed = fleet.run("deployed", rounds=2).end()
    assert deployed["angles_sha256"] == here["angles_sha256"]
    assert deployed["backend"] == "deployed" and here["backend"] == "vectorised"
    assert not processes(f"flwr-clientapp.*{fleet.node(0)}") and fleet.piece("node-0").listens is None


def test_the_other_way_round_ends_at_the_same_angles_and_leaves_nothing_running(fleet, here):
    fleet.down()
    for client, node in enumerate(("flower", "own")):
        fleet.carry(client, node)
    fleet.up()
    assert fleet.run("other-way-round", rounds=2).end()["angles_sha256"] == here["angles_sha256"]
    fleet.down()
    assert not any(fleet.piece(name).pid_file.exists() for name in ("superlink", "superexec", "front", "node-0"))
    assert not processes(f"qfl.federation.worker.*{fleet.node(1)}")
