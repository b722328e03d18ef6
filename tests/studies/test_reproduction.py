"""A reproduction leaves its rows in the page, in rows.csv and among its numbers, and says how long it took."""

import csv
import json

import pytest

from qfl.errors import ConfigError
from qfl.studies.examples import examples_of
from qfl.studies.reproduction import reproduce
from qfl.studies.request import begin

STUDY = """
from qfl.studies.examples import Example
from qfl.studies.study import Study

STUDIES = {"answer": Example("nothing", "x.toml", ":STUDY")}
STUDY = Study(
    lambda request: request.settings["x"],
    lambda request, x: x,
    lambda request, x, measured: {"gain": {"mean": float(x), "low": x - 1.0, "high": x + 1.0, "seeds": 5}},
    lambda request, x, measured, found: None,
    lambda request, x, measured, found: "# A page",
)
"""
CLAIM = '[[answer]]\nclaim = "gain"\npaper = 40.0\nas-published = "gain"\nset-up = "as stated"\n'


@pytest.fixture
def placed(tmp_path):
    folder = tmp_path / "examples" / "paper"
    folder.mkdir(parents=True)
    (folder / "study.py").write_text(STUDY)
    (folder / "x.toml").write_text("x = 3\n")
    return examples_of(tmp_path)["answer"]


def begun(placed, tmp_path):
    return begin("answer", tmp_path, placed.file, quick=False, seed=1, root=tmp_path / "runs")


def test_rows_stand_in_page_csv_and_numbers(placed, tmp_path):
    (placed.folder / "claims.toml").write_text(CLAIM)
    request = begun(placed, tmp_path)
    result = reproduce(placed, request)
    (row,) = result.numbers["rows"]
    assert row["verdict"] == "as published: holds, by less than the paper says" and row["ours"] is None
    text = (request.folder.path / "README.md").read_text()
    assert text == f"{result.text}\n" and text.startswith("# A page\n\n## What the paper says") and "3 [2, 4]" in text
    with open(request.folder.path / "rows.csv", newline="") as file:
        assert [each["claim"] for each in csv.DictReader(file)] == ["gain"]
    assert json.loads((request.folder.path / "results.json").read_text())["rows"][0]["paper"] == 40.0
    header = request.folder.header
    assert header["status"] == "completed" and header["seconds"] > 0


def test_a_study_without_claims_has_its_own_page_alone(placed, tmp_path):
    request = begun(placed, tmp_path)
    result = reproduce(placed, request)
    assert result.numbers["rows"] == [] and result.text == "# A page"
    assert (request.folder.path / "rows.csv").is_file()


def test_claims_that_cannot_be_are_refused_before_anything_is_measured(placed, tmp_path):
    (placed.folder / "claims.toml").write_text("[[answer]]\nclaim = 3\n")
    request = begun(placed, tmp_path)
    with pytest.raises(ConfigError, match="lacks 'paper'"):
        reproduce(placed, request)
    assert request.folder.header["status"] == "running" and "seconds" not in request.folder.header
