"""The report of a comparison: one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.config.fields import as_toml
from qfl.report.frame import fill
from qfl.report.words import duration, moment
from qfl.results import Row, RunFolder
from qfl.studies.schedulers import figures
from qfl.studies.schedulers.claims import PLAUSIBLE_SCA
from qfl.studies.schedulers.inks import ink_styles
from qfl.studies.schedulers.template import TEMPLATE
from qfl.studies.schedulers.words import conclusions, headline, number, paces


def render(folder: RunFolder, found: Mapping[str, Any], rows: Sequence[Row], paper: str) -> str:
    """Return the page; ``paper`` is what the paper says, in a sentence."""
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
        paper=paper,
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
