"""Fig. 4: sum rate, and the least rate that the paper optimises, over SNR and interference factor, with every baseline.

The paper trains for the least rate and plots the sum rate, against Algorithm 4 with maximum ratio beams. Here both are
measured, and the panel holds what a learned method must beat: closed forms, matching, exhaustive search, optimised
precoders, and bounds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from qfl.errors import ConfigError
from qfl.reproduction.cell_free.large import measure_large
from qfl.reproduction.cell_free.measure import Row, measure, row_of
from qfl.reproduction.cell_free.methods import Method, baselines, limits, no_interference
from qfl.reproduction.cell_free.page import page
from qfl.reproduction.cell_free.picture import fig4_png
from qfl.reproduction.cell_free.sdp import sdp_rows
from qfl.reproduction.csv import write_csv
from qfl.reproduction.request import Found, Request
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree, check

POINTS, LARGE = "points", "large"
AT_DB, AT_INTERFERENCE = 20.0, 0.1

Learned = Callable[[CellFree, Request], dict[str, Method]]

# what is trained for a network and then measured like any other method; "ablation..." is listed apart
LEARNED: tuple[Learned, ...] = ()


def run(request: Request) -> Found:
    """Measure what the folder lacks, draw, and return numbers and page.

    Raises:
        ConfigError: If a setting is unknown or out of range.
    """
    base = network_of(request.settings)
    for network in sweep(base, request):
        _measure_point(network, request)
    if not request.folder.rows(LARGE):
        request.show("larger networks: the user-centric set-up")
        request.folder.append(LARGE, list(measure_large(_large(request), request.seed)))
    rows, large = request.folder.rows(POINTS), request.folder.rows(LARGE)
    write_csv(request.folder.path / "points.csv", rows)
    write_csv(request.folder.path / "large.csv", large)
    fig4_png(rows, request.folder.path / "fig4.png")
    results = {"at_20db": at_20db(rows), "points": rows, "large": large}
    return Found(results, page(results, request))


def network_of(settings: Mapping[str, Any]) -> CellFree:
    """Return the network of an example's file, its sweep left out.

    Raises:
        ConfigError: If a key is unknown or a value out of range.
    """
    own = ("trials", "hard-trials", "sdp-trials", "snr-db", "interference")
    given = {key.replace("-", "_"): value for key, value in settings.items() if key not in own and "." not in key}
    try:
        network = CellFree(**given)
    except TypeError:
        unknown = sorted(given.keys() - CellFree.__dataclass_fields__.keys())
        raise ConfigError(f"no setting {', '.join(unknown)} of a cell-free network; see fig4.toml for those") from None
    check(network)
    return network


def sweep(base: CellFree, request: Request) -> Iterator[CellFree]:
    """Yield the network at each point, first the one that is asked for; quickly only a part of the sweep."""
    quick = request.quick
    snrs = [float(snr) for snr in request.settings["snr-db"] if not quick or snr % 10 == 0]
    factors = [float(factor) for factor in request.settings["interference"]]
    points = [(snr, factor) for factor in factors for snr in snrs]
    if quick:
        points = [(snr, factor) for snr, factor in points if factor == AT_INTERFERENCE or snr == AT_DB]
    for snr, factor in sorted(points, key=lambda point: point != (AT_DB, AT_INTERFERENCE)):
        yield replace(base, snr_db=snr, interference=factor)


def at_20db(rows: list[Row]) -> dict[str, Any]:
    """Return the rates of every method at 20 dB and Table III's interference, and of the better learned one on top.

    Better is the one with the larger least rate, the paper's objective.
    """
    here = {
        row["method"]: {key: row[key] for key in ("min_rate", "sum_rate", "min_rate_se", "sum_rate_se", "trials")}
        for row in rows
        if (row["snr_db"], row["interference"]) == (AT_DB, AT_INTERFERENCE)
    }
    learned = {name: here.pop(name) for name in ("printed", "plus") if name in here}
    ablations = {name: here.pop(name) for name in [*here] if name.startswith("ablation")}
    found: dict[str, Any] = {}
    if learned:
        best = max(learned, key=lambda name: learned[name]["min_rate"])
        found = {"min_rate": learned[best]["min_rate"], "sum_rate": learned[best]["sum_rate"], "better": best}
    return found | learned | {"ablations": ablations, "baselines": here}


def _measure_point(network: CellFree, request: Request) -> None:
    settings = request.settings
    done = {
        row["method"]
        for row in request.folder.rows(POINTS)
        if (row["snr_db"], row["interference"]) == (network.snr_db, network.interference)
    }
    batch = draw(network, request.seed, settings["trials"], "test")
    here = f"{network.snr_db:g} dB, interference {network.interference:g}"

    def note(found: dict[str, Method], trials: int, what: str) -> None:
        if wanted := {name: method for name, method in found.items() if name not in done}:
            request.show(f"{here}: {what}, {trials} trials")
            request.folder.append(POINTS, measure(network, batch.part(0, trials), wanted))

    note(baselines(network, request.seed), settings["trials"], "baselines")
    if "no_interference_bound" not in done:
        score = no_interference(network, batch)
        request.folder.append(POINTS, [row_of(network, "no_interference_bound", score)])
    for learned in LEARNED:
        note(learned(network, request), settings["trials"], "learned")
    if not request.quick or (network.snr_db, network.interference) == (AT_DB, AT_INTERFERENCE):
        note(limits(network, request.seed), settings["hard-trials"], "optimised precoders, joint optimum")
        if "algorithm4_sdp_bound" not in done:
            request.show(f"{here}: semidefinite program, {settings['sdp-trials']} trials")
            request.folder.append(POINTS, sdp_rows(network, batch.part(0, settings["sdp-trials"]), request.show))


def _large(request: Request) -> dict[str, Any]:
    own = {key.removeprefix("large."): value for key, value in request.settings.items() if key.startswith("large.")}
    return own | ({"trials": max(1, own["trials"] // 4)} if request.quick else {})
