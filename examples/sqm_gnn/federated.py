"""Federated SQM-GNN beside central training and beside every region alone, with alike and with different regions.

Everybody sees the same channels the same number of times: a central model all regions' at once, a region alone only its
own. All are tested on fresh channels of every region, and a region alone on its own as well.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import Damaged, RunFolderError
from qfl.federation.runtime.launch import run_app
from qfl.reading import read_object
from qfl.report.formatting import number_text
from qfl.results import RunFolder, write_atomically
from qfl.spread import finite, known_values, mean, or_none
from qfl.studies.markdown import table
from qfl.studies.request import Request
from qfl.studies.study import Study
from qfl.tables import number, or_null, table_of
from qfl.tasks.build import build
from qfl.tasks.central import CentralTraining, train_centrally
from qfl.tasks.d2d import D2dBatch
from qfl.tasks.federation import Federation

Cases = dict[str, dict[str, Any]]
Rates = dict[str, float | None]  # bit/s/Hz; None where a training diverged
ALONE = ("sum_rate", "worst", "on_its_own")  # of a region alone; the others have the first
QUICK = {"rounds": 30, "clients.count": 8, "d2d.samples": 100}
CENTRAL_BATCH = 64
CENTRAL_RATE = 0.01  # Adam, one cycle; also of a region alone


def settings_of(request: Request) -> Settings:
    """Return the settings of the federation with different regions, of the quick form where that was asked for."""
    quick = {key: value for key, value in QUICK.items() if request.quick and key not in request.changed}
    return Settings.from_flat({**request.settings, **quick, "seed": request.seed})


def run(request: Request, settings: Settings) -> Cases:
    """Run what the folder lacks of both cases, alike and different regions, and return what each method reaches."""
    alike = replace(settings, d2d=replace(settings.d2d, density_spread=0.0, shadowing_spread_db=0.0))
    return {name: _case(request, name, case) for name, case in (("alike", alike), ("different", settings))}


def summarise(request: Request, settings: Settings, cases: Cases) -> dict[str, Any]:
    """Return both cases and their size."""
    return cases | {"rounds": settings.rounds, "regions": settings.clients.count}


def draw(request: Request, settings: Settings, cases: Cases, numbers: dict[str, Any]) -> None:
    """Draw nothing: the federation's run folder has its own report."""


def _case(request: Request, name: str, settings: Settings) -> dict[str, Any]:
    setup = build(settings)
    visits = settings.rounds * settings.train.local_steps * settings.train.batch_size
    references = setup.manifest["references"]
    measures: dict[str, Callable[[], Rates]] = {
        "federated": lambda: _federated(request, name, settings, setup),
        "central": lambda: _central(setup, visits),
        "alone": lambda: _alone(setup, visits),
    }
    found: dict[str, Any] = {"references": references}
    for method, measure in measures.items():
        needed = ALONE if method == "alone" else ALONE[:1]
        found[method] = _once(request.folder.path / f"{name}-{method}.json", measure, needed)
        rate, wmmse = found[method]["sum_rate"], references["wmmse_100"]
        request.show(f"{name}: {method} {number_text(rate, 2)} bit/s/Hz, WMMSE {wmmse:.2f}")
        found[method]["percent_of_wmmse"] = _percent(rate, wmmse)
    return found


def _federated(request: Request, name: str, settings: Settings, setup: Federation) -> Rates:
    path = request.folder.path / name
    run = replace(settings.run, folder=str(path), resume=(path / "checkpoint.npz").is_file())
    folder: RunFolder = run_app(replace(settings, run=run), request.checkout)
    kept = folder.load_checkpoint()
    assert kept is not None  # a run that ends has a checkpoint
    return {"sum_rate": _rate(setup, kept[1]["angles"], setup.test_batch), "parameters": len(setup.model.layout)}


def _central(setup: Federation, visits: int) -> Rates:
    samples = np.concatenate(setup.parts)
    return {"sum_rate": _rate(setup, _trained(setup, samples, visits, CENTRAL_BATCH, 0), setup.test_batch)}


def _alone(setup: Federation, visits: int) -> Rates:
    """Return the mean over regions of a model trained on one of them: on fresh channels of all, and of its own.

    A region whose training diverged counts nowhere.
    """
    batch, everywhere, own = setup.settings.train.batch_size, [], []
    for region, part in enumerate(setup.parts):
        angles = _trained(setup, part, visits, batch, region)
        everywhere.append(_rate(setup, angles, setup.test_batch))
        mine = setup.test_batch.region == region
        own.append(_rate(setup, angles, D2dBatch(*(values[mine] for values in setup.test_batch))))
    worst = min(known_values(everywhere), default=None)
    return {"sum_rate": or_none(mean(everywhere)), "worst": worst, "on_its_own": or_none(mean(own))}


def _trained(setup: Federation, samples: Sequence[int] | NDArray, visits: int, batch: int, place: int) -> NDArray:
    """Return the vector after as many visits to each sample as in the federation."""
    each = ceil(visits / len(setup.parts[0]))
    indices = torch.from_numpy(np.asarray(samples))

    def loss(angles: torch.Tensor, index: torch.Tensor, step: int) -> torch.Tensor:
        weight = torch.ones(1, len(index), dtype=setup.dtype)
        return setup.task.metrics(angles[None], setup.samples.take(indices[index][None], weight))["loss"][0]

    training = CentralTraining(each, batch, CENTRAL_RATE)
    start = setup.model.initial(setup.settings.seed)
    *_, last = train_centrally(loss, len(indices), start, training, seed=setup.settings.seed + place, dtype=setup.dtype)
    return last.state.angles


def _rate(setup: Federation, angles: NDArray, batch: D2dBatch) -> float:
    vector = torch.from_numpy(np.asarray(angles)).to(setup.dtype)
    with torch.no_grad():
        return setup.task.metrics(vector, batch)["sum_rate"].item()


def _once(path: Path, measure: Callable[[], Rates], needed: Sequence[str] = ("sum_rate",)) -> dict[str, Any]:
    """Return what the file keeps, after having measured it if there is none.

    Raises:
        RunFolderError: If the file lacks one of the rates needed, or holds something else.
    """
    if not os.path.lexists(path):
        write_atomically(path, json.dumps(finite(measure())).encode())
    try:
        found = read_object(path)
        if not table_of(or_null(number), *needed)(found):
            raise Damaged("holds no rates")
    except Damaged as fault:
        raise RunFolderError(f"'{path}' {fault}; delete it to have it measured again") from None
    return found


def _percent(rate: float | None, wmmse: float) -> float | None:
    return None if rate is None else 100 * rate / wmmse


def tell(request: Request, settings: Settings, cases: Cases, numbers: dict[str, Any]) -> str:
    """Return the page."""
    head = ("regions", "federated", "central", "a region alone", "on its own channels", "21 starts", "WMMSE, bit/s/Hz")
    return "\n".join(
        (
            "# Federated SQM-GNN, % of WMMSE(100) on fresh channels of all regions",
            "",
            f"{settings.clients.count} regions of {settings.d2d.pairs} pairs and {settings.d2d.samples} realisations, "
            f"{settings.rounds} rounds, seed {settings.seed}.",
            "",
            table(head, (_row(name, case) for name, case in cases.items()), words=1),
        )
    )


def _row(name: str, own: dict[str, Any]) -> list[str]:
    wmmse, alone = own["references"]["wmmse_100"], own["alone"]

    def text(rate: float | None) -> str:
        return number_text(_percent(rate, wmmse), 1)

    return [
        name,
        text(own["federated"]["sum_rate"]),
        text(own["central"]["sum_rate"]),
        f"{text(alone['sum_rate'])} (worst {text(alone['worst'])})",
        text(alone["on_its_own"]),
        text(own["references"]["wmmse_best_of_21"]),
        number_text(wmmse, 2),
    ]


STUDY = Study(settings_of, run, summarise, draw, tell)
