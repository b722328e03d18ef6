"""A network of torch as a model: its parameters are the flat vector that travels, angles of circuit layers first.

Names are torch's (``0.weight.3.1``), and weights have no period. A `qfl.models.circuit_layer.CircuitLayer` inside gives
its angles with their periods, so that a hybrid says how many of its numbers are quantum. The network is made anew for
every start, with torch's generator seeded by ``stream(seed, "initial")``; what is not a trained parameter does not
travel and is refused.
"""

from collections.abc import Callable, Iterator, Mapping
from math import inf, prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from qfl.angles import AngleLayout, pack
from qfl.errors import ConfigError
from qfl.models.circuit_layer import CircuitLayer
from qfl.models.one_client import OneClientModel
from qfl.quantum.circuit import Circuit
from qfl.seeds import stream


def model_of_module(make: Callable[[], nn.Module], num_features: int, said: str = "the network") -> OneClientModel:
    """Return a model whose entries are a network's parameters.

    Args:
        make: Makes the network; called once for its shape, and once for every start. It takes ``[sample feature]`` and
            gives ``[sample label]``.
        num_features: Length of a sample.
        said: What it is called in messages.

    Raises:
        ConfigError: If it trains nothing, or holds what does not travel: buffers such as the running statistics of
            BatchNorm, frozen parameters, or parameters without a shape yet.

    Example:
        >>> model = model_of_module(lambda: nn.Linear(3, 2), num_features=3)
        >>> model.layout.names[-2:], model.logits(torch.from_numpy(model.initial(1)), torch.zeros(5, 3)).shape
        (('bias.0', 'bias.1'), torch.Size([5, 2]))
    """
    network = _made(make, 0)
    _require_trained(network, said)
    circuits = _circuits(network)
    shapes = _shapes(network, circuits)
    layout = _layout(shapes, circuits)
    sizes = [prod(shape) for shape in shapes.values()]

    def outputs(angles: Tensor, inputs: Tensor) -> Tensor:
        parts = zip(shapes, torch.split(angles, sizes), strict=True)
        own = {name: part.reshape(shapes[name]) for name, part in parts}
        return torch.func.functional_call(network, own, (inputs,))

    def start(seed: int) -> NDArray[np.float64]:
        own = dict(_made(make, seed).named_parameters())
        if {name: tuple(part.shape) for name, part in own.items()} != dict(shapes):
            raise ConfigError(f"{said} has other parameters for another seed; make the same layers every time")
        return pack([own[name].detach().double().numpy() for name in shapes])

    num_quantum = sum(circuit.num_angles for circuit in circuits.values())
    inside = next(iter(circuits.values())) if len(circuits) == 1 else None
    return OneClientModel(outputs, layout, start, num_features, num_quantum, tuple(sizes), inside)


def _made(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(stream(seed, "initial").integers(2**63)))
        return make()


def _require_trained(network: nn.Module, said: str) -> None:
    for name, own in network.named_buffers():
        raise ConfigError(
            f"{said} has the buffer {name!r} ({type(own).__name__}), which is not trained and does not travel; take "
            "GroupNorm for BatchNorm, and keep a constant as a plain attribute"
        )
    found = dict(network.named_parameters())
    if not found:
        raise ConfigError(f"{said} has no parameters, so it trains nothing; give it layers, such as torch.nn.Linear")
    for name, own in found.items():
        if isinstance(own, nn.parameter.UninitializedParameter):
            raise ConfigError(
                f"{said} has the lazy parameter {name!r}, which has no shape yet; give the layer its sizes"
            )
        if not own.requires_grad:
            raise ConfigError(f"{said} has the frozen parameter {name!r}; keep it as a plain attribute, or train it")
        if not own.dtype.is_floating_point:
            raise ConfigError(f"{said} has the parameter {name!r} of {own.dtype}; make it of real numbers")


def _circuits(network: nn.Module) -> dict[str, Circuit]:
    """Return the circuit of every parameter that is a circuit's angles, by the parameter's name."""
    layers = ((name, own) for name, own in network.named_modules() if isinstance(own, CircuitLayer))
    return {f"{name}.angles".lstrip("."): own.circuit for name, own in layers}


def _shapes(network: nn.Module, circuits: Mapping[str, Circuit]) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter, angles of circuits first."""
    found = {name: tuple(own.shape) for name, own in network.named_parameters()}
    return {name: found[name] for name in sorted(found, key=lambda name: name not in circuits)}


def _layout(shapes: Mapping[str, tuple[int, ...]], circuits: Mapping[str, Circuit]) -> AngleLayout:
    names: list[str] = []
    periods: list[float] = []
    rotations: list[tuple[int, int, int]] = []
    for name, shape in shapes.items():
        if name not in circuits:
            names += _entries(name, shape)
            periods += [inf] * prod(shape)
            continue
        own, first = circuits[name].layout(), len(names)
        names += [f"{name.removesuffix('angles')}{each}" for each in own.names]
        periods += own.periods
        rotations += [(a + first, b + first, c + first) for a, b, c in own.rotations]
    return AngleLayout(tuple(names), tuple(periods), tuple(rotations))


def _entries(name: str, shape: tuple[int, ...]) -> Iterator[str]:
    return (".".join([name, *map(str, index)]) for index in np.ndindex(shape))
