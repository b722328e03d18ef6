"""Every row of `DATASETS` passes the kit for data sets (`qfl.testing.kits.dataset`); MNIST's from small files."""

import struct

import numpy as np
import pytest

from qfl.data.mnist import FILES
from qfl.extend import load_object
from qfl.specs import DATASETS
from qfl.testing.kits import run
from qfl.testing.kits.dataset import checks

FOLDERS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}
COUNTS = 20, 10


def write_files(folder):
    """Write random images of both sets, with every label."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(3)
    for number, (images_in, labels_in) in enumerate((FILES[:2], FILES[2:])):
        images = random.integers(0, 256, (COUNTS[number], 28, 28), dtype=np.uint8)
        (folder / images_in).write_bytes(struct.pack(">4I", 0x803, *images.shape) + images.tobytes())
        labels = bytes(k % 10 for k in range(COUNTS[number]))
        (folder / labels_in).write_bytes(struct.pack(">2I", 0x801, len(labels)) + labels)


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_conforms(name, tmp_path):
    spec, (train, test) = DATASETS[name], COUNTS
    if name in FOLDERS:
        write_files(tmp_path / FOLDERS[name] / "raw")
    else:
        train, test = spec.train or 30, spec.test
    given = {"seed": 1, "root": tmp_path, "samples": 30}
    load = load_object(spec.loader)
    facts = {"train": train, "test": test}
    assert run(checks(lambda: load(*(given[key] for key in spec.given)), spec.pixels, **facts)) == []
