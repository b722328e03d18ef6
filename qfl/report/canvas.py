"""The canvas of every PNG: white, in the style of the pages; the same figures give the same bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.report.palette import LIGHT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 150
STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.edgecolor": LIGHT["rule"],
    "axes.labelcolor": LIGHT["soft"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlepad": 10,
    "text.color": LIGHT["text"],
    "xtick.color": LIGHT["soft"],
    "ytick.color": LIGHT["soft"],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "lines.linewidth": 2,
}


@contextmanager
def canvas(
    path: str | Path, inches: tuple[float, float], title: str = "", size: float = 14, **padding: Any
) -> "Iterator[Figure]":
    """Give an empty figure, and write it as a PNG when all has been drawn.

    Args:
        path: Of the PNG.
        inches: Width and height.
        title: Above all axes, at the left.
        size: Of the title, in points.
        padding: Of the axes, ``w_pad`` and ``h_pad`` in inches, ``wspace`` and ``hspace`` as shares of their size.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "empty.png"
        >>> with canvas(path, (1.0, 1.0)) as figure:
        ...     axes = figure.subplots()
        >>> path.read_bytes()[1:4]
        b'PNG'
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with mpl.rc_context(STYLE):
        figure = Figure(inches, DPI, facecolor="white", layout=ConstrainedLayoutEngine(**padding))
        FigureCanvasAgg(figure)
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=size, fontweight="bold")
        yield figure
        figure.savefig(path, metadata={"Software": None})
