"""A circuit as a layer of a torch network: expectation values of its inputs, with its angles as parameters.

The layer runs on the exact engine. Under `torch.vmap`, which the adapter of torch networks (`qfl.models.torch_module`)
uses to train many clients at once, all clients' circuits are one call of the engine.
"""

# pyright: reportIncompatibleMethodOverride=false, reportUnknownMemberType=false
# (torch annotates autograd.Function's static methods as taking anything)

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.angles import TWO_PI
from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit
from qfl.quantum.exact import expectations


class CircuitLayer(torch.nn.Module):
    """A circuit between layers of torch: ``[*sample feature]`` to ``[*sample observable]``.

    Args:
        circuit: What is run; its angles are the layer's parameter ``angles``.
        spread: Initial angles are uniform in +-spread/2 rad, from torch's generator, as layers of torch start.

    Raises:
        ConfigError: If the circuit trains nothing, or encodes nothing.

    Example:
        >>> from qfl.quantum.ansatze import classifier
        >>> layer = CircuitLayer(classifier("angle", "real_ring", 2, 3, 2, 2))
        >>> hybrid = torch.nn.Sequential(torch.nn.Linear(5, 2), torch.nn.Tanh(), layer)
        >>> hybrid(torch.zeros(7, 5)).shape, len(layer.angles)
        (torch.Size([7, 2]), 6)
    """

    def __init__(self, circuit: Circuit, spread: float = TWO_PI):
        super().__init__()
        if not circuit.num_angles:
            raise ConfigError("a CircuitLayer's circuit trains nothing; give it gates such as Gate('RX', 0, Angle(0))")
        if not circuit.num_features:
            raise ConfigError("a CircuitLayer's circuit encodes nothing; give it gates with a Feature")
        self.circuit = circuit
        self.angles = torch.nn.Parameter(torch.empty(circuit.num_angles).uniform_(-spread / 2, spread / 2))

    def forward(self, inputs: Float[Tensor, "*sample feature"]) -> Float[Tensor, "*sample observable"]:
        """Return the expectation values of each sample, in the precision of the angles."""
        rows = inputs.reshape(-1, inputs.shape[-1]).to(self.angles.dtype)
        values: Tensor = _Expectations.apply(self.circuit, self.angles, rows)
        return values.reshape(*inputs.shape[:-1], -1)


class _Expectations(torch.autograd.Function):
    """`expectations`, which looks at its arguments' numbers, with a rule for torch's vmap."""

    @staticmethod
    def forward(circuit: Circuit, angles: Tensor, inputs: Tensor) -> Tensor:
        return expectations(circuit, angles, inputs)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.circuit = inputs[0]
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        given = [each.detach().requires_grad_() for each in ctx.saved_tensors]
        with torch.enable_grad():
            values = expectations(ctx.circuit, *given)
        return (None, *torch.autograd.grad(values, given, slope))

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], circuit: Circuit, angles: Tensor, inputs: Tensor):
        """Run all clients in one call, whose own gradients torch then follows."""
        parts = (
            part.expand(info.batch_size, *part.shape) if place is None else part.movedim(place, 0)
            for part, place in zip((angles, inputs), in_dims[1:], strict=True)
        )
        return expectations(circuit, *parts), 0
