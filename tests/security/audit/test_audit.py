"""An audit names the round whatever is tampered with, and has nothing to say of a run that is whole.

Also covers qfl/security/audit/run_rows.py.
"""

import base64
import json
import shutil
import time
from dataclasses import replace
from functools import partial
from hashlib import sha256

import numpy as np
import pytest

from qfl.errors import ConfigError, RunFolderError
from qfl.results import RunFolder
from qfl.security import keystore
from qfl.security.audit.audit import audit
from qfl.security.ledger import COSE, FIRST, rows_digest, sign_entry
from qfl.security.ledger_chain import follow, read_ledger
from qfl.security.roster import only_key


def first(place, **given):
    found = audit(RunFolder(place / "run"), **given).first
    return found and (found.round, found.kind)


def edited(folder, table, change):
    """Let ``change`` do something to a table's rows."""
    rows = folder.rows(table)
    folder.replace(table, change(rows))


def lines(folder, change):
    path = folder.path / "ledger.jsonl"
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))


def entries(folder):
    signer = keystore.load_signer(folder.path / "keys", "server")
    run_id = bytes.fromhex(folder.header["run_id"])
    return [link.entry for link in follow(read_ledger(folder), partial(only_key, signer.key), run_id)[0]]


def signed_again(folder, entries, signer, first=0):
    """Replace the ledger from a round on by a chain of these entries, as who has a server's key can."""
    rows = folder.rows("ledger")[:first]
    head = sha256(base64.b64decode(rows[-1][COSE])).digest() if rows else FIRST
    for entry in entries[first:]:
        envelope, link = sign_entry(replace(entry, previous=head), signer)
        rows.append({"round": entry.round, COSE: base64.b64encode(envelope).decode()})
        head = link.digest
    folder.replace("ledger", rows)


def with_row(folder, number, **changes):
    """Change a round's row, and sign the ledger anew such that nothing in the folder contradicts it."""
    edited(folder, "rounds", lambda rows: [row | (changes if row["round"] == number else {}) for row in rows])
    row = next(row for row in folder.rounds() if row["round"] == number)
    return [replace(each, row=rows_digest([row])) if each.round == number else each for each in entries(folder)]


def test_a_whole_run_is_as_it_was_signed(place, folder):
    for given in ({}, {"keys": place / "host" / "keys"}, {"clients": [place / "host"]}):
        found = audit(folder, **given)
        assert (found.findings, found.rounds, found.entries) == ((), 4, 5)
    assert not found.notes
    assert "compare with a client's record" in audit(folder).notes[0]


def altered_row(folder):
    edited(folder, "rounds", lambda rows: [row | ({"accuracy": 0.99} if row["round"] == 2 else {}) for row in rows])
    return 2, "altered"


def altered_digest(folder):
    edited(folder, "rounds", lambda rows: [*rows[:3], rows[3] | {"angles_sha256": "0" * 64}, *rows[4:]])
    return 3, "altered"


def altered_client_row(folder):
    edited(folder, "clients", lambda rows: [row | ({"drift": 0.0} if row["round"] == 3 else {}) for row in rows])
    return 3, "altered"


def client_row_gone(folder):
    edited(folder, "clients", lambda rows: [row for row in rows if (row["round"], row["client"]) != (2, 1)])
    return 2, "altered"


def client_row_made_up(folder):
    edited(folder, "clients", lambda rows: [*rows, rows[-1] | {"round": 5}])
    return 5, "added"


def dropped_round(folder):
    edited(folder, "rounds", lambda rows: [row for row in rows if row["round"] != 2])
    return 2, "dropped"


def swapped_rounds(folder):
    edited(folder, "rounds", lambda rows: [rows[0], rows[2], rows[1], *rows[3:]])
    return 1, "altered"


def truncated(folder):
    folder.truncate(2)
    return 3, "dropped"


def made_up_round(folder):
    edited(folder, "rounds", lambda rows: [*rows, rows[-1] | {"round": 5}])
    return 5, "added"


def unreadable_row(folder):
    path = folder.path / "rounds.jsonl"
    rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*rows[:2], "{" + rows[2], *rows[3:]]))
    return 2, "altered"


def entry_gone(folder):
    lines(folder, lambda rows: [*rows[:3], *rows[4:]])
    return 3, "dropped"


def last_entries_gone(folder):
    """... and all that goes with them."""
    lines(folder, lambda rows: rows[:3])
    folder.truncate(2)
    (folder.path / "checkpoint.npz").unlink()
    return 3, "dropped"


def first_entry_gone(folder):
    lines(folder, lambda rows: rows[1:])
    return 0, "dropped"


def entry_replayed(folder):
    lines(folder, lambda rows: [*rows[:4], rows[2], *rows[4:]])
    return 2, "replayed"


def entries_swapped(folder):
    lines(folder, lambda rows: [rows[0], rows[2], rows[1], *rows[3:]])
    return 1, "dropped"


def entry_of_another_run(folder):
    entry, signer = entries(folder)[3], keystore.load_signer(folder.path / "keys", "server")
    other = base64.b64encode(sign_entry(replace(entry, run_id=bytes(16)), signer)[0]).decode()
    lines(folder, lambda rows: [*rows[:3], json.dumps({"round": 3, COSE: other}) + "\n", *rows[4:]])
    return 3, "added"


def forked(folder):
    """The server's own key signs another round 2; the entries after it are those that were."""
    entry, signer = entries(folder)[2], keystore.load_signer(folder.path / "keys", "server")
    other = base64.b64encode(sign_entry(replace(entry, row=bytes(32)), signer)[0]).decode()
    lines(folder, lambda rows: [*rows[:2], json.dumps({"round": 2, COSE: other}) + "\n", *rows[3:]])
    return 2, "altered"  # what it says of round 2 is not so, and round 3 goes on from another


def aggregate_edited(folder):
    """One byte of the digest of round 3's aggregate, in the signed entry itself."""

    def change(rows):
        row = json.loads(rows[3])
        model, envelope = entries(folder)[3].model, base64.b64decode(row[COSE])
        row[COSE] = base64.b64encode(envelope.replace(model, bytes(32))).decode()
        return [*rows[:3], json.dumps(row) + "\n", *rows[4:]]

    lines(folder, change)
    return 3, "unsigned"


def other_key(folder):
    """All of it is signed again by somebody else."""
    signed_again(folder, entries(folder), keystore.generate(keystore.profile("ML-DSA-44")))
    return 0, "unsigned"


def line_damaged(folder):
    lines(folder, lambda rows: [*rows[:2], '{"round": 2, "cose": "?"}\n', *rows[3:]])
    return 2, "altered"


def no_ledger(folder):
    (folder.path / "ledger.jsonl").unlink()
    return 0, "dropped"


def checkpoint_replaced(folder):
    number, arrays, state = folder.load_checkpoint()
    folder.save_checkpoint(number, arrays | {"angles": arrays["angles"] + np.float32(0.1)}, state)
    return 4, "altered"


def checkpoint_state_replaced(folder):
    number, arrays, state = folder.load_checkpoint()
    folder.save_checkpoint(number, arrays, state | {"failures": 1})
    return 4, "altered"


def checkpoint_damaged(folder):
    (folder.path / "checkpoint.npz").write_bytes(b"PK")
    return 4, "altered"


def settings_replaced(folder):
    folder.update(settings=folder.settings | {"train.local-steps": 2})
    return 4, "altered"


def settings_and_start_replaced(folder):
    folder.update(settings=folder.settings | {"train.local-steps": 2}, started=folder.header["started"] + 1)
    return 4, "altered"


def settings_that_are_none(folder):
    folder.update(settings=[1])
    return 4, "altered"


def result_that_is_none(folder):
    folder.update(final=[1])
    return 4, "altered"


def result_replaced(folder):
    folder.update(final=folder.header["final"] | {"accuracy": 0.99})
    return 4, "altered"


def result_angles_replaced(folder):
    final = folder.header["final"]
    folder.update(final=final | {"angles": [0.0 for _ in final["angles"]]})
    return 4, "altered"


TAMPERINGS = (
    altered_row,
    altered_digest,
    altered_client_row,
    client_row_gone,
    client_row_made_up,
    dropped_round,
    swapped_rounds,
    truncated,
    made_up_round,
    unreadable_row,
    entry_gone,
    last_entries_gone,
    first_entry_gone,
    entry_replayed,
    entries_swapped,
    entry_of_another_run,
    forked,
    aggregate_edited,
    other_key,
    line_damaged,
    no_ledger,
    checkpoint_replaced,
    checkpoint_state_replaced,
    checkpoint_damaged,
    settings_replaced,
    settings_and_start_replaced,
    settings_that_are_none,
    result_that_is_none,
    result_replaced,
    result_angles_replaced,
)


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_the_round_of_a_tampering_is_named(tamper, place, folder):
    assert tamper(folder) == first(place)


def test_a_ledger_signed_again_with_the_servers_key_is_seen_by_the_client_alone(place, folder):
    """With the key in the folder, whoever may write there can lie; then what the client was shown tells."""
    signed_again(folder, with_row(folder, 2, accuracy=0.99), keystore.load_signer(folder.path / "keys", "server"), 2)
    assert first(place) is None
    assert first(place, clients=[place / "host"]) == (2, "forked")


def test_a_ledger_of_another_server_is_seen_by_keys_from_elsewhere(place, folder):
    shutil.rmtree(folder.path / "keys")
    keystore.new(folder.path / "keys", "ML-DSA-44", 4)
    signed_again(folder, entries_of(place, folder), keystore.load_signer(folder.path / "keys", "server"))
    assert first(place) is None
    assert first(place, keys=place / "host" / "keys") == (0, "unsigned")
    assert first(place, clients=[place / "host"])[0] == 0
    with pytest.raises(ConfigError, match="know different servers"):
        audit(folder, keys=folder.path / "keys", clients=[place / "host"])


def entries_of(place, folder):
    key = keystore.load_roster(place / "host" / "keys").server
    return [link.entry for link in follow(read_ledger(folder), partial(only_key, key), run_id_of(folder))[0]]


def run_id_of(folder):
    return bytes.fromhex(folder.header["run_id"])


def test_a_client_that_was_sent_another_aggregate_or_never_sent_the_update_is_heard(place, folder):
    signer = keystore.load_signer(folder.path / "keys", "server")
    changed = [
        replace(each, accepted=tuple(one[:8] + bytes(32) for one in each.accepted)) if each.round == 4 else each
        for each in entries(folder)
    ]
    signed_again(folder, changed, signer, 4)
    assert first(place, clients=[place / "host"]) == (4, "altered")


def test_rounds_that_a_kill_cut_short_are_no_tampering(place, folder):
    """The entry is written first; then the process dies."""
    folder.update(status="running")
    folder.truncate(3)
    found = audit(folder)
    assert found.findings == ()
    assert "rows may be missing" in found.notes[-1]
    edited(folder, "rounds", lambda rows: rows[:-1])
    assert first(place) == (3, "dropped")


def test_a_run_that_is_resumed_goes_on_in_the_chain(place, folder, federate):
    federate(place / "host", folder.path, **{"run.resume": True, "rounds": 5})
    found = audit(folder, clients=[place / "host"])
    assert (found.findings, found.rounds, found.entries) == ((), 5, 7)
    assert [entry.round for entry in entries(folder)] == [0, 1, 2, 3, 4, 4, 5]


def test_rounds_that_were_run_again_stay_in_the_ledger_and_count_no_more(tmp_path, federate):
    """Of rounds 1 and 2 there was no checkpoint when the process died."""
    rarely = {"round.checkpoint-every": 3}
    home, die = tmp_path / "home", RunFolder.save_checkpoint

    def killed(self, number, *rest):
        if number == 3:
            raise KeyboardInterrupt
        die(self, number, *rest)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(RunFolder, "save_checkpoint", killed)
        federate(home, tmp_path / "cut", **rarely)
    cut = RunFolder(tmp_path / "cut")
    assert audit(cut, clients=[home]).findings == ()
    federate(home, cut.path, **rarely, **{"run.resume": True})
    assert [entry.round for entry in entries(cut)] == [0, 1, 2, 3, 0, 1, 2, 3, 4]
    assert audit(cut, clients=[home]).findings == ()


def test_a_server_does_not_go_on_from_a_checkpoint_or_a_ledger_that_is_not_its_own(place, folder, federate):
    more = {"run.resume": True, "rounds": 5}
    checkpoint_state_replaced(folder)
    with pytest.raises(RunFolderError, match="checkpoint of round 4 is not the one that was signed"):
        federate(place / "host", folder.path, **more)
    entry_gone(folder)
    with pytest.raises(RunFolderError, match="round 3 has no entry in the ledger"):
        federate(place / "host", folder.path, **more)


def test_an_audit_years_later_reads_the_roster_that_has_expired(place, folder, monkeypatch):
    later = time.time() + 10 * 365 * 86400
    monkeypatch.setattr(time, "time", lambda: later)
    assert first(place) is None


def test_a_client_without_a_record_is_refused(place, folder, tmp_path):
    shutil.copytree(place / "host" / "keys", tmp_path / "other" / "keys")
    with pytest.raises(ConfigError, match="no record of this run"):
        audit(folder, clients=[tmp_path / "other"])
