"""Files under MNIST's names that are not MNIST: each is refused by name, in a sentence, before training."""

import gzip
import struct

import numpy as np
import pytest

from qfl.cli import main
from qfl.data.idx import read_images, read_labels
from qfl.data.mnist import FILES, load_fashion_mnist, load_mnist
from qfl.errors import DataError

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = FILES
GENERATOR = np.random.default_rng(0)


def idx(array, kind=8):
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def images(count, size=28):
    return GENERATOR.integers(0, 256, (count, size, size), dtype=np.uint8)


def labels(count, classes=10):
    return (np.arange(count) % classes).astype(np.uint8)


GOOD = {
    TRAIN_IMAGES: idx(images(20)),
    TRAIN_LABELS: idx(labels(20)),
    TEST_IMAGES: idx(images(10)),
    TEST_LABELS: idx(labels(10)),
}
EXCHANGED = {new: GOOD[old] for new, old in zip(FILES, (*FILES[2:], *FILES[:2]), strict=True)}
DOUBLE = idx(images(20).astype(">f8"), kind=14)

# what is replaced, the file that is named, what is said of it
FAULTS = {
    "98 images of 32 x 32, whose bytes are those of 128 of 28 x 28": (
        {TRAIN_IMAGES: idx(images(98, 32)), TRAIN_LABELS: idx(labels(98))},
        TRAIN_IMAGES,
        "32 x 32 pixels, expected 28 x 28",
    ),
    "smaller images": ({TEST_IMAGES: idx(images(10, 14))}, TEST_IMAGES, "14 x 14 pixels"),
    "labels above 9": ({TRAIN_LABELS: idx(labels(20, 12))}, TRAIN_LABELS, "label 10 at index 10"),
    "a single label of 255": (
        {TEST_LABELS: idx(np.full(10, 255, dtype=np.uint8))},
        TEST_LABELS,
        "label 255 at index 0",
    ),
    "fewer labels than images": ({TRAIN_LABELS: idx(labels(17))}, TRAIN_LABELS, "17 labels for the 20 images"),
    "more labels than images": ({TEST_LABELS: idx(labels(11))}, TEST_LABELS, "11 labels for the 10 images"),
    "images where labels belong": ({TRAIN_LABELS: GOOD[TRAIN_IMAGES]}, TRAIN_LABELS, "exchanged"),
    "labels where images belong": ({TRAIN_IMAGES: GOOD[TRAIN_LABELS]}, TRAIN_IMAGES, "exchanged"),
    "train and test exchanged": (EXCHANGED, TRAIN_IMAGES, "train and t10k exchanged"),
    "floating point": ({TRAIN_IMAGES: DOUBLE}, TRAIN_IMAGES, "type double"),
    "an unknown type": ({TRAIN_IMAGES: b"\0\0\x77\3" + GOOD[TRAIN_IMAGES][4:]}, TRAIN_IMAGES, "type 0x77"),
    "a wrong magic number": ({TEST_LABELS: b"\x89PNG" + GOOD[TEST_LABELS][4:]}, TEST_LABELS, "89 50 4e 47"),
    "nothing": ({TEST_LABELS: b""}, TEST_LABELS, "(none)"),
    "half a header": ({TRAIN_IMAGES: GOOD[TRAIN_IMAGES][:9]}, TRAIN_IMAGES, "ends within its header"),
    "a byte too few": ({TRAIN_IMAGES: GOOD[TRAIN_IMAGES][:-1]}, TRAIN_IMAGES, "15679 of the 15680 bytes"),
    "a byte too many": ({TRAIN_IMAGES: GOOD[TRAIN_IMAGES] + b"\0"}, TRAIN_IMAGES, "more than the 15680 bytes"),
    "no image at all": ({TEST_IMAGES: idx(images(0)), TEST_LABELS: idx(labels(0))}, TEST_IMAGES, "announces 0 images"),
    "a count of four thousand million": (
        {TRAIN_IMAGES: b"\0\0\x08\x03\xff\xff\xff\xff" + GOOD[TRAIN_IMAGES][8:]},
        TRAIN_IMAGES,
        "announces 4294967295 images",
    ),
    "half a gzip file": ({TRAIN_IMAGES: gzip.compress(GOOD[TRAIN_IMAGES])[:-40]}, TRAIN_IMAGES, "ended before"),
    "a damaged gzip file": ({TRAIN_IMAGES: b"\x1f\x8b\x08" + bytes(400)}, TRAIN_IMAGES, "cannot be read"),
}


def place(root, files=None, kind="MNIST"):
    folder = root / kind / "raw"
    folder.mkdir(parents=True)
    for name, content in (GOOD | (files or {})).items():
        (folder / name).write_bytes(content)
    return root


@pytest.mark.parametrize(("load", "kind"), [(load_mnist, "MNIST"), (load_fashion_mnist, "FashionMNIST")])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_is_not_what_its_name_says_is_named_with_its_folder(fault, load, kind, tmp_path):
    files, name, said = FAULTS[fault]
    with pytest.raises(DataError) as refusal:
        load(place(tmp_path, files, kind))
    message = str(refusal.value)
    assert message.startswith(name) and str(tmp_path / kind / "raw") in message
    assert said in message and "replace it" in message and "\n" not in message


def test_files_packed_by_gzip_are_read_under_either_name(tmp_path):
    plain = load_mnist(place(tmp_path / "plain"))
    packed = {name: gzip.compress(content) for name, content in GOOD.items()}
    same_name = load_mnist(place(tmp_path / "same", packed))
    for name in FILES:
        path = tmp_path / "same" / "MNIST" / "raw" / name
        path.rename(path.with_name(name + ".gz"))
    own_name = load_mnist(tmp_path / "same")
    for read in (same_name, own_name):
        for part, other in zip(read, plain, strict=True):
            assert np.array_equal(part.inputs, other.inputs) and np.array_equal(part.labels, other.labels)


def test_one_image_and_one_label_are_enough(tmp_path):
    (tmp_path / "i").write_bytes(idx(images(1)))
    (tmp_path / "l").write_bytes(idx(labels(1)))
    assert read_images(tmp_path / "i").shape == (1, 28, 28) and read_labels(tmp_path / "l").tolist() == [0]


def test_a_damaged_file_is_never_a_traceback_and_never_other_pixels(tmp_path):
    """A thousand random mutations of each file: refused, or read as exactly the bytes that are there."""
    random = np.random.default_rng(1)
    path = tmp_path / TRAIN_IMAGES
    for content, read in ((GOOD[TRAIN_IMAGES], read_images), (GOOD[TEST_LABELS], read_labels)):
        for _ in range(500):
            damaged = bytearray(content)
            for place_ in random.integers(0, min(24, len(damaged)), random.integers(1, 4)):
                damaged[place_] = random.integers(256)
            damaged = damaged[: random.integers(len(damaged) + 1)] if random.random() < 0.2 else damaged
            path.write_bytes(damaged)
            try:
                found = read(path)
            except DataError:
                continue
            assert idx(found) == bytes(damaged)


@pytest.mark.parametrize("backend", ["sequential", "vectorised"])
def test_a_run_on_such_a_file_ends_with_2_and_one_sentence_and_no_folder(backend, tmp_path, capsys):
    place(tmp_path, {TRAIN_LABELS: idx(labels(20, 12))})
    file = tmp_path / "run.toml"
    file.write_text(
        f'backend = "{backend}"\nrounds = 1\n[data]\nname = "mnist"\nroot = "{tmp_path}"\nside = 4\n'
        f'[clients]\ncount = 2\n[model]\nlayers = 1\n[run]\nfolder = "{tmp_path / "out"}"\n'
    )
    assert main(["run", str(file)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and TRAIN_LABELS in error and not (tmp_path / "out").exists()
