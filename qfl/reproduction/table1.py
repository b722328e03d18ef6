"""Table I of SQM-GNN: trained at K = 20 and 1 W only, tested with other numbers of pairs and powers, as % of WMMSE.

In two set-ups, both named: ``printed`` is what the text describes, ``reproduces_2_6`` what the authors' code draws (see
`qfl.reproduction.replay`). WMMSE is always 100 iterations from full power, on the same fresh test channels, scored on
the right channel in bits; its restarts, its 20,000 iterations and the classical networks stand beside it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from qfl.models.star_gnn import StarGnn
from qfl.reproduction.curves import draw_curves, write_curves
from qfl.reproduction.replay import replay
from qfl.reproduction.request import Found, Request
from qfl.reproduction.study import (
    Study,
    curves_of,
    job_folder,
    job_of,
    num_tested,
    read_study,
    references_of,
    run_study,
)
from qfl.reproduction.table1_page import PAPER, page, write_table
from qfl.reproduction.training import TrainingJob, draw_batch, make_model, mean_rate, scenario_of, seconds_of, train
from qfl.spread import deviation, mean, or_none
from qfl.tasks.d2d import D2dTask, PowerModel

CELLS = tuple(PAPER)


def reproduce_table1(request: Request) -> Found:
    """Train what the folder lacks, measure every cell, and write the page."""
    study = read_study(request)
    run_study(request, study, dict.fromkeys(study.setups, CELLS))
    found = measure(request, study)
    curves = {setup: curves_of(request, study, setup) for setup in study.setups}
    write_table(request.folder.path / "table1.csv", found, study.setups)
    write_curves(request.folder.path / "curves.csv", curves)
    for number, setup in enumerate(study.setups):
        cells = found[setup] if number else found
        draw_curves(request.folder.path / f"curves-{setup}.png", curves[setup], cells[f"k{study.pairs}_p1"], setup)
    return Found(found, page(found, study.setups, study.seeds))


def measure(request: Request, study: Study) -> dict[str, Any]:
    """Return every cell from what the folder holds: those of the first set-up at the top, others under their name."""
    references = references_of(request)
    first, *others = [
        {f"k{pairs}_p{power}": _cell(request, study, references[setup, pairs, power]) for pairs, power in CELLS}
        for setup in study.setups
    ]
    jobs = [job_of(request, study, setup, model, 0) for setup in study.setups for model in study.models]
    layouts = {job.model: make_model(job).layout for job in jobs[: len(study.models)]}
    return {
        **first,
        **dict(zip(study.setups[1:], others, strict=True)),
        "replay": replay(),
        "seeds": study.seeds,
        "parameters": {model: len(layout) for model, layout in layouts.items()},
        "angles": {model: layout.num_angles for model, layout in layouts.items()},
        "training": {setup: dict(study.training[setup]) for setup in study.setups},
        "training_seconds": {job.key: seconds_of(job_folder(request, job)) for job in jobs},
    }


def _tested(study: Study, job: TrainingJob, pairs: int) -> PowerModel:
    """Return a job's model, its stars cut to the set-up's ``most-neighbours`` in networks that have more."""
    model, most = make_model(job), study.training[job.setup].get("most-neighbours", 0)
    if not isinstance(model, StarGnn) or not 0 < most < min(model.k or pairs, pairs - 1):
        return model
    return replace(model, k=most)


def _cell(request: Request, study: Study, reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return one cell: each model's percentage of WMMSE, mean and deviation over the training seeds."""
    setup, pairs, power = reference["setup"], reference["pairs"], reference["power"]
    scenario = scenario_of(setup, pairs, power)
    test = draw_batch(scenario, num_tested(study, pairs), request.seed, "d2d-test", torch.float32)
    base, models = reference["wmmse_100"], {}
    for model in study.models:
        jobs = [job_of(request, study, setup, model, number) for number in range(study.seeds)]
        rates = [
            mean_rate(D2dTask(_tested(study, job, pairs)), train(job, job_folder(request, job), request.show), test)
            for job in jobs
        ]
        models[model] = {
            "percent_of_wmmse": or_none(100 * mean(rates) / base),
            "sd": or_none(100 * deviation(rates) / base),
            "sum_rate": or_none(mean(rates)),
        }
    others = {name: value for name, value in reference.items() if isinstance(value, float) and name != "wmmse_100"}
    return {
        "percent_of_wmmse": models[study.models[0]]["percent_of_wmmse"],
        **models,
        "wmmse_100": base,
        **{f"{name}_percent": 100 * value / base for name, value in others.items()},
        "test_realisations": len(test.snr),
    }
