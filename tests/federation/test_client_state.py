"""What a client remembers outlives its processes, and keeps it from answering twice."""

import json
from dataclasses import replace

import numpy as np
import pytest
from flwr.app import Context, RecordDict

from qfl.config import PrivacySettings
from qfl.errors import Rejection
from qfl.federation.client_state import NONCES, RUNS, Memory, memory_of
from qfl.privacy.accountant import epsilon
from qfl.security.claims import BroadcastClaims

PART = np.arange(5, dtype=np.int64)
WRONG = [
    json.dumps({"updates": 1, "runs": {}, "partitions": {}} | change).encode()
    for change in (
        {"updates": "1"},
        {"runs": []},
        {"runs": {"00": 7}},
        {"runs": {"00": {"updates": 1, "last_round": None, "nonces": []}}},
        {"runs": {"00": {"updates": 1, "last_round": 1, "nonces": 5}}},
        {"partitions": []},
        {"forgotten": 1.5},
    )
]
ASKED = BroadcastClaims(b"r" * 16, 3, b"n" * 16, b"m" * 32, b"t" * 32, 1, b"c" * 32)


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "client-3.json")


def again(memory):
    """What another process reads."""
    return Memory(memory.path)


def test_every_update_is_counted_for_ever(memory):
    for number in range(1, 4):
        asked = replace(ASKED, round=number, nonce=bytes([number]) * 16)
        again(memory).require_new(asked, PART)
        again(memory).note(asked, PART)
    entries = again(memory).entries
    assert entries["updates"] == 3
    assert entries["runs"][ASKED.run_id.hex()]["last_round"] == 3


def test_a_broadcast_is_answered_once_and_a_resumed_servers_is_another(memory):
    memory.note(ASKED, PART)
    with pytest.raises(Rejection, match="answered-before"):
        again(memory).require_new(ASKED, PART)
    again(memory).require_new(replace(ASKED, nonce=b"o" * 16), PART)


def test_rounds_only_go_up_however_many_there_were(memory):
    asked = [replace(ASKED, round=number, nonce=number.to_bytes(16, "big")) for number in range(1, 60)]
    for each in asked:
        again(memory).require_new(each, PART)
        again(memory).note(each, PART)
    for old in asked:
        for seen in (old, replace(old, nonce=b"unseen nonce" + b"n" * 4)) if old.round < 59 else (old,):
            with pytest.raises(Rejection, match="answered-before"):
                again(memory).require_new(seen, PART)
    again(memory).require_new(replace(ASKED, round=60), PART)


def test_a_resumed_server_asks_for_rounds_again_and_what_it_asked_before_is_over(memory):
    """Its last checkpoint may be some rounds old."""
    first = [replace(ASKED, round=number, nonce=bytes([number]) * 16, started=100) for number in range(1, 8)]
    resumed = [replace(each, nonce=bytes([100 + each.round]) * 16, started=101) for each in first[4:]]
    for each in (*first[:6], *resumed):
        memory.require_new(each, PART)
        memory.note(each, PART)
    for old in (*first, *resumed):  # round 7 of the first process was never answered, and is not now
        with pytest.raises(Rejection, match="answered-before"):
            again(memory).require_new(old, PART)


def test_a_run_that_is_no_longer_remembered_is_not_answered_again_unless_its_server_takes_it_up_anew(memory):
    runs = [replace(ASKED, run_id=k.to_bytes(16, "big"), started=1000 + k) for k in range(RUNS + 20)]
    for each in runs:
        memory.require_new(each, PART)
        memory.note(each, PART)
    for old in runs:
        with pytest.raises(Rejection, match="answered-before"):
            memory.require_new(old, PART)
    memory.require_new(replace(runs[0], started=5000), PART)
    memory.require_new(replace(ASKED, run_id=b"new run" + bytes(9), started=5001), PART)


def test_one_round_is_not_answered_for_ever_whatever_its_nonces(memory):
    for number in range(NONCES):
        memory.note(replace(ASKED, nonce=bytes([number]) * 16), PART)
    with pytest.raises(Rejection, match="answered-before"):
        memory.require_new(replace(ASKED, nonce=b"x" * 16), PART)


def test_a_memory_written_before_servers_said_when_they_began_still_counts(memory):
    run = {"updates": 3, "last_round": 3, "nonces": [ASKED.nonce.hex()]}
    old = {"updates": 3, "runs": {ASKED.run_id.hex(): run}, "partitions": {}}
    memory.path.write_text(json.dumps(old))
    with pytest.raises(Rejection, match="answered-before"):
        memory.require_new(replace(ASKED, round=2, nonce=b"o" * 16), PART)
    memory.require_new(replace(ASKED, round=3, started=7), PART)


def test_data_that_are_not_those_of_before_are_refused(memory):
    memory.note(ASKED, PART)
    later = replace(ASKED, run_id=b"s" * 16)
    with pytest.raises(Rejection, match="changed-partition"):
        again(memory).require_new(later, PART[:4])
    again(memory).require_new(replace(later, task=b"u" * 32), PART[:4])


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"updates": 1}', b"[" * 5000, b"9" * 5000, *WRONG])
def test_a_damaged_memory_is_no_empty_one(memory, content):
    memory.path.write_bytes(content)
    with pytest.raises(Rejection, match="memory-damaged"):
        memory.require_new(ASKED, PART)


def test_it_stays_small(memory):
    for number in range(150):
        memory.note(replace(ASKED, run_id=number.to_bytes(16, "big"), task=number.to_bytes(32, "big")), PART)
    entries = memory.entries
    assert entries["updates"] == 150 and len(entries["runs"]) == len(entries["partitions"]) == 100


def test_its_file_is_named_by_the_identity_not_by_the_key(tmp_path):
    (tmp_path / "keys").mkdir()
    names = []
    for authority in (b"one", b"two"):
        (tmp_path / "keys" / "authority.pub").write_bytes(authority)
        found = memory_of(Context(1, 2, {"partition-id": 3, "home": str(tmp_path)}, RecordDict(), {}))
        names.append(found.path.name)
    assert names[0] != names[1] and all(name.startswith("client-3-") for name in names)
    assert memory_of(Context(1, 2, {"partition-id": 3}, RecordDict(), {})) is None


def test_a_privacy_budget_is_one_over_all_runs_and_restarts(memory):
    pytest.importorskip("dp_accounting")
    own = PrivacySettings("local", epsilon=epsilon({2.0: 2, 3.0: 1}, 1e-5) * 1.001)
    for number, noise in enumerate((2.0, 3.0), start=1):
        again(memory).require_budget(own, noise)
        again(memory).note(replace(ASKED, round=number, run_id=bytes([number]) * 16), PART, noise)
    assert again(memory).entries["noise"] == {"2.0": 1, "3.0": 1}
    again(memory).require_budget(own, 2.0)
    with pytest.raises(Rejection, match="budget-spent: one more update would make epsilon"):
        again(memory).require_budget(own, 1.5)
    again(memory).require_budget(replace(own, epsilon=None), 1.5)


@pytest.mark.parametrize("noise", [{"2.0": "1"}, {"-2.0": 1}, {"much": 1}, 5])
def test_a_count_of_releases_that_is_damaged_is_not_forgotten(memory, noise):
    memory.path.write_text(json.dumps({"updates": 1, "runs": {}, "partitions": {}, "noise": noise}))
    with pytest.raises(Rejection, match="memory-damaged"):
        memory.require_new(ASKED, PART)
