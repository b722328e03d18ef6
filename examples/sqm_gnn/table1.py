"""Table I of SQM-GNN: trained at K = 20 and 1 W only, tested with other numbers of pairs and powers, as % of WMMSE.

In two set-ups, both named: ``printed`` is what the text describes, ``reproduces_2_6`` what the authors' code draws (see
``replay.py``). WMMSE is always 100 iterations from full power, on the same fresh test channels, scored on
the right channel in bits; its restarts, its 20,000 iterations and the classical networks stand beside it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from qfl.models.star_gnn import StarGnn
from qfl.specs import OLD_NAMES
from qfl.spread import deviation, mean, or_none
from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study
from qfl.tasks.d2d import D2dTask, PowerModel

from .curves import Curves, draw_curves, write_curves
from .plan import Plan, curves_of, job_folder, job_of, num_tested, read_plan, references_of, run_plan
from .replay import replay
from .table1_page import PAPER, lines, page
from .training import TrainingJob, draw_batch, make_model, mean_rate, scenario_of, seconds_of, train

CELLS = tuple(PAPER)


def run(request: Request, plan: Plan) -> dict[str, Curves]:
    """Train and measure what the folder lacks, and return the curves of each set-up."""
    run_plan(request, plan, dict.fromkeys(plan.setups, CELLS))
    return {setup: curves_of(request, plan, setup) for setup in plan.setups}


def summarise(request: Request, plan: Plan, curves: Mapping[str, Curves]) -> dict[str, Any]:
    """Return every cell from what the folder holds: those of the first set-up at the top, others under their name."""
    references = references_of(request)
    first, *others = [
        {f"k{pairs}_p{power}": _cell(request, plan, references[setup, pairs, power]) for pairs, power in CELLS}
        for setup in plan.setups
    ]
    jobs = [job_of(request, plan, setup, model, 0) for setup in plan.setups for model in plan.models]
    layouts = {job.model: make_model(job).layout for job in jobs[: len(plan.models)]}
    return {
        **first,
        **dict(zip(plan.setups[1:], others, strict=True)),
        "replay": replay(),
        "seeds": plan.seeds,
        "parameters": {model: len(layout) for model, layout in layouts.items()},
        "angles": {model: layout.num_angles for model, layout in layouts.items()},
        "training": {setup: _old_keys(plan.training[setup]) for setup in plan.setups},
        "training_seconds": {job.key: seconds_of(job_folder(request, job)) for job in jobs},
    }


def draw(request: Request, plan: Plan, curves: Mapping[str, Curves], numbers: Mapping[str, Any]) -> None:
    """Draw the curves, and write curves and cells as CSV."""
    path = request.folder.path
    write_csv(path / "table1.csv", lines(numbers, plan.setups))
    write_curves(path / "curves.csv", curves)
    for number, setup in enumerate(plan.setups):
        cells = numbers[setup] if number else numbers
        draw_curves(path / f"curves-{setup}.png", curves[setup], cells[f"k{plan.pairs}_p1"], setup)


def tell(request: Request, plan: Plan, curves: Mapping[str, Curves], numbers: Mapping[str, Any]) -> str:
    """Return the page."""
    return page(numbers, plan.setups, plan.seeds)


STUDY = Study(read_plan, run, summarise, draw, tell)


def _old_keys(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return a set-up's settings under the keys that results have had from the first: the old names."""
    old = {new.replace("_", "-"): name for name, new in OLD_NAMES.items()}
    parts = {key: key.rpartition(".") for key in flat}
    return {table + dot + old.get(name, name): flat[key] for key, (table, dot, name) in parts.items()}


def _tested(plan: Plan, job: TrainingJob, pairs: int) -> PowerModel:
    """Return a job's model, its stars cut to the set-up's ``most-neighbours`` in networks that have more."""
    model, most = make_model(job), plan.training[job.setup].get("most-neighbours", 0)
    if not isinstance(model, StarGnn) or not 0 < most < min(model.k or pairs, pairs - 1):
        return model
    return replace(model, k=most)


def _cell(request: Request, plan: Plan, reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return one cell: each model's percentage of WMMSE, mean and deviation over the training seeds."""
    setup, pairs, power = reference["setup"], reference["pairs"], reference["power"]
    scenario = scenario_of(setup, pairs, power)
    test = draw_batch(scenario, num_tested(plan, pairs), request.seed, "d2d-test", torch.float32)
    base, models = reference["wmmse_100"], {}
    for model in plan.models:
        jobs = [job_of(request, plan, setup, model, number) for number in range(plan.seeds)]
        rates = [
            mean_rate(D2dTask(_tested(plan, job, pairs)), train(job, job_folder(request, job), request.show), test)
            for job in jobs
        ]
        models[model] = {
            "percent_of_wmmse": or_none(100 * mean(rates) / base),
            "sd": or_none(100 * deviation(rates) / base),
            "sum_rate": or_none(mean(rates)),
        }
    others = {name: value for name, value in reference.items() if isinstance(value, float) and name != "wmmse_100"}
    return {
        "percent_of_wmmse": models[plan.models[0]]["percent_of_wmmse"],
        **models,
        "wmmse_100": base,
        **{f"{name}_percent": 100 * value / base for name, value in others.items()},
        "test_realisations": len(test.snr),
    }
