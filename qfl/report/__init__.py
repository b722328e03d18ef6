"""Figures and the HTML report, drawn from a run folder and from nothing else."""

from qfl.report.page import write_report
from qfl.report.picture import figure_png

__all__ = ["figure_png", "write_report"]
