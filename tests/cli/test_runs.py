"""``qfl runs``: the list, its filters, the best, differences, and removal with a question."""

import io
import json

import pytest

from qfl.cli import main
from qfl.config import Settings
from qfl.results import RunFolder
from qfl.writing import alone


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a working directory with three runs, of which one is damaged."""
    monkeypatch.chdir(tmp_path)
    for number, (name, scores) in enumerate({"first": (0.1, 0.6), "second": (0.2, 0.4), "hurt": (0.3,)}.items()):
        settings = Settings.from_flat({"rounds": 1, "seed": number}).to_flat()
        header = {
            "settings": settings,
            "status": "completed",
            "created": f"2026-11-2{number}T08:00:00Z",
            "run_id": "0" * 32,
            "source": str(number) * 64,
        }
        run = RunFolder.create(name, header, path=tmp_path / "runs" / name)
        run.append(
            "rounds",
            [
                {"round": at, "accuracy": score, "loss": 1.0, "seconds": {"total": 1.0}}
                for at, score in enumerate(scores)
            ],
        )
    (tmp_path / "runs" / "hurt" / "run.json").write_text("{")
    return tmp_path


def lines(capsys, *words):
    assert main(["runs", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_the_table_has_a_line_for_each_run_and_a_sentence_for_the_damaged_one(place, capsys):
    head, second, first, hurt = lines(capsys)
    assert head.split() == ["run", "begun", "(UTC)", "task", "model", "strategy", "rounds", "last", "best", "state"]
    expected = "second 2026-11-21 08:00 classify vqc fedavg 1/1 accuracy 0.4000 0.4000 completed"
    assert second.split() == expected.split()
    assert first.split()[0] == "first"
    assert hurt.startswith("damaged  hurt: ") and "is no JSON" in hurt


def test_filters_orders_and_the_best(place, capsys):
    assert [line.split()[0] for line in lines(capsys, "--filter", "seed=0")] == ["run", "first"]
    assert [line.split()[0] for line in lines(capsys, "--sort", "accuracy")] == ["run", "first", "second", "damaged"]
    assert [line.split()[0] for line in lines(capsys, "--best", "accuracy")] == ["run", "first"]
    assert lines(capsys, "--filter", "seed=7") == ["no runs in runs fulfil this"]


def test_json_has_the_same_runs_with_settings_and_faults(place, capsys):
    assert main(["runs", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["last"], bool(row["fault"])) for row in rows] == [
        ("second", 0.4, False),
        ("first", 0.6, False),
        ("hurt", None, True),
    ]
    assert rows[0]["settings"]["seed"] == 1


def test_two_runs_are_put_beside_each_other(place, capsys):
    assert [line.split() for line in lines(capsys, "--diff", "first", "runs/second")] == [
        ["first", "second"],
        ["seed", "0", "1"],
        ["source", "000000000000", "111111111111"],
    ]
    assert main(["runs", "--diff", "first", "second", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"] == {"seed": [0, 1]}
    assert "the settings are the same" in lines(capsys, "--diff", "first", "first")
    assert main(["runs", "--diff", "first", "hurt"]) == 2
    assert "is no JSON" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("answer", "left"), [("y\n", False), ("n\n", True), ("", True)])
def test_removal_asks_and_takes_only_yes_for_yes(place, capsys, monkeypatch, answer, left):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main(["runs", "--remove", "first", "first"]) == 0
    assert "remove 1 run, " in capsys.readouterr().err
    assert (place / "runs" / "first").exists() == left


def test_removal_without_a_terminal_needs_yes(place, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["runs", "--remove", "first"]) == 2
    assert "give --yes" in capsys.readouterr().err and (place / "runs" / "first").exists()
    assert lines(capsys, "--remove", "first", "--yes") == ["removed runs/first"]
    assert not (place / "runs" / "first").exists()


def test_nothing_is_removed_where_one_of_several_cannot_be(place, capsys):
    (place / "mine").mkdir()
    with alone(place / "runs" / "second"):
        for other in ("second", "hurt", "mine", "none"):
            assert main(["runs", "--remove", "first", other, "--yes"]) == 2
            assert capsys.readouterr().err.count("\n") == 1
    assert (place / "runs" / "first").exists() and (place / "mine").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["none"], "cannot list the runs in 'none'"),
        (["--sort", "acuracy"], "did you mean 'accuracy'?"),
        (["--best", "sum_rate"], "no run that is listed has it; they have accuracy"),
        (["--best", "accuracy", "--sort", "seed"], "leave out --sort"),
        (["--diff", "first", "second", "--filter", "seed=1"], "leave out --filter"),
        (["--diff", "first"], "expected 2 arguments"),
        (["--yes"], "give --remove NAME"),
        (["--remove", "first", "--json"], "leave out --json"),
    ],
)
def test_a_mistake_is_one_sentence(place, capsys, words, sentence):
    assert main(["runs", *words]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
