"""MNIST and Fashion-MNIST: 60,000 training and 10,000 test images of 28 x 28 pixels, downloaded by torchvision.

The four files may be others that look like them, such as a part of the original: whatever the rest of the program takes
for granted of images and labels is checked here, file by file.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qfl.data.dataset import Dataset
from qfl.data.download import download
from qfl.data.idx import read_images, read_labels, unreadable
from qfl.data.operators import declare_torchvision_operators
from qfl.errors import DataError

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def load_mnist(root: str | Path) -> tuple[Dataset, Dataset]:
    """Return the full training and test sets of MNIST.

    Args:
        root: Folder in torchvision's layout (``root/MNIST/raw/train-images-idx3-ubyte``, ..., unpacked or ``.gz``);
            ``~`` is the home folder. What is absent is downloaded there, if a server can be reached.

    Returns:
        Training and test set, 784 pixels in [0, 1] each.

    Raises:
        DataError: If files are absent and cannot be downloaded, cannot be read, or are not what their names say: images
            of 28 x 28 bytes, as many labels 0 to 9, and no more images for the test than for training.

    Reference:
        LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998.
    """
    return _load(mnist_files(root))


def load_fashion_mnist(root: str | Path) -> tuple[Dataset, Dataset]:
    """Return the full training and test sets of Fashion-MNIST, which lie under ``root/FashionMNIST/raw``.

    Arguments, returns and errors are those of `load_mnist`.

    Reference:
        Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms,
        arXiv:1708.07747, 2017.
    """
    return _load(fashion_mnist_files(root))


def mnist_files(root: str | Path) -> tuple[Path, ...]:
    """Return MNIST's files in the order of `FILES`, after downloading what is absent.

    Raises:
        DataError: If a file is absent and cannot be downloaded.
    """
    return _files(_mnist, "MNIST", Path(root).expanduser())


def fashion_mnist_files(root: str | Path) -> tuple[Path, ...]:
    """Return Fashion-MNIST's files; as `mnist_files`."""
    return _files(_fashion_mnist, "FashionMNIST", Path(root).expanduser())


def _mnist() -> "type[MNIST]":
    declare_torchvision_operators()
    from torchvision.datasets import MNIST

    return MNIST


def _fashion_mnist() -> "type[MNIST]":
    declare_torchvision_operators()
    from torchvision.datasets import FashionMNIST

    return FashionMNIST


def _files(kind: Callable[[], "type[MNIST]"], name: str, root: Path) -> tuple[Path, ...]:
    folder = root / name / "raw"
    missing = [file for file in FILES if _found(folder / file) is None]
    if missing:
        try:
            download(kind(), root, missing)
        except OSError as error:
            raise DataError(
                f"{name} is not in {str(root)!r} and could not be downloaded ({error}); place {', '.join(missing)} "
                f"(unpacked or .gz) in {str(folder.resolve())!r}, or set data.root to the folder that holds {name}/raw"
            ) from error
    return tuple(_found(folder / file) or folder / file for file in FILES)


def _found(path: Path) -> Path | None:
    """Return where a file lies, unpacked or as it is downloaded; None if it is absent."""
    try:
        return next((each for each in (path, path.with_name(path.name + ".gz")) if each.is_file()), None)
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from None


def _load(files: tuple[Path, ...]) -> tuple[Dataset, Dataset]:
    train, test = _read(*files[:2]), _read(*files[2:])
    if len(train) < len(test):
        raise unreadable(
            files[0],
            f"it has {len(train)} images and {files[2].name} has {len(test)}, where the test set is never the larger "
            "one (are the files of train and t10k exchanged?)",
        )
    return train, test


def _read(images_in: Path, labels_in: Path) -> Dataset:
    images, labels = read_images(images_in), read_labels(labels_in)
    if len(images) != len(labels):
        raise unreadable(labels_in, f"it has {len(labels)} labels for the {len(images)} images of {images_in.name}")
    origin = f"{images_in.name} in {str(images_in.parent.resolve())!r}"
    return Dataset(images.reshape(len(images), -1) / 255.0, labels.astype(np.int64), origin)
