"""A run folder is removed whole, or not at all; nothing else is."""

import os

import pytest

from qfl.errors import RunFolderError
from qfl.results import RunFolder
from qfl.tracking.removal import check_removable, remove, size_of
from qfl.writing import alone


def test_a_run_goes_with_all_that_qfl_wrote_there(add, tmp_path):
    run, other = add("one"), add("two")
    (run.path / "keys").mkdir()
    (run.path / "keys" / "server.key").write_text("seed")
    (run.path / ".checkpoint.npz.0a1b2c3d").write_text("what a kill left")
    (run.path / "report.html").write_text("page")
    for folder in ("masking", "checkpoints"):  # of masked sums, and of `round.archive-every`
        (run.path / folder).mkdir()
    for file in ("ledger.jsonl", "masked-sum.npz", ".masked-sum.npz.0a1b2c3d", "masking/client-1.npz"):
        (run.path / file).write_text("kept")
    assert size_of(run.path) == sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file())
    remove(run.path)
    assert not run.path.exists() and other.path.exists()


@pytest.mark.parametrize("name", ["thesis.tex", "src", "run.json.orig", ".git"])
def test_a_folder_with_something_of_the_users_stays(add, name):
    run = add("one")
    (run.path / name).mkdir()
    before = sorted(os.listdir(run.path))
    with pytest.raises(RunFolderError, match=f"also holds {name}"):
        remove(run.path)
    assert sorted(os.listdir(run.path)) == before


def test_what_is_no_run_stays(add, tmp_path):
    study = RunFolder.create("fig2", {"kind": "reproduction", "settings": {}}, path=tmp_path / "fig2")
    odd = RunFolder.create("odd", {"settings": {}}, path=tmp_path / "odd")
    hurt = add("hurt")
    (hurt.path / "run.json").write_text("{")
    (tmp_path / "link").symlink_to(add("real").path)
    sentences = {
        study.path: "holds a reproduction",
        odd.path: "is no run of `qfl run`",
        hurt.path: "is no JSON",
        tmp_path: "is no run folder",
        tmp_path / "link": "is a link",
    }
    for path, sentence in sentences.items():
        with pytest.raises(RunFolderError, match=sentence):
            check_removable(path)
        assert path.exists()


def test_a_run_that_a_process_holds_stays(add):
    run = add("one", status="running")
    with alone(run.path), pytest.raises(RunFolderError, match="being written by another process"):
        remove(run.path)
    assert (run.path / "rounds.jsonl").exists()


def test_a_removal_that_was_cut_short_can_be_taken_up(add, monkeypatch):
    run = add("one")
    (run.path / "report.html").write_text("page")
    unlink = os.unlink

    def failing(path):
        if str(path).endswith("rounds.jsonl"):
            raise OSError(5, "Input/output error")
        unlink(path)

    monkeypatch.setattr("qfl.tracking.removal.os.unlink", failing)
    with pytest.raises(OSError):
        remove(run.path)
    assert (run.path / "run.json").exists()
    monkeypatch.undo()
    remove(run.path)
    assert not run.path.exists()
