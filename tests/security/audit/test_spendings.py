"""Budgets in the ledger: rows that were changed, entries that lie, and clients that were asked for nothing."""

import sys
from dataclasses import replace

import pytest

from qfl.privacy import accountant
from qfl.privacy.accountant import epsilon
from qfl.results import RunFolder
from qfl.security.audit import audit as whole
from qfl.security.audit.audit import audit
from qfl.security.audit.spendings import NOT_INSTALLED, next_is_too_much, spending_findings
from qfl.security.ledger import Link, rows_digest

pytest.importorskip("dp_accounting")
PRIVATE = {"rounds": 3, "privacy.mechanism": "central", "privacy.noise-multiplier": 2.0}


@pytest.fixture
def private(tmp_path, federate):
    """Give the folder of a run of three rounds with noise, and its links as they were signed."""
    folder = federate(tmp_path / "host", tmp_path / "run", **PRIVATE)
    run_id, server = whole._run_id(folder), whole._server(folder, None, ())
    return folder, whole._links(folder, server, run_id)[0]


def lying(links, number, **said):
    return [Link(replace(link.entry, **said), link.digest) if link.entry.round == number else link for link in links]


def kinds(folder, links):
    return [(finding.round, finding.what) for finding in spending_findings(folder, links)]


def test_an_honest_run_has_no_finding(private):
    folder, links = private
    assert kinds(folder, links) == [] and audit(folder).findings == ()


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"micro_epsilon": 1_000_000}, "another epsilon in the ledger than the accountant says"),
        ({"spendings": 1}, "has other askings"),
        ({"spendings": 0, "spent": bytes(32), "micro_epsilon": 0}, "less of its clients' privacy spent"),
        ({"spent": b"x" * 32}, "has other askings"),
    ],
)
def test_a_server_that_signs_a_smaller_budget_is_found(private, said, what):
    folder, links = private
    ((number, found),) = kinds(folder, lying(links, 2, **said))
    assert number == 2 and what in found


def test_a_server_that_leaves_a_client_out_of_the_count_is_found(private):
    """It signs rows without client 3, and the epsilon is that of the others."""
    folder, links = private
    rows = [row | {"clients": [0, 1, 2]} for row in folder.rows("privacy")]
    folder.replace("privacy", rows)
    for number in (1, 2, 3):
        links = lying(links, number, spent=rows_digest(rows[:number]))
    assert kinds(folder, links) == [(1, "asked client 3, whose budget was not charged")]


@pytest.mark.parametrize("change", ["gone", "cut", "other"])
def test_rows_that_were_changed_are_found_by_the_whole_audit(private, change):
    folder, _ = private
    rows = folder.rows("privacy")
    other = [rows[0] | {"noise_multiplier": 9.0}, *rows[1:]]
    folder.replace("privacy", {"gone": [], "cut": rows[:2], "other": other}[change])
    assert audit(folder).first is not None and "askings in privacy.jsonl" in audit(folder).first.what


def test_rows_that_are_none_are_a_finding_and_no_traceback(private):
    folder, _ = private
    for row in ({"round": 1}, {"round": 1, "clients": ["a"], "noise_multiplier": 2.0}):
        folder.replace("privacy", [row])
        assert "no readable asking" in audit(folder).first.what
    (folder.path / "privacy.jsonl").write_text("{\n{\n")
    assert "no readable asking" in audit(folder).first.what


def test_a_run_that_ended_with_budget_left_is_dropped_rounds(tmp_path, federate):
    flat = {**PRIVATE, "rounds": 9, "privacy.epsilon": epsilon({2.0: 2}, 1e-5) * 1.001}
    folder = federate(tmp_path / "host", tmp_path / "run", **flat)
    assert next_is_too_much(folder) and not audit(folder).findings
    flat = folder.header["settings"] | {"privacy.epsilon": 100.0}
    folder.update(settings=flat)
    assert any(
        "no entry in the ledger of a run that completed 9 rounds" in each.what for each in audit(folder).findings
    )


def test_without_the_library_the_rest_is_looked_at_and_a_note_says_so(private, monkeypatch):
    folder, links = private
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    accountant._epsilon.cache_clear()
    found = audit(RunFolder(folder.path))
    assert NOT_INSTALLED in found.notes and not found.findings
    assert kinds(folder, lying(links, 2, spent=b"x" * 32))
