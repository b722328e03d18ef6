"""The study, tiny.

Also covers study.py, heterogeneity_page.py, heterogeneity_picture.py, heterogeneity_settings.py and
heterogeneity_summary.py.
"""

from pathlib import Path
from statistics import mean

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member, module_of
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "heterogeneity"
TINY = (
    "seeds=2", "processes=1", 'strategies=["fedavg","median"]', "alpha=[100.0,0.1]", "noise-spread=[1.0]",
    "byzantine-share=[0.5]", "federation.rounds=1", "federation.clients.count=4", "federation.model.layers=1",
    "federation.train.local-steps=1", "federation.train.batch-size=2",
)  # fmt: skip


def asked(tmp_path, *changes):
    file, checkout = FOLDER / "heterogeneity.toml", FOLDER.parent.parent
    return begin("heterogeneity", checkout, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def measured(cell, checkout):
    """Stand in for training: FedAvg loses what is asked of it, the median a tenth of that."""
    harm = {"alpha": 0.1, "noise-spread": 0.2, "byzantine-share": 0.3, "together": 0.5}[cell.column.axis]
    accuracy = 0.8 + 0.01 * cell.seed - harm * (1.0 if cell.strategy == "fedavg" else 0.1) - 0.001 * cell.seed**2
    known = dict(zip(("strategy", "axis", "value", "seed"), cell.key, strict=True))
    return known | {"accuracy": accuracy, "scored": accuracy / 2, "seconds": 0.1}


def test_means_gains_and_words_follow_from_the_rows(tmp_path, monkeypatch):
    study, request = member(FOLDER, "heterogeneity"), asked(tmp_path, "seeds=4")
    monkeypatch.setattr(module_of(FOLDER, "heterogeneity"), "measure", measured)
    found = study.conduct(request)
    numbers, rows = found.numbers, request.folder.rows("cells")
    assert len(rows) == 4 * 2 * 5
    own = [row["accuracy"] for row in rows if (row["strategy"], row["axis"]) == ("fedavg", "together")]
    assert numbers["together"]["0.5"]["fedavg"] == pytest.approx(mean(own))
    (cell,) = [cell for cell in numbers["cells"] if (cell["strategy"], cell["axis"]) == ("median", "together")]
    assert cell["gain"] == pytest.approx(0.45) and cell["gain_low"] == pytest.approx(0.45)  # paired: seeds drop out
    assert [column["better"] for column in numbers["columns"]] == [["median"]] * 5
    assert "Best is `median`" in found.text and "{" not in found.text
    assert (request.folder.path / "heterogeneity.png").read_bytes().startswith(b"\x89PNG")
    assert study.conduct(request).numbers == numbers
    assert len(request.folder.rows("cells")) == len(rows)  # nothing is trained again


def test_federations_are_trained_under_noise_and_attack(tmp_path):
    """One seed, for real: every cell has an accuracy, those with noise one under it as well."""
    request = asked(tmp_path, "seeds=1", 'strategies=["fedavg"]', "alpha=[100.0]")
    found = member(FOLDER, "heterogeneity").conduct(request)
    rows = {row["axis"]: row for row in request.folder.rows("cells")}
    assert set(rows) == {"alpha", "noise-spread", "byzantine-share", "together"}
    assert all(0 <= row["accuracy"] <= 1 for row in rows.values())
    assert rows["alpha"]["scored"] == rows["alpha"]["accuracy"]
    assert "One seed: nothing here is told from chance." in found.text and "nan" not in found.text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("seeds=101", "seeds = "),
        ("strategies=[]", "strategies = "),
        ("alpha=[]", "alpha = "),
        ("alpha=[1.0,1.0]", "each number once"),
        ("byzantine-share=[0.7]", "byzantine-share = "),
        ("depolarising=0.9", "noise.depolarising = "),
        ('attack="rudeness"', "attack.name = "),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_trained(tmp_path, change, told):
    request = asked(tmp_path, change)
    with pytest.raises(ConfigError, match=told):
        member(FOLDER, "heterogeneity").conduct(request)
    assert not request.folder.rows("cells")
