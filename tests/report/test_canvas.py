"""The canvas: one style, the size that is asked for, the same bytes again, and nothing left behind."""

import matplotlib as mpl
import pytest
from matplotlib.image import imread

from qfl.report.canvas import DPI, canvas


def test_the_picture_has_the_size_and_is_white_outside_its_axes(tmp_path):
    with canvas(tmp_path / "x.png", (2.0, 1.5), "title") as figure:
        figure.subplots().plot([0, 1], [0, 1])
    pixels = imread(tmp_path / "x.png")
    assert pixels.shape[:2] == (1.5 * DPI, 2.0 * DPI)
    assert (pixels[:3] == 1).all()


def test_the_same_drawing_gives_the_same_bytes_whatever_style_was_set_outside(tmp_path):
    def draw(name):
        with canvas(tmp_path / name, (2.0, 2.0)) as figure:
            figure.subplots().plot([0, 1], [1, 0])
        return (tmp_path / name).read_bytes()

    first = draw("a.png")
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.edgecolor": "red"}):
        assert draw("b.png") == first
    assert mpl.rcParams["axes.spines.top"]  # the style is the canvas's alone


def test_a_drawing_that_fails_leaves_no_picture(tmp_path):
    with pytest.raises(ZeroDivisionError), canvas(tmp_path / "x.png", (1.0, 1.0)):
        raise ZeroDivisionError
    assert not (tmp_path / "x.png").exists()
