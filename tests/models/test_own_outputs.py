"""A function of entries and samples as a model: what it says of its entries, and what of it is refused."""

from math import inf, pi

import numpy as np
import pytest
import torch

import qfl
from qfl.errors import ConfigError
from qfl.models.own_outputs import model_of_outputs
from qfl.testing.kits import model as kit
from qfl.testing.kits import run

GIVEN = {"num_features": 4, "num_labels": 3}


def wave(**attributes):
    def outputs(angles, inputs, gain: float = 1.0):
        return gain * torch.cos(inputs @ angles[:12].view(4, 3) + angles[12:])

    for name, value in ({"num_angles": 15} | attributes).items():
        setattr(outputs, name, value)
    return outputs


def made(outputs, mine=None):
    return model_of_outputs(outputs, "model.name", GIVEN, mine or {})


def test_it_passes_the_kit_of_models():
    periods = [inf] * 12 + [2 * pi] * 3
    model = made(wave(periods=periods))
    inputs = torch.rand(3, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert run(kit.checks(model, model.logits, (inputs,), (5, 3))) == []
    assert model.layout.num_angles == model.num_quantum == 3


def test_it_says_how_many_entries_by_a_number_a_function_or_a_layout():
    layout = qfl.AngleLayout(tuple("abcdefghijklmno"), (inf,) * 15)
    assert made(wave(layout=layout)).layout is layout
    assert made(wave()).layout.names[14] == "angle.14"
    by_size = wave(num_angles=lambda num_features, num_labels, extra: (num_features + extra) * num_labels)
    with pytest.raises(ConfigError, match=r"extra is no setting of outputs"):
        made(by_size, {"extra": 1})
    assert len(made(wave(num_angles=lambda num_features: num_features**2)).layout) == 16


def test_its_own_settings_reach_it_checked():
    entries, inputs = torch.ones(15, dtype=torch.float64), torch.ones(2, 4, dtype=torch.float64)
    assert torch.allclose(made(wave(), {"gain": 3}).logits(entries, inputs), 3 * made(wave()).logits(entries, inputs))
    with pytest.raises(ConfigError, match=r"model.my.gian is no setting of outputs; did you mean 'gain'"):
        made(wave(), {"gian": 3})


def test_it_starts_where_it_says_or_from_the_stream():
    assert (made(wave(initial=lambda seed: np.full(15, seed))).initial(3) == 3).all()
    start = made(wave()).initial(3)
    assert (start == made(wave()).initial(3)).all() and abs(start).max() <= 0.5 and start.std() > 0.1
    with pytest.raises(ConfigError, match=r"initial\(seed\) raised ValueError"):
        made(wave(initial=lambda seed: float("x"))).initial(3)


@pytest.mark.parametrize("number", [None, 0, -1, 2.0, True, "many", lambda num_features: "many"])
def test_a_number_of_entries_that_is_none_is_refused(number):
    with pytest.raises(ConfigError, match="num_angles"):
        made(wave(num_angles=number))


@pytest.mark.parametrize("periods", [0, -1.0, float("nan"), "long", [2 * pi], [1.0] * 14 + ["x"]])
def test_periods_that_are_none_are_refused(periods):
    with pytest.raises(ConfigError, match="periods do not fit num_angles = 15"):
        made(wave(periods=periods))


def test_an_object_with_a_call_is_a_function_too():
    class Wave:
        num_angles = 12

        def __call__(self, angles, inputs):
            return inputs @ angles.view(4, 3)

    assert len(made(Wave()).layout) == 12
