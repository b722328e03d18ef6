"""One model trained for D2D powers in one set-up, with its curve and its vector kept after every epoch.

A job's folder is a small run folder: ``rounds.jsonl`` has one row per epoch, ``checkpoint.npz`` the trained vector and
Adam's moments, and at the end ``model.npz`` the model, for `qfl.models.model_file.load_model`. A killed job goes on
from its last epoch and ends with the same numbers.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qfl import specs
from qfl.errors import ConfigError, Damaged
from qfl.models.features import fit_features
from qfl.models.model_file import save_model
from qfl.models.star_gnn import StarGnn
from qfl.report.formatting import number_text
from qfl.results import RunFolder
from qfl.spread import mean, or_none
from qfl.tables import Table, count, number, or_null, read_table, whole
from qfl.tasks.central import CentralTraining, State, train_centrally
from qfl.tasks.d2d import D2dBatch, D2dTask, PowerModel, d2d_batch
from qfl.tasks.d2d_steps import fewer_pairs
from qfl.wireless.d2d import SETUPS, D2dScenario, Purpose, sample_links
from qfl.wireless.d2d_rates import link_snr

EVALUATED_TOGETHER = 80_000  # gains; more leave the cache
NODE_FEATURES = ("direct", "interference")
# where gains are independent and alike, the sum of interference hardly varies but with the number of pairs, so that,
# standardised, it is far outside what was trained on in networks of another size; WCGCN copes, and does not learn
# without it, so every model has what it does best with
WITHOUT_SUM = {"rayleigh": ("sqm_gnn", "qgnn", "gcn")}
FITTED_ON = 1000  # training samples that the features' constants are fitted on

CURVE = Table(
    "rounds", ("round",), {"round": whole, "train": or_null(number), "test": or_null(number), "seconds": count}
)

MODELS = specs.models_of("d2d")


@dataclass(frozen=True)
class TrainingJob:
    """What to train, on what, and how.

    Args:
        setup: A key of `qfl.wireless.d2d.SETUPS`.
        pairs: D2D pairs of the training samples.
        model: A key of `MODELS`.
        options: The model's own settings.
        realisations: Training samples.
        test_realisations: Samples of the test curve.
        training: Epochs and step sizes.
        seed: Of the training channels, the initial vector and the order of the samples.
        test_seed: Of the test channels; the same for all seeds of a table, so that they share their references.
        fewest_pairs: Where above 0, half of the steps, drawn anew, leave the last pairs of every sample out, down to a
            number drawn from this many up. So a model meets several numbers of pairs, none above that of its samples,
            and may learn how what it hears grows with the number.
        variant: What the model is called in its table, where that is not its own name.
    """

    setup: str
    pairs: int
    model: str
    options: dict[str, Any]
    realisations: int
    test_realisations: int
    training: CentralTraining
    seed: int
    test_seed: int
    fewest_pairs: int = 0
    variant: str = ""

    @property
    def key(self) -> str:
        """A name for the folder and for progress lines."""
        return f"{self.setup}-{self.variant or self.model}-seed{self.seed}"


def scenario_of(setup: str, pairs: int, power_factor: float = 1.0) -> D2dScenario:
    """Return a set-up with another number of pairs, in the same field, and other powers."""
    own = SETUPS[setup]
    return replace(own, num_pairs=pairs, max_power_w=own.max_power_w * power_factor)


def draw_batch(scenario: D2dScenario, count: int, seed: int, purpose: Purpose, dtype: torch.dtype) -> D2dBatch:
    """Return realisations as one batch; the path of the stream names the number of pairs, so cells do not share."""
    links = sample_links(scenario, count, seed, purpose, scenario.num_pairs)
    snr = link_snr(links.gain, scenario.max_power_w, scenario.noise_w)
    return d2d_batch(torch.from_numpy(snr).to(dtype), torch.from_numpy(links.alpha).to(dtype))


def make_model(job: TrainingJob) -> PowerModel:
    """Return the job's model, its features fitted on the first training samples.

    Raises:
        ConfigError: If the model does not have such options.
    """
    scenario = scenario_of(job.setup, job.pairs)
    batch = draw_batch(scenario, FITTED_ON, job.seed, "d2d-train", torch.float64)
    options = dict(job.options)
    node = NODE_FEATURES[:1] if job.model in WITHOUT_SUM.get(scenario.channel, ()) else NODE_FEATURES
    node = options.pop("node_features", node)
    node = (*node, "alpha") if scenario.weighted else node
    try:
        make = MODELS[job.model].kind
        return make(features=fit_features(batch.snr, node, alpha=batch.alpha), **options)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{job.model} in {job.setup}: {error}") from None


def train(job: TrainingJob, path: Path, show: Callable[[str], None]) -> NDArray:
    """Return the trained vector, training what the folder lacks."""
    folder = _folder(job, path)
    model = make_model(job)
    start = _checkpoint(folder, len(model.layout))
    if start and folder.header.get("status") == "completed":
        return start.angles
    task = D2dTask(model)
    scenario = scenario_of(job.setup, job.pairs)
    samples = draw_batch(scenario, job.realisations, job.seed, "d2d-train", torch.float32)
    test = draw_batch(scenario, job.test_realisations, job.test_seed, "d2d-test", torch.float32)

    losses: list[float] = []  # of an epoch's steps on all pairs, which alone compare with the test

    def loss(angles: torch.Tensor, index: torch.Tensor, step: int) -> torch.Tensor:
        batch = fewer_pairs(D2dBatch(*(part[index] for part in samples)), job.fewest_pairs, job.seed, step)
        value = task.metrics(angles, batch, **_drawn(model, batch, job.seed, step))["loss"]
        if batch.snr.shape[-1] == job.pairs:
            losses.append(value.item())
        return value

    folder.truncate(start.epoch if start else 0)
    angles = start.angles if start else model.initial(job.seed)
    for epoch in train_centrally(loss, job.realisations, start or angles, job.training, seed=job.seed):
        angles, number = epoch.state.angles, epoch.state.epoch
        rates = {"train": or_none(-mean(losses or [epoch.loss])), "test": or_none(mean_rate(task, angles, test))}
        losses.clear()
        folder.append("rounds", [{"round": number} | rates | {"seconds": epoch.state.seconds}])
        folder.save_checkpoint(number, epoch.state.arrays(), {"seconds": epoch.state.seconds})
        if number % max(1, job.training.epochs // 10) == 0 or number == job.training.epochs:
            words = "  ".join(f"{name} {number_text(value, 2)}" for name, value in rates.items())
            show(f"{job.key}  epoch {number}/{job.training.epochs}  {words}")
    save_model(path / "model.npz", model, angles)
    folder.update(status="completed")
    return angles


def curve(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a job's folder: round (epoch), train, test (null where training diverged), seconds."""
    folder = RunFolder(path)
    rows = read_table(folder, CURVE)
    for epoch, row in enumerate(rows, start=1):
        if row["round"] != epoch:
            raise folder.damaged("rounds.jsonl", Damaged(f"has no row of epoch {epoch}", epoch))
    return rows


def seconds_of(path: Path) -> float | None:
    """Return the seconds that a job's training took; None where no row says."""
    rows = curve(path)
    return round(rows[-1]["seconds"], 1) if rows else None


def mean_rate(task: D2dTask, angles: NDArray, batch: D2dBatch) -> float:
    """Return the mean sum rate in bit/s/Hz of a trained vector, some samples at a time."""
    vector = torch.from_numpy(np.asarray(angles)).to(batch.snr.dtype)
    total = 0.0
    with torch.no_grad():
        for index in torch.arange(len(batch.snr)).split(max(1, EVALUATED_TOGETHER // batch.snr[0].numel())):
            part = D2dBatch(*(values[index] for values in batch))
            total += task.rates(vector, part).double().sum().item()
    return total / len(batch.snr)


def _drawn(model: PowerModel, batch: D2dBatch, seed: int, step: int) -> dict[str, Any]:
    """Return a step's own draw of neighbours, in every layer anew, where a model draws them."""
    if not isinstance(model, StarGnn) or model.sampling != "random":
        return {}
    return {"chosen": model.draw(seed, "step", step, shape=(1, *batch.snr.shape[:2]))[0]}


def _folder(job: TrainingJob, path: Path) -> RunFolder:
    if (path / "run.json").is_file():
        return RunFolder(path)
    return RunFolder.create(job.key, {"status": "running", "job": asdict(job)}, path=path)


def _checkpoint(folder: RunFolder, size: int) -> State | None:
    kept = folder.load_checkpoint()
    if kept is None:
        return None
    epoch, arrays, state = kept
    shapes = {name: array.shape for name, array in arrays.items() if array.dtype.kind == "f"}
    if shapes != {"angles": (size,), "moments": (2, size)} or not count(state.get("seconds")):
        raise folder.damaged("checkpoint.npz", Damaged(f"holds no state of training with {size} parameters"))
    return State(epoch, arrays["angles"], arrays["moments"], state["seconds"])
