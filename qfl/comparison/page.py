"""The report of a comparison: one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.comparison import figures
from qfl.comparison.claims import PLAUSIBLE_SCA
from qfl.comparison.inks import ink_styles
from qfl.comparison.outcome import outcome, write_tables
from qfl.comparison.picture import comparison_png
from qfl.comparison.settings import ComparisonSettings
from qfl.comparison.template import TEMPLATE
from qfl.comparison.words import conclusions, headline, number, paces
from qfl.config.fields import as_toml
from qfl.report.frame import fill
from qfl.report.words import duration, moment
from qfl.results import Row, RunFolder, write_atomically


def write_comparison(folder: RunFolder, settings: ComparisonSettings, rows: Sequence[Row]) -> dict[str, Any]:
    """Write report.html, comparison.png and the CSV files into a run folder, and return the numbers and these paths."""
    found = outcome(folder, settings, rows)
    write_tables(folder, rows)
    title = f"{headline(found)} ({found['variant']}, {found['seeds']} seeds)"
    picture = comparison_png(rows, folder.header["round_time"], title, folder.path / "comparison.png")
    page = folder.path / "report.html"
    write_atomically(page, render(folder, found, rows).encode())
    return found | {"report": str(page), "picture": str(picture)}


def render(folder: RunFolder, found: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """Return the page."""
    header = folder.header
    return fill(
        TEMPLATE,
        ink_styles(),
        name=header["name"],
        folder=folder.path.name,
        created=moment(header["created"]),
        found=found,
        headline=headline(found),
        tiles=_tiles(found),
        conclusions=conclusions(found),
        panel=[(entry, found["methods"][entry.name]) for entry in reversed(figures.entries(rows))],
        plausible=PLAUSIBLE_SCA,
        settings=_toml(header["settings"]),
        facts=[("source digest", header["source"]), *header["versions"].items(), *header["host"].items()],
        number=number,
        paces=paces,
        **_figures(rows, header["round_time"]),
    )


def _figures(rows: Sequence[Row], round_time: Row) -> dict[str, Any]:
    return {unit: figures.value_over(rows, unit) for unit in figures.X_NAMES} | {
        "share": figures.share_of_bound(rows),
        "small": figures.small_cases(rows),
        "rates": figures.device_rates(rows),
        "fair": figures.fairness(rows),
        "collection": figures.collection_time(rows, round_time),
    }


def _tiles(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    bound, methods = found["bound"]["value_mbps"], found["methods"]
    shown = ("matching_dump_1opt", "qaoa_bcd_3000", "qaoa_bcd", "sca_final")
    tiles = [("certified bound", number(bound["mean"]), "Mbit/s, mean of the instances")]
    for name in (name for name in shown if name in methods):
        own = methods[name]
        tiles.append((name, f"{number(own['percent_of_bound'])} %", f"of it, in {duration(own['seconds'])}"))
    return tiles


def _toml(settings: Mapping[str, Any]) -> str:
    lines = []
    for key, value in settings.items():
        if isinstance(value, list):
            lines.append(f"{key} = [{', '.join(as_toml(name) for name in value)}]")
        else:
            lines.append(f"{key} = {as_toml(value)}")
    return "\n".join(lines)
