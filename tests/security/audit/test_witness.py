"""What a client keeps proves something only where the server signed it."""

import json

import pytest

from qfl.errors import RunFolderError
from qfl.security.audit.audit import CLIENT
from qfl.security.audit.witness import ENDING, contradictions, keep, read
from qfl.security.claims import BroadcastClaims
from qfl.security.ledger import FIRST, Entry, Link
from qfl.security.profiles import profile
from qfl.security.signing import generate
from qfl.security.updates import sign_broadcast

RUN, HEAD, MODEL = b"r" * 16, b"h" * 32, b"m" * 32
SERVER = generate(profile("ML-DSA-44"))
BEFORE = Entry(RUN, 0, FIRST, 7, bytes(32), 1, MODEL, bytes(32), bytes(32), bytes(32))


def asked(**changes):
    said = {"round": 1, "model": MODEL, "ledger": HEAD, "started": 7} | changes
    return BroadcastClaims(RUN, nonce=bytes(16), task=bytes(32), roster_version=1, config=bytes(32), **said)


@pytest.fixture
def path(tmp_path):
    return tmp_path / f"client-3-{'a' * 16}{ENDING}"


def rounds_of(path, links):
    return [(each.round, each.kind) for each in contradictions(3, read(path, RUN, SERVER.key), links)]


def test_a_record_is_read_back_for_its_run_alone(path):
    keep(path, RUN, sign_broadcast(asked(), SERVER), b"update")
    keep(path, b"s" * 16, b"of another run, and not looked at", b"update")
    assert [each.claims for each in read(path, RUN, SERVER.key)] == [asked()]
    assert CLIENT.fullmatch(path.name)[1] == "3"


def test_what_was_shown_is_held_against_the_ledger(path):
    keep(path, RUN, sign_broadcast(asked(), SERVER), b"update")
    assert rounds_of(path, [Link(BEFORE, HEAD)]) == []
    assert rounds_of(path, [Link(BEFORE, b"o" * 32)]) == [(0, "forked")]


def test_another_aggregate_under_the_same_head_is_a_fork(path):
    keep(path, RUN, sign_broadcast(asked(model=bytes(32)), SERVER), b"update")
    assert rounds_of(path, [Link(BEFORE, HEAD)]) == [(0, "forked")]


@pytest.mark.parametrize("row", [{"cose": "?"}, {"update": "xy"}, {"cose": ""}, {"cose": 3}])
def test_a_damaged_record_is_one_sentence_with_its_line(path, row):
    keep(path, RUN, sign_broadcast(asked(), SERVER), b"update")
    kept = json.loads(path.read_text())
    path.write_text(path.read_text() + json.dumps(kept | row) + "\n")
    with pytest.raises(RunFolderError, match="at line 2; this client's record proves nothing"):
        read(path, RUN, SERVER.key)


def test_a_client_cannot_make_up_what_it_was_shown(path):
    keep(path, RUN, sign_broadcast(asked(), generate(profile("ML-DSA-44"))), b"update")
    with pytest.raises(RunFolderError, match="unknown-key"):
        read(path, RUN, SERVER.key)
