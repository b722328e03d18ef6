"""The report of a comparison: one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.report.formatting import duration
from qfl.report.frame import fill
from qfl.results import Row
from qfl.studies.folder import page_values
from qfl.studies.request import Request
from qfl.studies.schedulers import figures
from qfl.studies.schedulers.claims import PLAUSIBLE_SCA, paper_of
from qfl.studies.schedulers.colours import colour_styles
from qfl.studies.schedulers.panel import Entry
from qfl.studies.schedulers.settings import ComparisonSettings
from qfl.studies.schedulers.summary_text import conclusions, headline, number, paces
from qfl.studies.schedulers.template import TEMPLATE


def tell(request: Request, settings: ComparisonSettings, rows: Sequence[Row], numbers: Mapping[str, Any]) -> str:
    """Return the page.

    Args:
        request: Whose folder's run.json says where the rows come from.
        settings: What was compared.
        rows: One for each method and instance.
        numbers: As `qfl.studies.schedulers.outcome.outcome` returns them.
    """
    folder, header = request.folder, request.folder.header
    return fill(
        TEMPLATE,
        colour_styles(),
        **page_values(folder, header["settings"]),
        numbers=numbers,
        headline=headline(numbers),
        key_numbers=_key_numbers(numbers),
        conclusions=conclusions(numbers),
        panel=[
            (entry, numbers["methods"][entry.name], _about(entry, settings))
            for entry in reversed(figures.entries(rows))
        ],
        plausible=PLAUSIBLE_SCA,
        paper=paper_of(request.checkout).says,
        number=number,
        paces=paces,
        **{unit: figures.value_over(rows, unit) for unit in figures.X_NAMES},
        share=figures.share_of_bound(numbers["methods"]),
        small=figures.small_cases(numbers["small"]),
        rates=figures.device_rates(rows),
        fair=figures.fairness(numbers["methods"]),
        collection=figures.collection_time(numbers["methods"], header["round_time"]),
    )


def _about(entry: Entry, settings: ComparisonSettings) -> str:
    return entry.about.format(layers=settings.blocks.qaoa_layers, shots=settings.blocks.qaoa_shots)


def _key_numbers(numbers: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    bound, methods = numbers["bound"]["value_mbps"], numbers["methods"]
    shown = ("matching_dump_1opt", "qaoa_bcd_3000", "qaoa_bcd", "sca_final")
    tiles = [("certified bound", number(bound["mean"]), "Mbit/s, mean of the instances")]
    for name in (name for name in shown if name in methods):
        summary = methods[name]
        tiles.append((name, f"{number(summary['percent_of_bound'])} %", f"of it, in {duration(summary['seconds'])}"))
    return tiles
