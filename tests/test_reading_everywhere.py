"""Whatever lies in a file's place, the command that reads it says so in a sentence, and never waits for a pipe."""

import os
import signal
from contextlib import contextmanager

import pytest
from flwr.app import Context, RecordDict

from qfl.cli import main
from qfl.data.content import file_digest
from qfl.data.idx import read_images
from qfl.deployment import front, joining, operator
from qfl.deployment.create import Plan, create
from qfl.deployment.credentials import keep_private
from qfl.deployment.host import hosts_in, server_in
from qfl.deployment.operator import superlink_answers
from qfl.deployment.processes import Piece, log_of
from qfl.errors import QflError
from qfl.federation.client_state import Memory, memory_of
from qfl.federation.runtime import guarded
from qfl.federation.runtime.superlink import SuperLink
from qfl.security import keystore, membership

LONGEST_S = 5.0
ENROL = ["keys", "enrol", "keys", "2", "--application", "mine/application"]
ADMIT = ["deploy", "admit", "open", "open/nodes/0/application"]
JOIN = ["deploy", "join", "open/nodes/1", "--token", "ab" * 32]
REGISTER = ["deploy", "register", "fleet/server"]
SERVER, NODE = ["deploy", "exec", "fleet/server", "superlink"], ["deploy", "exec", "fleet/nodes/0", "node-0"]
COMMANDS = {
    "keys/authority.pub": ["keys", "list", "keys"],
    "keys/roster.cbor": ["keys", "list", "keys"],
    "keys/roster.seen": ["keys", "list", "keys"],
    "keys/authority.key": ["keys", "revoke", "keys", "1"],
    "keys/clients/1.key": ["keys", "rotate", "keys", "1", "--from-round", "3"],
    "keys/invitations/2": ENROL,
    "mine/application": ENROL,
    "rotation": ["keys", "rotate", "keys", "1", "--statement", "rotation"],
    "token": ["keys", "new", "other", "--client", "2", "--invitation-file", "token"],
    "token-of-a-node": ["deploy", "join", "open/nodes/1", "--token-file", "token-of-a-node"],
    **{f"fleet/server/{name}": SERVER for name in ("control.token", "tasks.secret", "ca.crt", "tls.crt", "tls.key")},
    **{f"fleet/nodes/0/{name}": NODE for name in ("node.key", "tasks.secret", "ca.crt", "runtime.crt", "runtime.key")},
    "fleet/nodes/0/runtime-ca.crt": NODE,
    "fleet/authority/keys/authority.pub": ["deploy", "publish", "fleet"],
    "fleet/authority/keys/roster.cbor": ["deploy", "publish", "fleet"],
    "fleet/server/nodes/0.pub": REGISTER,
    "fleet/server/home/registered.json": REGISTER,
    "fleet/server/host.json": ["deploy", "status", "fleet/server"],
    "open/nodes/0/application": ADMIT,
    "open/authority/keys/invitations/0": ADMIT,
    "open/authority/keys/authority.key": ADMIT,
    "open/server/revoked.pub": ADMIT,
    "open/server/tls.crt": ADMIT,
    "open/server/ca.crt": ADMIT,
    "open/nodes/1/keys/authority.pub": JOIN,
    "open/nodes/1/host.json": JOIN,
}
CALLS = {
    "open/server/ca.crt": lambda path: superlink_answers(*server_in(path.parent), 0.1),
    "open/server/control.token": guarded._token_in,
    "mine/state.json": lambda path: Memory(path).entries,
    "mine/images": read_images,
}
NO_FILES = {
    "mine/images": file_digest,
    "mine/log": lambda path: log_of(Piece("superlink", path.parent, [], {})),
    "mine/keys/authority.pub": lambda path: memory_of(
        Context(1, 2, {"partition-id": 2, "home": str(path.parent.parent)}, RecordDict(), {})
    ),
}
DAMAGES = {
    "folder": lambda path: path.mkdir(0o700),
    "pipe": lambda path: os.mkfifo(path, 0o600),
    "zeros": lambda path: (path.touch(0o600), os.truncate(path, 5_000_000)),
    "no text": lambda path: (path.touch(0o600), path.write_bytes(b"\xff\xfe\x80\x81" * 9)),
    "empty": lambda path: path.touch(0o600),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with keys and an applicant, a fleet, and a fleet whose clients join by themselves."""
    place = tmp_path_factory.mktemp("everywhere")
    keystore.new(place / "keys", "ML-DSA-44", 2)
    key, proof = membership.apply(place / "mine", 2, membership.invite(place / "keys", 2), "ML-DSA-44")
    (place / "mine" / "application").write_text(f'{{"client": 2, "key": "{key.hex()}", "proof": "{proof.hex()}"}}')
    create(place / "fleet", Plan(2, port=0, algorithm="ML-DSA-44", node="flower"))
    for folder, host in hosts_in(place / "fleet"):
        keep_private(folder, host)
    create(place / "open", Plan(2, port=0, algorithm="ML-DSA-44", tokens=True))
    joining.join(place / "open" / "nodes" / "0", joining.invite(place / "open", 0))
    return place


@pytest.fixture(autouse=True)
def never_waiting(monkeypatch, place):
    """Work in the folder; end a test that waits for a pipe, or whose damaged file is taken for a sound one."""
    monkeypatch.chdir(place)
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("was accepted"))
    monkeypatch.setattr(operator, "superlink_answers", lambda *_: None)
    monkeypatch.setattr(SuperLink, "answer", lambda *_: {"node-id": 1, "nodes": []})
    kept = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("waits"))
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, kept)


@contextmanager
def damaged(path, damage):
    """Put something else in a file's place, for a while."""
    kept = path.with_name(path.name + ".kept")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.rename(kept)
    DAMAGES[damage](path)
    try:
        yield path
    finally:
        path.rmdir() if path.is_dir() else path.unlink()
        if kept.exists():
            kept.rename(path)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_names_the_file_in_one_sentence(place, capsys, name, damage):
    with damaged(place / name, damage):
        assert main(COMMANDS[name]) == 2
    error = capsys.readouterr().err
    named = name in error or f"the roster of '{name.removesuffix('/roster.cbor')}'" in error
    assert named and error.startswith("qfl: ") and error.count("\n") == 1 and "nobody foresaw" not in error


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["tls.crt", "tls.key", "ca.crt"])
def test_the_front_ends_with_a_sentence(place, capsys, name, damage):
    with damaged(place / "fleet" / "server" / name, damage) as path, pytest.raises(SystemExit) as end:
        front.main([str(path.parent)])
    error = capsys.readouterr().err
    assert end.value.code == 2 and error.startswith("qfl: ") and error.count("\n") == 1 and str(path) in error


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", CALLS)
def test_a_process_of_a_host_names_the_file(place, name, damage):
    with damaged(place / name, damage) as path, pytest.raises((QflError, SystemExit), match=path.name):
        CALLS[name](path)


@pytest.mark.parametrize("damage", ["folder", "pipe"])
@pytest.mark.parametrize("name", NO_FILES)
def test_what_is_no_file_is_named_where_any_content_will_do(place, name, damage):
    with damaged(place / name, damage) as path, pytest.raises(QflError, match=path.name):
        NO_FILES[name](path)
