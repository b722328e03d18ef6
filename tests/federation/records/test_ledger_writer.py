"""The server's half of the ledger: what a kill leaves is cut off, and only a chain of its own is gone on with."""

import numpy as np
import pytest

from qfl.errors import RunFolderError
from qfl.federation.records.ledger_writer import Kept, LedgerWriter
from qfl.results import RunFolder
from qfl.security.ledger import FIRST, rows_digest
from qfl.security.ledger_chain import follow, read_ledger
from qfl.security.profiles import profile
from qfl.security.signing import generate

RUN = bytes(16)
SERVER = generate(profile("ML-DSA-44"))


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create("run", {"settings": {"rounds": 2}}, path=tmp_path / "run")


def left(number, checkpoint=b"c" * 32, **row):
    return Kept(number, np.zeros(3), checkpoint, {"round": number, **row}, [], {})


def entries(folder):
    links, fault = follow(read_ledger(folder), lambda kid: SERVER.key, RUN)
    assert fault is None
    return [link.entry for link in links]


def test_every_process_goes_on_where_the_last_one_ended(folder):
    ledger = LedgerWriter(folder, SERVER, RUN, 1)
    assert ledger.head == FIRST
    ledger.write(left(0), 1)
    ledger.write(left(1, loss=np.float32(0.5)), 1)
    later = LedgerWriter(folder, SERVER, RUN, 2)
    assert later.head == ledger.head != FIRST
    later.take_up(left(1, loss=9.0), 3)
    first, again = entries(folder)[1:]
    assert again.row == first.row == rows_digest([{"round": 1, "loss": 0.5}]), "what became of the rows is not signed"
    assert (again.started, again.roster_version) == (2, 3)


def test_a_line_that_a_kill_cut_is_written_over(folder):
    ledger = LedgerWriter(folder, SERVER, RUN, 1)
    ledger.write(left(0), 1)
    ledger.write(left(1), 1)
    path = folder.path / "ledger.jsonl"
    path.write_bytes(path.read_bytes()[:-50])
    again = LedgerWriter(folder, SERVER, RUN, 2)
    again.take_up(left(0), 1)
    again.write(left(1), 1)
    assert [(entry.round, entry.started) for entry in entries(folder)] == [(0, 1), (0, 2), (1, 2)]


def test_a_checkpoint_that_was_not_signed_is_not_gone_on_with(folder):
    LedgerWriter(folder, SERVER, RUN, 1).write(left(0), 1)
    for other in (left(0, b"d" * 32), left(1)):
        with pytest.raises(RunFolderError, match="is not the one that was signed"):
            LedgerWriter(folder, SERVER, RUN, 2).take_up(other, 1)


def test_a_ledger_of_somebody_else_is_not_gone_on_with(folder):
    LedgerWriter(folder, SERVER, RUN, 1).write(left(0), 1)
    with pytest.raises(RunFolderError, match="unknown-key"):
        LedgerWriter(folder, generate(profile("ML-DSA-44")), RUN, 2)
    with pytest.raises(RunFolderError, match="another run"):
        LedgerWriter(folder, SERVER, b"s" * 16, 2)


def test_a_run_that_is_older_than_ledgers_begins_one_where_it_is_taken_up(folder):
    LedgerWriter(folder, SERVER, RUN, 1).take_up(left(5), 1)
    assert [entry.round for entry in entries(folder)] == [5]
