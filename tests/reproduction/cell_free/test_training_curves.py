"""Figs. 5 and 6 record what training does, one row a step."""

import pytest

from qfl.reproduction.cell_free.training_curves import reproduce_fig5, reproduce_fig6
from qfl.reproduction.request import Request
from qfl.results import RunFolder


@pytest.mark.parametrize("reproduce", [reproduce_fig5, reproduce_fig6])
def test_every_model_has_its_curve(reproduce, tmp_path):
    folder = RunFolder.create("fig", {"schema": 1}, tmp_path)
    request = Request("fig", True, 1, {"steps": 80}, folder, lambda line: None)
    found = reproduce(request).results["losses"]
    assert list(found) == ["printed", "plus", "identity", "classical"]
    assert all(own["steps"] == 8 and own["first"] > 0 for own in found.values())
    assert (folder.path / "losses.png").exists()
