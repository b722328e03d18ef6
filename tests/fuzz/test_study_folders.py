"""Whatever one file of a comparison's or a reproduction's folder is turned into: read, or refused in a sentence.

Read as the commands read it, up to the figures; nothing is measured and nothing trained.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qfl
from qfl.report.formatting import number_text
from qfl.results import RunFolder
from qfl.studies.examples import module_of
from qfl.studies.federations import run as federations
from qfl.studies.federations.curves import read_runs
from qfl.studies.federations.outcome import outcome as federations_outcome
from qfl.studies.federations.settings import Choice, LearningSettings, members
from qfl.studies.federations.summary_text import conclusions as federations_conclusions
from qfl.studies.federations.summary_text import headline as federations_headline
from qfl.studies.request import Request, begin
from qfl.studies.schedulers import run as schedulers
from qfl.studies.schedulers.outcome import outcome
from qfl.studies.schedulers.settings import comparison_from
from qfl.studies.schedulers.summary_text import conclusions, headline
from qfl.tables import read_table
from qfl.testing.folder_faults import folder_faults
from qfl.testing.mutations import LIMIT_S, budget

EXAMPLES = Path(qfl.__file__).parent.parent / "examples"
fig4, losses = (module_of(EXAMPLES / "cell_free", name) for name in ("fig4", "losses"))
federated, learning, plan, table3, training = (
    module_of(EXAMPLES / "sqm_gnn", name) for name in ("federated", "learning", "plan", "table3", "training")
)
WAYS = {"shots": [10, 100], "depolarising": [0.01], "readout": 0.01}
PANEL = [
    "random",
    "random_sca_power",
    "best_gain_wmmse",
    "greedy",
    "matching_dump_1opt",
    "sca_1opt",
    "bcd_exact",
    "bcd_sampling",
]
SIZE = 5  # parameters of the trained model
RATES = {
    "snr_db": 20.0, "interference": 0.1, "trials": 4, "min_rate": 1.0, "sum_rate": 9.0, "min_rate_se": 0.1,
    "sum_rate_se": 0.2, "outage": 0.0,
}  # fmt: skip
Made = tuple[Path, Callable[[Path], None]]


def schedulers_folder(path: Path) -> Made:
    settings = comparison_from({"num-devices": 6, "num-channels": 2, "seeds": 2, "small-seeds": 1, "panel": PANEL})
    folder = schedulers.create(settings, "sound", path=path)
    times = {"tdma_lpt_s": [1.0, 2.0], "bound_s": [0.5, 0.6]}
    for job in schedulers.jobs(settings):
        row = {"case": job.case, "seed": job.seed, "method": job.entry.name, "bound": 9e6, "tight": False}
        row |= {
            "start": "random", "value": 8e6, "iterations": 2, "evaluations": 30, "seconds": 0.5, "status": "finished",
            "settled": [1, 10, 0.1], "jain": 0.5, "participants": 3, "round_time_s": 2.0, "energy_j": 1.0,
            "rates": [1e3, 1e6], "trace": [[0, 1, 0.1, 5e6], [1, 30, 0.5, 8e6]],
        }  # fmt: skip
        if job.entry.name == "random":
            row = {"case": job.case, "seed": job.seed, "method": "random", "bound": 9e6, "tight": False}
            row |= {"value": None, "status": "failed", "error": "ValueError: no"}
        folder.append("methods", [row])

    def read(spoilt: Path) -> None:
        folder = RunFolder(spoilt)
        own = schedulers.settings_of(folder)
        rows = schedulers.rows_of(folder, own)
        folder.update(round_time=times)
        found = outcome(folder, own, rows)
        assert all(isinstance(each, str) for each in [headline(found), *conclusions(found)])

    return path, read


def federations_folder(path: Path) -> Made:
    axes = {"model": (Choice("A", {"model.layers": 2}), Choice("B", {"model.layers": 3}))}
    settings = LearningSettings({"rounds": 2, "clients.count": 3}, axes, 1)
    federations.create(settings, "sound", path=path)
    for member in members(settings):
        header = {
            "name": "sound", "status": "completed", "settings": member.settings.to_flat(), "versions": {"qfl": "0.1"},
            "model": {"name": "vqc", "parameters": 12}, "final": {"accuracy": 0.5, "rounds": 2, "seconds": 1.0},
        }  # fmt: skip
        run = RunFolder.create("sound", header, path=path / member.folder)
        for number in range(3):
            row = {"round": number, "loss": 2.0, "accuracy": 0.1 * number, "asked": 3, "accepted": 3, "failure": None}
            row |= {"seconds": {"total": 0.6}, "bytes_up": {"model": 48}, "train_accuracy": 0.2}
            run.append("rounds", [row | {"radio": {"seconds": 1.0, "clock_s": float(number), "participants": 2}}])
            run.append("clients", [{"round": number, "client": 0, "status": "accepted"}])

    def read(spoilt: Path) -> None:
        folder = RunFolder(spoilt)
        wanted = [member for member in members(federations.settings_of(folder)) if federations._done(folder, member)]
        runs = federations.by_label({member: RunFolder(spoilt / member.folder) for member in wanted})
        records = read_runs(runs)
        found = federations_outcome(folder, records)
        assert all(isinstance(each, str) for each in [federations_headline(found), *federations_conclusions(found)])

    return path, read


def reproduction_folder(path: Path) -> Made:
    (path.parent / "x.toml").write_text("seeds = 1\n")
    folder = begin("table1", path.parent, path.parent / "x.toml", quick=True, seed=1, root=path.parent / "runs").folder
    folder.path.rename(path)
    folder = RunFolder(path)
    reference = {"setup": "printed", "pairs": 4, "power": 1, "wmmse_100": 3.0, "wmmse_best_of_21": 3.1}
    folder.append("references", [reference | {"seconds": {"wmmse_100": 0.1}, "max_power": 2.0}])
    names = list(table3.executions(WAYS, 0))
    kinds = [(1, "strongest"), (2, "random")]
    folder.append("tradeoff", [
        {"k": k, "sampling": sampling, "seed": 1, "percent": dict.fromkeys(names, 90.0)} for k, sampling in kinds
    ])  # fmt: skip
    folder.append(
        fig4.POINTS, [RATES | {"method": name, "kind": "learned", "seconds": 0.1} for name in ("plus", "a", "b")]
    )
    folder.append(fig4.LARGE, [RATES | {"method": "random", "objective": "none", "cpu_seconds_per_channel": 0.1}])
    folder.append(losses.LOSSES, [{"model": "plus", "step": step, "loss": 1.0 / (1 + step)} for step in range(4)])
    job = RunFolder.create("job", {"status": "running"}, path=path / "jobs" / "printed-gcn-seed1")
    job.append("rounds", [{"round": epoch, "train": 1.0, "test": None, "seconds": 0.1} for epoch in (1, 2, 3)])
    job.save_checkpoint(3, {"angles": np.ones(SIZE), "moments": np.ones((2, SIZE))}, {"seconds": 0.3})
    (path / "alike-alone.json").write_text(json.dumps({"sum_rate": 3.0, "worst": 2.0, "on_its_own": None}))
    return path, read_reproduction


def read_reproduction(spoilt: Path) -> None:
    request = begin("table1", spoilt.parent, spoilt.parent / "x.toml", quick=True, seed=1, resume=str(spoilt))
    job = spoilt / "jobs" / "printed-gcn-seed1"
    if (job / "run.json").is_file():
        training._checkpoint(RunFolder(job), SIZE)
        for reference in plan.references_of(request).values():
            learning.summary({"gcn": [training.curve(job)]}, reference)
    alone = federated._once(spoilt / "alike-alone.json", lambda: dict.fromkeys(federated.ALONE, 1.0), federated.ALONE)
    assert all(f"{number_text(alone[name], 1)}" for name in federated.ALONE)
    assert all(f"{row['percent']['exact']}" for row in table3.measured(request, WAYS))
    _cell_free(request)


def _cell_free(request: Request) -> None:
    rows, large = fig4.points(request), read_table(request.folder, fig4.MEASURED_LARGE)
    assert fig4.at_20db(rows) and all(f"{row['min_rate']:.3f} {row['trials'] / 2}" for row in large)
    recorded: list[dict[str, Any]] = read_table(request.folder, losses.RECORDED)
    for model in {row["model"] for row in recorded}:
        losses.summary(losses.losses(recorded, model))


@pytest.mark.parametrize("make", [schedulers_folder, federations_folder, reproduction_folder])
def test_a_damaged_folder_of_a_study_is_read_or_refused_in_a_sentence(tmp_path, make, share):
    """A tenth of the budget each: they are dear, and hold what run folders hold."""
    sound, read = make(tmp_path / "sound")
    read(sound)
    limit_s = 3 * LIMIT_S  # a comparison of two federations holds three run folders
    assert folder_faults(sound, tmp_path / "spoilt", read, budget(share / 10), limit_s) == []
