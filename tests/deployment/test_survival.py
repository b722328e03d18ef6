"""Processes are killed as crashes kill them; the run goes on, or goes on from its last checkpoint."""

import os
import signal
import subprocess

import pytest

from qfl.deployment.processes import pid_of
from qfl.federation.runtime.superlink import descendants

pytestmark = pytest.mark.deployment
ALL_ACCEPTED = {client: ("accepted", None) for client in range(3)}


@pytest.fixture(scope="module")
def fleet(make_rogue_fleet):
    fleet = make_rogue_fleet(3)
    fleet.up()
    return fleet


@pytest.fixture(autouse=True)
def honest_again(fleet):
    yield
    for client in range(3):
        fleet.hook(client)
        for path in fleet.node(client).glob("at-work-*"):
            path.unlink()
        (fleet.node(client) / "go").unlink(missing_ok=True)


def serverapp_of(fleet):
    """Return the id of the process in which the ServerApp runs."""
    for pid in descendants(pid_of(fleet.piece("superexec"))):
        command = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout
        if "flwr-serverapp" in command:
            return pid
    return None


def test_a_node_killed_in_mid_round_is_named_and_rejoins_with_its_identity(fleet):
    fleet.hook(2, r2={"kind": "wait", "for": "go"})
    fleet.hook(0, r3={"kind": "wait", "for": "go"})
    run = fleet.run("node-killed", rounds=4, round__deadline_s=60, round__quorum=0.3)
    fleet.at_work(2, 2)
    before = fleet.log("node-2").split("SuperNode ID: ")[1].split()[0]
    fleet.kill("node-2")
    run.wait_for_round(2)
    status, reason = run.clients(2)[2]
    assert (status, reason) in {("missing", "deadline"), ("failed", "node-unavailable")}
    assert run.clients(2)[0] == run.clients(2)[1] == ("accepted", None)
    fleet.up()
    after = fleet.log("node-2").split("SuperNode ID: ")[1].split()[0]
    (fleet.node(0) / "go").touch()
    run.end()
    assert after == before
    assert run.clients(4)[2] == ("accepted", None)


def test_the_superlink_killed_and_started_again_loses_nothing(fleet):
    fleet.hook(0, r2={"kind": "wait", "for": "go"})
    run = fleet.run("superlink-killed", rounds=3, round__deadline_s=400)
    fleet.at_work(0, 2)
    fleet.kill("superlink")
    assert run.process.poll() is None
    fleet.up()
    (fleet.node(0) / "go").touch()
    found = run.end()
    assert [run.clients(number) for number in (1, 2, 3)] == [ALL_ACCEPTED] * 3
    assert found["angles_sha256"] == fleet.run_here("uninterrupted", rounds=3)["angles_sha256"]


def test_a_killed_serverapp_is_resumed_from_the_last_checkpoint(fleet):
    fleet.hook(0, r3={"kind": "wait", "for": "go"})
    run = fleet.run("serverapp-killed", rounds=3)
    fleet.at_work(0, 3)
    os.kill(serverapp_of(fleet), signal.SIGKILL)
    assert [row["round"] for row in run.rounds()] == [0, 1, 2]
    (fleet.node(0) / "go").touch()
    output, errors = run.process.communicate(timeout=400)
    assert run.process.returncode == 1 and output == "" and "qfl: Flower reports finished:failed" in errors
    resumed = fleet.resume("serverapp-killed")
    found = resumed.end()
    assert [row["round"] for row in resumed.rounds()] == [0, 1, 2, 3] and resumed.clients(3) == ALL_ACCEPTED
    assert found["angles_sha256"] == fleet.run_here("not-killed", rounds=3)["angles_sha256"]


def test_a_straggler_beyond_the_deadline_is_missing_and_its_late_reply_changes_nothing(fleet):
    fleet.hook(1, r1={"kind": "wait", "for": "go"})
    run = fleet.run("straggler", rounds=2, round__deadline_s=30, round__quorum=0.3)
    run.wait_for_round(1)
    assert run.clients(1)[1] == ("missing", "deadline")
    (fleet.node(1) / "go").touch()
    run.end()
    assert {run.clients(2)[client][0] for client in (0, 2)} == {"accepted"}


def test_everything_a_node_started_ends_with_it(fleet):
    """The trainer stays from message to message, but not beyond its SuperNode; the rest is gone when it is back."""
    pid = pid_of(fleet.piece("node-1"))
    family = descendants(pid)
    trainer = subprocess.run(
        ["pgrep", "-f", f"qfl.federation.worker.trainer {fleet.node(1)}"], capture_output=True, text=True
    )
    assert trainer.stdout.split()
    fleet.kill("node-1")

    def running(each):
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(each)], capture_output=True, text=True).stdout
        return state.strip() and not state.startswith("Z")

    fleet.wait_for(lambda: not any(map(running, trainer.stdout.split())), 60, "the end of its trainer")
    fleet.up()
    assert not any(map(running, family))
