"""What every data set must be: finite pixels, known labels, and the same samples whenever it is read.

::

    assert run(checks(lambda: load_digits(seed=1), pixels=64)) == []
"""

import json
from collections.abc import Callable, Iterator

import numpy as np

from qfl.config import DataSettings
from qfl.data.dataset import Dataset
from qfl.data.idx import LABELS
from qfl.data.manifest import describe
from qfl.testing.kits import Check

Load = Callable[[], tuple[Dataset, Dataset]]


def checks(
    load: Load,
    pixels: int,
    *,
    train: int | None = None,
    test: int | None = None,
    num_labels: int | None = LABELS,
    unit: bool = True,
) -> Iterator[Check]:
    """Yield what must be true of a data set.

    Args:
        load: Returns training and test set; called several times.
        pixels: Features of a sample.
        train: Training samples; None for any number.
        test: Test samples; None for any number.
        num_labels: Labels there are, from 0; None where labels are the targets of a regression.
        unit: Whether features are pixels, from 0 to 1.
    """
    kit = _Kit(load, pixels, (train, test))
    yield "both sets have their number of samples, each with its pixels and one label", kit.shapes
    if unit:
        yield "pixels are finite doubles from 0 to 1 and not all alike", kit.range
    else:
        yield "features are finite doubles and not all alike", kit.varied
    if num_labels is None:
        yield "targets are finite doubles and not all alike", kit.targets
    else:
        yield "labels are whole numbers below the number of labels", lambda: kit.labels(num_labels)
    yield "no test image is a training image", kit.disjoint
    yield "reading it again gives the same samples, in arrays of their own", kit.again
    yield "each set says where its samples are to be found", kit.origins
    if num_labels is not None:
        yield "the manifest counts what clients hold, in plain values, and tells partitions apart", kit.manifest


class _Kit:
    """The checks of one data set."""

    def __init__(self, load: Load, pixels: int, sizes: tuple[int | None, int | None]):
        self.load, self.pixels, self.sizes = load, pixels, sizes

    def shapes(self) -> None:
        for data, size in zip(self.load(), self.sizes, strict=True):
            assert len(data) > 0, "there is no sample"
            assert size is None or len(data) == size, f"{len(data)} samples, expected {size}"
            assert data.inputs.shape == (len(data), self.pixels), f"inputs of shape {data.inputs.shape}"
            assert len(data.labels) == len(data.inputs), f"{len(data.labels)} labels of {len(data.inputs)} samples"

    def range(self) -> None:
        for data in self.load():
            assert data.inputs.dtype == np.float64, f"pixels are {data.inputs.dtype}"
            assert np.isfinite(data.inputs).all(), "some are not finite"
            low, high = data.inputs.min(), data.inputs.max()
            assert 0 <= low < high <= 1, f"they go from {low:g} to {high:g}"

    def varied(self) -> None:
        for data in self.load():
            assert data.inputs.dtype == np.float64, f"features are {data.inputs.dtype}"
            assert np.isfinite(data.inputs).all(), "some are not finite"
            assert data.inputs.min() < data.inputs.max(), f"all are {data.inputs.flat[0]:g}"

    def targets(self) -> None:
        for data in self.load():
            assert data.labels.dtype == np.float64, f"targets are {data.labels.dtype}"
            assert np.isfinite(data.labels).all(), "some are not finite"
            assert data.labels.min() < data.labels.max(), f"all are {data.labels.flat[0]:g}"

    def labels(self, num_labels: int) -> None:
        for data in self.load():
            assert data.labels.dtype == np.int64, f"labels are {data.labels.dtype}"
            assert data.labels.ndim == 1, f"labels of shape {data.labels.shape}"
            low, high = int(data.labels.min()), int(data.labels.max())
            assert 0 <= low <= high < num_labels, f"they go from {low} to {high}"

    def disjoint(self) -> None:
        train, test = ({row.tobytes() for row in data.inputs} for data in self.load())
        assert not train & test, f"{len(train & test)} images are in both"

    def again(self) -> None:
        for first, second in zip(self.load(), self.load(), strict=True):
            same = np.array_equal(first.inputs, second.inputs) and np.array_equal(first.labels, second.labels)
            assert same, "a second reading gives other samples"
            assert not np.shares_memory(first.inputs, second.inputs), "two readings share their memory"

    def origins(self) -> None:
        origins = [data.origin for data in self.load()]
        assert all(origins) and len(set(origins)) == 2, f"they are {origins}"

    def manifest(self) -> None:
        train, test = self.load()
        half = len(train) // 2
        whole = describe(DataSettings(), 1, train, test, (np.arange(half), np.arange(half, len(train))))
        part = describe(DataSettings(), 1, train, test, (np.arange(half), np.arange(half, len(train) - 1)))
        counts = whole["features"], whole["train"], whole["test"], whole["unused"], part["unused"]
        assert counts == (self.pixels, len(train), len(test), 0, 1), f"it counts {counts}"
        assert json.loads(json.dumps(whole)) == whole, "JSON gives other values back"
        assert whole["indices_sha256"] != part["indices_sha256"], "two partitions have one digest"
