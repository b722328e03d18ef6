"""Figs. 3 and 4 in a tiny form: what is counted, resumed, drawn and refused.

Also covers examples/q_backbone/measure.py, examples/q_backbone/page.py, examples/q_backbone/picture.py,
examples/q_backbone/settings.py and examples/q_backbone/study.py.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

import qfl
from qfl.backbone.orchestration.registry import SCHEDULERS
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "q_backbone"
TINY = ("seeds=2", "steps=20", "processes=1")


def asked(tmp_path, name, *changes, quick=True):
    figure = name.removeprefix("backbone-")
    return begin(name, FOLDER, FOLDER / f"{figure}.toml", quick=quick, seed=3, changes=(*TINY, *changes), root=tmp_path)


def study(name):
    return member(FOLDER, f"scheduling:{name}")


@pytest.fixture(scope="module")
def fig3(tmp_path_factory):
    request = asked(tmp_path_factory.mktemp("fig3"), "backbone-fig3", "jobs=[2, 3]")
    return request, study("FIG3").conduct(request)


def test_every_scheduler_is_told_and_none_serves_more_than_the_bound(fig3):
    _, found = fig3
    methods = found.numbers["fig3"]["methods"]
    assert set(methods) == {"bound", *SCHEDULERS}
    for name, spec in SCHEDULERS.items():
        if spec.cuts == ("locc",):
            for own, most in zip(methods[name]["cells"], methods["bound"]["cells"], strict=True):
                assert own["served"] <= most["served"] + 1e-9
        assert f"| {spec.title} |" in found.text


def test_means_and_gains_are_those_of_the_rows(fig3):
    request, found = fig3
    with (request.folder.path / "fig3.csv").open() as text:
        rows = list(csv.DictReader(text))
    served = {
        name: [np.mean([float(r["served"]) for r in rows if (r["scheduler"], r["seed"]) == (name, s)]) for s in "34"]
        for name in ("ours", "random")
    }
    methods, gains = found.numbers["fig3"]["methods"], found.numbers["fig3"]["gain_over"]
    assert methods["random"]["served"] == pytest.approx(np.mean(served["random"]))
    points = 100 * (np.mean(served["ours"]) - np.mean(served["random"]))
    assert gains["random"]["ours"]["points"] == pytest.approx(points)
    assert gains["random"]["paper_percent"] == 25.38
    assert "ours" not in gains["ours"]


def test_what_is_measured_is_not_measured_again_and_what_is_lost_is(fig3):
    request, found = fig3
    rows = request.folder.rows("schedules")
    assert study("FIG3").conduct(request).numbers == found.numbers
    assert request.folder.rows("schedules") == rows
    last = (rows[-1]["jobs"], rows[-1]["seed"])
    request.folder.replace("schedules", [row for row in rows if (row["jobs"], row["seed"]) != last])
    again = study("FIG3").conduct(request).numbers["fig3"]["methods"]
    assert again["sa_paper"]["cells"] == found.numbers["fig3"]["methods"]["sa_paper"]["cells"]


def test_fig4_has_a_row_for_every_coefficient_and_says_where_splitting_helps_most(tmp_path):
    request = asked(tmp_path, "backbone-fig4", "jobs=[2]", "coefficients=[1.1, 3.0]")
    found = study("FIG4").conduct(request)
    cells = found.numbers["fig4"]["methods"]["ours"]["cells"]
    assert [cell["coefficient"] for cell in cells] == [1.1, 3.0]
    peak = found.numbers["fig4"]["peak_over_without_splitting"]["ours"]
    gains = [
        100 * (ours["served"] - whole["served"])
        for ours, whole in zip(cells, found.numbers["fig4"]["methods"]["without_splitting"]["cells"], strict=True)
    ]
    assert peak["points"] == pytest.approx(max(gains))
    assert (request.folder.path / "fig4.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("jobs=[]", "list of whole numbers from 1 on"),
        ("jobs=[0]", "list of whole numbers from 1 on"),
        ('jobs=["a"]', "list of whole numbers from 1 on"),
        ("coefficients=[-1.0]", "numbers from 0.01 on"),
        ("qpus=0", "qpus = 0; give a number from 1 to 64"),
        ("wires=4", "wires = 4; give a number from 1 to 3"),
        ("setup-s=-1.0", "setup-s = -1.0; give a number from 0 "),
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(tmp_path, change, words):
    with pytest.raises(ConfigError, match=words.replace("[", r"\[")):
        study("FIG3").conduct(asked(tmp_path, "backbone-fig3", change))
