"""The notebooks run from top to bottom, and are kept without outputs."""

import json
import linecache
from pathlib import Path

import pytest
from matplotlib import pyplot

from qfl.results import RunFolder

ROOT = Path(__file__).resolve().parents[2]
BOOKS = sorted((ROOT / "examples/notebooks").glob("*.ipynb"))


def code_of(path):
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def play(path):
    """Return the names that a notebook ends with; the source of its cells is kept as IPython keeps it."""
    space = {"__name__": "__main__"}
    for number, code in enumerate(code_of(path)):
        name = f"<{path.name}, cell {number}>"
        linecache.cache[name] = len(code), None, code.splitlines(keepends=True), name
        exec(compile(code, name, "exec"), space)
    return space


def learned(run):
    """Return whether the test loss fell from the first round to the last."""
    rows = RunFolder(run.folder).rounds()
    return rows[-1]["loss"] < rows[0]["loss"]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def test_there_are_three_of_them():
    assert [path.stem for path in BOOKS] == ["first_federation", "own_circuit_and_strategy", "sweep"]


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_and_every_cell_is_named(path):
    cells = json.loads(path.read_text())["cells"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells if cell["cell_type"] == "code")
    assert len({cell["id"] for cell in cells}) == len(cells)
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(nbformat.read(path, as_version=4))


def test_the_first_federation_learns_and_its_model_predicts():
    end = play(BOOKS[0])
    assert end["run"].summary["rounds"] == 15 and learned(end["run"])
    assert len(end["labels"]) == 1797 and set(end["labels"]) <= set(range(10)) and 0 < end["accuracy"] < 1


def test_own_circuit_and_strategy_are_those_that_were_trained():
    end = play(BOOKS[1])
    given = json.loads((end["mine"].folder / "run.json").read_text())["given"]
    assert given.keys() == {"model.ansatz", "strategy.name"}
    assert "decay * np.array" in given["strategy.name"]["source"] and "RY" in given["model.ansatz"]["source"]
    assert end["mine"].summary["parameters"] == 8 * 6 and learned(end["mine"])


def test_the_sweep_runs_what_is_missing_and_draws_error_bars():
    end = play(BOOKS[2])
    assert len(end["sweep"].runs) == 9 and len(end["rows"]) == 3
    assert all(row["low"] < row["mean"] < row["high"] for row in end["rows"])
