"""Step sizes over rounds against PyTorch's schedules."""

import numpy as np
import pytest
import torch

from qfl.step_size import step_factor

SCHEDULES = ("constant", "cosine", "one-cycle")


def torch_rates(make, num_rounds):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = make(optimizer)
    rates = []
    for _ in range(num_rounds):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return np.array(rates)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("cosine", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=2000)),
        ("one-cycle", lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=1.0, total_steps=2000)),
    ],
)
def test_over_many_rounds_the_schedules_are_pytorchs(name, make):
    ours = np.array([step_factor(name, r, 2000) for r in range(1, 2001)])
    np.testing.assert_allclose(ours, torch_rates(make, 2000), atol=2e-3)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("num_rounds", [1, 2, 3, 10, 150])
def test_no_round_has_step_size_zero_or_above_one(schedule, num_rounds):
    factors = [step_factor(schedule, r, num_rounds) for r in range(1, num_rounds + 1)]
    assert all(0 < factor <= 1 for factor in factors)


@pytest.mark.parametrize("num_rounds", [1, 2, 7, 30])
def test_a_cosine_schedule_is_one_half_on_average(num_rounds):
    assert np.mean([step_factor("cosine", r, num_rounds) for r in range(1, num_rounds + 1)]) == pytest.approx(0.5)


def test_an_unknown_schedule_is_refused():
    with pytest.raises(ValueError, match="unknown schedule 'step'; known are constant, cosine, one-cycle"):
        step_factor("step", 1, 2)
