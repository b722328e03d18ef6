"""Numbers of any type as arrays to compute with: taken as floats, whole numbers or truth values, or refused.

Whole numbers, truth values and half precision are taken as floats, numpy arrays as tensors, tensors as numpy arrays,
and lists as either. Single and double precision stay what they are.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from qfl.errors import InputError

if TYPE_CHECKING:
    import torch

KINDS = {
    "real": "an array of real numbers",
    "complex": "an array of numbers",
    "int": "an array of whole numbers",
    "bool": "an array of truth values, or of 0 and 1",
    "any": "an array of real numbers",
}
READY = {"real": np.dtype(np.float64), "int": np.dtype(np.int64), "bool": np.dtype(np.bool_)}
SINGLE = ("float32", "complex64", "f4", "c8")
DOUBLE = ("float64", "complex128", "f8", "c16")


def bits_of(values: object) -> int:
    """Return 64 or 32 for an array in double or single precision, real or complex; 0 for all else.

    Example:
        >>> bits_of(np.zeros(3)), bits_of(np.zeros(3, dtype=np.complex64)), bits_of([0.0])
        (64, 32, 0)
    """
    return _bits(getattr(values, "dtype", None))


@cache
def _bits(dtype: Any) -> int:
    name = str(dtype).removeprefix("torch.").lstrip("<>=")
    return 64 if name in DOUBLE else 32 if name in SINGLE else 0


def as_numpy(name: str, values: Any, kind: str = "real", bits: int = 0) -> np.ndarray:
    """Return an argument as a numpy array; one of the wanted type is given back as it is.

    Args:
        name: What the argument is called, for the message.
        values: An array, a tensor, or lists of numbers.
        kind: One of `KINDS`.
        bits: Precision of floats in single or double, which double keeps; its own where 0, or double without one.

    Raises:
        InputError: If its numbers are not of the kind.

    Example:
        >>> as_numpy("weights", [1, 2]), as_numpy("channel", [1.0, -1.0], "int")
        (array([1., 2.]), array([ 1, -1]))
    """
    if type(values) is np.ndarray and kind in READY and values.dtype == READY[kind]:  # what the library itself gives
        return values
    try:
        given = np.asarray(from_torch(values))
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise _refusal(name, values, kind) from None
    if given.dtype.kind not in ("iufbc" if kind == "complex" else "iufb"):
        raise _refusal(name, values, kind)
    if kind == "any":
        return given
    if kind in ("int", "bool"):
        return _exactly(name, given, kind)
    wide = (bits or bits_of(given) or 64) == 64
    if kind == "real":
        return given.astype(np.float64 if wide else np.float32, copy=False)
    return given.astype(np.complex128 if wide else np.complex64, copy=False)


def as_tensor(name: str, values: Any, kind: str = "real", bits: int = 0) -> "torch.Tensor":
    """Return an argument as a tensor; errors as of `as_numpy`, and gradients pass.

    Args:
        name: What the argument is called, for the message.
        values: An array, a tensor, or lists of numbers.
        kind: One of `KINDS`.
        bits: Precision of floats; 0 keeps single or double, and gives others torch's default.

    Example:
        >>> as_tensor("angles", np.float16([1.5]))
        tensor([1.5000])
    """
    import torch

    if bits == 0:
        bits = bits_of(values) or (64 if torch.get_default_dtype() == torch.float64 else 32)
    if not isinstance(values, torch.Tensor):
        # a copy, which torch may write to
        return torch.from_numpy(np.array(as_numpy(name, values, kind, bits), order="C"))
    if values.is_complex() and kind != "complex":
        raise _refusal(name, values, kind)
    if kind == "real":
        return values.to(torch.float64 if bits == 64 else torch.float32)
    if kind == "complex":
        return values.to(torch.complex128 if bits == 64 else torch.complex64)
    if kind == "any" or values.dtype == _wanted(kind):
        return values
    return torch.from_numpy(np.array(as_numpy(name, values, kind)))


@cache
def _wanted(kind: str) -> "torch.dtype":
    import torch

    return torch.int64 if kind == "int" else torch.bool


def from_torch(values: Any) -> Any:
    """Return a tensor's numbers as a numpy array, without gradients; whatever else is given, as it is."""
    if not hasattr(values, "detach"):
        return values
    values = values.detach().cpu().resolve_conj()
    return values.float().numpy() if str(values.dtype) == "torch.bfloat16" else values.numpy()


def _exactly(name: str, given: np.ndarray, kind: str) -> np.ndarray:
    dtype = np.int64 if kind == "int" else np.bool_
    with np.errstate(invalid="ignore"):
        exact = given.astype(dtype, copy=False)
    different = np.argwhere(exact != given)
    if len(different):
        where = tuple(different[0].tolist())
        raise InputError(f"{name}: expected {KINDS[kind]}, not {given[where]:g} (at {list(where)})")
    return exact


def _refusal(name: str, values: object, kind: str) -> InputError:
    dtype = getattr(values, "dtype", None)
    given = type(values).__name__ if dtype is None else f"{str(dtype).removeprefix('torch.')} values"
    remedy = "; take the real part" if "complex" in given and kind != "complex" else ""
    return InputError(f"{name}: expected {KINDS[kind]}, not {given}{remedy}")
