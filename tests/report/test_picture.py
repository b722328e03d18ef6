"""The summary picture."""

from io import BytesIO

import numpy as np
import pytest
from matplotlib import image
from matplotlib.figure import Figure

from qfl.report import figure_png
from qfl.report.palette import LIGHT
from qfl.report.picture import _loss
from qfl.report.record import read_record
from qfl.results import RunFolder


def colours(path) -> set[str]:
    """Return the colours of a picture."""
    found = (255 * image.imread(BytesIO(path.read_bytes()))[..., :3] + 0.5).astype(np.uint32) @ [65536, 256, 1]
    return {f"#{colour:06x}" for colour in np.unique(found)}


def test_the_picture_shows_lines_and_bytes_in_their_colours(make_run, tmp_path):
    path = figure_png(make_run(rounds=6, clients=20), tmp_path / "run.png")
    assert {LIGHT[ink] for ink in ("test", "clients", "worst", "signature", "envelope")} <= colours(path)


def test_last_values_are_written_at_the_ends_of_their_lines(make_run):
    record = read_record(make_run(rounds=6, clients=20))
    axes = Figure().add_subplot()
    _loss(axes, record)
    low, high = axes.get_ylim()
    places = {text.get_text().split()[1]: low + (high - low) * text.get_position()[1] for text in axes.texts}
    row = record.rounds[-1]
    assert places["train"] == pytest.approx(row["train_loss"])
    # the higher of two close labels is moved up, by less than a line
    assert row["loss"] <= places["test"] <= row["loss"] + 0.09 * (high - low)


def test_the_same_folder_gives_the_same_picture(make_run, tmp_path):
    run = make_run(rounds=2)
    first, second = (figure_png(run, tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first == second


@pytest.mark.parametrize("header", [{}, {"status": "running", "uplink": None}])
def test_a_run_without_a_round_has_a_picture(tmp_path, header):
    assert figure_png(RunFolder.create("empty", header, root=tmp_path), tmp_path / "a.png").stat().st_size > 0
