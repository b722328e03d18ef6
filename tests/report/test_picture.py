"""The summary picture."""

from io import BytesIO

import numpy as np
import pytest
from matplotlib import image

from qfl.report import figure_png
from qfl.report.palette import LIGHT
from qfl.results import RunFolder


def colours(path) -> set[str]:
    """Return the colours of a picture."""
    found = (255 * image.imread(BytesIO(path.read_bytes()))[..., :3] + 0.5).astype(np.uint32) @ [65536, 256, 1]
    return {f"#{colour:06x}" for colour in np.unique(found)}


def test_the_picture_shows_lines_and_bytes_in_their_colours(make_run, tmp_path):
    path = figure_png(make_run(rounds=6, clients=20), tmp_path / "run.png")
    assert {LIGHT[ink] for ink in ("test", "clients", "worst", "signature", "envelope")} <= colours(path)


def test_the_same_folder_gives_the_same_picture(make_run, tmp_path):
    run = make_run(rounds=2)
    first, second = (figure_png(run, tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first == second


@pytest.mark.parametrize("header", [{}, {"status": "running", "uplink": None}])
def test_a_run_without_a_round_has_a_picture(tmp_path, header):
    assert figure_png(RunFolder.create("empty", header, root=tmp_path), tmp_path / "a.png").stat().st_size > 0
