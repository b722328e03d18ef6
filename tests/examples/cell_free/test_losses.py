"""Losses are recorded once, summed up as they are, and drawn."""

from pathlib import Path

import pytest

import qfl
from qfl.studies.examples import member
from qfl.studies.request import begin

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"
losses_study = member(FOLDER, "losses:losses_study")


def test_losses_are_trained_once_and_their_decrease_is_that_of_the_rows(tmp_path):
    calls = []

    def curves(request, steps):
        calls.append((request.seed, steps))
        yield from ({"model": "edge_1", "step": step, "loss": 8.0 * 0.9**step} for step in range(40))
        yield from ({"model": "edge_2", "step": step, "loss": 1.0} for step in range(10))

    request = begin("cellfree-fig5", FOLDER, FOLDER / "fig5.toml", quick=True, seed=5, root=tmp_path)
    study = losses_study(curves, "Fig. 6")
    first, again = study.conduct(request), study.conduct(request)
    assert calls == [(5, 200)] and first == again
    falling, flat = first.numbers["losses"]["edge_1"], first.numbers["losses"]["edge_2"]
    assert falling["last"] == pytest.approx(sum(8 * 0.9**step for step in range(36, 40)) / 4)
    assert flat == {"steps": 10, "first": 1.0, "last": 1.0, "decrease": 0.0}
    assert (request.folder.path / "losses.png").read_bytes().startswith(b"\x89PNG")
    assert "`edge_1` | 40 | 8 |" in first.text
