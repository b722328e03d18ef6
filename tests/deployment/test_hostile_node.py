"""One of three nodes is hostile with all that its key gives it: every run ends with the others' updates.

Three runs on one fleet. In the first, the answer to the roll call is a bomb while strangers flood the front, and in
round 1 the node itself floods it; in the second, replies are garbage and bombs, and the node is revoked in the middle;
in the third it is revoked, comes all the same, and applies with broken keys and another client's.
"""

import json
import socket
import ssl
import threading

import httpx
import pytest

from qfl.cli import main
from qfl.deployment import joining
from qfl.deployment.certificates import prove_node_key
from qfl.deployment.gate import PULL
from qfl.deployment.host import server_in
from qfl.errors import KeyFolderError
from qfl.security import keystore
from tests.deployment.test_front import headers

pytestmark = [
    pytest.mark.deployment,
    # The flood's own: Python forgets a socket that its peer resets between connect() and the start of TLS.
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),
]
HONEST = ("accepted", None)
HOSTILE = 2
STRANGERS, QUESTIONS = 300, 60
ROUNDS = {
    "r1": {"kind": "garbage"},
    "r2": {"kind": "bomb", "bytes": 120_000, "sealed": False},
    "r3": {"kind": "bomb", "bytes": 15_000, "sealed": True},
}
QUORUM = {"round__quorum": 0.6, "round__deadline_s": 300}


class Flood:
    """Hold connections to the front open: strangers' without a word, and the node's own questions for work.

    The node's own begin when `ask` says so: they displace each other and the SuperNode's, and before the roll call is
    over they would keep the node from answering it.
    """

    def __init__(self, fleet):
        self._place, self._host = server_in(fleet.path)
        self._fleet, self._stop, self._asking = fleet, threading.Event(), threading.Event()
        self.opened = self.asked = 0
        self._threads = [threading.Thread(target=self._strangers)]
        self._threads += [threading.Thread(target=self._ask) for _ in range(QUESTIONS)]

    def ask(self):
        self._asking.set()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self._stop.set()
        self._asking.set()
        for thread in self._threads:
            thread.join(60)

    def _strangers(self):
        held: list[socket.socket] = []
        while not self._stop.wait(0.02):
            if len(held) >= STRANGERS:
                held.pop(0).close()
            try:
                held.append(socket.create_connection(("127.0.0.1", self._host.port), 5))
                held[-1].send(b"\x16")
                self.opened += 1
            except OSError:
                continue
        for each in held:
            each.close()

    def _ask(self):
        self._asking.wait()
        trust = ssl.create_default_context(cafile=str(self._place / "ca.crt"))
        address = f"https://127.0.0.1:{self._host.port}"
        with httpx.Client(verify=trust, base_url=address, trust_env=False, timeout=30) as client:
            while not self._stop.wait(1.0):
                try:
                    client.post(PULL, content=b"", headers=headers(self._fleet.path, HOSTILE))
                    self.asked += 1
                except httpx.HTTPError:
                    continue


@pytest.fixture(scope="module")
def fleet(make_rogue_fleet):
    fleet = make_rogue_fleet(3)
    fleet.up()
    return fleet


def authority(fleet):
    return fleet.path / "authority" / "keys"


@pytest.fixture(scope="module")
def first(fleet):
    """A bomb in the roll call, and a flood."""
    kid = keystore.load_roster(authority(fleet)).row(HOSTILE).kid.hex()
    fleet.hook(HOSTILE, r0={"kind": "huge-alg", "kid": kid})
    fleet.hook(0, r1={"kind": "wait", "for": "flooded"})
    with Flood(fleet) as flood:
        run = fleet.run("first", rounds=1, **QUORUM)
        fleet.at_work(0, 1)
        flood.ask()
        fleet.wait_for(lambda: flood.asked >= QUESTIONS, 120, "the node's own questions")
        (fleet.node(0) / "flooded").touch()
        run.end()
    assert flood.opened > STRANGERS
    return run


@pytest.fixture(scope="module")
def second(fleet, first):
    """Garbage and bombs for replies; revoked from round 4 on while the run is in round 3."""
    fleet.hook(HOSTILE, **ROUNDS)
    fleet.hook(0, r3={"kind": "wait", "for": "go"})
    run = fleet.run("second", rounds=4, **QUORUM)
    fleet.wait_for((fleet.node(0) / "at-work-3").exists, 600, "round 3")
    assert main(["keys", "revoke", str(authority(fleet)), str(HOSTILE), "--from-round", "4"]) == 0
    assert main(["deploy", "publish", str(fleet.path), "--client", str(HOSTILE)]) == 0
    (fleet.node(0) / "go").touch()
    run.end()
    return run


@pytest.fixture(scope="module")
def third(fleet, second):
    """Revoked altogether; its node comes all the same, and there is a file among the nodes' keys that holds none."""
    fleet.hook(HOSTILE)
    assert main(["keys", "revoke", str(authority(fleet)), str(HOSTILE)]) == 0
    assert main(["deploy", "publish", str(fleet.path)]) == 0
    (fleet.path / "server" / "nodes" / "9.pub").write_text("ecdsa-sha2-nistp384 AAAA\n")
    run = fleet.run("third", rounds=1, **QUORUM)
    run.end()
    return run


def test_a_bomb_in_the_roll_call_is_refused_by_name(first):
    assert [(row["claims"], row["reason"]) for row in first.folder.header["roll_call"]] == [(HOSTILE, "bad-header")]
    assert first.clients(1) == {0: HONEST, 1: HONEST, HOSTILE: ("missing", "not-connected")}


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_others_are_accepted_in_every_round_and_it_is_not(second, number):
    rows = second.clients(number)
    assert rows[0] == rows[1] == HONEST and rows[HOSTILE][0] in ("rejected", "failed")


def test_no_reply_of_its_costs_the_round_its_time(second):
    assert all(row["seconds"]["verify"] < 2 for row in second.rounds())
    assert {row["status"] for row in second.folder.clients()} <= {
        "accepted",
        "rejected",
        "failed",
    }  # nobody was waited for


def test_it_is_shut_out_from_the_round_of_its_revocation_on(second, third):
    assert second.clients(4)[HOSTILE] == third.clients(1)[HOSTILE] == ("rejected", "revoked")


def test_the_front_does_not_know_its_node_any_more(fleet, third):
    assert not (fleet.path / "server" / "nodes" / "2.pub").exists()
    fleet.wait_for(lambda: "the SuperNode's key is not registered" in fleet.log("front"), about="a refusal")
    assert third.clients(1)[0] == third.clients(1)[1] == HONEST


def test_a_broken_key_among_the_nodes_keeps_nobody_out(fleet, third):
    assert "9.pub' is skipped: no OpenSSH public key" in fleet.log("front")


def test_its_application_with_a_broken_or_anothers_key_is_refused(fleet, third):
    home, path = fleet.node(HOSTILE), fleet.node(HOSTILE) / "application"
    for name in ("node.key", "node.pub", "keys/clients/2.key"):
        (home / name).rename(home / f"{name}.old")
    joining.join(home, joining.invite(fleet.path, HOSTILE))
    fields = json.loads(path.read_text())
    own = prove_node_key(fleet.node(0) / "node.key", bytes.fromhex(fields["proof"]))
    for changes, says in (
        ({"node": "ecdsa-sha2-nistp384 AAAA\n"}, "holds no SuperNode key"),
        ({"node": (fleet.node(0) / "node.pub").read_text(), "node_proof": own.hex()}, "no-possession"),
    ):
        path.write_text(json.dumps(fields | changes))
        with pytest.raises(KeyFolderError, match=says):
            joining.admit(fleet.path, path)
    path.write_text(json.dumps(fields))
    assert joining.admit(fleet.path, path)[0] == HOSTILE  # with keys of its own it may come again
