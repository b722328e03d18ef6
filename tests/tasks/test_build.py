"""Building is kept per process by the settings and by what the data files hold.

Also covers qfl/data/content.py and qfl/tasks/labelled.py.
"""

import os
import struct

import numpy as np
import pytest

from qfl.config import Settings
from qfl.data.content import file_digest
from qfl.errors import DataError
from qfl.tasks.build import build

FLAT = {"data.side": 4, "data.partition": "iid", "clients.count": 2, "model.layers": 1}


def place(root, seed, kind="MNIST", blank=None):
    folder = root / kind / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    for part, count in (("train", 20), ("t10k", 10)):
        images = random.integers(1, 256, (count, 28, 28), dtype=np.uint8)
        if blank == part:
            images[3] = 0
        shape = struct.pack(">4I", 0x803, *images.shape)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(shape + images.tobytes())
        labels = bytes(k % 10 for k in range(count))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, count) + labels)
    return folder


def settings(root, **changes):
    return Settings.from_flat(FLAT | {"data.name": "mnist", "data.root": str(root)} | changes)


@pytest.mark.parametrize(("name", "kind"), [("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST")])
def test_files_replaced_between_two_runs_are_read_again(name, kind, tmp_path):
    chosen = settings(tmp_path, **{"data.name": name})
    place(tmp_path, 1, kind)
    first = build(chosen)
    assert build(chosen) is first
    place(tmp_path, 2, kind)
    assert not np.array_equal(build(chosen).samples.train.inputs, first.samples.train.inputs)


def test_a_replacement_of_the_same_size_and_time_of_modification_is_noticed(tmp_path):
    folder = place(tmp_path, 1)
    times = {path: path.stat() for path in folder.iterdir()}
    first = build(settings(tmp_path))
    place(tmp_path, 2)
    for path, before in times.items():
        assert path.stat().st_size == before.st_size
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not np.array_equal(build(settings(tmp_path)).samples.train.inputs, first.samples.train.inputs)


def test_the_old_files_put_back_give_the_old_setup(tmp_path):
    place(tmp_path, 1)
    first = build(settings(tmp_path))
    place(tmp_path, 2)
    assert build(settings(tmp_path)) is not first
    place(tmp_path, 1)
    assert build(settings(tmp_path)) is first


def test_a_settled_file_is_not_read_again_and_a_changed_one_is(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"one")
    monkeypatch.setattr("qfl.data.content.SETTLED_NS", -(10**18))  # as if it had been written long ago
    first = file_digest(path)
    monkeypatch.setattr("hashlib.file_digest", lambda *_: pytest.fail("read again"))
    assert file_digest(path) == first
    monkeypatch.undo()
    path.write_bytes(b"two")
    assert file_digest(path) != first


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"cannot read .* replace it"):
        file_digest(tmp_path / "absent")


@pytest.mark.parametrize("part", ["train", "t10k"])
def test_a_blank_image_is_refused_for_amplitude_encoding_with_file_and_index(part, tmp_path):
    place(tmp_path, 1, blank=part)
    with pytest.raises(DataError, match=rf"{part}-images-idx3-ubyte in '.*': the sample at index 3 is blank"):
        build(settings(tmp_path))


@pytest.mark.parametrize(
    "changes",
    [
        {"model.name": "logistic"},
        {"model.name": "mlp"},
        {"model.encoding": "angle", "data.side": 2},
        {"model.encoding": "reupload", "model.qubits": 4},
    ],
)
def test_other_models_and_encodings_take_a_blank_image(changes, tmp_path):
    place(tmp_path, 1, blank="train")
    assert len(build(settings(tmp_path, **changes)).labels) == 20
