"""Fig. 4: sum rate, and the least rate that the paper optimises, over SNR and interference factor, with every baseline.

The paper trains for the least rate and plots the sum rate, against Algorithm 4 with maximum ratio beams. Here both are
measured, and the panel holds what a learned method must beat: closed forms, matching, exhaustive search, optimised
precoders, and bounds.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study
from qfl.tables import Table, number, read_table, text, whole
from qfl.wireless.cell_free.channel import draw as draw_channels
from qfl.wireless.cell_free.network import CellFree

from .large import measure_large
from .learned import learned
from .measure import Row, measure, row_of
from .methods import Method, baselines, limits, no_interference
from .page import page
from .picture import fig4_png
from .published import TREATED, published
from .sdp import sdp_rows
from .settings import Fig4, settings_of

POINTS, LARGE = "points", "large"
RATES = {
    **dict.fromkeys(("snr_db", "interference"), number),
    "method": text,
    "trials": whole,
    **dict.fromkeys(("min_rate", "sum_rate", "min_rate_se", "sum_rate_se", "outage"), number),
}
MEASURED = Table(POINTS, ("snr_db", "interference", "method"), RATES | {"kind": text}, others=number)
MEASURED_LARGE = Table(LARGE, ("objective", "method"), RATES | {"objective": text}, others=number)
AT_DB, AT_INTERFERENCE = 20.0, 0.1

Learned = Callable[[CellFree, Request], dict[str, Method]]

# what is trained for a network and then measured like any other method; "ablation..." is listed apart
LEARNED: tuple[Learned, ...] = (learned, published)


class Measured(NamedTuple):
    """The rows of the sweep, and those of the larger networks."""

    points: list[Row]
    large: list[Row]


def run(request: Request, settings: Fig4) -> Measured:
    """Measure what the folder lacks, and return all of it."""
    for network in sweep(settings, request.quick):
        _measure_point(network, settings, request)
    if not request.folder.rows(LARGE):
        request.show("larger networks: the user-centric set-up")
        trials = settings.large_trials if not request.quick else -(-settings.large_trials // 2)
        request.folder.append(LARGE, list(measure_large(settings.large, trials, request.seed)))
    return Measured(points(request), read_table(request.folder, MEASURED_LARGE))


def summarise(request: Request, settings: Fig4, rows: Measured) -> dict[str, Any]:
    """Return the rates at 20 dB, and all rows."""
    return {"at_20db": at_20db(rows.points), "points": rows.points, "large": rows.large}


def draw(request: Request, settings: Fig4, rows: Measured, numbers: dict[str, Any]) -> None:
    """Draw both rates, and write all rows as CSV."""
    path = request.folder.path
    write_csv(path / "points.csv", rows.points)
    write_csv(path / "large.csv", rows.large)
    fig4_png(rows.points, path / "fig4.png")


def tell(request: Request, settings: Fig4, rows: Measured, numbers: dict[str, Any]) -> str:
    """Return the page."""
    return page(numbers, request)


def points(request: Request) -> list[Row]:
    """Return what the folder has of the sweep, one row per point and method."""
    return read_table(request.folder, MEASURED)


def sweep(settings: Fig4, quick: bool) -> Iterator[CellFree]:
    """Yield the network at each point, first Table III's at 20 dB.

    Quickly: every 10 dB at Table III's interference, and 20 dB at the other factors.
    """
    points = [(snr, factor) for factor in settings.interference for snr in settings.snr_db]
    if quick:
        points = [
            (snr, factor) for snr, factor in points if snr == AT_DB or (factor == AT_INTERFERENCE and snr % 10 == 0)
        ]
    for snr, factor in sorted(points, key=lambda point: point != (AT_DB, AT_INTERFERENCE)):
        yield replace(settings.network, snr_db=snr, interference=factor)


def at_20db(rows: list[Row]) -> dict[str, Any]:
    """Return the rates of every method at 20 dB and Table III's interference, and of the better learned one on top.

    Better is the one with the larger least rate, the paper's objective. What is learned and is neither ``printed`` nor
    ``plus`` nor an ablation is listed under ``parts``: one of the two circuits beside a baseline for the other. What is
    trained by the paper's algorithms stands beside: ``as_published``, ``extended``, and their other ``readings``.
    """
    here = [row for row in rows if (row["snr_db"], row["interference"]) == (AT_DB, AT_INTERFERENCE)]
    learned = {row["method"]: _rates(row) for row in here if row["kind"] == "learned"}
    whole = {name: learned.pop(name) for name in ("printed", "plus") if name in learned}
    ablations = {name: learned.pop(name) for name in [*learned] if name.startswith("ablation")}
    treated = {name: learned.pop(name) for name in TREATED if name in learned}
    readings = {name: learned.pop(name) for name in [*learned] if name.startswith(tuple(f"{own}_" for own in TREATED))}
    found: dict[str, Any] = {}
    if whole:
        best = max(whole, key=lambda name: whole[name]["min_rate"])
        found = {"min_rate": whole[best]["min_rate"], "sum_rate": whole[best]["sum_rate"], "better": best}
    baselines = {row["method"]: _rates(row) for row in here if row["kind"] != "learned"}
    return (
        found
        | whole
        | treated
        | {
            "readings": readings,
            "ablations": ablations,
            "parts": learned,
            "baselines": baselines,
        }
    )


def _rates(row: Row) -> Row:
    return {key: row[key] for key in ("min_rate", "sum_rate", "min_rate_se", "sum_rate_se", "trials")}


def _measure_point(network: CellFree, settings: Fig4, request: Request) -> None:
    done = {
        row["method"]
        for row in points(request)
        if (row["snr_db"], row["interference"]) == (network.snr_db, network.interference)
    }
    batch = draw_channels(network, request.seed, settings.trials, "test")
    here = f"{network.snr_db:g} dB, interference {network.interference:g}"

    def note(found: dict[str, Method], trials: int, kind: str) -> None:
        wanted = {name: method for name, method in found.items() if name not in done}
        if wanted:
            request.show(f"{here}: {kind}, {trials} trials")
        # kept one by one: what is learned may have been trained for long
        for name, method in wanted.items():
            keep(measure(network, batch.part(0, trials), {name: method}), kind)

    def keep(rows: list[Row], kind: str) -> None:
        request.folder.append(POINTS, [row | {"kind": kind} for row in rows])

    note(baselines(network, request.seed), settings.trials, "baselines")
    if "no_interference_bound" not in done:
        keep([row_of(network, "no_interference_bound", no_interference(network, batch))], "bounds")
    for method in LEARNED:
        note(method(network, request), settings.trials, "learned")
    if not request.quick or (network.snr_db, network.interference) == (AT_DB, AT_INTERFERENCE):
        note(limits(network, request.seed), settings.hard_trials, "limits")
        if "algorithm4_sdp_bound" not in done:
            request.show(f"{here}: semidefinite program, {settings.sdp_trials} trials")
            keep(sdp_rows(network, batch.part(0, settings.sdp_trials), request.show), "bounds")


STUDY = Study(lambda request: settings_of(request.settings), run, summarise, draw, tell)
