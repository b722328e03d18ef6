"""Sinks hear of every round once, and cost the run nothing. Also covers sink.py."""

import json

import pytest

from qfl.cli import main
from qfl.config import Settings
from qfl.errors import ConfigError, MissingExtra
from qfl.federation.runtime import progress
from qfl.federation.runtime.bundle import travelling
from qfl.results import RunFolder
from qfl.specs import SINKS
from qfl.tracking.sinks.sink import numbers
from qfl.tracking.sinks.sinks import FILE, make_sinks

SMALL = """
rounds = 3
threads = 1
clients.count = 4
model.layers = 2
train.local-steps = 1
security.algorithm = "ML-DSA-44"
run.folder = "r"
"""
OWN = """
import json
from pathlib import Path


class Lines:
    def __init__(self, name="heard"):
        self.name = name

    def start(self, settings):
        self.path = Path(settings.run.folder) / f"{self.name}.jsonl"
        self.say({"start": settings.run.resume})

    def row(self, row):
        self.say(row)

    def end(self, summary):
        self.say({"end": summary})

    def say(self, thing):
        with open(self.path, "a") as file:
            file.write(json.dumps(thing) + "\\n")


class Broken(Lines):
    def row(self, row):
        if row["round"] == 1:
            raise RuntimeError("no space on the moon")
        super().row(row)


class Quiet:
    def start(self, settings):
        pass
"""


class Recorder:
    """A sink that keeps what it is told; it fails at a round, if one is given."""

    def __init__(self, fails_at=None, error=None):
        self.started, self.rows, self.ended, self.fails_at = [], [], [], fails_at
        self.error = error or RuntimeError("gone")

    def start(self, settings):
        self.started.append(settings)
        if self.fails_at == "start":
            raise self.error

    def row(self, row):
        if row["round"] == self.fails_at:
            raise self.error
        self.rows.append(dict(row))
        row["loss"] = "changed"

    def end(self, summary):
        self.ended.append(summary)
        if self.fails_at == "end":
            raise self.error


def heard(sink):
    return [row["round"] for row in sink.rows]


def test_numbers_are_those_that_are_finite_by_the_way_to_them():
    row = {"round": 1, "a": 1, "b": float("inf"), "c": True, "d": "x", "e": {"f": [0.5, {"g": 2}]}, "h": None}
    assert numbers(row) == {"a": 1.0, "e/f/0": 0.5, "e/f/1/g": 2.0}


def test_a_round_is_told_when_it_is_in_a_checkpoint_and_never_again(played):
    first, second = Recorder(), Recorder()
    told = played.play({"own": first}, (0, 3), kept_to=1)
    assert heard(first) == [0, 1]
    played.play({"own": second}, (2, 5), summary={"status": "completed"})
    assert heard(second) == [2, 3, 4, 5]
    assert second.started[0].run.resume and second.started[0].run.folder == str(played.folder.path)
    assert second.ended == [{"status": "completed"}] and first.ended == []
    told.row({"round": 4}, kept=True)
    assert heard(first) == [0, 1, 2, 3, 4]  # those that waited, in their order


def test_a_sink_that_is_added_at_a_resume_is_told_all_that_was(played):
    old, new = Recorder(), Recorder()
    played.play({"old": old}, (0, 2))
    played.play({"old": old, "new": new}, (3, 5))
    assert heard(new) == heard(old) == [0, 1, 2, 3, 4, 5]


def test_a_sink_gets_a_row_of_its_own_that_is_as_the_table_has_it(played):
    one, other = Recorder(), Recorder()
    played.play({"one": one, "other": other}, (0, 2))
    assert one.rows == other.rows == played.folder.rounds()


@pytest.mark.parametrize("error", [RuntimeError("gone"), SystemExit(1), OSError(28, "No space left on device")])
def test_a_sink_that_fails_is_warned_of_once_and_told_no_more_until_a_resume(played, error):
    broken, sound = Recorder(1, error), Recorder()
    said = r"the sink broken raised .*, when it was told round 1; it is told no more"
    with pytest.warns(UserWarning, match=said) as caught:
        played.play({"broken": broken, "sound": sound}, (0, 3), summary={"status": "completed"})
    assert len(caught) == 1 and heard(broken) == [0] and broken.ended == []
    assert heard(sound) == [0, 1, 2, 3] and sound.ended
    state = json.loads((played.folder.path / FILE).read_text())
    assert state["broken"]["round"] == 0 and "when it was told round 1" in state["broken"]["failed"]
    broken.fails_at = None
    played.play({"broken": broken, "sound": sound}, (4, 5))
    assert heard(broken) == heard(sound) == [0, 1, 2, 3, 4, 5]
    assert json.loads((played.folder.path / FILE).read_text())["broken"] == {"round": 5, "failed": None}


@pytest.mark.parametrize(("when", "said"), [("start", "when it began"), ("end", "when it ended")])
def test_a_sink_that_fails_at_its_beginning_or_end_costs_no_run(played, when, said):
    with pytest.warns(UserWarning, match=said):
        played.play({"broken": Recorder(when)}, (0, 1), summary={"status": "completed"})
    assert len(played.folder.rounds()) == 2


def test_a_damaged_state_is_told_and_all_rounds_are_told_again(played):
    played.play({"own": Recorder()}, (0, 2))
    (played.folder.path / FILE).write_text("{")
    again = Recorder()
    with pytest.warns(UserWarning, match=r"sinks.json is no JSON .* told all rounds again"):
        played.play({"own": again}, (3, 3))
    assert heard(again) == [0, 1, 2, 3]


def test_a_state_that_cannot_be_written_ends_no_run(played, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qfl.tracking.sinks.sinks.write_atomically", full)
    sink = Recorder()
    played.play({"own": sink}, (0, 2))
    assert heard(sink) == [0, 1, 2]


@pytest.mark.parametrize("name", SINKS)
def test_without_the_extra_a_sentence_names_it(name, monkeypatch):
    monkeypatch.setattr("qfl.tracking.sinks.sinks.find_spec", lambda module: None)
    with pytest.raises(MissingExtra, match=rf"run.sinks = '{name}' needs {name}.*\[{name}\]"):
        make_sinks(Settings.from_flat({"run.sinks": name}))


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return the words of a command that trains a small run, with sinks of one's own beside its file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(OWN)
    (tmp_path / "small.toml").write_text(SMALL)
    monkeypatch.syspath_prepend(tmp_path)
    return ["run", "small.toml"]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_sink_of_ones_own_hears_of_a_run_that_is_stopped_and_resumed(own, tmp_path, monkeypatch, capsys):
    usual = progress.tell

    def stop(row, metric):
        usual(row, metric)
        if row["round"] == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("qfl.federation.loop.tell", stop)
        words = ["--set", "run.sinks=mine.py:Lines", "--set", "run.my.name=told", "--set", "round.checkpoint-every=2"]
        assert main([*own, *words]) == 130
    assert main(["run", "--resume", "r"]) == 0
    said, run = lines(tmp_path / "r" / "told.jsonl"), RunFolder("r")
    assert [next(iter(line)) for line in said] == ["start", *["round"] * 3, "end", "start", "round", "end"]
    assert [line for line in said if "round" in line] == run.rounds()
    assert said[4] == {"end": {"status": "interrupted"}} and said[5] == {"start": True}
    final = run.header["final"]
    assert said[-1]["end"] == {"status": "completed"} | {k: v for k, v in final.items() if k not in ("angles", "run")}


def test_a_sink_that_fails_leaves_the_run_its_digest_and_one_line(own, capsys):
    assert main([*own, "--set", "run.folder=quiet", "--json"]) == 0
    digest = json.loads(capsys.readouterr().out)["angles_sha256"]
    said = r"mine.py:Broken raised RuntimeError: no space on the moon \(mine.py, line \d+\), when it was told round 1"
    with pytest.warns(UserWarning, match=said) as caught:
        assert main([*own, "--json", "--set", "run.sinks=mine.py:Broken"]) == 0
    assert len(caught) == 1 and json.loads(capsys.readouterr().out)["angles_sha256"] == digest


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("tensorbord", "'tensorbord' is no sink; did you mean 'tensorboard'?"),
        ("zzz", "'zzz' is no sink; expected tensorboard, mlflow, wandb, or your own"),
        ("mine.py:Lines,mine.py:Lines", "names 'mine.py:Lines' twice"),
        ("mine.py:Nothing", "has no 'Nothing'"),
        ("mine.py:Quiet", "mine.py:Quiet has no row; a sink has start(settings), row(row) and end(summary)"),
        ("none.py:X", "there is no file none.py"),
    ],
)
def test_a_sink_that_cannot_be_is_one_sentence_before_anything_is_trained(own, tmp_path, capsys, value, sentence):
    assert main([*own, "--set", f"run.sinks={value}"]) == 2
    errors = capsys.readouterr().err
    assert sentence in errors and errors.count("\n") == 1
    assert not (tmp_path / "r").exists()


def test_the_file_of_a_sink_of_ones_own_travels_to_the_server_of_a_run(own, tmp_path):
    settings = Settings.from_flat({"run.sinks": ["tensorboard", "mine.py:Lines"]})
    assert travelling(settings, tmp_path) == {"mine.py": tmp_path / "mine.py"}


def test_own_settings_need_a_sink_of_ones_own():
    with pytest.raises(ConfigError, match=r"\[run.my\] is set, but no setting of \[run\] names an object of your own"):
        Settings.from_flat({"run.my.name": "x", "run.sinks": "tensorboard"})
