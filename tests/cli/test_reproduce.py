"""``qfl reproduce``: help, mistakes, and one JSON object."""

import json
from pathlib import Path

import pytest

from qfl.cli import main, reproduce
from qfl.reproduction.request import Found


def test_it_explains_itself(capsys):
    with pytest.raises(SystemExit):
        main(["reproduce", "--help"])
    assert "table1:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["table9"], "invalid choice: 'table9'"),
        (["table1", "--seed", "x"], "invalid int value: 'x'"),
        (["table1", "--resume", "nowhere"], "'nowhere' is no run folder"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(capsys, monkeypatch, tmp_path, words, says):
    monkeypatch.setattr(reproduce, "find_checkout", lambda _: tmp_path)
    assert main(["reproduce", *words]) == 2
    streams = capsys.readouterr()
    assert streams.out == "" and streams.err.count("\n") == 1 and says in streams.err


def test_what_is_refused_leaves_no_folder(capfd, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reproduce, "find_checkout", lambda _: Path(__file__).parents[2])
    words = ["reproduce", "table1", "--quick", "--set", "sqm_gnn.update=ungated"]
    assert main(words) == 2
    assert capfd.readouterr().err.startswith("qfl: sqm_gnn in printed: unitary 'ungated': expected a block of ")
    assert not list((tmp_path / "runs").iterdir())


def test_json_is_one_object_and_the_folder_keeps_everything(capfd, monkeypatch, tmp_path):
    (tmp_path / "x.toml").write_text("seeds = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reproduce, "find_checkout", lambda _: tmp_path)

    def run(request):
        return Found({"value": request.seed, "quick": request.quick}, "# page")

    monkeypatch.setitem(reproduce.REPRODUCTIONS, "table1", ("about", "x.toml", run))
    assert main(["reproduce", "table1", "--quick", "--json", "--seed", "7"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["value"], found["quick"]) == (7, True)
    (folder,) = (tmp_path / "runs").iterdir()
    assert json.loads((folder / "results.json").read_text()) == {"value": 7, "quick": True}
    assert (folder / "README.md").read_text() == "# page\n"
