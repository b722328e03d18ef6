"""The semidefinite program's rows: reached below its bound, or a line that says what to install."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import qfl
from qfl.errors import MissingExtra
from qfl.studies.examples import module_of
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"
sdp, methods, measure = (module_of(FOLDER, name) for name in ("sdp", "methods", "measure"))
NETWORK = CellFree()


def test_without_the_program_one_line_says_so(monkeypatch):
    def missing(*arguments):
        raise MissingExtra("the SDP needs cvxpy")

    said = []
    monkeypatch.setattr(sdp, "max_min", missing)
    assert sdp.sdp_rows(NETWORK, draw(NETWORK, 1, 2, "test"), said.append) == []
    assert said == ["left out: the SDP needs cvxpy"]


def test_precoders_are_scored_for_algorithm_4s_assignment_and_the_bound_is_of_the_least_rate(monkeypatch):
    batch = draw(NETWORK, 1, 3, "test")

    def like_max_ratio(network, channel, serves):
        (beams,) = max_ratio(torch.from_numpy(channel)[None])
        return SimpleNamespace(precoder=(beams.numpy() * serves[..., None]).sum(1), bound=9.5)

    monkeypatch.setattr(sdp, "max_min", like_max_ratio)
    reached, bound = sdp.sdp_rows(NETWORK, batch, pytest.fail)
    (expected,) = measure.measure(NETWORK, batch, {"x": methods.baselines(NETWORK, 1)["algorithm4_mr"]})
    assert reached["min_rate"] == pytest.approx(expected["min_rate"])
    assert reached["sum_rate"] == pytest.approx(expected["sum_rate"]) == pytest.approx(bound["sum_rate"])
    assert bound["min_rate"] == 9.5 and bound["method"] == "algorithm4_sdp_bound"
