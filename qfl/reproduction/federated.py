"""Federated SQM-GNN beside central training and beside every region alone, with alike and with different regions.

Everybody sees the same channels the same number of times: a central model all regions' at once, a region alone only its
own. All are tested on fresh channels of every region, and a region alone on its own as well.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.federation.launch import run_app
from qfl.reproduction.request import Found, Request
from qfl.results import RunFolder, write_atomically
from qfl.tasks.build import build
from qfl.tasks.central import CentralTraining, train_centrally
from qfl.tasks.d2d import D2dBatch
from qfl.tasks.setup import Setup

QUICK = {"rounds": 30, "clients.count": 8, "d2d.samples": 100}
CENTRAL_BATCH = 64
CENTRAL_RATE = 0.01  # Adam, one cycle; also of a region alone


def reproduce_federated(request: Request) -> Found:
    """Run what the folder lacks of both cases and write the page."""
    quick = {key: value for key, value in QUICK.items() if request.quick and key not in request.changed}
    settings = Settings.from_flat({**request.settings, **quick, "seed": request.seed})
    alike = replace(settings, d2d=replace(settings.d2d, density_spread=0.0, shadowing_spread_db=0.0))
    found = {name: _case(request, name, own) for name, own in (("alike", alike), ("different", settings))}
    return Found(found | {"rounds": settings.rounds, "regions": settings.clients.count}, _page(settings, found))


def _case(request: Request, name: str, settings: Settings) -> dict[str, Any]:
    setup = build(settings)
    visits = settings.rounds * settings.train.local_steps * settings.train.batch_size
    references = setup.manifest["references"]
    measures: dict[str, Callable[[], dict[str, float]]] = {
        "federated": lambda: _federated(request, name, settings, setup),
        "central": lambda: _central(setup, visits),
        "alone": lambda: _alone(setup, visits),
    }
    found: dict[str, Any] = {"references": references}
    for method, measure in measures.items():
        found[method] = _once(request.folder.path / f"{name}-{method}.json", measure)
        request.show(f"{name}: {method} {found[method]['sum_rate']:.2f} bit/s/Hz, WMMSE {references['wmmse_100']:.2f}")
        found[method]["percent_of_wmmse"] = 100 * found[method]["sum_rate"] / references["wmmse_100"]
    return found


def _federated(request: Request, name: str, settings: Settings, setup: Setup) -> dict[str, float]:
    path = request.folder.path / name
    run = replace(settings.run, folder=str(path), resume=(path / "checkpoint.npz").is_file())
    folder: RunFolder = run_app(replace(settings, run=run), request.checkout)
    kept = folder.load_checkpoint()
    assert kept is not None  # a run that ends has a checkpoint
    return {"sum_rate": _rate(setup, kept[1]["angles"], setup.test_batch), "parameters": len(setup.model.layout)}


def _central(setup: Setup, visits: int) -> dict[str, float]:
    samples = np.concatenate(setup.parts)
    return {"sum_rate": _rate(setup, _trained(setup, samples, visits, CENTRAL_BATCH, 0), setup.test_batch)}


def _alone(setup: Setup, visits: int) -> dict[str, float]:
    """Return the mean over regions of a model trained on one of them: on fresh channels of all, and of its own."""
    batch, everywhere, own = setup.settings.train.batch_size, [], []
    for region, part in enumerate(setup.parts):
        angles = _trained(setup, part, visits, batch, region)
        everywhere.append(_rate(setup, angles, setup.test_batch))
        mine = setup.test_batch.region == region
        own.append(_rate(setup, angles, D2dBatch(*(values[mine] for values in setup.test_batch))))
    return {"sum_rate": mean(everywhere), "worst": min(everywhere), "on_its_own": mean(own)}


def _trained(setup: Setup, samples: Sequence[int] | NDArray, visits: int, batch: int, place: int) -> NDArray:
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


def _rate(setup: Setup, angles: NDArray, batch: D2dBatch) -> float:
    vector = torch.from_numpy(np.asarray(angles)).to(setup.dtype)
    with torch.no_grad():
        return setup.task.metrics(vector, batch)["sum_rate"].item()


def _once(path: Path, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    if not path.is_file():
        write_atomically(path, json.dumps(measure()).encode())  # NaN of a training that diverged is kept as NaN
    return json.loads(path.read_text())


def _page(settings: Settings, found: dict[str, Any]) -> str:
    rows = []
    for name, own in found.items():
        best = own["references"]["wmmse_best_of_21"] / own["references"]["wmmse_100"]
        alone, wmmse = own["alone"], own["references"]["wmmse_100"]
        rows.append(
            f"| {name} | {own['federated']['percent_of_wmmse']:.1f} | {own['central']['percent_of_wmmse']:.1f} | "
            f"{alone['percent_of_wmmse']:.1f} (worst {100 * alone['worst'] / wmmse:.1f}) | "
            f"{100 * alone['on_its_own'] / wmmse:.1f} | {100 * best:.1f} | {wmmse:.2f} |"
        )
    return "\n".join(
        (
            "# Federated SQM-GNN, % of WMMSE(100) on fresh channels of all regions",
            "",
            f"{settings.clients.count} regions of {settings.d2d.pairs} pairs and {settings.d2d.samples} realisations, "
            f"{settings.rounds} rounds, seed {settings.seed}.",
            "",
            "| regions | federated | central | a region alone | on its own channels | 21 starts | WMMSE, bit/s/Hz |",
            "|---|--:|--:|--:|--:|--:|--:|",
            *rows,
        )
    )
