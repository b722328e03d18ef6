"""Figs. 5 and 6 record what training does, one row a step."""

from dataclasses import replace
from pathlib import Path

import pytest

from qfl.reproduction.cell_free.training_curves import reproduce_fig5, reproduce_fig6
from qfl.reproduction.request import begin


@pytest.mark.parametrize("reproduce", [reproduce_fig5, reproduce_fig6])
def test_every_model_has_its_curve(reproduce, tmp_path):
    name, file = "cellfree-fig5", "examples/cell_free/fig5.toml"
    request = replace(begin(name, Path("."), file, quick=True, seed=1, root=tmp_path), settings={"steps": 80})
    found = reproduce(request).results["losses"]
    assert list(found) == ["printed", "plus", "identity", "classical"]
    assert all(own["steps"] == 8 and own["first"] > 0 for own in found.values())
    assert (request.folder.path / "losses.png").exists()
