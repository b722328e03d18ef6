"""Figs. 5 and 6 record what training does, one row a step."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import qfl
from qfl.studies.examples import member, module_of
from qfl.studies.request import begin
from qfl.tasks.cell_free.published_step import PublishedTraining

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"


@pytest.mark.parametrize("name", ["FIG5", "FIG6"])
def test_every_model_has_its_curve(name, tmp_path, monkeypatch):
    monkeypatch.setattr(module_of(FOLDER, "published"), "PublishedTraining", partial(PublishedTraining, num_data=1))
    asked = begin("cellfree-fig5", FOLDER, FOLDER / "fig5.toml", quick=True, seed=1, root=tmp_path)
    request = replace(asked, settings={"steps": 80})
    numbers = member(FOLDER, f"training_curves:{name}").conduct(request).numbers
    found, algorithm = numbers["losses"], {"FIG5": 2, "FIG6": 3}[name]
    assert list(found) == ["printed", "plus", "identity", "classical"]
    assert all(own["steps"] == 8 and own["first"] > 0 for own in found.values())
    assert {f"Algorithm {algorithm}: {own}" for own in ("as_published", "extended_matrix")} <= numbers[
        "episodes"
    ].keys()
    assert all(own["episodes"] == 1 and own["before"] > 0 for own in numbers["episodes"].values())
    assert (request.folder.path / "losses.png").exists()
