"""Losses are recorded once, summed up as they are, and drawn."""

from pathlib import Path

import pytest

from qfl.reproduction.cell_free.losses import run_losses
from qfl.reproduction.request import begin


def test_losses_are_trained_once_and_their_decrease_is_that_of_the_rows(tmp_path):
    calls = []

    def curves(request):
        calls.append(request.seed)
        yield from ({"model": "edge_1", "step": step, "loss": 8.0 * 0.9**step} for step in range(40))
        yield from ({"model": "edge_2", "step": step, "loss": 1.0} for step in range(10))

    request = begin("cellfree-fig4", Path("."), "examples/cell_free/fig4.toml", quick=True, seed=5, root=tmp_path)
    first, again = run_losses(request, curves, "Fig. 6"), run_losses(request, curves, "Fig. 6")
    assert calls == [5] and first == again
    falling, flat = first.results["losses"]["edge_1"], first.results["losses"]["edge_2"]
    assert falling["last"] == pytest.approx(sum(8 * 0.9**step for step in range(36, 40)) / 4)
    assert flat == {"steps": 10, "first": 1.0, "last": 1.0, "decrease": 0.0}
    assert (request.folder.path / "losses.png").read_bytes().startswith(b"\x89PNG")
    assert "`edge_1` | 40 | 8 |" in first.text
