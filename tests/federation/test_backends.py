"""One bad client costs its own update and no other, however clients run: the rows and the angles are the same."""

import numpy as np
import pytest
import torch

from qfl.tasks.d2d import D2dTask
from qfl.tasks.labelled import LabelledSamples

ROW = ("round", "client", "status", "reason", "num_examples")
DATA = {"rounds": 1, "round--quorum": 0.1}


def spoiled(change):
    """Return a `take` in which client 3's part of a batch is changed (its samples alone have label 3)."""

    def take(self, index, weight, whole=LabelledSamples.take):
        batch = whole(self, index, weight)
        own = (batch.labels == 3).all(-1)
        return change(batch, own) if own.any() else batch

    return take


def raises(batch, own):
    raise ValueError("a blank image")


def memory(batch, own):
    raise RuntimeError("DefaultCPUAllocator: can't allocate memory")


def fill(value):
    def change(batch, own):
        first = batch[0].clone()
        first[own] = value
        return batch._replace(**{batch._fields[0]: first})

    return change


@pytest.mark.parametrize(
    ("change", "model"),
    [(raises, "vqc"), (memory, "mlp"), (fill(torch.nan), "vqc"), (fill(torch.inf), "mlp")],
    ids=["raises", "memory", "nan", "inf"],
)
def test_a_bad_client_is_the_same_sequentially_and_vectorised(change, model, small, federate, monkeypatch):
    monkeypatch.setattr(LabelledSamples, "take", spoiled(change))
    found = []
    for backend in ("sequential", "vectorised"):
        folder = federate(small(backend, backend=backend, model__name=model, **DATA))
        rows = [{key: row[key] for key in ROW} for row in folder.clients()]
        assert {row["client"] for row in rows if row["status"] != "accepted"} == {3}
        found.append((rows, folder.header["final"]["angles"]))
    assert found[0][0] == found[1][0]
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-6, rtol=0)


def test_a_bad_region_of_a_d2d_federation_too(small, federate, monkeypatch):
    flat = {"task": "d2d", "model--name": "gcn", "d2d--pairs": 3, "d2d--samples": 4, "d2d--test-samples": 2}
    whole, ends = D2dTask.metrics, []

    def metrics(self, angles, batch):
        if torch.is_grad_enabled() and len(angles) > 1:
            raise RuntimeError("out of memory")
        return whole(self, angles, batch)

    for backend in ("sequential", "vectorised"):
        monkeypatch.setattr(D2dTask, "metrics", metrics)
        folder = federate(small(backend, backend=backend, **flat))
        assert {row["status"] for row in folder.clients()} == {"accepted"}
        ends.append(folder.header["final"]["angles"])
    np.testing.assert_allclose(*ends, atol=1e-6, rtol=0)
