"""Fig. 4a: QAOA and SCA, both in turns as the paper has it, and block by block, in one table of all readings.

`qfl compare` measures the same methods on the same instances; here stands beside them what the paper says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from qfl.results import Row
from qfl.studies.request import Request
from qfl.studies.schedulers.claims import PLAUSIBLE_SCA, Paper
from qfl.studies.schedulers.outcome import outcome, write_tables
from qfl.studies.schedulers.picture import comparison_png
from qfl.studies.schedulers.run import run, show_rows
from qfl.studies.schedulers.settings import ComparisonSettings, comparison_from
from qfl.studies.schedulers.summary_text import headline
from qfl.studies.study import Study

from .fig4a_page import page
from .study import PAPER

QUICK = {"seeds": 2, "small_seeds": 2}
TURNS, POLISHED = "qaoa_alternating", ("sca_1opt", "sca_alternating_1opt")


def _settings(request: Request) -> ComparisonSettings:
    settings = replace(comparison_from(request.settings), first_seed=request.seed)
    kept = {name.replace("-", "_") for name in request.changed}
    less = {name: value for name, value in QUICK.items() if request.quick and name not in kept}
    return replace(settings, **less)


def _run(request: Request, settings: ComparisonSettings) -> list[Row]:
    return run(request.folder, settings, show_rows(request.show))


def summarise(request: Request, settings: ComparisonSettings, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the comparison's numbers and, under ``alternating``, those of QAOA in turns.

    ::

        alternating.percent_of_bound         of the certified bound, mean over the instances
        alternating.percent_of_bound_sd      its deviation
        alternating.qaoa_over_sca_polished   gain in percent over SCA of assignment and power, polished
        alternating.over.NAME                the same over every plausible SCA, and over matching

    Args:
        request: Whose folder it is.
        settings: What was measured.
        rows: One for each method and instance.
    """
    numbers = outcome(request.folder, settings, rows, Paper(**PAPER))
    methods = numbers["methods"]
    ours = methods[TURNS]
    others = {name: methods[name]["value_mbps"]["mean"] for name in (*PLAUSIBLE_SCA, "matching_dump_1opt")}
    over = {name: 100 * (ours["value_mbps"]["mean"] / value - 1) for name, value in others.items()}
    alternating = {name: ours[name] for name in ("percent_of_bound", "percent_of_bound_sd", "evaluations", "seconds")}
    return numbers | {"alternating": alternating | {"qaoa_over_sca_polished": over[POLISHED[0]], "over": over}}


def _draw(request: Request, settings: ComparisonSettings, rows: Sequence[Row], numbers: Mapping[str, Any]) -> None:
    folder = request.folder
    write_tables(folder, rows, numbers)
    title = f"{headline(numbers)} ({numbers['variant']}, {numbers['seeds']} seeds)"
    comparison_png(rows, numbers, folder.header["round_time"], title, folder.path / "fig4a.png")


STUDY = Study(_settings, _run, summarise, _draw, lambda request, settings, rows, numbers: page(numbers, request.quick))
