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
from qfl.tasks.d2d import D2dBatch, D2dTask, PowerModel
from qfl.wireless.d2d_rates import sum_rate
from qfl.wireless.wmmse import wmmse

from .curves import Curves, draw_curves, write_curves
from .cut import needs, run_cut
from .plan import Plan, curves_of, job_folder, job_of, num_tested, read_plan, references_of, run_plan
from .replay import replay
from .table1_page import PAPER, lines, page
from .training import TrainingJob, draw_batch, make_model, mean_rate, scenario_of, seconds_of, train

CELLS = tuple(PAPER)
CUT_SAMPLES = 100  # channels on which the cut is run, with shots


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
    jobs = [job_of(request, plan, setup, name, 0) for setup in plan.setups for name in plan.names_of(setup)]
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
        "cut": _cuts(request, plan, references),
    }


def draw(request: Request, plan: Plan, curves: Mapping[str, Curves], numbers: Mapping[str, Any]) -> None:
    """Draw the curves, and write curves and cells as CSV."""
    path = request.folder.path
    write_csv(path / "table1.csv", lines(numbers, plan))
    write_curves(path / "curves.csv", curves)
    for number, setup in enumerate(plan.setups):
        cells = numbers[setup] if number else numbers
        draw_curves(path / f"curves-{setup}.png", curves[setup], cells[f"k{plan.pairs}_p1"], setup)


def tell(request: Request, plan: Plan, curves: Mapping[str, Curves], numbers: Mapping[str, Any]) -> str:
    """Return the page."""
    return page(numbers, plan)


STUDY = Study(read_plan, run, summarise, draw, tell)


def _old_keys(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return a set-up's settings under the keys that results have had from the first: the old names."""
    old = {new.replace("_", "-"): name for name, new in OLD_NAMES.items()}
    parts = {key: key.rpartition(".") for key in flat}
    return {table + dot + old.get(name, name): flat[key] for key, (table, dot, name) in parts.items()}


def _tested(plan: Plan, job: TrainingJob, pairs: int) -> PowerModel:
    """Return a job's model, its stars cut to at most ``most-neighbours`` in networks that have more."""
    model = make_model(job)
    own = plan.own(job.setup, job.variant or job.model)
    most = own.get("most-neighbours", plan.training[job.setup].get("most-neighbours", 0))
    if not isinstance(model, StarGnn) or not 0 < most < min(model.k or pairs, pairs - 1):
        return model
    return replace(model, k=most)


def _cell(request: Request, plan: Plan, reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return one cell: each model's percentage of WMMSE, mean and deviation over the training seeds.

    ``ours`` is the first model's, with the qubits and circuits that it needs at this number of pairs, as the readings
    have theirs.
    """
    setup, base = reference["setup"], reference["wmmse_100"]
    test = _test(request, plan, reference)
    found = {name: _reached(request, plan, setup, name, test, base) for name in plan.names_of(setup)}
    models = {name: found[name] for name in plan.models}
    own = {name: found[name] | _needs(request, plan, reference, name) for name in plan.readings if name in found}
    if plan.readings and setup == plan.setups[0]:
        own["ours"] = found[plan.models[0]] | _needs(request, plan, reference, plan.models[0])
    others = {name: value for name, value in reference.items() if isinstance(value, float) and name != "wmmse_100"}
    return {
        "percent_of_wmmse": models[plan.models[0]]["percent_of_wmmse"],
        **models,
        **own,
        "wmmse_100": base,
        **{f"{name}_percent": 100 * value / base for name, value in others.items()},
        "test_realisations": len(test.snr),
    }


def _test(request: Request, plan: Plan, reference: Mapping[str, Any]) -> D2dBatch:
    setup, pairs, power = reference["setup"], reference["pairs"], reference["power"]
    count = num_tested(plan, pairs)
    return draw_batch(scenario_of(setup, pairs, power), count, request.seed, "d2d-test", torch.float32)


def _needs(request: Request, plan: Plan, reference: Mapping[str, Any], name: str) -> dict[str, int]:
    job = job_of(request, plan, reference["setup"], name, 0)
    return needs(_tested(plan, job, reference["pairs"]), reference["pairs"])


def _reached(request: Request, plan: Plan, setup: str, name: str, test: D2dBatch, base: float) -> dict[str, Any]:
    """Return a model's or a reading's percentage of WMMSE over the training seeds."""
    jobs = [job_of(request, plan, setup, name, number) for number in range(plan.seeds)]
    pairs = test.snr.shape[-1]
    rates = [
        mean_rate(D2dTask(_tested(plan, job, pairs)), train(job, job_folder(request, job), request.show), test)
        for job in jobs
    ]
    return {
        "percent_of_wmmse": or_none(100 * mean(rates) / base),
        "sd": or_none(100 * deviation(rates) / base),
        "sum_rate": or_none(mean(rates)),
    }


def _cuts(request: Request, plan: Plan, references: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what the exact cut needs and gives, of each star network, where it was trained."""
    setup = plan.setups[0]
    reference = references[setup, plan.pairs_of(setup), 1]
    batch = D2dBatch(*(part[:CUT_SAMPLES] for part in _test(request, plan, reference)))
    base = sum_rate(batch.snr.double(), wmmse(batch.snr.double(), batch.alpha.double()), batch.alpha.double())
    found = {}
    for name in plan.names_of(setup):
        job = job_of(request, plan, setup, name, 0)
        angles = train(job, job_folder(request, job), request.show)
        found[name] = run_cut(make_model(job), angles, batch, float(base.mean()), request.seed)
    return {name: own for name, own in found.items() if own is not None}
