"""What a client remembers outlives its processes, and keeps it from answering twice."""

from dataclasses import replace

import numpy as np
import pytest
from flwr.app import Context, RecordDict

from qfl.errors import Rejection
from qfl.federation.memory import Memory, memory_of
from qfl.security.claims import BroadcastClaims

PART = np.arange(5, dtype=np.int64)
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


def test_data_that_are_not_those_of_before_are_refused(memory):
    memory.note(ASKED, PART)
    later = replace(ASKED, run_id=b"s" * 16)
    with pytest.raises(Rejection, match="changed-partition"):
        again(memory).require_new(later, PART[:4])
    again(memory).require_new(replace(later, task=b"u" * 32), PART[:4])


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"updates": 1}'])
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
