"""``qfl reproduce``: help, mistakes, one JSON object, and what is kept.

Also covers qfl/studies/kept.py.
"""

import json
import subprocess
from pathlib import Path

import pytest

import qfl
from qfl.cli import main, reproduce
from qfl.errors import ConfigError
from qfl.studies.kept import commit

ROOT = Path(qfl.__file__).parent.parent
NAMES = ("cellfree-fig4", "cellfree-fig5", "cellfree-fig6", "fig2", "fig3b", "federated", "table1", "table2", "table3")
STUDY = """
from qfl.studies.examples import Example
from qfl.studies.study import Study

STUDIES = {"answer": Example("nothing", "x.toml", ":STUDY")}


def numbers(request, x, measured):
    return {"value": request.seed, "quick": request.quick, "x": x}


STUDY = Study(
    lambda request: request.settings["x"],
    lambda request, x: None,
    numbers,
    lambda request, x, measured, found: None,
    lambda request, x, measured, found: f"# {found['x']}",
)
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Stand in for a checkout with one paper."""
    paper = tmp_path / "examples" / "paper"
    paper.mkdir(parents=True)
    (paper / "study.py").write_text(STUDY)
    (paper / "x.toml").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reproduce, "find_checkout", lambda _: tmp_path)
    return tmp_path


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """Stand in for an installed package and an empty folder."""

    def none(_):
        raise ConfigError("found no Flower app")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reproduce, "find_checkout", none)


def test_it_explains_every_study_of_the_checkout(capsys):
    with pytest.raises(SystemExit):
        main(["reproduce", "--help"])
    said = "".join(capsys.readouterr().out.split())
    assert all(f"{name}:" in said for name in NAMES)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["table9"], "invalid choice: 'table9' (choose from 'answer')"),
        ([], "the following arguments are required: NAME"),
        (["answer", "--seed", "x"], "invalid int value: 'x'"),
        (["answer", "--resume", "nowhere"], "'nowhere' is no run folder"),
        (["answer", "--set", "y=1"], "--set y: the example's file has no such setting; it has x"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(capsys, checkout, words, says):
    assert main(["reproduce", *words]) == 2
    streams = capsys.readouterr()
    assert streams.out == "" and streams.err.count("\n") == 1 and says in streams.err
    assert not (checkout / "runs").exists()


@pytest.mark.parametrize("words", [[], ["table1"], ["table1", "--resume", "runs/x"]])
def test_outside_a_checkout_one_sentence_says_where_reproductions_live(capsys, nowhere, words):
    assert main(["reproduce", *words]) == 2
    streams = capsys.readouterr()
    assert streams.out == "" and streams.err.count("\n") == 1
    assert "examples/ of a checkout of the project" in streams.err and "clone the project" in streams.err


def test_help_outside_a_checkout_says_so_too(capsys, nowhere):
    with pytest.raises(SystemExit):
        main(["reproduce", "--help"])
    assert "reproductions live in the examples/" in " ".join(capsys.readouterr().out.split())


def test_a_checkout_without_studies_says_where_they_live(capsys, checkout):
    (checkout / "examples" / "paper" / "study.py").unlink()
    assert main(["reproduce", "answer"]) == 2
    assert "reproductions live in the examples/ of a checkout" in capsys.readouterr().err


def test_a_study_that_cannot_be_loaded_is_named(capsys, checkout):
    (checkout / "examples" / "paper" / "study.py").write_text("STUDIES = {\n")
    assert main(["reproduce", "answer"]) == 2
    streams = capsys.readouterr()
    assert streams.err.count("\n") == 1 and "study.py cannot be loaded (SyntaxError" in streams.err


def test_what_is_refused_leaves_no_folder(capfd, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reproduce, "find_checkout", lambda _: ROOT)
    words = ["reproduce", "table1", "--quick", "--set", "sqm_gnn.update=ungated"]
    assert main(words) == 2
    assert capfd.readouterr().err.startswith("qfl: sqm_gnn in printed: unitary 'ungated': expected a block of ")
    assert not list((tmp_path / "runs").iterdir())


def test_json_is_one_object_and_the_folder_keeps_everything(capfd, checkout):
    assert main(["reproduce", "answer", "--quick", "--json", "--seed", "7", "--set", "x=3"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["value"], found["quick"], found["x"]) == (7, True, 3)
    (folder,) = (checkout / "runs").iterdir()
    assert found["page"] == str(folder / "README.md")
    assert json.loads((folder / "results.json").read_text()) == {"value": 7, "quick": True, "x": 3, "rows": []}
    assert (folder / "README.md").read_text() == "# 3\n"
    assert main(["reproduce", "answer", "--resume", str(folder)]) == 0
    assert capfd.readouterr().out.startswith("# 3\n\npage  ")


def test_what_is_kept_stands_beside_the_run_file_with_its_origin(capfd, checkout):
    study = checkout / "examples" / "paper" / "study.py"
    drawn = '(request.folder.path / "a.png").write_bytes(b"drawn")'
    text = study.read_text().replace("measured, found: None", f"measured, found: {drawn}")
    study.write_text(text.replace("# {found['x']}", "# {found['x']}\\n\\n![a figure](a.png)"))
    assert main(["reproduce", "answer", "--keep", "--seed", "7", "--set", "x=3"]) == 0
    assert capfd.readouterr().out.endswith("kept  examples/paper/results/x.json\n")
    folder = checkout / "examples" / "paper"
    assert (folder / "x.md").read_text() == "# 3\n\n![a figure](a.png)\n"
    assert (folder / "a.png").read_bytes() == b"drawn"
    told = json.loads((folder / "results" / "x.json").read_text())
    assert told["command"] == "qfl reproduce answer --seed 7 --set x=3" and told["seed"] == 7
    assert told["numbers"] == {"value": 7, "quick": False, "x": 3, "rows": []} and told["commit"] == ""
    assert told["seconds"] >= 0 and {"qfl", "python", "torch"} <= told["versions"].keys()


def test_the_commit_is_the_checkouts_and_a_plus_says_that_files_differ(tmp_path):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    clean = commit(tmp_path)
    (tmp_path / "x.py").write_text("x = 1\n")
    assert len(clean) >= 7 and commit(tmp_path) == f"{clean}+"


def test_a_folder_that_another_version_of_the_study_began_is_refused(capsys, checkout):
    assert main(["reproduce", "answer"]) == 0
    (folder,) = (checkout / "runs").iterdir()
    capsys.readouterr()
    study = checkout / "examples" / "paper" / "study.py"
    study.write_text(study.read_text() + "\n# changed\n")
    assert main(["reproduce", "answer", "--resume", str(folder)]) == 2
    assert "begun by another version of the source; start a new reproduction" in capsys.readouterr().err
