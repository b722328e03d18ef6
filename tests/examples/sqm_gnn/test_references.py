"""Baselines at full strength: every on/off power is tried where it can be."""

from pathlib import Path

import pytest
import torch

import qfl
from qfl.studies.examples import module_of
from qfl.wireless.d2d_rates import sum_rate
from qfl.wireless.d2d_search import exact_on_off

ROOT = Path(qfl.__file__).parent.parent
references, training = (module_of(ROOT / "examples" / "sqm_gnn", name) for name in ("references", "training"))


def test_every_on_off_power_is_tried_up_to_20_pairs():
    """Above 10 pairs on the first samples only, scaled by what WMMSE reaches there."""
    batch = training.draw_batch(training.scenario_of("printed", 12), 3, 1, "d2d-test", torch.float64)
    found = references.measure_references(batch.snr, batch.alpha, ("wmmse_100", "exact_on_off", "greedy_on_off"))
    rates = sum_rate(batch.snr, exact_on_off(batch.snr, batch.alpha), batch.alpha)
    assert found["exact_on_off"] == pytest.approx(rates.mean().item())
    assert found["exact_on_off"] >= found["greedy_on_off"]
    larger = training.draw_batch(training.scenario_of("printed", 21), 2, 1, "d2d-test", torch.float64)
    assert "exact_on_off" not in references.measure_references(larger.snr, larger.alpha, ("exact_on_off",))


def test_what_is_measured_is_no_more_than_without_interference_and_no_less_than_a_single_link():
    batch = training.draw_batch(training.scenario_of("printed", 6), 5, 1, "d2d-test", torch.float64)
    names = [name for name in references.REFERENCES if name != "wmmse_20000"]
    found = references.measure_references(batch.snr, batch.alpha, names)
    assert set(found["seconds"]) == set(names) and all(seconds >= 0 for seconds in found["seconds"].values())
    for name in names:
        assert 0 < found[name] <= found["no_interference_bound"]
    assert found["best_single_link"] <= found["exact_on_off"]
    assert found["wmmse_100"] <= found["wmmse_best_of_21"]
