"""A plan: models trained in set-ups with several seeds, and baselines on the same test channels.

The example's file says which; keys under ``quick`` replace the others where that was asked for. Jobs run in processes
of one thread, and everything they find is kept in the folder as they go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import torch

from qfl.errors import ConfigError
from qfl.studies.jobs import run_jobs
from qfl.studies.request import Request, to_stderr
from qfl.tables import Table, count, number, positive, read_table, table_of, text, whole
from qfl.tasks.central import CentralTraining
from qfl.wireless.d2d import SETUPS

from .references import EXACT_PAIRS, REFERENCES, measure_references
from .training import MODELS, TrainingJob, curve, draw_batch, make_model, scenario_of, train

Cell = tuple[int, int]
"""Pairs, and the power in multiples of the set-up's own."""

KEYS = ("setups", "models", "pairs", "seeds", "test-realisations", "fewest-pairs", "processes")
COUNTS = ("realisations", "epochs", "batch-size")
NO_OPTIONS = ("learning-rate", "model", "like", "fewest-pairs", "most-neighbours", "realisations", "epochs")
MEASURED = Table(
    "references",
    ("setup", "pairs", "power"),
    {
        "setup": text,
        **dict.fromkeys(("pairs", "power"), whole),
        "seconds": table_of(count),
        "wmmse_100": positive,
        "wmmse_best_of_21": number,
    },
    others=number,
)


@dataclass(frozen=True)
class Plan:
    """What an example's file asks for.

    Args:
        setups: Keys of `qfl.wireless.d2d.SETUPS`.
        models: Keys of `training.MODELS`.
        readings: Tables of the file that name a ``model`` and options of their own, or another table that they are
            ``like``, such as one that keeps to what a paper prints; trained in the first set-up only.
        pairs: D2D pairs that are trained on, unless a set-up has its own.
        seeds: Training seeds, counted up from the request's; the test channels are those of the first.
        test_realisations: Of a cell with up to 20 pairs; fewer above.
        training: Of each set-up: realisations, epochs, batch-size; and, for Table I, most-neighbours of a star.
        tables: Of each model and reading, its settings; a set-up may have its own in a table ``SETUP.MODEL``.
        fewest_pairs: See `training.TrainingJob`; for all that have none of their own.
        processes: Jobs at once; 0 takes the cores.
    """

    setups: tuple[str, ...]
    models: tuple[str, ...]
    readings: tuple[str, ...]
    pairs: int
    seeds: int
    test_realisations: int
    training: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Mapping[str, Any]]
    fewest_pairs: int
    processes: int

    def pairs_of(self, setup: str) -> int:
        """Return the pairs that a set-up is trained with."""
        return self.training[setup].get("pairs", self.pairs)

    def names_of(self, setup: str) -> tuple[str, ...]:
        """Return the models, and in the first set-up the readings, that are trained."""
        return self.models + (self.readings if setup == self.setups[0] else ())

    def own(self, setup: str, name: str) -> dict[str, Any]:
        """Return the settings of a model or a reading in a set-up."""
        return {**self.tables[name], **_table(self.training[setup], name)}

    def kind(self, name: str) -> str:
        """Return the model of a name, a key of `training.MODELS`."""
        return self.tables[name].get("model", name)


def read_plan(request: Request) -> Plan:
    """Return the example's settings, the quick ones where that was asked for.

    Raises:
        ConfigError: With a sentence for each setting that is absent, and each set-up or model that does not exist.
    """
    flat = request.asked
    if faults := _faults(flat):
        raise ConfigError([f"{request.name}: {fault}" for fault in faults])
    return Plan(
        tuple(flat["setups"]),
        tuple(flat["models"]),
        tuple(flat.get("readings", ())),
        flat["pairs"],
        flat["seeds"],
        flat["test-realisations"],
        {setup: _table(flat, setup) for setup in flat["setups"]},
        {name: _own_table(flat, name) for name in (*flat["models"], *flat.get("readings", ()))},
        flat["fewest-pairs"],
        flat["processes"],
    )


def run_plan(request: Request, plan: Plan, cells: Mapping[str, Sequence[Cell]]) -> None:
    """Train what the folder lacks and measure the baselines that it lacks, of each set-up's cells; longest first.

    Raises:
        ConfigError: If a model does not have the options that are given.
    """
    wanted = training_jobs(request, plan)
    for job in wanted:
        if job.seed == request.seed:  # the other seeds' models are alike
            make_model(job)  # what no model takes is said at once, and not by a process
    jobs: list[Any] = [(_train, (job, str(job_folder(request, job)))) for job in wanted]
    jobs += [(_references, arguments) for arguments in _missing_references(request, plan, cells)]
    for row in run_jobs(jobs, plan.processes):
        if row is not None:
            request.folder.append("references", [row])
            request.show(
                f"{row['setup']}  K={row['pairs']}  power {row['power']}  WMMSE {row['wmmse_100']:.2f} bit/s/Hz"
            )


def training_jobs(request: Request, plan: Plan) -> list[TrainingJob]:
    """Return all training jobs."""
    return [
        job_of(request, plan, setup, name, number)
        for number in range(plan.seeds)
        for setup in plan.setups
        for name in plan.names_of(setup)
    ]


def job_of(request: Request, plan: Plan, setup: str, name: str, number: int) -> TrainingJob:
    """Return one training job; ``number`` counts the seeds from 0."""
    training, own, model = plan.training[setup], plan.own(setup, name), plan.kind(name)
    return TrainingJob(
        setup,
        plan.pairs_of(setup),
        model,
        _options(own),
        own.get("realisations", training["realisations"]),
        plan.test_realisations,
        CentralTraining(own.get("epochs", training["epochs"]), training["batch-size"], own["learning-rate"]),
        request.seed + number,
        request.seed,
        own.get("fewest-pairs", plan.fewest_pairs),
        name if name != model else "",
    )


def job_folder(request: Request, job: TrainingJob) -> Path:
    """Return where a job keeps its curve and its vector."""
    return request.folder.path / "jobs" / job.key


def curves_of(request: Request, plan: Plan, setup: str) -> dict[str, list[list[dict[str, Any]]]]:
    """Return the curves of a set-up: of each model and reading, the rows of each seed."""
    return {
        name: [curve(job_folder(request, job_of(request, plan, setup, name, number))) for number in range(plan.seeds)]
        for name in plan.names_of(setup)
    }


def references_of(request: Request) -> dict[tuple[str, int, int], dict[str, Any]]:
    """Return the measured baselines by set-up, pairs and power."""
    return {(row["setup"], row["pairs"], row["power"]): row for row in read_table(request.folder, MEASURED)}


def num_tested(plan: Plan, pairs: int) -> int:
    """Return the test samples of a cell: fewer where a sample has more pairs, since their sum is steadier."""
    return max(1, plan.test_realisations * 20 // max(pairs, 20))


def _train(job: TrainingJob, path: str) -> None:
    torch.set_num_threads(1)
    train(job, Path(path), to_stderr)


def _references(setup: str, cell: Cell, count: int, seed: int, names: tuple[str, ...]) -> dict[str, Any]:
    torch.set_num_threads(1)
    batch = draw_batch(scenario_of(setup, *cell), count, seed, "d2d-test", torch.float64)
    return {"setup": setup, "pairs": cell[0], "power": cell[1]} | measure_references(batch.snr, batch.alpha, names)


def _missing_references(request: Request, plan: Plan, cells: Mapping[str, Sequence[Cell]]) -> list[tuple[Any, ...]]:
    present = references_of(request)
    trained = (plan.setups[0], plan.pairs_of(plan.setups[0]), 1)
    return [
        (
            setup,
            cell,
            num_tested(plan, cell[0]),
            request.seed,
            _names(request.quick and (setup, *cell) != trained, cell),
        )
        for setup in plan.setups
        for cell in cells[setup]
        if (setup, *cell) not in present
    ]


def _names(quick: bool, cell: Cell) -> tuple[str, ...]:
    """Return the baselines of a cell; the quick form keeps the slow ones for the cell that was trained on."""
    if not quick:
        return tuple(REFERENCES)
    slow = {"wmmse_20000", "fp_100"} | ({"exact_on_off"} if cell[0] > EXACT_PAIRS else set())
    return tuple(name for name in REFERENCES if name not in slow)


def _faults(flat: Mapping[str, Any]) -> list[str]:
    faults = [f"there is no {key}; add it, as in the example's file" for key in KEYS if key not in flat]
    readings = [model for name in flat.get("readings", ()) if (model := _own_table(flat, name).get("model"))]
    for kind, known, names in (
        ("setups", SETUPS, flat.get("setups", ())),
        ("models", MODELS, flat.get("models", ())),
        ("readings", MODELS, readings),
    ):
        faults += [f"{kind} names {name!r}; known are {', '.join(known)}" for name in names if name not in known]
    faults += [f"{kind} is empty; name at least one" for kind in ("setups", "models") if flat.get(kind) == []]
    sized = (*flat.get("setups", ()), *flat.get("readings", ()))
    counts = ("seeds", "test-realisations", *(f"{name}.{key}" for name in sized for key in COUNTS))
    faults += [f"{key} = {flat[key]}: expected 1 or more" for key in counts if flat.get(key, 1) < 1]
    faults += [f"pairs = {flat['pairs']}: expected 2 or more"] if flat.get("pairs", 2) < 2 else []
    faults += _unfit_fewest(flat)
    faults += [
        f"{key} = {value}: expected a number above 0"
        for key, value in flat.items()
        if key.endswith("learning-rate") and not value > 0
    ]
    lacking = [key for setup in flat.get("setups", ()) for name in COUNTS if (key := f"{setup}.{name}") not in flat]
    for name in (*flat.get("models", ()), *flat.get("readings", ())):
        needed = ("learning-rate",) + ("model",) * (name in flat.get("readings", ()))
        lacking += [f"{name}.{key}" for key in needed if key not in _own_table(flat, name)]
    return faults + [f"there is no {key}; add it, as in the example's file" for key in lacking]


def _unfit_fewest(flat: Mapping[str, Any]) -> list[str]:
    pairs = flat.get("pairs", inf)
    given = {key: value for key, value in flat.items() if key.rpartition(".")[2] == "fewest-pairs"}
    return [
        f"{key} = {fewest}: expected 0, or at least 2 and below pairs = {pairs}"
        for key, fewest in given.items()
        if not (fewest == 0 or 2 <= fewest < pairs)
    ]


def _table(flat: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key.removeprefix(f"{name}."): value for key, value in flat.items() if key.startswith(f"{name}.")}


def _own_table(flat: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the settings of a model or a reading, those of the table that it is ``like`` first."""
    own = _table(flat, name)
    return {**_table(flat, own["like"]), **own} if "like" in own else own


def _options(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key.replace("-", "_"): tuple(value) if isinstance(value, list) else value
        for key, value in table.items()
        if key not in NO_OPTIONS
    }
