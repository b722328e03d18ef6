"""``qfl reproduce --all``: one line for each study and row, what is kept, and mistakes."""

import json

import pytest

from qfl.cli import main, reproduce

STUDY = """
from qfl.studies.examples import Example
from qfl.studies.study import Study

STUDIES = {"one": Example("the first", "x.toml", ":STUDY"), "two": Example("the second", "y.toml", ":STUDY")}
STUDY = Study(
    lambda request: request.settings["x"],
    lambda request, x: x,
    lambda request, x, measured: {"x": x, "quick": request.quick, "seed": request.seed},
    lambda request, x, measured, found: None,
    lambda request, x, measured, found: f"# {x}",
)
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    paper = tmp_path / "examples" / "paper"
    paper.mkdir(parents=True)
    (paper / "study.py").write_text(STUDY)
    for name in "xy":
        (paper / f"{name}.toml").write_text("x = 1\n")
    (paper / "claims.toml").write_text('[[two]]\nclaim = "more of x"\npaper = 2\nours = "x"\nset-up = "all"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reproduce, "find_checkout", lambda _: tmp_path)
    return tmp_path


def test_all_prints_how_long_each_took_its_rows_and_the_page(checkout, capfd):
    assert main(["reproduce", "--all", "--quick", "--seed", "3", "--keep", "--set", "two.x=5"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("one") and lines[1].startswith("two") and lines[3].startswith("all")
    assert lines[2] == "    more of x: paper 2; ours: holds, by more than the paper says (no interval)"
    (folder,) = (checkout / "runs").iterdir()
    assert lines[4] == f"page  runs/{folder.name}/README.md"
    kept = json.loads((checkout / "examples" / "paper" / "results" / "y.json").read_text())
    assert (
        kept["command"] == "qfl reproduce two --quick --seed 3 --set x=5" and kept["numbers"]["rows"][0]["paper"] == 2
    )
    assert main(["reproduce", "--all", "--json", "--resume", str(folder)]) == 0
    numbers = json.loads(capfd.readouterr().out)
    assert list(numbers["studies"]) == ["one", "two"] and numbers["quick"] is True


def test_a_failure_is_exit_code_1_and_named(checkout, capfd):
    (checkout / "examples" / "paper" / "x.toml").write_text("y = 1\n")
    assert main(["reproduce", "--all"]) == 1
    assert "KeyError: 'x'" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--all", "one"], "leave one out, or give --only one"),
        (["--only", "one"], "--only is for --all"),
        (["one", "--only", "two"], "--only is for --all"),
        (["--all", "--only", "three"], "--only names 'three'; give some of one, two"),
        (["--all", "--set", "x=3"], "with --all give NAME.key=value"),
        (["--all", "--resume", "nowhere"], "'nowhere' is no run folder"),
        (["--all", "--resume", "nowhere", "--only", "one"], "leave out --only and --set"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(checkout, capsys, words, says):
    assert main(["reproduce", *words]) == 2
    streams = capsys.readouterr()
    assert streams.out == "" and streams.err.count("\n") == 1 and says in streams.err
    assert not (checkout / "runs").exists()
