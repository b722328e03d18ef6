"""D2D regions as clients: from settings to channels, a power model and its task.

Every region has K pairs and channel statistics of its own: with a density spread its square is larger or smaller, with
a shadowing spread its shadowing is stronger or weaker; both 0 makes all regions alike (IID). Only the model's numbers
travel, never a channel. The central test draws fresh channels of every region, from a stream of its own.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float64, Int
from numpy import ndarray
from torch import Tensor

from qfl.config import D2dSettings, Settings
from qfl.models.features import Features, fit_features
from qfl.models.qsgcn import Qsgcn, graph_circuit
from qfl.models.star_gnn import StarGnn
from qfl.quantum.noise import Noise
from qfl.seeds import stream
from qfl.specs import MODELS, models_of
from qfl.tasks.d2d import D2dBatch, D2dTask, PowerModel
from qfl.tasks.d2d_steps import D2dSteps
from qfl.tasks.devices import device_tasks
from qfl.tasks.federation import Federation, Task
from qfl.wireless.d2d import D2dScenario, Purpose, sample_links
from qfl.wireless.d2d_rates import link_snr, sum_rate
from qfl.wireless.d2d_search import greedy_on_off, max_power
from qfl.wireless.units import dbm_to_w
from qfl.wireless.wmmse import best_of_starts, wmmse

FITTED_ON = 500  # realisations of the base scenario that the features' constants are fitted on, the same for all


@dataclass(frozen=True, eq=False)
class RegionSamples:
    """All regions' channels; sample n belongs to region n // samples-per-region.

    Args:
        snr: Gain times highest power over noise, ``[rx, tx]``.
        alpha: Weights of the pairs' rates.
        region: Whose sample it is.
        held_out: The central test.
    """

    snr: Float[Tensor, "sample rx tx"]
    alpha: Float[Tensor, "sample pair"]
    region: Int[Tensor, " sample"]
    held_out: D2dBatch

    def take(self, index: Int[Tensor, "client sample"], weight: Float[Tensor, "client sample"]) -> D2dBatch:
        """Return training samples by index."""
        return D2dBatch(self.snr[index], self.alpha[index], self.region[index], weight)

    def test(self) -> D2dBatch:
        """Return the central test: fresh channels of every region."""
        return self.held_out


def build_d2d(settings: Settings) -> Federation:
    """Return the federation of D2D regions."""
    d2d, dtype = settings.d2d, torch.float64 if settings.precision == "double" else torch.float32
    regions = region_scenarios(d2d, settings.clients.count, settings.seed)
    train = _draw(regions, d2d.samples, settings.seed, "d2d-train", torch.float64)
    test = _draw(regions, d2d.test_samples, settings.seed, "d2d-test", torch.float64)
    features = features_of(d2d, settings.seed)
    model = MODELS[settings.model.name].make(settings, features=features)
    if isinstance(model, Qsgcn):
        graph_circuit(d2d.pairs, model.layers)  # refuses what no statevector holds
    task = _task(settings, model, model)
    samples = RegionSamples(train.snr.to(dtype), train.alpha.to(dtype), train.region, _as(test, dtype))
    parts = np.arange(len(train.snr)).reshape(len(regions), d2d.samples)
    return Federation(
        settings,
        model,
        task,
        samples,
        tuple(parts),
        _manifest(d2d, regions, test),
        baselines={
            name: len(spec.make(settings, features=features).layout)
            for name, spec in models_of("d2d").items()
            if name != settings.model.name
        },
        **_on_devices(settings, model),
    )


def _on_devices(settings: Settings, model: Any) -> dict[str, Any]:
    """Return the task on each client's own device; what no device runs is said before anybody starts."""
    if settings.engine == "exact" or not isinstance(model, StarGnn | Qsgcn):
        return {}
    from qfl.models.graph_device import DeviceGraph
    from qfl.models.star_device import DeviceStars, largest_circuit
    from qfl.quantum.device_mitigation import mitigation_of
    from qfl.quantum.devices import on_device

    device, pairs = settings.device, settings.d2d.pairs

    def on_noise(noise: Noise, path: tuple[int, ...]) -> Task:
        own = device.name, device.shots, noise, path, mitigation_of(device, noise)
        on_own = DeviceGraph(model, on_device(*own)) if isinstance(model, Qsgcn) else DeviceStars(model, *own)
        return _task(settings, on_own, model)

    circuit = graph_circuit(pairs, model.layers) if isinstance(model, Qsgcn) else largest_circuit(model, pairs)
    return device_tasks(settings, circuit, on_noise)


def _task(settings: Settings, model: PowerModel, network: Any) -> D2dTask:
    """Return the task of a model, or of one whose steps draw neighbours or numbers of pairs."""
    drawn = network if isinstance(network, StarGnn) and network.sampling == "random" else None
    fewest = settings.gnn.fewest_pairs
    return D2dSteps(model, drawn, fewest, settings.seed) if drawn or fewest else D2dTask(model)


def region_scenarios(d2d: D2dSettings, count: int, seed: int) -> list[D2dScenario]:
    """Return what each region's channels are drawn from.

    Region k's square has the edge ``field-m`` times 2^u with u uniform within +-density-spread, and its shadowing is
    ``shadowing-db`` plus a uniform draw within +-shadowing-spread-db, at least 0.

    Args:
        d2d: What regions vary, and how much.
        count: Regions.
        seed: Of the run.

    Example:
        >>> [s.field_m for s in region_scenarios(D2dSettings(), 2, 1)]
        [500.0, 500.0]
    """
    base = base_scenario(d2d)
    found = []
    for region in range(count):
        wide, strong = stream(seed, "d2d-region", region).uniform(-1.0, 1.0, 2)
        edge = d2d.field_m * 2.0 ** (d2d.density_spread * wide)
        shadowing = max(0.0, d2d.shadowing_db + d2d.shadowing_spread_db * strong)
        found.append(replace(base, field_m=float(edge), shadowing_db=float(shadowing)))
    return found


def base_scenario(d2d: D2dSettings) -> D2dScenario:
    """Return the scenario that regions vary."""
    return D2dScenario(
        d2d.pairs,
        d2d.channel,
        d2d.field_m,
        d2d.min_pair_m,
        d2d.max_pair_m,
        d2d.shadowing_db,
        d2d.fading,
        d2d.max_power_w,
        float(dbm_to_w(d2d.noise_dbm)),
        d2d.weighted,
    )


def _draw(regions: list[D2dScenario], count: int, seed: int, purpose: Purpose, dtype: torch.dtype) -> D2dBatch:
    links = [sample_links(scenario, count, seed, purpose, number) for number, scenario in enumerate(regions)]
    snr = [link_snr(own.gain, s.max_power_w, s.noise_w) for own, s in zip(links, regions, strict=True)]
    stacked = _tensor(snr, dtype)
    region = torch.arange(len(regions)).repeat_interleave(count)
    return D2dBatch(
        stacked, _tensor([own.alpha for own in links], dtype), region, torch.ones(len(stacked), dtype=dtype)
    )


def _tensor(parts: list[Float64[ndarray, "..."]], dtype: torch.dtype) -> Tensor:
    return torch.from_numpy(np.concatenate(parts)).to(dtype)


def _as(batch: D2dBatch, dtype: torch.dtype) -> D2dBatch:
    return D2dBatch(batch.snr.to(dtype), batch.alpha.to(dtype), batch.region, batch.weight.to(dtype))


def features_of(d2d: D2dSettings, seed: int) -> Features:
    """Return the features that models read, standardised on the base scenario."""
    base = base_scenario(d2d)
    links = sample_links(base, FITTED_ON, seed, "d2d-train", "features")
    snr = torch.from_numpy(link_snr(links.gain, base.max_power_w, base.noise_w))
    node = ("direct", "interference", "alpha") if d2d.weighted else ("direct", "interference")
    return fit_features(snr, node, alpha=torch.from_numpy(links.alpha))


def _manifest(d2d: D2dSettings, regions: list[D2dScenario], test: D2dBatch) -> dict[str, Any]:
    """Return what the regions are, and what classical power control reaches on the central test, in bit/s/Hz."""
    references = {"wmmse_100": wmmse, "wmmse_best_of_21": best_of_starts, "greedy_on_off": greedy_on_off}
    references |= {"max_power": max_power}
    return {
        "name": f"D2D regions of {d2d.pairs} pairs, {d2d.channel}",
        "clients": len(regions),
        "train": d2d.samples * len(regions),
        "test": len(test.snr),
        "regions": [{"field_m": s.field_m, "shadowing_db": s.shadowing_db} for s in regions],
        "references": {
            name: sum_rate(test.snr, solve(test.snr, test.alpha), test.alpha).mean().item()
            for name, solve in references.items()
        },
    }
