"""Figs. 5 and 6 record what training does, one row a step."""

from dataclasses import replace
from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import member
from qfl.studies.request import begin
from qfl.wireless.cell_free.network import CellFree

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"


@pytest.mark.parametrize("name", ["FIG5", "FIG6"])
def test_every_model_has_its_curve(name, tmp_path):
    asked = begin("cellfree-fig5", FOLDER, FOLDER / "fig5.toml", quick=True, seed=1, root=tmp_path)
    request = replace(asked, settings={"steps": 80, "published-channels": 1})
    numbers = member(FOLDER, f"training_curves:{name}").conduct(request).numbers
    found, algorithm = numbers["losses"], {"FIG5": 2, "FIG6": 3}[name]
    assert list(found) == ["printed", "plus", "identity", "classical"]
    assert all(own["steps"] == 8 and own["first"] > 0 for own in found.values())
    assert {f"Algorithm {algorithm}: {own}" for own in ("as_published", "extended_matrix")} <= numbers[
        "episodes"
    ].keys()
    assert all(own["episodes"] == 1 and own["before"] > 0 for own in numbers["episodes"].values())
    assert (request.folder.path / "losses.png").exists()


def test_no_channels_are_no_training(tmp_path):
    asked = begin("cellfree-fig6", FOLDER, FOLDER / "fig6.toml", quick=True, seed=1, root=tmp_path)
    request = replace(asked, settings={"steps": 10, "published-channels": 0})
    with pytest.raises(ConfigError, match="published-channels is 0; give a whole number from 1 on"):
        list(member(FOLDER, "training_curves:pairs")(CellFree(), request, 10, ("",)))
