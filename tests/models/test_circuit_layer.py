"""A circuit between layers of torch: the exact engine's numbers and gradients, alone, in batches and under vmap."""

import pytest
import torch

from qfl.errors import ConfigError
from qfl.models.circuit_layer import CircuitLayer
from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.devices import expectations as on_pennylane
from qfl.quantum.exact import expectations

CIRCUIT = classifier("angle", "strongly_entangling", 3, 1, 3, 2)


def draw(*shape):
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(len(shape)))


def test_it_gives_pennylanes_numbers_in_any_number_of_axes():
    layer, inputs = CircuitLayer(CIRCUIT).double(), draw(2, 4, 3)
    expected = on_pennylane(CIRCUIT, layer.angles, inputs.reshape(8, 3)).reshape(2, 4, 2)
    assert torch.allclose(layer(inputs), expected, atol=1e-9)


def test_gradients_outside_vmap_are_the_engines():
    layer, inputs = CircuitLayer(CIRCUIT).double(), draw(5, 3).requires_grad_()
    other = expectations(CIRCUIT, layer.angles, inputs)
    for given, expected in zip(
        torch.autograd.grad(layer(inputs).square().sum(), (layer.angles, inputs)),
        torch.autograd.grad(other.square().sum(), (layer.angles, inputs)),
        strict=True,
    ):
        assert torch.allclose(given, expected, atol=1e-12)


@pytest.mark.parametrize("shared", ["nothing", "inputs", "angles"])
def test_under_vmap_every_client_gets_its_own_numbers_and_gradients(shared):
    layer = CircuitLayer(CIRCUIT).double()
    angles = draw(4, CIRCUIT.num_angles) if shared != "angles" else draw(CIRCUIT.num_angles)
    inputs = draw(4, 5, 3) if shared != "inputs" else draw(5, 3)
    angles, inputs = angles.requires_grad_(), inputs.requires_grad_()
    places = (None if shared == "angles" else 0, None if shared == "inputs" else 0)

    def one(own, samples):
        return torch.func.functional_call(layer, {"angles": own}, (samples,))

    together = torch.vmap(one, in_dims=places)(angles, inputs)
    alone = torch.stack(
        [
            expectations(CIRCUIT, angles if angles.ndim == 1 else angles[k], inputs if inputs.ndim == 2 else inputs[k])
            for k in range(4)
        ]
    )
    assert torch.allclose(together, alone, atol=1e-12)
    slopes = [torch.autograd.grad(found.square().sum(), (angles, inputs)) for found in (together, alone)]
    assert all(torch.allclose(a, b, atol=1e-12) for a, b in zip(*slopes, strict=True))


def test_it_starts_from_torchs_generator_within_its_spread():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        first = CircuitLayer(CIRCUIT, spread=0.2).angles
        torch.manual_seed(3)
        assert torch.equal(first, CircuitLayer(CIRCUIT, spread=0.2).angles)
    assert first.abs().max() <= 0.1 and first.std() > 0.02


@pytest.mark.parametrize(
    "gates, features, word",
    [
        ((Gate("RX", (0,), (Feature(0),)),), 1, "trains nothing"),
        ((Gate("RX", (0,), (Angle(0),)),), 0, "encodes nothing"),
    ],
)
def test_a_circuit_without_angles_or_features_is_refused(gates, features, word):
    with pytest.raises(ConfigError, match=word):
        CircuitLayer(Circuit(1, gates, ((0,),), num_features=features))
