"""Figs. 5 and 6 record what training does, one row a step."""

from dataclasses import replace
from pathlib import Path

import pytest

import qfl
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"


@pytest.mark.parametrize("name", ["FIG5", "FIG6"])
def test_every_model_has_its_curve(name, tmp_path):
    asked = begin("cellfree-fig5", FOLDER, FOLDER / "fig5.toml", quick=True, seed=1, root=tmp_path)
    request = replace(asked, settings={"steps": 80})
    found = member(FOLDER, f"training_curves:{name}").conduct(request).numbers["losses"]
    assert list(found) == ["printed", "plus", "identity", "classical"]
    assert all(own["steps"] == 8 and own["first"] > 0 for own in found.values())
    assert (request.folder.path / "losses.png").exists()
