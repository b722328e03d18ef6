"""What every model must be: a layout, a start that its seed decides, and outputs that are a pure function of entries.

::

    model = Vqc(ModelSettings(layers=2), num_features=16, num_labels=4)
    assert run(checks(model, model.logits, (torch.rand(3, 5, 16, dtype=torch.float64),), shape=(5, 4))) == []
"""

from collections.abc import Callable, Iterator
from math import isfinite

import numpy as np
import torch
from torch import Tensor

from qfl.seeds import stream
from qfl.tasks.federation import Trainable
from qfl.testing.kits import Check
from qfl.testing.kits.gradient import require_slope

Outputs = Callable[..., Tensor]
"""Takes entries ``[*client entry]`` and inputs ``[*client ...]``; gives outputs ``[*client ...]``."""
Symmetry = tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]
"""A permutation of every input of one client, and what it does to the outputs."""
MOST_SHIFTED = 24  # angles whose period is tried, spread over the layout


def checks(
    model: Trainable,
    outputs: Outputs,
    inputs: tuple[Tensor, ...],
    shape: tuple[int, ...],
    *,
    symmetries: tuple[Symmetry, ...] = (),
    stackable: bool = True,
    seeded: bool = True,
) -> Iterator[Check]:
    """Yield what must be true of a model.

    Args:
        model: What has ``layout`` and ``initial(seed)`` (`qfl.tasks.federation.Trainable`).
        outputs: The model's forward pass on entries and inputs, a method of it in most cases.
        inputs: Inputs of two clients or more, in double precision or whole numbers, with a leading client axis.
        shape: Shape of the outputs of one client.
        symmetries: Permutations of a client's inputs that permute its outputs, such as a graph's nodes.
        stackable: Whether entries and inputs may also come without a client axis.
        seeded: Whether the start depends on the seed.
    """
    kit = _Kit(model, outputs, inputs, shape)
    yield "the start fits the layout: one finite number in double precision for every entry", kit.start
    yield "the same seed gives the same start, whatever state the global generators are in", kit.same_seed
    if seeded:
        yield "another seed gives another start", kit.other_seed
    yield "outputs have their shape, are finite, and are not the same for all entries and inputs", kit.outputs_are_sane
    yield "outputs come in the precision of the entries", kit.precision
    yield "outputs are a pure function: nothing is remembered, and no argument is changed", kit.pure
    yield "many clients at once get the outputs and gradients that each would get alone", kit.batched
    if stackable:
        yield "one client may come without a client axis", kit.stackable
    yield "gradients are those of finite differences", kit.gradients
    yield "an angle moved by its period changes no output", kit.periods
    if symmetries:
        yield "permuted inputs give outputs permuted alike", lambda: kit.equivariant(symmetries)


class _Kit:
    """The checks of one model."""

    def __init__(self, model: Trainable, outputs: Outputs, inputs: tuple[Tensor, ...], shape: tuple[int, ...]):
        self.model, self.outputs, self.inputs, self.shape = model, outputs, inputs, shape
        self.count = len(inputs[0])

    def entries(self) -> Tensor:
        """Return entries of as many clients, near their starts and on no kink of them, [client entry]."""
        starts = np.stack([self.model.initial(seed) for seed in range(1, self.count + 1)])
        return torch.from_numpy(starts + 0.1 * stream(1, "kit", "entries").standard_normal(starts.shape))

    def start(self) -> None:
        start = self.model.initial(1)
        assert start.shape == (len(self.model.layout),), f"{start.shape} for {len(self.model.layout)} entries"
        assert start.dtype == np.float64, f"it is {start.dtype}"
        assert np.isfinite(start).all(), f"{int((~np.isfinite(start)).sum())} entries are not finite"

    def same_seed(self) -> None:
        with torch.random.fork_rng(devices=[]):
            before = self.model.initial(1)
            torch.manual_seed(5)
            assert np.array_equal(before, self.model.initial(1)), "a second call gives another start"

    def other_seed(self) -> None:
        assert not np.array_equal(self.model.initial(1), self.model.initial(2)), "seeds 1 and 2 give the same"

    def outputs_are_sane(self) -> None:
        values = self.outputs(self.entries(), *self.inputs)
        wanted = (self.count, *self.shape)
        assert values.shape == wanted, f"given {tuple(values.shape)}, expected {wanted}"
        assert values.isfinite().all(), f"{int((~values.isfinite()).sum())} of {values.numel()} are not finite"
        assert values.numel() == 1 or (values - values.flatten()[0]).abs().max() > 1e-6, "they are all the same"

    def precision(self) -> None:
        entries = self.entries()
        single = self.outputs(entries.float(), *map(_single, self.inputs))
        assert single.real.dtype == torch.float32, f"single precision gives {single.dtype}"
        difference = float((single - self.outputs(entries, *self.inputs)).abs().max())
        assert difference < 1e-3, f"single and double precision differ by {difference:g}"

    def pure(self) -> None:
        entries = self.entries()
        kept = [entries.clone(), *(part.clone() for part in self.inputs)]
        before = self.outputs(entries, *self.inputs)
        self.outputs(entries.flip(0) + 1, *(part.flip(0) for part in self.inputs))
        again = self.outputs(entries, *self.inputs)
        assert torch.equal(before, again), "a second call with the same arguments gives other outputs"
        for name, now, then in zip(("entries", *["inputs"] * len(kept)), (entries, *self.inputs), kept, strict=False):
            assert torch.equal(now, then), f"the {name} are changed"

    def batched(self) -> None:
        entries = self.entries().requires_grad_()
        together = self.outputs(entries, *self.inputs)
        alone = torch.cat([self.outputs(entries[k : k + 1], *self.client(k)) for k in range(self.count)])
        _require_close("outputs", together, alone)
        slopes = [torch.autograd.grad(value.abs().square().sum(), entries)[0] for value in (together, alone)]
        _require_close("gradients", *slopes)

    def client(self, number: int) -> tuple[Tensor, ...]:
        """Return one client's inputs, with an axis of length 1."""
        return tuple(part[number : number + 1] for part in self.inputs)

    def stackable(self) -> None:
        entries = self.entries()
        plain = self.outputs(entries[0], *(part[0] for part in self.inputs))
        _require_close("outputs", plain, self.outputs(entries[:1], *self.client(0))[0])

    def gradients(self) -> None:
        def value(entries: Tensor) -> Tensor:
            outputs = self.outputs(entries, *self.inputs)
            parts = torch.view_as_real(outputs) if outputs.is_complex() else outputs
            return (parts * torch.linspace(1, 2, parts.numel(), dtype=torch.float64).view_as(parts)).sum()

        require_slope(value, self.entries())

    def periods(self) -> None:
        periods, entries = self.model.layout.periods, self.entries()
        angles = [index for index, period in enumerate(periods) if isfinite(period)]
        before = self.outputs(entries, *self.inputs)
        for index in angles[:: 1 + len(angles) // MOST_SHIFTED]:
            moved = entries.clone()
            moved[:, index] += periods[index]
            change = float((self.outputs(moved, *self.inputs) - before).abs().max())
            assert change < 1e-8, f"{self.model.layout.names[index]} by {periods[index]:.4f} changes them by {change:g}"

    def equivariant(self, symmetries: tuple[Symmetry, ...]) -> None:
        entries = self.entries()
        before = self.outputs(entries, *self.inputs)
        for number, (permute_inputs, permute_outputs) in enumerate(symmetries):
            moved = self.outputs(entries, *(_each(permute_inputs, part) for part in self.inputs))
            _require_close(f"outputs under permutation {number}", moved, _each(permute_outputs, before))


def _each(change: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    return torch.stack([change(one) for one in values])


def _single(values: Tensor) -> Tensor:
    if values.is_complex():
        return values.to(torch.complex64)
    return values.float() if values.is_floating_point() else values


def _require_close(what: str, given: Tensor, expected: Tensor) -> None:
    assert given.shape == expected.shape, f"{what} have shape {tuple(given.shape)}, expected {tuple(expected.shape)}"
    difference = float((given - expected).detach().abs().max())
    assert difference <= 1e-9 * max(1.0, float(expected.detach().abs().max())), f"{what} differ by {difference:g}"
