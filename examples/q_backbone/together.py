"""A model that points of presence train together, beside the same model trained centrally and by every point alone.

Everybody sees the same samples the same number of times: a central model all points' at once, a point alone only its
own. All are tested on fresh samples of every point, and a point alone on its own as well. Classical models of the same
task are trained in the same three ways.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import Damaged, RunFolderError
from qfl.federation.runtime.launch import run_app
from qfl.reading import read_object
from qfl.results import RunFolder, write_atomically
from qfl.studies.request import Request
from qfl.studies.study import Study
from qfl.tables import number, table_of
from qfl.tasks.build import build
from qfl.tasks.central import CentralTraining, train_centrally
from qfl.tasks.federation import Federation

from .together_page import Rows, summarise, tell
from .together_subjects import SUBJECTS

SEEDS, QUICK_ROUNDS = 3, 5
METHODS = {
    "federated": ("federated",),
    "central": ("central",),
    "alone": ("alone", "alone_on_its_own"),
}
Values = dict[str, float]


def settings_of(request: Request) -> Settings:
    """Return the settings of the quantum model's federation, of the quick form where that was asked for."""
    return _settings(request, {}, request.seed)


def _settings(request: Request, changes: Mapping[str, Any], seed: int) -> Settings:
    """Return the settings of a model's federation; one of our models takes none of the quantum one's."""
    flat = {**request.settings, "seed": seed}
    if request.quick and "rounds" not in request.changed:
        flat["rounds"] = QUICK_ROUNDS
    if "model.name" in changes:
        flat = {key: value for key, value in flat.items() if not key.startswith("model.")}
    return Settings.from_flat({**flat, **changes})


def run(request: Request, settings: Settings) -> Rows:
    """Return a row for each model and seed; what the folder holds is not trained again."""
    rows: Rows = []
    for seed in range(request.seed, request.seed + (1 if request.quick else SEEDS)):
        for model, changes in SUBJECTS[settings.data.name].models.items():
            found = _trained_all_ways(request, _settings(request, changes, seed), model)
            rows.append({"seed": seed, "model": model, **found})
            request.show(f"seed {seed}: {model}, federated {found['federated']:.4f}")
    return rows


def _trained_all_ways(request: Request, settings: Settings, model: str) -> Values:
    setup, name = build(settings), f"{model.split()[0]}-{settings.seed}"
    measures: dict[str, Callable[[], Values]] = {
        "federated": lambda: {"federated": _federated(request, name, settings, setup)},
        "central": lambda: {"central": _tested(setup, _trained(setup, np.concatenate(setup.parts), 0))},
        "alone": lambda: _alone(setup),
    }
    found = {
        "reference": SUBJECTS[settings.data.name].reference[1](setup),
        "parameters": float(len(setup.model.layout)),
    }
    for method, measure in measures.items():
        path = request.folder.path / f"{name}-{method}.json"
        if not path.exists():
            write_atomically(path, json.dumps(measure()).encode())
        try:
            kept = read_object(path)
            if not table_of(number, *METHODS[method])(kept):
                raise Damaged("holds no values")
        except Damaged as fault:
            raise RunFolderError(f"'{path}' {fault}; delete it to have it measured again") from None
        found |= kept
    return found


def _federated(request: Request, name: str, settings: Settings, setup: Federation) -> float:
    path = request.folder.path / name
    own = replace(settings.run, folder=str(path), resume=(path / "checkpoint.npz").is_file())
    folder: RunFolder = run_app(replace(settings, run=own), request.checkout)
    kept = folder.load_checkpoint()
    assert kept is not None  # a run that ends has a checkpoint
    return _tested(setup, kept[1]["angles"])


def _alone(setup: Federation) -> Values:
    """Return the means over points of a model trained on one of them: on the whole test, and on its own share of it."""
    everywhere, own = [], []
    for point, (part, share) in enumerate(zip(setup.parts, _shares(setup), strict=True)):
        angles = _trained(setup, part, point)
        everywhere.append(_tested(setup, angles))
        own.append(_tested(setup, angles, share))
    return {"alone": float(np.mean(everywhere)), "alone_on_its_own": float(np.mean(own))}


def _shares(setup: Federation) -> Iterator[Any]:
    """Yield each point's share of the test set, which has as many samples of every point, one point after the other."""
    size = len(setup.test_batch.labels) // len(setup.parts)
    for point in range(len(setup.parts)):
        yield type(setup.test_batch)(*(values[point * size : (point + 1) * size] for values in setup.test_batch))


def _trained(setup: Federation, samples: NDArray[np.int64], place: int) -> NDArray:
    """Return the entries after as many visits to each sample as in the federation."""
    train, indices = setup.settings.train, torch.from_numpy(samples)
    visits = setup.settings.rounds * train.local_steps * train.batch_size

    def loss(angles: torch.Tensor, index: torch.Tensor, step: int) -> torch.Tensor:
        weight = torch.ones(1, len(index), dtype=setup.dtype)
        return setup.task.metrics(angles[None], setup.samples.take(indices[index][None], weight))["loss"][0]

    training = CentralTraining(ceil(visits / len(setup.parts[0])), train.batch_size, train.learning_rate)
    start, seed = setup.model.initial(setup.settings.seed), setup.settings.seed + place
    *_, last = train_centrally(loss, len(indices), start, training, seed=seed, dtype=setup.dtype)
    return last.state.angles


def _tested(setup: Federation, angles: NDArray, batch: Any = None) -> float:
    with torch.no_grad():
        found, _ = setup.task.evaluate(
            torch.from_numpy(np.asarray(angles)).to(setup.dtype), setup.test_batch if batch is None else batch
        )
    return SUBJECTS[setup.settings.data.name].of(float(found[setup.metric.name]))


def draw(request: Request, settings: Settings, rows: Rows, found: dict[str, Any]) -> None:
    """Draw nothing: every federation's run folder has its own report."""


STUDY = Study(settings_of, run, summarise, draw, tell)
