"""What every task must be: a pure loss over entries and a batch, with its figure of merit, for one client or many.

::

    federation = build(Settings())
    assert run(checks(federation)) == []
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qfl.seeds import stream
from qfl.tasks.federation import Announced, Federation, Samples, Task, Trainable
from qfl.testing.kits import Check
from qfl.testing.kits.gradient import require_slope


def checks(federation: Federation, *, smooth: bool = True) -> Iterator[Check]:
    """Yield what must be true of a federation's task and samples.

    Args:
        federation: One in double precision, of two clients or more with two samples or more each.
        smooth: Whether the loss has a gradient that is its slope (not where a straight-through one stands in for it).
    """
    kit = _Kit(federation)
    yield "model, task and samples have what a federation asks of them", kit.protocols
    yield "every client has samples, and no sample is held twice", kit.parts
    yield "a batch gives one finite loss and figure of merit for every client", kit.metrics
    yield "loss and figure of merit are within the task's range", kit.range
    yield "many clients at once get the losses and gradients that each would get alone", kit.batched
    yield "the loss is a pure function: nothing is remembered, and no argument is changed", kit.pure
    yield "padding does not count", kit.padding
    if smooth:
        yield "gradients of the loss are those of finite differences", kit.gradients
    yield (
        "the central test gives one loss and figure of merit within range, and of every class where there are any",
        (kit.central),
    )
    yield "what the server announces gives clients the samples that it has", kit.announced
    yield "the manifest is plain values", lambda: _require_plain(federation.manifest)


class _Kit:
    """The checks of one federation."""

    def __init__(self, federation: Federation):
        self.federation, self.name = federation, federation.metric.name

    def protocols(self) -> None:
        named = {"model": Trainable, "task": Task, "samples": Samples}
        for name, kind in named.items():
            assert isinstance(getattr(self.federation, name), kind), f"{name} is no {kind.__name__}"

    def parts(self) -> None:
        parts = self.federation.parts
        assert all(len(part) for part in parts), "a client has no sample"
        held = np.concatenate(parts)
        assert len(np.unique(held)) == len(held), f"{len(held) - len(np.unique(held))} samples are held twice"

    def entries(self, count: int) -> Tensor:
        """Return entries of clients, near their starts, [client entry]."""
        starts = np.stack([self.federation.model.initial(seed) for seed in range(1, count + 1)])
        return torch.from_numpy(starts + 0.1 * stream(1, "kit", "entries").standard_normal(starts.shape))

    def batch(self, samples: Samples | None = None, clients: slice = slice(None)) -> Any:
        """Return the first two samples of each client."""
        index = np.stack([part[:2] for part in self.federation.parts[clients]])
        weight = torch.ones(index.shape, dtype=torch.float64)
        return (samples or self.federation.samples).take(torch.from_numpy(index), weight)

    @property
    def count(self) -> int:
        return len(self.federation.parts)

    def metrics(self) -> None:
        found = self.federation.task.metrics(self.entries(self.count), self.batch())
        for name in ("loss", self.name):
            assert name in found, f"given {sorted(found)}, expected {name}"
            assert found[name].shape == (self.count,), f"{name} has shape {tuple(found[name].shape)}"
            assert found[name].isfinite().all(), f"{name} is not finite"

    def range(self) -> None:
        found, metric = self.federation.task.metrics(self.entries(self.count), self.batch()), self.federation.metric
        value, loss, low, high = found[self.name], found["loss"], metric.low, metric.high
        assert low <= value.min() and value.max() <= high, f"{self.name}: {value.tolist()} not in {low} to {high}"
        assert loss.min() >= metric.lowest_loss, f"loss: {loss.tolist()} below {metric.lowest_loss}"

    def batched(self) -> None:
        entries = self.entries(self.count).requires_grad_()
        together = self.federation.task.metrics(entries, self.batch())
        clients = [slice(k, k + 1) for k in range(self.count)]
        alone = [self.federation.task.metrics(entries[own], self.batch(clients=own)) for own in clients]
        for name, values in together.items():
            _require_close(name, values, torch.cat([one[name] for one in alone]))
        losses = together["loss"], torch.cat([one["loss"] for one in alone])
        _require_close("gradients", *(torch.autograd.grad(loss.sum(), entries)[0] for loss in losses))

    def pure(self) -> None:
        entries, batch, task = self.entries(self.count), self.batch(), self.federation.task
        kept, then = entries.clone(), _copies(batch)
        before = task.metrics(entries, batch)
        task.metrics(entries.flip(0) + 1, self.batch())
        again = task.metrics(entries, batch)
        assert all(torch.equal(before[name], again[name]) for name in before), "a second call gives other numbers"
        assert torch.equal(entries, kept), "the entries are changed"
        assert all(map(torch.equal, _copies(batch), then)), "the batch is changed"

    def padding(self) -> None:
        entries, index = self.entries(self.count), torch.tensor(np.stack([p[:2] for p in self.federation.parts]))
        weight = torch.ones(index.shape, dtype=torch.float64)
        padded = torch.cat([index, index[:, :1]], 1), torch.cat([weight, 0 * weight[:, :1]], 1)
        both = [
            self.federation.task.metrics(entries, self.federation.samples.take(*taken))
            for taken in ((index, weight), padded)
        ]
        for name in ("loss", self.name):
            _require_close(name, both[1][name], both[0][name])

    def gradients(self) -> None:
        task, batch = self.federation.task, self.batch()
        require_slope(lambda entries: task.metrics(entries, batch)["loss"].sum(), self.entries(self.count))

    def central(self) -> None:
        found, classes = self.federation.task.evaluate(self.entries(1)[0], self.federation.test_batch)
        for name in ("loss", self.name):
            assert found[name].shape == () and found[name].isfinite(), f"{name} is {found[name]}"
        values, metric = (float(found[self.name]), *classes), self.federation.metric
        assert all(metric.low <= value <= metric.high for value in values), (
            f"not in {metric.low} to {metric.high}: {values}"
        )

    def announced(self) -> None:
        announced = self.federation.announce()
        _require_plain(announced)
        heard = self.federation.receive_broadcast(announced)
        same = map(torch.equal, _copies(self.batch(heard.samples)), _copies(self.batch()))
        assert all(same), "a client that has heard the server takes other samples"
        if isinstance(self.federation.samples, Announced):
            try:
                self.federation.receive_broadcast({})
            except ValueError:
                return
            raise AssertionError("an empty broadcast is not refused with a ValueError")


def _copies(batch: Any) -> list[Tensor]:
    """Return the tensors of a batch, copied."""
    return [part.clone() for part in batch if isinstance(part, Tensor)]


def _require_plain(values: dict[str, Any]) -> None:
    json.dumps(values, default=lambda value: value.hex() if isinstance(value, bytes) else _no(value))


def _no(value: object) -> None:
    raise AssertionError(f"{type(value).__name__} is no number, string, bytes or list")


def _require_close(what: str, given: Tensor, expected: Tensor) -> None:
    difference = float((given - expected).detach().abs().max())
    assert difference <= 1e-9 * max(1.0, float(expected.detach().abs().max())), f"{what} differ by {difference:g}"
