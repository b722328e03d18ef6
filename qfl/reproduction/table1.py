"""Table I of SQM-GNN: trained at K = 20 and 1 W only, tested with other numbers of pairs and powers, as % of WMMSE.

In two set-ups, both named: ``printed`` is what the text describes, ``reproduces_2_6`` what the authors' code draws (see
`qfl.reproduction.replay`). WMMSE is always 100 iterations from full power, on the same fresh test channels, scored on
the right channel in bits; its restarts, its 20,000 iterations and the classical networks stand beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch

from qfl.reproduction.curves import draw_curves, write_curves
from qfl.reproduction.jobs import run_jobs
from qfl.reproduction.references import measure_references
from qfl.reproduction.replay import replay
from qfl.reproduction.request import Found, Request, to_stderr
from qfl.reproduction.table1_page import page, write_table
from qfl.reproduction.training import TrainingJob, curve, draw_batch, make_model, mean_rate, scenario_of, train
from qfl.tasks.central import CentralTraining
from qfl.tasks.d2d import D2dTask

TRAINED_PAIRS = 20
CELLS = [(pairs, power) for power in (1, 2) for pairs in (10, 20, 40, 80)]
MAIN = "printed"  # the set-up whose cells are the top-level keys of the results
QUICK_REFERENCES = ("wmmse_100", "wmmse_best_of_21", "greedy_on_off", "best_single_link", "max_power", "random_power")


@dataclass(frozen=True)
class Table1Settings:
    """The example's file, its ``quick`` table applied where that was asked for."""

    setups: tuple[str, ...]
    models: tuple[str, ...]
    seeds: int
    test_realisations: int
    training: Mapping[str, Mapping[str, Any]]  # per set-up: realisations, epochs, batch-size
    learning_rate: Mapping[str, float]  # per model
    options: Mapping[str, Mapping[str, Any]]  # per model
    fewest_neighbours: int  # of a training step's stars; 0 always takes k
    processes: int


def reproduce_table1(request: Request) -> Found:
    """Train what the folder lacks, measure every cell, and write the page."""
    settings = read_settings(request)
    jobs = [(_train, (job, str(_job_folder(request, job)))) for job in training_jobs(request, settings)]
    jobs += [(_references, arguments) for arguments in _missing_references(request, settings)]
    for row in run_jobs(jobs, settings.processes):
        if row is not None:
            request.folder.append("references", [row])
            request.show(f"{row['setup']}  K={row['pairs']}  {row['power']} W  WMMSE {row['wmmse_100']:.2f} bit/s/Hz")
    found = measure(request, settings)
    curves = curves_of(request, settings)
    write_table(request.folder.path / "table1.csv", found, settings.setups)
    write_curves(request.folder.path / "curves.csv", curves)
    for setup in settings.setups:
        lines = found[f"k{TRAINED_PAIRS}_p1"] if setup == MAIN else found[setup][f"k{TRAINED_PAIRS}_p1"]
        draw_curves(request.folder.path / f"curves-{setup}.png", curves[setup], lines, setup)
    return Found(found, page(found, settings.setups, settings.seeds))


def read_settings(request: Request) -> Table1Settings:
    """Return the example's settings; keys under ``quick`` replace the others if that was asked for."""
    flat = dict(request.settings)
    quick = {key.removeprefix("quick."): value for key, value in flat.items() if key.startswith("quick.")}
    flat = {key: value for key, value in flat.items() if not key.startswith("quick.")} | (
        quick if request.quick else {}
    )

    def table(name: str) -> dict[str, Any]:
        return {key.removeprefix(f"{name}."): value for key, value in flat.items() if key.startswith(f"{name}.")}

    return Table1Settings(
        tuple(flat["setups"]),
        tuple(flat["models"]),
        flat["seeds"],
        flat["test-realisations"],
        {setup: table(setup) for setup in flat["setups"]},
        {model: table(model)["learning-rate"] for model in flat["models"]},
        {model: _options(table(model)) for model in flat["models"]},
        flat["fewest-neighbours"],
        flat["processes"],
    )


def training_jobs(request: Request, settings: Table1Settings) -> list[TrainingJob]:
    """Return all training jobs, the longest first."""
    return [
        _job(request, settings, setup, model, request.seed + number)
        for number in range(settings.seeds)
        for setup in settings.setups
        for model in settings.models
    ]


def measure(request: Request, settings: Table1Settings) -> dict[str, Any]:
    """Return every cell of every set-up from what the folder holds."""
    references = {(row["setup"], row["pairs"], row["power"]): row for row in request.folder.rows("references")}
    setups = {
        setup: {
            f"k{pairs}_p{power}": _cell(request, settings, references[setup, pairs, power]) for pairs, power in CELLS
        }
        for setup in settings.setups
    }
    jobs = [_job(request, settings, MAIN, model, request.seed) for model in settings.models]
    return {
        **setups[MAIN],
        **{setup: cells for setup, cells in setups.items() if setup != MAIN},
        "replay": replay(),
        "seeds": settings.seeds,
        "parameters": {job.model: len(make_model(job).layout) for job in jobs},
        "angles": {job.model: make_model(job).layout.num_angles for job in jobs},
        "training": {setup: dict(settings.training[setup]) for setup in settings.setups},
        "seconds": {
            f"{job.setup}-{job.model}": round(curve(_job_folder(request, job))[-1]["seconds"], 1)
            for job in training_jobs(request, settings)
            if job.seed == request.seed
        },
    }


def curves_of(request: Request, settings: Table1Settings) -> dict[str, dict[str, list[list[dict[str, Any]]]]]:
    """Return the curves of each set-up and model, one per seed."""
    return {
        setup: {
            model: [
                curve(_job_folder(request, _job(request, settings, setup, model, request.seed + number)))
                for number in range(settings.seeds)
            ]
            for model in settings.models
        }
        for setup in settings.setups
    }


def _cell(request: Request, settings: Table1Settings, reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return one cell: each model's percentage of WMMSE, mean and deviation over the training seeds."""
    setup, pairs, power = reference["setup"], reference["pairs"], reference["power"]
    scenario = scenario_of(setup, pairs, power)
    test = draw_batch(scenario, _tested(settings, pairs), request.seed, "d2d-test", torch.float32)
    base, cell = reference["wmmse_100"], {}
    for model in settings.models:
        rates = []
        for number in range(settings.seeds):
            job = _job(request, settings, setup, model, request.seed + number)
            angles = train(job, _job_folder(request, job), request.show)
            rates.append(mean_rate(D2dTask(make_model(job)), angles, test))
        percent = [100 * rate / base for rate in rates]
        cell[model] = {
            "percent_of_wmmse": mean(percent),
            "sd": stdev(percent) if len(percent) > 1 else None,
            "sum_rate": mean(rates),
        }
    own = cell["sqm_gnn"]["percent_of_wmmse"]
    others = {name: value for name, value in reference.items() if isinstance(value, float)}
    return {
        "percent_of_wmmse": own,
        **cell,
        **{f"{name}_percent": 100 * value / base for name, value in others.items() if name != "wmmse_100"},
        "wmmse_100": base,
        "test_realisations": len(test.snr),
    }


def _train(job: TrainingJob, path: str) -> None:
    torch.set_num_threads(1)
    train(job, Path(path), to_stderr)


def _references(setup: str, pairs: int, power: int, count: int, seed: int, names: tuple[str, ...]) -> dict[str, Any]:
    torch.set_num_threads(1)
    batch = draw_batch(scenario_of(setup, pairs, power), count, seed, "d2d-test", torch.float64)
    return {"setup": setup, "pairs": pairs, "power": power} | measure_references(batch.snr, batch.alpha, names)


def _missing_references(request: Request, settings: Table1Settings) -> list[tuple[Any, ...]]:
    present = {(row["setup"], row["pairs"], row["power"]) for row in request.folder.rows("references")}
    full = (*QUICK_REFERENCES, "wmmse_20000", "fp_100", "exact_on_off")
    return [
        (
            setup,
            pairs,
            power,
            _tested(settings, pairs),
            request.seed,
            QUICK_REFERENCES if request.quick and (setup, pairs, power) != (MAIN, TRAINED_PAIRS, 1) else full,
        )
        for setup in settings.setups
        for pairs, power in CELLS
        if (setup, pairs, power) not in present
    ]


def _tested(settings: Table1Settings, pairs: int) -> int:
    """Return the test samples of a cell: fewer where a sample has more pairs, since a mean over pairs is steadier."""
    return settings.test_realisations * TRAINED_PAIRS // max(pairs, TRAINED_PAIRS)


def _job(request: Request, settings: Table1Settings, setup: str, model: str, seed: int) -> TrainingJob:
    own = settings.training[setup]
    training = CentralTraining(own["epochs"], own["batch-size"], settings.learning_rate[model])
    return TrainingJob(
        setup,
        TRAINED_PAIRS,
        model,
        dict(settings.options[model]),
        settings.fewest_neighbours if model == "sqm_gnn" else 0,
        own["realisations"],
        settings.test_realisations,
        training,
        seed,
        request.seed,
    )


def _options(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key.replace("-", "_"): tuple(value) if isinstance(value, list) else value
        for key, value in table.items()
        if key != "learning-rate"
    }


def _job_folder(request: Request, job: TrainingJob) -> Path:
    return request.folder.path / "jobs" / job.key
