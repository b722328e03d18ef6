"""What goes into a circuit: arrays of whatever real numbers, checked; and samples as the amplitudes of a state.

Every engine and device takes its arguments through here, so that all of them refuse the same things in the same words.
Whole numbers, truth values and half precision are taken as floats, numpy arrays and lists as tensors.
"""

# pyright: reportUnknownMemberType=false
# (torch does not annotate Tensor.tolist and linalg.vector_norm)

from functools import lru_cache
from typing import cast

import numpy as np
import torch
from jaxtyping import Float, Shaped
from numpy.typing import ArrayLike
from torch import Tensor

from qfl.errors import InputError
from qfl.quantum.circuit import Circuit, Feature
from qfl.quantum.sums import Sum

Array = Shaped[Tensor, "..."] | ArrayLike
AS_MANY = "give as many angles and features as it has"
# lengths whose squares, and those of all entries that count, are within the type
SAFE = {torch.float32: (1e-15, 1e15), torch.float64: (1e-140, 1e140)}


def real_tensor(name: str, values: Array, like: torch.dtype | None = None) -> Tensor:
    """Return an argument as a tensor in single or double precision; one that is already is given back as it is.

    Args:
        name: What the argument is called, for the message.
        values: A tensor, a numpy array, or lists of numbers.
        like: The precision of what is in neither; torch's default if None.

    Raises:
        InputError: If it is no array of real numbers.

    Example:
        >>> real_tensor("angles", [1, 2]), real_tensor("angles", np.float16([1.5]))
        (tensor([1., 2.]), tensor([1.5000]))
    """
    own = precision(values)
    if not isinstance(values, Tensor):
        try:
            given = np.asarray(values)
            if given.dtype.kind not in "iufb":
                raise TypeError
            # a copy, which torch may write to
            values = torch.as_tensor(given.astype(np.float32 if own == torch.float32 else np.float64))
        except (TypeError, ValueError, RuntimeError):
            raise InputError(f"{name}: expected an array of real numbers, not {_kind(values)}") from None
    if values.is_complex():
        raise InputError(f"{name}: expected an array of real numbers, not {_kind(values)}; take the real part")
    return values.to(own or like or torch.get_default_dtype())


def precision(values: object) -> torch.dtype | None:
    """Return the precision of an array of floats in single or double precision; None of all else.

    Example:
        >>> precision(np.zeros(3)), precision([0.0, 1.0])
        (torch.float64, None)
    """
    name = str(getattr(values, "dtype", "")).removeprefix("torch.").lstrip("<>=")
    return {"float32": torch.float32, "f4": torch.float32, "float64": torch.float64, "f8": torch.float64}.get(name)


def circuit_arguments(circuit: Circuit, angles: Array, inputs: Array | None) -> tuple[Tensor, Tensor]:
    """Return angles [*client angle] and finite samples [*client sample feature] of one circuit, in one precision.

    Args:
        circuit: Says how many of each.
        angles: One vector, or one per client.
        inputs: Samples, or samples of each client; None is one sample of a circuit without features.

    Raises:
        InputError: If an axis has another length, or a feature is not finite.
    """
    given = real_tensor("angles", angles, precision(inputs))
    if given.ndim not in (1, 2):
        raise InputError(f"angles: expected [angle], or [client angle], not {given.ndim} axes {tuple(given.shape)}")
    if given.shape[-1] != circuit.num_angles:
        raise InputError(f"the circuit has {circuit.num_angles} angles, but {given.shape[-1]} were given; {AS_MANY}")
    if inputs is None:
        if circuit.num_features:
            raise InputError(f"the circuit encodes {circuit.num_features} features; give inputs")
        return given, given.new_zeros(*given.shape[:-1], 1, 0)
    samples = real_tensor("inputs", inputs, given.dtype)
    if samples.ndim != given.ndim + 1 or samples.shape[:-2] != given.shape[:-1]:
        raise InputError(
            "give angles [angle] with inputs [sample feature], or both with a leading client axis of one length, not "
            f"{tuple(given.shape)} with {tuple(samples.shape)}"
        )
    if samples.shape[-1] != circuit.num_features:
        raise InputError(
            f"the circuit encodes {circuit.num_features} features, but samples have {samples.shape[-1]}; {AS_MANY}"
        )
    if circuit.amplitudes:  # whose length is looked at in any case
        return given, samples
    samples = samples.to(given.dtype)
    check_finite(samples, _largest_scale(circuit))
    return given, samples


def check_finite(inputs: Shaped[Tensor, "..."], scale: float = 1.0) -> None:
    """Refuse samples [*client sample feature] with a number that is not finite, or is not once it is scaled.

    Raises:
        InputError: With the first such feature and its sample.
    """
    inputs = inputs.detach()
    if not inputs.numel() or (inputs.sum() * scale).isfinite():  # one pass; a finite sum has finite terms
        return
    bad = (~(inputs * scale).isfinite()).nonzero()
    if len(bad):
        place = cast("list[int]", bad[0].tolist())
        *client, sample, feature = place
        of = f" of client {client[0]}" if client and len(inputs) > 1 else ""
        raise InputError(
            f"feature {feature} of sample {sample}{of} is {float(inputs[tuple(bad[0])]):g}: expected finite numbers; "
            "drop the sample or mend it"
        )


@lru_cache(maxsize=64)
def _largest_scale(circuit: Circuit) -> float:
    scales = [abs(p.scale) for gate in circuit.gates for p in gate.parameters if isinstance(p, Feature)]
    sums = [abs(t.weight) for gate in circuit.gates for p in gate.parameters if isinstance(p, Sum) for t in p.terms]
    return max([1.0, *scales, *sums])


def unit_samples(inputs: Float[Tensor, "*batch feature"]) -> Float[Tensor, "*batch feature"]:
    """Return the samples at length one, whatever their size: also where their length leaves the range of the type.

    Raises:
        InputError: If a sample is all zeros, or has a number that is not finite.

    Example:
        >>> unit_samples(torch.tensor([[3e30, 4e30], [3e-30, 0.0]]))
        tensor([[0.6000, 0.8000],
                [1.0000, 0.0000]])
    """
    length = _length(inputs)
    least, most = SAFE[inputs.dtype]
    fits = (length > least) & (length < most)
    if not fits.all():
        check_finite(inputs)
        largest = inputs.detach().abs().amax(-1, keepdim=True)
        blank = (largest == 0).nonzero()
        if len(blank):
            place = cast("list[int]", blank[0, :-1].tolist())
            *client, sample = place
            of = f" of client {client[0]}" if client and len(inputs) > 1 else ""
            raise InputError(
                f"sample {sample}{of} is all zeros, which has no amplitude encoding; drop it or shift the features"
            )
        inputs = inputs / torch.where(fits, 1, largest)
        length = _length(inputs)
    return inputs / length


def _length(inputs: Float[Tensor, "*batch feature"]) -> Float[Tensor, "*batch 1"]:
    return cast("Tensor", torch.linalg.vector_norm(inputs, dim=-1, keepdim=True))


def _kind(values: object) -> str:
    dtype = getattr(values, "dtype", None)
    return type(values).__name__ if dtype is None else f"{str(dtype).removeprefix('torch.')} values"
