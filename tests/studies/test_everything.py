"""All studies into one folder: three real ones, and what a kill, a failure and a mistake leave.

Also covers all_page.py.
"""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError, RunFolderError
from qfl.studies.everything import again, asked_for, begin_all, run_everything
from qfl.studies.examples import examples_of

ROOT = Path(qfl.__file__).parent.parent
THREE = {
    "heterogeneity": (
        "seeds=1", "processes=1", 'strategies=["fedavg"]', "alpha=[100.0]", "noise-spread=[1.0]",
        "byzantine-share=[0.5]", "federation.rounds=1", "federation.clients.count=4", "federation.model.layers=1",
        "federation.train.local-steps=1", "federation.train.batch-size=2",
    ),
    "backbone-fig3": ("seeds=2", "jobs=[2]", "processes=1", "steps=200"),
    "security-entangled": ("clients=[2]", "trials=10", "states=100", "shots=100"),
}  # fmt: skip
STUDY = """
from qfl.studies.examples import Example
from qfl.studies.study import Study

STUDIES = {name: Example(f"about {name}", "x.toml", f":{name.upper()}") for name in ("one", "two", "three")}


def study(name):
    def run(request, x):
        request.folder.append("measured", [{"name": name}])  # what is there is not measured again
        if (request.checkout / f"stop-{name}").exists():
            raise KeyboardInterrupt
        if (request.checkout / f"fail-{name}").exists():
            raise ValueError("no luck")
        return request.folder.rows("measured")

    return Study(
        lambda request: request.settings["x"],
        run,
        lambda request, x, rows: {"x": x, "measured": len(rows)},
        lambda request, x, rows, found: None,
        lambda request, x, rows, found: f"# {name}",
    )


ONE, TWO, THREE = (study(name) for name in STUDIES)
"""


@pytest.fixture
def checkout(tmp_path):
    paper = tmp_path / "examples" / "paper"
    paper.mkdir(parents=True)
    (paper / "study.py").write_text(STUDY)
    (paper / "x.toml").write_text("x = 1\n")
    (paper / "claims.toml").write_text('[[two]]\nclaim = "x"\npaper = 2\nours = "x"\nset-up = "all"\n')
    return tmp_path


def begun(checkout, changes=()):
    there = examples_of(checkout)
    asked = asked_for(there, (), False, 1, changes)
    return there, asked, begin_all(asked, checkout / "runs")


def test_three_real_studies_of_three_folders_are_run_into_one_page(tmp_path):
    there = examples_of(ROOT)
    changes = [f"{name}.{change}" for name, own in THREE.items() for change in own]
    asked, lines = asked_for(there, list(THREE), True, 1, changes), []
    folder = begin_all(asked, tmp_path)
    numbers = run_everything(folder, asked, lines.append)
    assert numbers["failures"] == {} and list(numbers["studies"]) == list(THREE) and numbers["missing"] == []
    assert numbers["seconds"] == pytest.approx(sum(row["seconds"] for row in numbers["studies"].values()))
    text = (folder.path / "README.md").read_text()
    for name, row in numbers["studies"].items():
        inside = folder.path / row["folder"]
        assert f"[{name}]({row['folder']}/README.md)" in text
        assert {"README.md", "rows.csv", "results.json"} <= {path.name for path in inside.iterdir()}
        assert list(inside.glob("*.png"))
    claimed = numbers["studies"]["backbone-fig3"]["rows"]
    assert len(claimed) == 4 and all(row["ours"]["seeds"] == 2 for row in claimed)
    assert text.count("over list scheduling") == 1 and folder.header["status"] == "completed"


def test_a_kill_costs_the_study_that_it_stopped_and_no_other(checkout):
    _, asked, folder = begun(checkout, ["two.x=5"])
    (checkout / "stop-two").touch()
    with pytest.raises(KeyboardInterrupt):
        run_everything(folder, asked, lambda line: None)
    assert [row["name"] for row in folder.rows("studies")] == ["one"]
    assert "Not run yet: two, three." in (folder.path / "README.md").read_text()
    (checkout / "stop-two").unlink()
    shown = []
    numbers = run_everything(folder, again(examples_of(checkout), folder), shown.append)
    assert [line.partition(":")[0] for line in shown] == ["[2/3] two", "[3/3] three"]
    assert [len(list(folder.path.glob(f"{name}-*"))) for name in ("one", "two", "three")] == [1, 1, 1]
    (row,) = numbers["studies"]["two"]["rows"]
    assert row["ours"]["mean"] == 5  # its own change, after the kill as before
    assert [name for name, row in numbers["studies"].items() if row["rows"]] == ["two"]


def test_a_study_that_fails_costs_no_other_and_is_tried_again(checkout):
    _, asked, folder = begun(checkout)
    (checkout / "fail-one").touch()
    numbers = run_everything(folder, asked, lambda line: None)
    assert numbers["failures"] == {"one": "ValueError: no luck"} and folder.header["status"] == "failed"
    assert "ValueError: no luck" in (folder.path / "README.md").read_text()
    assert set(numbers["studies"]) == {"one", "two", "three"}
    (checkout / "fail-one").unlink()
    assert run_everything(folder, asked, lambda line: None)["failures"] == {}


@pytest.mark.parametrize(
    ("only", "changes", "says"),
    [
        (["four"], [], "--only names 'four'; give some of one, three, two|--only names 'four'; give some of"),
        ([], ["x=3"], "with --all give NAME.key=value"),
        ([], ["four.x=3"], "with --all give NAME.key=value"),
        (["one"], ["two.x=3"], "NAME one of one"),
    ],
)
def test_what_names_no_study_is_refused(checkout, only, changes, says):
    with pytest.raises(ConfigError, match=says):
        asked_for(examples_of(checkout), only, False, 1, changes)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ({"kind": "reproduction"}, "is no folder of `qfl reproduce --all`"),
        ({"source": "other"}, "begun by another version of the source"),
        ({"settings": ["four"]}, "names no studies that there are"),
        ({"changes": 3}, "names no studies that there are"),
    ],
)
def test_a_folder_of_something_else_is_refused(checkout, spoil, says):
    there, _, folder = begun(checkout)
    folder.update(**spoil)
    with pytest.raises(RunFolderError, match=says):
        again(there, folder)
