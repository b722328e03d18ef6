"""Table III of SQM-GNN, measured: what a larger star circuit gains, and what shots, noise and training take from it.

The paper's table is in words. Here a model is trained for every k, exactly, and then run with finite shots and with
noise, on the same test channels; beside it stand the circuit's qubits and two-qubit gates, and how the gradient of a
random circuit shrinks with k. The noise is in the star's tensors and the shots are binomial draws, which is what
PennyLane gives, too (the last section measures by how much they differ); so k = 12, 25 qubits with noise, costs
no more than k = 1.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from qfl.errors import ConfigError
from qfl.models.sqm_gnn import SqmGnn
from qfl.models.star_device import on_device
from qfl.models.star_layer import Execute, exact, sampled
from qfl.quantum.convolution import Convolution
from qfl.quantum.noise import NoiseModel
from qfl.quantum.star_chain import bloch, chain
from qfl.quantum.star_circuit import SQM, star_circuit
from qfl.report.formatting import number_text
from qfl.results import Row
from qfl.seeds import stream
from qfl.spread import deviation, mean, or_none
from qfl.studies.csv_files import write_csv
from qfl.studies.jobs import run_jobs
from qfl.studies.request import Request, to_stderr
from qfl.studies.study import Study
from qfl.tables import Table, number, or_null, read_table, table_of, text, whole
from qfl.tasks.central import CentralTraining
from qfl.wireless.d2d_rates import sum_rate
from qfl.wireless.wmmse import wmmse

from .table3_page import lines, page, picture
from .training import TrainingJob, draw_batch, make_model, scenario_of, train

RANDOM_CIRCUITS = 2000  # whose gradients are measured at each k
SETTINGS = ("setup", "pairs", "update", "layers", "heads", "realisations", "epochs", "readout")  # what the page names


Flat = Mapping[str, Any]
Cells = list[dict[str, Any]]


def settings_of(request: Request) -> Flat:
    """Return the example's settings, the quick ones where that was asked for."""
    flat = request.asked
    if flat["seeds"] < 1:
        raise ConfigError(f"{request.name}: seeds = {flat['seeds']}: expected 1 or more")
    return flat


def run(request: Request, flat: Flat) -> Cells:
    """Train and measure what the folder lacks, and return every column."""
    present = {(row["k"], row["sampling"], row["seed"]) for row in measured(request, flat)}
    kinds = [(k, "strongest") for k in flat["neighbours"]] + [(k, "random") for k in flat["random-neighbours"]]
    wanted = [(*kind, request.seed + number) for kind in kinds for number in range(flat["seeds"])]
    jobs = [(measure, (request.seed, flat, *pair, str(request.folder.path))) for pair in wanted if pair not in present]
    for kind in kinds:
        make_model(_job(request.seed, flat, *kind, request.seed))  # what no model takes is said at once
    for row in run_jobs(jobs[::-1], flat["processes"]):  # the longest first
        request.folder.append("tradeoff", [row])
        request.show(
            f"k={row['k']}  {row['sampling']}  seed {row['seed']}  {number_text(row['percent']['exact'], 1)} % of WMMSE"
        )
    return [_cell(request, flat, *kind) for kind in kinds]


def summarise(request: Request, flat: Flat, cells: Cells) -> dict[str, Any]:
    """Return the columns by k, and how far our engine is from PennyLane."""
    return {
        **{f"k{cell['k']}" + "_random" * (cell["sampling"] == "random"): cell for cell in cells},
        "pennylane": against_pennylane(request, flat),
        "seeds": flat["seeds"],
        "settings": {key: flat[key] for key in SETTINGS},
    }


def draw(request: Request, flat: Flat, cells: Cells, numbers: Mapping[str, Any]) -> None:
    """Draw the columns, and write them as CSV."""
    write_csv(request.folder.path / "table3.csv", lines(cells))
    picture(request.folder.path / "table3.png", cells)


def tell(request: Request, flat: Flat, cells: Cells, numbers: Mapping[str, Any]) -> str:
    """Return the page."""
    return page(numbers, cells)


STUDY = Study(settings_of, run, summarise, draw, tell)


def measured(request: Request, flat: Flat) -> list[Row]:
    """Return the rows that the folder has, one per k, sampling and seed."""
    percent = table_of(or_null(number), *executions(flat, 0))
    columns = {"k": whole, "sampling": text, "seed": whole, "percent": percent}
    return read_table(request.folder, Table("tradeoff", ("k", "sampling", "seed"), columns))


def measure(test_seed: int, flat: Flat, k: int, sampling: str, seed: int, folder: str) -> dict[str, Any]:
    """Return one trained model's sum rate, as % of WMMSE(100), under every number of shots and strength of noise."""
    torch.set_num_threads(1)
    job = _job(test_seed, flat, k, sampling, seed)
    path = Path(folder) / "jobs" / f"k{k}-{sampling}-seed{seed}"
    angles = torch.from_numpy(train(job, path, lambda line: to_stderr(f"k={k} {sampling}  {line}"))).float()[None]
    batch = draw_batch(scenario_of(job.setup, job.pairs), job.test_realisations, test_seed, "d2d-test", torch.float32)
    base = sum_rate(batch.snr.double(), wmmse(batch.snr.double(), batch.alpha.double()), batch.alpha.double()).mean()
    model, percent = make_model(job), {}
    assert isinstance(model, SqmGnn)
    stars = model.stars(batch.snr[None], batch.alpha[None])
    with torch.no_grad():
        for name, execute in executions(flat, seed).items():
            powers = model.outputs(angles, stars, execute).view(batch.snr.shape[:2])
            percent[name] = or_none(100 * float(sum_rate(batch.snr, powers, batch.alpha).double().mean() / base))
    return {"k": k, "sampling": sampling, "seed": seed, "percent": percent}


def executions(flat: Flat, seed: int) -> dict[str, Execute]:
    """Return every way in which a trained model is run."""
    ways: dict[str, Execute] = {"exact": exact}
    ways |= {f"{shots} shots": sampled(NoiseModel(), shots, seed) for shots in flat["shots"]}
    return ways | {f"noise {p:g}": sampled(NoiseModel(p, flat["readout"])) for p in flat["depolarising"]}


def gradient_deviation(k: int, spread: float, seed: int, circuits: int = RANDOM_CIRCUITS) -> float:
    """Return the standard deviation of d<Z>/d(angle) over random circuits of general U_MSG and U_UPD, over all angles.

    Args:
        k: Neighbours.
        spread: Standard deviation of the angles in radians; large ones make generic unitaries.
        seed: Of the circuits.
        circuits: How many, each with features of its own.
    """
    generator = stream(seed, "gradients", k)
    angles = torch.from_numpy(spread * generator.standard_normal((circuits, 30))).requires_grad_()
    shapes = (circuits, 2, 1), (circuits, 2, k, 1), (circuits, 2, k, 1)
    qubits = [bloch(torch.from_numpy(generator.uniform(-np.pi, np.pi, shape))) for shape in shapes]
    (gradient,) = torch.autograd.grad(chain(SQM.joint(angles), *qubits)[:, 2].sum(), angles)
    return float(gradient.square().mean().sqrt())


def against_pennylane(request: Request, flat: Flat) -> dict[str, Any]:
    """Return how far our powers are from PennyLane's for one channel: without shots, with noise, and with shots."""
    k, shots = flat["pennylane-neighbours"], max(flat["shots"])
    model = SqmGnn(layers=1, heads=1, k=k, update=flat["update"])
    channel = draw_batch(scenario_of(flat["setup"], flat["pairs"]), 1, request.seed, "d2d-test", torch.float64)
    angles, stars = torch.from_numpy(model.initial(request.seed))[None], model.stars(channel.snr[None])
    noise = NoiseModel(max(flat["depolarising"]), flat["readout"])

    def powers(execute: Execute) -> torch.Tensor:
        with torch.no_grad():
            return model.outputs(angles, stars, execute)

    ideal = powers(exact)
    return {
        "k": k,
        "exact_difference": float((powers(on_device()) - ideal).abs().max()),
        "noise_difference": float((powers(on_device(noise=noise)) - powers(sampled(noise))).abs().max()),
        "shots": shots,
        "shots_spread_pennylane": float((powers(on_device(shots=shots, seed=request.seed)) - ideal).std()),
        "shots_spread_ours": float((powers(sampled(NoiseModel(), shots, request.seed)) - ideal).std()),
    }


def _job(test_seed: int, flat: Flat, k: int, sampling: str, seed: int) -> TrainingJob:
    training = CentralTraining(flat["epochs"], flat["batch-size"], flat["learning-rate"])
    options = {"layers": flat["layers"], "heads": flat["heads"], "k": k, "sampling": sampling, "update": flat["update"]}
    counts = flat["realisations"], flat["test-realisations"]
    return TrainingJob(flat["setup"], flat["pairs"], "sqm_gnn", options, *counts, training, seed, test_seed)


def _cell(request: Request, flat: Flat, k: int, sampling: str) -> dict[str, Any]:
    """Return what was measured at one k: the circuit, the gradients, and means and deviations over the seeds."""
    rows = [row["percent"] for row in measured(request, flat) if (row["k"], row["sampling"]) == (k, sampling)]
    circuit = star_circuit(k, Convolution("cartan", flat["update"]))
    return {
        "k": k,
        "sampling": sampling,
        "qubits": circuit.num_qubits,
        "two_qubit_gates": sum(len(gate.wires) == 2 for gate in circuit.gates),
        "gradient_generic": gradient_deviation(k, np.pi, request.seed),
        "gradient_near_identity": gradient_deviation(k, 0.1, request.seed),
        "percent_of_wmmse": {name: or_none(mean(row[name] for row in rows)) for name in rows[0]},
        "sd": {name: or_none(deviation(row[name] for row in rows)) for name in rows[0]},
    }
