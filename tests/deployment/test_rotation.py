"""Keys change while a run goes on: from its round on the old key is refused, by name, in the log and in the rows."""

import pytest

from qfl.cli import main

pytestmark = pytest.mark.deployment
HONEST = ("accepted", None)


def qfl(*words):
    assert main(list(map(str, words))) == 0


def test_a_rotated_and_a_revoked_key_are_refused_from_their_rounds_on(make_rogue_fleet):
    fleet = make_rogue_fleet(3)
    fleet.up()
    fleet.hook(0, r2={"kind": "wait", "for": "go-2"}, r4={"kind": "wait", "for": "go-4"})
    run = fleet.run("rotation", rounds=6, round__quorum=0.3)
    fleet.at_work(0, 2)
    authority = fleet.path / "authority" / "keys"
    qfl("keys", "rotate", fleet.node(2) / "keys", 2, "--from-round", 3)
    qfl("keys", "rotate", authority, 2, "--statement", fleet.node(2) / "keys" / "rotation")
    qfl("keys", "revoke", authority, 1, "--from-round", 5)
    qfl("deploy", "publish", fleet.path / ".", "--client", 0)  # the server knows; client 2 does not yet
    (fleet.node(0) / "go-2").touch()
    fleet.at_work(0, 4)
    run.wait_for_round(3)
    qfl("deploy", "publish", fleet.path, "--client", 2)
    (fleet.node(0) / "go-4").touch()
    run.end()
    of = [run.clients(number) for number in range(7)]
    assert of[1][2] == of[2][2] == HONEST
    assert of[3][2] == ("rejected", "no-longer-valid")
    assert of[5][2] == of[6][2] == HONEST
    assert [of[number][1] for number in (2, 3, 4, 5, 6)] == [HONEST] * 3 + [("rejected", "revoked")] * 2
    assert all(of[number][0] == HONEST for number in (1, 3, 4, 5, 6))
    details = {(row["round"], row["client"]): row["detail"] for row in run.folder.clients()}
    assert "client 2, up to round 2" in details[3, 2] and "client 1, from round 5 on" in details[5, 1]
    log = fleet.server_log()
    assert "round 3: client 2 rejected: no-longer-valid" in log and "round 5: client 1 rejected: revoked" in log
