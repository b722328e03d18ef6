"""What a user's model must be, looked at before anything is trained: on a few samples of the data, in milliseconds.

Each check is one function that gives a sentence, or nothing. They are those of `qfl.testing.kits.model` that a
federation relies on, and such as only data can tell.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.errors import ConfigError, UserError
from qfl.extend import raised
from qfl.models.model import Model
from qfl.models.one_client import OneClientModel
from qfl.models.own_model import KEY
from qfl.models.vqc import Vqc
from qfl.seeds import stream

SAMPLES = 12  # that are looked at
MOST_SHIFTED = 24  # angles whose period is tried, spread over the layout
TOGETHER = (
    "take [client angle] with [client sample feature], too, or write a function of angles and inputs for one client"
)
TRIALS = ((1, 1.0), (2, 1.0), (3, 0.1), (4, 10.0))  # seed of a start, and how large inputs are


def checked_model(model: Model, inputs: NDArray[Any], num_labels: int, dtype: torch.dtype, name: str) -> Model:
    """Return a user's model if it is one; one that torch's vmap cannot run takes its clients one after the other.

    Args:
        model: From `qfl.models.own_model.own_model`.
        inputs: Training samples, [sample feature].
        num_labels: Number of outputs of a sample.
        dtype: The precision of the run.
        name: The reference, for messages.

    Raises:
        ConfigError: With what is wrong, in one sentence: no entry, a start that is not finite or not the same for the
            same seed; outputs of another shape or kind, not finite, not the same when called again, that depend on the
            other samples of a batch, or do not depend on the sample; an entry that changes no output; no such period.
    """
    said = f"{KEY}: {name}"
    _require_start(model, said)
    circuit = isinstance(model, Vqc)  # whose conversion has looked at gates and angles, and whose states may be large
    found = _Look(model, torch.from_numpy(np.array(inputs[: 2 if circuit else SAMPLES])), num_labels, said)
    found.require_outputs(dtype)
    others = (found.pure, found.by_sample, found.uses_entries, found.has_periods)
    for check in (found.reads_inputs, *(() if circuit else others)):
        for fault in check():
            raise ConfigError(f"{said} {fault}")
    return model if circuit else _stacked(found)


def _require_start(model: Model, said: str) -> None:
    layout = model.layout
    if not isinstance(layout, AngleLayout):
        raise ConfigError(f"{said}: its layout is {type(layout).__name__}; give a qfl.AngleLayout")
    if not len(layout):
        raise ConfigError(f"{said} trains nothing: its layout has no entry; give it one or more")
    starts = [_called(lambda: np.asarray(model.initial(1), np.float64), f"{said}: its initial(seed)") for _ in range(2)]
    if starts[0].shape != (len(layout),):
        raise ConfigError(
            f"{said}: initial(seed) has the shape {starts[0].shape}; expected {(len(layout),)}, an entry each"
        )
    if not np.isfinite(starts[0]).all():
        raise ConfigError(f"{said}: {int((~np.isfinite(starts[0])).sum())} entries of initial(seed) are not finite")
    if not np.array_equal(*starts):
        raise ConfigError(
            f"{said} starts anew at every call of initial(seed); draw from qfl.stream(seed, ...) or torch"
        )


@dataclass(frozen=True)
class _Look:
    """A model and the samples on which it is looked at."""

    model: Model
    samples: Float[Tensor, "sample feature"]
    num_labels: int
    said: str

    def entries(self, seed: int) -> Float[Tensor, " angle"]:
        """Return entries near a start, in double precision."""
        start = np.asarray(self.model.initial(seed), np.float64)
        return torch.from_numpy(start + 0.1 * stream(seed, "own model").standard_normal(start.shape))

    def outputs(self, angles: Tensor, inputs: Tensor) -> Any:
        """Return the model's outputs; what it raises is a sentence."""
        return _called(lambda: self.model.logits(angles, inputs), self.said)

    def require_outputs(self, dtype: torch.dtype) -> None:
        """Refuse outputs at the start that are no real, finite numbers, one per sample and label."""
        start = torch.from_numpy(np.asarray(self.model.initial(1))).to(dtype)
        found: Any = self.outputs(start, self.samples.to(dtype))
        wanted = (len(self.samples), self.num_labels)
        if not isinstance(found, Tensor):
            raise ConfigError(f"{self.said} gives {type(found).__name__}; give a tensor, [sample label]")
        if found.shape != wanted:
            raise ConfigError(
                f"{self.said} gives outputs of the shape {tuple(found.shape)} for {wanted[0]} samples and {wanted[1]} "
                f"labels; give {wanted}, one number per sample and label"
            )
        if found.dtype != dtype:
            raise ConfigError(f"{self.said} gives {found.dtype} for entries of {dtype}; give the entries' precision")
        if not found.isfinite().all():
            bad = int((~found.isfinite()).sum())
            raise ConfigError(f"{self.said}: {bad} of {found.numel()} outputs at its start are not finite; mend it")

    def pure(self) -> Iterator[str]:
        """Tell of outputs that change from call to call, and of arguments that are changed."""
        angles, inputs = self.entries(1), self.samples.double()
        kept = angles.clone(), inputs.clone()
        first, again = self.outputs(angles, inputs), self.outputs(angles, inputs)
        if not (torch.equal(angles, kept[0]) and torch.equal(inputs, kept[1])):
            yield "changes its arguments; let it work on copies"
        if not torch.equal(first, again) and not first.isnan().any():
            yield "gives other outputs when it is called again; take out what it draws (Dropout) or remembers"

    def by_sample(self) -> Iterator[str]:
        """Tell of a sample whose outputs depend on the others of its batch."""
        angles, inputs, half = self.entries(1), self.samples.double(), (len(self.samples) + 1) // 2
        whole, part = self.outputs(angles, inputs)[:half], self.outputs(angles, inputs[:half])
        if not torch.allclose(whole, part, rtol=1e-6, atol=1e-8, equal_nan=True):
            yield (
                "gives a sample other outputs in another batch, so clients would not train as they would alone; "
                "normalise by sample (LayerNorm, GroupNorm), not by batch"
            )

    def reads_inputs(self) -> Iterator[str]:
        """Tell of outputs that are the same for all samples."""
        moved = self.samples + torch.from_numpy(stream(1, "own model", "moved").standard_normal(self.samples.shape))
        found = self.outputs(self.entries(1), torch.cat([self.samples, moved]).double())
        if torch.allclose(found, found[:1].expand_as(found), rtol=1e-9, atol=1e-12, equal_nan=True):
            yield "gives all samples the same outputs; let it use its inputs"

    def uses_entries(self) -> Iterator[str]:
        """Tell of an entry that changes no output, of several starts and of inputs of several sizes and signs."""
        slopes = [slope for seed, size in TRIALS if (slope := self.slope(seed, size)).isfinite().all()]
        used = torch.stack(slopes).amax(0) > 0 if slopes else torch.ones(len(self.model.layout), dtype=torch.bool)
        first = 0
        for size in getattr(self.model, "parts", (1,) * len(used)):
            if not used[first : first + size].any():
                name = self.model.layout.names[first]
                yield f"has the entry {name!r}, which changes no output; use it or take it out"
            first += size

    def slope(self, seed: int, size: float) -> Float[Tensor, " angle"]:
        """Return how much the outputs change with each entry, of inputs uniform in +-size."""
        draw = stream(seed, "own model", "inputs")
        inputs = torch.from_numpy(draw.uniform(-size, size, (16, self.samples.shape[1])))
        angles = self.entries(seed).requires_grad_()
        found = self.outputs(angles, inputs)
        if not found.requires_grad:
            return torch.zeros_like(angles)
        weights = torch.from_numpy(draw.uniform(1, 2, found.shape))
        return torch.autograd.grad((found * weights).sum(), angles)[0].abs()

    def has_periods(self) -> Iterator[str]:
        """Tell of an angle that changes an output when it is moved by its period."""
        layout, angles, inputs = self.model.layout, self.entries(1), self.samples.double()
        finite = [place for place, period in enumerate(layout.periods) if isfinite(period)]
        before = self.outputs(angles, inputs)
        for place in finite[:: 1 + len(finite) // MOST_SHIFTED]:
            moved = angles.clone()
            moved[place] += layout.periods[place]
            if not torch.allclose(before, self.outputs(moved, inputs), rtol=1e-6, atol=1e-7, equal_nan=True):
                period = f"{layout.names[place]!r} has the period {layout.periods[place]:.4f}"
                yield f"says that {period}, but its outputs change with it; give math.inf to what is no angle"


def _stacked(look: _Look) -> Model:
    """Return the model, if two clients at once get what each would get alone."""
    model, inputs = look.model, look.samples.double()[: max(1, len(look.samples) // 2)]
    angles, both = torch.stack([look.entries(1), look.entries(2)]), torch.stack([inputs, inputs.flip(0)])
    alone = torch.stack([look.outputs(*each) for each in zip(angles, both, strict=True)])
    try:
        together = model.logits(angles, both)
    except Exception as error:
        if isinstance(model, OneClientModel) and model.vmapped:
            logging.getLogger("qfl").warning(
                f"{look.said}: torch.vmap cannot run it ({' '.join(str(error).split())[:150]}), so clients take turns; "
                "use torch operations alone to train them at once"
            )
            return _stacked(replace(look, model=replace(model, vmapped=False)))
        raise ConfigError(f"{look.said} with a leading client axis {raised(error)}; {TOGETHER}") from error
    if together.shape != alone.shape or not torch.allclose(together, alone, rtol=1e-6, atol=1e-8, equal_nan=True):
        raise ConfigError(f"{look.said} gives two clients at once other outputs than each alone; {TOGETHER}")
    return model


def _called(call: Callable[[], Any], said: str) -> Any:
    try:
        return call()
    except UserError as error:
        raise ConfigError(text if (text := str(error)).startswith(KEY) else f"{said}: {text}") from error
    except Exception as error:
        raise ConfigError(f"{said} {raised(error)}") from error
