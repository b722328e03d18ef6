"""A roster that is handed out shuts out whom it revokes: at the front, and at the SuperLink where that answers.

Also covers qfl/deployment/registration.py.
"""

import json
from pathlib import Path

import pytest

from qfl.cli import main
from qfl.deployment import control, registration, roster
from qfl.deployment.create import Plan, create
from qfl.deployment.gate import PULL, Gate, Refused
from qfl.deployment.host import server_in
from qfl.errors import ConfigError
from qfl.federation.runtime.superlink import SuperLink
from qfl.security import keystore, membership


class Stub:
    """Stand in for ``flwr supernode``: every key once, and for ever under one number."""

    def __init__(self):
        self.nodes, self.commands = {}, []

    def command(self, *words):
        self.commands.append(words[1:3])
        if words[1] == "list":
            nodes = [{"node-id": node, "status": status} for node, (_, status) in self.nodes.items()]
            return json.dumps({"success": True, "nodes": nodes})
        if words[1] == "unregister":
            self.nodes[words[2]] = (self.nodes[words[2]][0], "unregistered")
            return "done"
        key = Path(words[2]).read_text()
        if key in [known for known, _ in self.nodes.values()]:
            raise ConfigError("Public key already in use")
        self.nodes[str(len(self.nodes) + 70)] = (key, "registered")
        return json.dumps({"success": True, "node-id": str(len(self.nodes) + 69)})

    def registered(self):
        return sum(status == "registered" for _, status in self.nodes.values())


def stand_in(monkeypatch):
    link = Stub()
    monkeypatch.setattr(SuperLink, "command", lambda self, *words: link.command(*words))
    return link


@pytest.fixture
def fleet(tmp_path):
    create(tmp_path / "fleet", Plan(3, port=0, algorithm="ML-DSA-44"))
    return tmp_path / "fleet"


@pytest.fixture
def superlink(fleet, monkeypatch):
    link = stand_in(monkeypatch)
    monkeypatch.setattr(roster, "superlink_answers", lambda folder, host, limit_s: None)
    registration.register(*server_in(fleet))
    return link


def keys_at_the_front(fleet):
    return sorted(path.stem for path in (fleet / "server" / "nodes").glob("*.pub"))


def test_a_published_revocation_removes_the_nodes_key_and_unregisters_it(fleet, superlink, capsys):
    gate = Gate(fleet / "server" / "nodes", 1000)
    assert superlink.registered() == 3 and keys_at_the_front(fleet) == ["0", "1", "2"]
    assert main(["keys", "revoke", str(fleet / "authority" / "keys"), "1"]) == 0
    assert main(["deploy", "publish", str(fleet)]) == 0
    assert "client 1 is revoked: its node's key is removed and unregistered" in capsys.readouterr().out
    assert keys_at_the_front(fleet) == ["0", "2"] and superlink.nodes["71"][1] == "unregistered"
    assert superlink.registered() == 2
    with pytest.raises(Refused, match=r"not registered|no SuperNode"):
        gate.admit("POST", PULL, {"content-length": "1", "flwr-public-key": "AAAA", "flwr-signature": "AAAA"})


def test_a_revocation_from_a_later_round_leaves_the_node_connected_until_then(fleet, superlink):
    membership.revoke(fleet / "authority" / "keys", 1, 5)
    roster.publish(fleet)
    assert keys_at_the_front(fleet) == ["0", "1", "2"] and superlink.registered() == 3


def test_where_no_superlink_answers_the_front_is_closed_and_the_server_is_told_later(fleet, monkeypatch, capsys):
    link, said = stand_in(monkeypatch), []
    place, host = server_in(fleet)
    registration.register(place, host)
    membership.revoke(fleet / "authority" / "keys", 2, 0)
    roster.publish(fleet, tell=said.append)
    assert keys_at_the_front(fleet) == ["0", "1"] and link.registered() == 3
    assert "copy keys/roster.cbor to the server's host, run `qfl deploy register` there" in said[0]
    registration.register(place, host)
    assert link.registered() == 2


def test_on_the_servers_own_host_the_roster_alone_is_enough(fleet, superlink):
    membership.revoke(fleet / "authority" / "keys", 0, 0)
    place, host = server_in(fleet)
    (place / "keys" / "roster.cbor").write_bytes((fleet / "authority" / "keys" / "roster.cbor").read_bytes())
    assert registration.register(place, host) == [] and keys_at_the_front(fleet) == ["1", "2"]
    assert superlink.registered() == 2


def test_a_node_that_has_another_key_is_registered_under_it_alone(fleet, superlink):
    place, host = server_in(fleet)
    (place / "nodes" / "1.pub").write_text("another line\n")
    assert registration.register(place, host) == ["1"] and registration.register(place, host) == []
    assert superlink.nodes["71"][1] == "unregistered" and superlink.registered() == 3


def test_a_roster_that_is_refused_shuts_out_nobody(fleet):
    place, _ = server_in(fleet)
    membership.revoke(fleet / "authority" / "keys", 1, 0)
    (place / "keys" / "roster.cbor").write_bytes(b"altered")
    assert registration.shut_out(place) == [] and len(keys_at_the_front(fleet)) == 3


def test_a_deployment_from_before_whose_record_has_no_numbers_goes_on(fleet, superlink):
    place, host = server_in(fleet)
    record = place / "home" / "registered.json"
    record.write_text(json.dumps({k: entry["key"] for k, entry in json.loads(record.read_text()).items()}))
    assert registration.register(place, host) == []
    assert keystore.load_roster(place / "keys").version == 1


def test_one_key_that_flower_refuses_keeps_no_other_out(fleet, superlink):
    place, host = server_in(fleet)
    (place / "nodes" / "0.pub").write_text((place / "nodes" / "1.pub").read_text())
    (place / "nodes" / "2.pub").write_text("a new line\n")
    with pytest.raises(ConfigError, match=r"nodes/0.pub is not registered: Public key already in use; the others are"):
        registration.register(place, host)
    assert superlink.registered() == 2 and superlink.nodes["73"] == ("a new line\n", "registered")


def test_the_node_of_a_revoked_client_is_not_started(fleet):
    membership.revoke(fleet / "authority" / "keys", 1, 0)
    roster.publish(fleet)
    said = []
    control.up(fleet / "nodes" / "1", said.append)
    assert said == ["node-1 is not started: its client's keys are revoked"]
    assert not (fleet / "nodes" / "1" / "logs").exists()
