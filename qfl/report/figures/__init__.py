"""The figures of the report, one function each: a run's record in, a figure out, or None where nothing was measured."""

from qfl.report.figures.classes import per_class
from qfl.report.figures.diagnostics import diagnostics
from qfl.report.figures.drift import drift_last_round, drift_over_rounds
from qfl.report.figures.figure import Figure
from qfl.report.figures.learning import loss, merit
from qfl.report.figures.on_air import on_air
from qfl.report.figures.on_pool import on_pool, pool_seconds
from qfl.report.figures.participation import accepted, not_accepted
from qfl.report.figures.phases import phases
from qfl.report.figures.privacy import epsilon_spent
from qfl.report.figures.predictions import predictions, residuals
from qfl.report.figures.traffic import one_message, traffic

__all__ = [
    "Figure",
    "accepted",
    "diagnostics",
    "drift_last_round",
    "drift_over_rounds",
    "epsilon_spent",
    "loss",
    "merit",
    "not_accepted",
    "on_air",
    "on_pool",
    "one_message",
    "per_class",
    "phases",
    "pool_seconds",
    "predictions",
    "residuals",
    "traffic",
]
