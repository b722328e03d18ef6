"""The page of a comparison of federations: one HTML file that needs nothing else, beside the runs' own reports."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.config.fields import as_toml
from qfl.metric import Metric
from qfl.report.formatting import UNKNOWN, duration, short, size
from qfl.report.frame import fill
from qfl.report.merit import measured
from qfl.report.record import Record
from qfl.studies.federations import figures
from qfl.studies.federations.axis_figures import numeric_axes, over_axis
from qfl.studies.federations.colours import colour_styles
from qfl.studies.federations.curves import metric_of_runs
from qfl.studies.federations.settings import LearningSettings, members
from qfl.studies.federations.summary_text import conclusions, headline
from qfl.studies.federations.template import TEMPLATE
from qfl.studies.folder import page_values
from qfl.studies.request import Request

Records = Mapping[str, Sequence[Record]]


def tell(request: Request, settings: LearningSettings, records: Records, numbers: Mapping[str, Any]) -> str:
    """Return the page.

    Args:
        request: Whose folder's run.json says where the runs come from.
        settings: What was compared.
        records: The finished runs of each combination.
        numbers: As `qfl.studies.federations.outcome.outcome` returns them.
    """
    metric = metric_of_runs(records)
    return fill(
        TEMPLATE,
        colour_styles(),
        **page_values(request.folder, settings.base),
        numbers=numbers,
        headline=headline(numbers),
        conclusions=conclusions(numbers),
        metric=metric.noun,
        rows=[_row(label, combination, metric) for label, combination in numbers["combinations"].items()],
        axes=[
            (axis, choice.name, ", ".join(f"{key} = {as_toml(value)}" for key, value in choice.settings.items()))
            for axis, choices in settings.axes.items()
            for choice in choices
        ],
        reports=[member.folder for member in members(settings)],
        over_axes=[over_axis(settings, records, key) for key in numeric_axes(settings)],
        seeds=_seeds(numbers),
        **{
            f"{who}_{over}": figures.learning(records, who == "training", over)
            for who in ("training", "test")
            for over in figures.X_NAMES
        },
    )


def _row(label: str, combination: Mapping[str, Any], metric: Metric) -> list[str]:
    test, train = combination[metric.name], combination[f"train_{metric.name}"]
    return [
        label,
        str(combination["solver"] or UNKNOWN),
        _spread(test, metric),
        _spread(train, metric),
        size(combination["update_bytes"]),
        duration(combination["round_s_median"]),
        f"{short(combination['participants'])} / {short(combination['asked'])}",
        *(short(combination[name]) for name in ("ever_took_part", "labels_lost", "jain", "energy_j")),
    ]


def _seeds(numbers: Mapping[str, Any]) -> str:
    """Return how many seeds there are, and how many runs of them all failed."""
    seeds, failed = numbers["seeds"], len(numbers["failures"])
    text = f"{seeds} seed{'' if seeds == 1 else 's'}"
    return f"{text}, {failed} of {seeds * len(numbers['combinations'])} runs not finished" if failed else text


def _spread(value: Mapping[str, float | None], metric: Metric) -> str:
    mean, sd = value["mean"], value["sd"]
    if mean is None:
        return UNKNOWN
    deviation = "" if sd is None else f" ± {100 * sd:.1f}" if metric.is_share else f" ± {short(sd)}"
    return measured(mean, metric) + deviation
