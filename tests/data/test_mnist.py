"""MNIST from files in torchvision's layout, or from a server, or a sentence that says what to do.

Also covers qfl/data/download.py.
"""

import gzip
import hashlib
import struct
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from qfl.data.download import answering
from qfl.data.mnist import FILES, load_fashion_mnist, load_mnist
from qfl.data.operators import declare_torchvision_operators
from qfl.errors import DataError

declare_torchvision_operators()
from torchvision.datasets import MNIST  # noqa: E402

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9, 2], dtype=np.uint8)


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


CONTENTS = dict(zip(FILES, map(idx, (IMAGES[:5], LABELS[:5], IMAGES[5:], LABELS[5:])), strict=True))


def place(folder, names=FILES):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(CONTENTS[name])


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def offline(monkeypatch):
    """Names that RFC 2606 reserves never resolve, so every download fails as it does without a network."""
    monkeypatch.setattr(MNIST, "mirrors", ["http://mnist.invalid/"])


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A local server from which torchvision's own download code fetches the small files of this test."""
    folder = tmp_path / "server"
    folder.mkdir()
    packed = {f"{name}.gz": gzip.compress(content) for name, content in CONTENTS.items()}
    for name, content in packed.items():
        (folder / name).write_bytes(content)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as http:
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setattr(MNIST, "mirrors", ["http://mnist.invalid/", f"http://127.0.0.1:{http.server_port}/"])
        monkeypatch.setattr(MNIST, "resources", [(n, hashlib.md5(c).hexdigest()) for n, c in packed.items()])
        yield folder
        http.shutdown()


def holds_the_small_images(train, test):
    inputs = np.vstack([train.inputs, test.inputs]).reshape(-1, 28, 28)
    labels = np.concatenate([train.labels, test.labels])
    return np.array_equal(inputs, IMAGES / 255) and np.array_equal(labels, LABELS) and len(train) == 5


@pytest.mark.skipif(not SHARED.is_dir(), reason="no copy of MNIST beside the checkout")
def test_mnist_has_60000_and_10000_images_with_the_published_label_counts():
    train, test = load_mnist(SHARED)
    assert train.inputs.shape == (60_000, 784) and test.inputs.shape == (10_000, 784)
    assert np.bincount(train.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert train.inputs.min() == 0.0 and train.inputs.max() == 1.0
    assert train.inputs.mean() == pytest.approx(0.1307, abs=5e-5)  # the mean that torchvision's examples subtract


@pytest.mark.parametrize(("load", "name"), [(load_mnist, "MNIST"), (load_fashion_mnist, "FashionMNIST")])
def test_files_in_place_are_read_without_a_network(load, name, tmp_path, offline):
    place(tmp_path / name / "raw")
    assert holds_the_small_images(*load(tmp_path))


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch, offline):
    monkeypatch.setenv("HOME", str(tmp_path))
    place(tmp_path / "images" / "MNIST" / "raw")
    assert holds_the_small_images(*load_mnist("~/images"))


def test_missing_files_without_a_network_say_what_to_place_where_and_leave_nothing_behind(tmp_path, offline):
    with pytest.raises(DataError) as refusal:
        load_mnist(tmp_path / "absent")
    message = str(refusal.value)
    assert all(name in message for name in FILES) and "data.root" in message
    assert str(tmp_path / "absent" / "MNIST" / "raw") in message and "\n" not in message
    assert not (tmp_path / "absent").exists()


def test_only_the_files_that_are_missing_are_named(tmp_path, offline):
    place(tmp_path / "MNIST" / "raw", FILES[:3])
    with pytest.raises(DataError, match=f"place {FILES[3]} ") as refusal:
        load_mnist(tmp_path)
    assert FILES[0] not in str(refusal.value)


def test_a_file_cut_short_is_named_with_its_folder(tmp_path, offline):
    place(tmp_path / "MNIST" / "raw")
    (tmp_path / "MNIST" / "raw" / FILES[0]).write_bytes(CONTENTS[FILES[0]][:-100])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte .* cannot be read") as refusal:
        load_mnist(tmp_path)
    assert str(tmp_path / "MNIST" / "raw") in str(refusal.value)


def test_more_labels_than_images_are_refused(tmp_path, offline):
    place(tmp_path / "MNIST" / "raw")
    (tmp_path / "MNIST" / "raw" / FILES[3]).write_bytes(CONTENTS[FILES[1]])
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte"):
        load_mnist(tmp_path)


def test_absent_files_are_downloaded_from_the_server_that_answers(tmp_path, server):
    assert holds_the_small_images(*load_mnist(tmp_path / "root"))
    assert sorted(p.name for p in (tmp_path / "root").rglob("*") if p.is_file()) == sorted(FILES)


def test_a_file_of_the_users_own_is_not_replaced_by_the_download(tmp_path, server):
    raw = tmp_path / "root" / "MNIST" / "raw"
    place(raw, FILES[2:])
    (raw / FILES[3]).write_bytes(idx(np.array([7, 8], dtype=np.uint8)))
    assert load_mnist(tmp_path / "root")[1].labels.tolist() == [7, 8]


def test_a_download_that_breaks_off_leaves_no_file_that_the_next_start_would_trip_over(tmp_path, server):
    whole = (server / f"{FILES[2]}.gz").read_bytes()
    (server / f"{FILES[2]}.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="could not be downloaded"):
        load_mnist(tmp_path / "root")
    assert not [path for path in (tmp_path / "root").rglob("*") if path.is_file()]
    (server / f"{FILES[2]}.gz").write_bytes(whole)
    assert holds_the_small_images(*load_mnist(tmp_path / "root"))


def test_a_server_that_stays_silent_is_not_waited_for_longer_than_allowed(tmp_path, server):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts connections and never says a word
        mute, good = f"http://127.0.0.1:{silent.getsockname()[1]}/", MNIST.mirrors[1]
        start = time.monotonic()
        assert answering([mute, good], limit_s=0.5) == [good]
        assert time.monotonic() - start < 5  # far from urllib's own patience, which has no end
