"""A network of torch as a model: its parameters are the entries, and a client trains as it would in plain torch.

Also covers one_client.py.
"""

from dataclasses import replace
from math import inf

import pytest
import torch
from torch import nn

from qfl.errors import ConfigError, InputError
from qfl.models.circuit_layer import CircuitLayer
from qfl.models.torch_module import model_of_module
from qfl.quantum.ansatze import classifier
from qfl.testing.kits import model as kit
from qfl.testing.kits import run

CIRCUIT = classifier("angle", "strongly_entangling", 2, 1, 2, 2)


def net():
    return nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))


def hybrid():
    return nn.Sequential(nn.Linear(4, 2), nn.Tanh(), CircuitLayer(CIRCUIT), nn.Linear(2, 3))


def samples(*shape):
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) - 0.5


@pytest.mark.parametrize("make", [net, hybrid])
@pytest.mark.parametrize("vmapped", [True, False])
def test_it_passes_the_kit_of_models(make, vmapped):
    model = replace(model_of_module(make, 4), vmapped=vmapped)
    assert run(kit.checks(model, model.logits, (samples(3, 6, 4),), (6, 3))) == []


@pytest.mark.parametrize("make", [net, hybrid])
def test_a_step_on_the_entries_is_a_step_of_torchs_optimiser_on_the_network(make):
    model = model_of_module(make, 4)
    start = torch.from_numpy(model.initial(7))
    network, sizes = make().double(), dict(zip(_order(make()), model.parts, strict=True))
    own = dict(network.named_parameters())
    first = 0
    for name, size in sizes.items():
        own[name].data.copy_(start[first : first + size].reshape(own[name].shape))
        first += size
    inputs, entries = samples(6, 4), start.clone().requires_grad_()
    (given,) = torch.autograd.grad(model.logits(entries, inputs).square().sum(), entries)
    network(inputs).square().sum().backward()
    slope = torch.cat([own[name].grad.flatten() for name in sizes])
    assert torch.allclose(given, slope, atol=1e-12)


def _order(network):
    names = [name for name, _ in network.named_parameters()]
    return sorted(names, key=lambda name: not name.endswith("angles"))


def test_angles_of_circuits_come_first_with_their_names_and_periods():
    model = model_of_module(hybrid, 4)
    layout, own = model.layout, CIRCUIT.layout()
    assert layout.names[: len(own)] == tuple(f"2.{name}" for name in own.names)
    assert layout.periods == (*own.periods, *[inf] * (len(layout) - len(own)))
    assert layout.rotations == own.rotations
    assert (model.num_quantum, len(layout)) == (6, 6 + 4 * 2 + 2 + 2 * 3 + 3)
    assert "0.weight.1.3" in layout.names and "3.bias.2" in layout.names


def test_the_seed_alone_decides_the_start():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model, state = model_of_module(hybrid, 4), torch.get_rng_state()
        first = model.initial(1)
        assert torch.equal(state, torch.get_rng_state())
        torch.manual_seed(2)
        assert (first == model_of_module(hybrid, 4).initial(1)).all() and (first != model.initial(2)).any()


def frozen():
    network = net()
    network[0].weight.requires_grad_(False)
    return network


@pytest.mark.parametrize(
    "make, word",
    [
        (lambda: nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)), "buffer '1.running_mean'"),
        (nn.Identity, "no parameters"),
        (frozen, "frozen parameter '0.weight'"),
        (lambda: nn.LazyLinear(3), "lazy parameter"),
        (lambda: nn.Linear(4, 3, dtype=torch.complex64), "complex64"),
    ],
)
def test_what_does_not_travel_is_refused(make, word):
    with pytest.raises(ConfigError, match=word):
        model_of_module(make, 4)


def test_another_network_for_another_seed_is_refused():
    sizes = iter((3, 4))
    model = model_of_module(lambda: nn.Linear(4, next(sizes)), 4)
    with pytest.raises(ConfigError, match="other parameters for another seed"):
        model.initial(1)


def test_wrong_lengths_are_refused():
    model = model_of_module(net, 4)
    entries = torch.from_numpy(model.initial(1))
    with pytest.raises(InputError, match="reads 4 features"):
        model.logits(entries, samples(6, 5))
    with pytest.raises(InputError, match="43 entries, but 42"):
        model.logits(entries[:-1], samples(6, 4))
