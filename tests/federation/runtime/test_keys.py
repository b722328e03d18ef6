"""A process that runs for weeks goes by the keys that count now, not by those that counted when it began."""

import os
import time

import pytest

from qfl.config import Settings
from qfl.errors import KeyFolderError
from qfl.federation.client import train
from qfl.federation.runtime.keys import client_signers, load_roster
from qfl.results import RunFolder
from qfl.security import keystore, membership
from qfl.security.roster import Roster, revoke, sign_roster


@pytest.fixture
def keys(tmp_path):
    keystore.new(tmp_path / "keys", "ML-DSA-44", 2)
    return tmp_path / "keys"


@pytest.fixture
def settings(keys):
    return Settings.from_flat({"security.keys": str(keys)})


def put(keys, roster):
    """Replace the signed roster and nothing else, within one tick of the clock of the file system."""
    path, about = keys / "roster.cbor", (keys / "roster.cbor").stat()
    path.write_bytes(sign_roster(roster, keystore.load_signer(keys, "authority")))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def test_a_roster_that_expires_while_the_process_runs_is_refused_from_then_on(keys, settings, monkeypatch):
    expires = load_roster(settings).expires
    client_signers(settings, [0])
    monkeypatch.setattr(time, "time", lambda: expires - 1)
    assert load_roster(settings).version == 1
    monkeypatch.setattr(time, "time", lambda: expires)
    for use in (lambda: load_roster(settings), lambda: client_signers(settings, [0])):
        with pytest.raises(KeyFolderError, match="roster-expired"):
            use()


def test_a_roster_replaced_within_one_time_stamp_counts(keys, settings):
    first = load_roster(settings)
    put(keys, revoke(first, 1, 3))
    assert (load_roster(settings).version, load_roster(settings).row(1).revoked_from) == (2, 3)


def test_an_older_roster_that_was_read_before_is_not_taken_again(keys, settings):
    first = load_roster(settings)
    put(keys, revoke(first, 1, 3))
    load_roster(settings)
    put(keys, first)
    with pytest.raises(KeyFolderError, match="stale-roster"):
        load_roster(settings)


def test_the_key_of_another_roster_is_not_kept(keys, settings):
    (before,) = client_signers(settings, [0])
    key, proofs = membership.request_rotation(keys, 0, 1)
    membership.rotate(keys, 0, key, proofs, 1)
    (now,) = client_signers(settings, [0], 1)
    assert now.key != before.key and client_signers(settings, [0], 0) == [before]


def test_a_run_whose_roster_runs_out_stops_with_a_sentence_and_can_be_resumed(small, federate, monkeypatch):
    def train_once(messages, contexts):
        monkeypatch.setattr(Roster, "expired", lambda roster, now=None: True)
        return train(messages, contexts)

    settings = small("expiring", clients__count=2, round__quorum=0.1)
    with pytest.raises(KeyFolderError, match="roster-expired"):
        federate(settings, train_once)
    header = RunFolder(settings.run.folder).header
    assert header["status"] == "failed" and "roster-expired" in header["error"]
