"""MNIST and Fashion-MNIST: 60,000 training and 10,000 test images of 28 x 28 pixels, through torchvision."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qfl.data.dataset import Dataset
from qfl.data.download import download
from qfl.data.operators import declare_torchvision_operators
from qfl.errors import DataError

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def load_mnist(root: str | Path) -> tuple[Dataset, Dataset]:
    """Return the full training and test sets of MNIST.

    Args:
        root: Folder in torchvision's layout (``root/MNIST/raw/train-images-idx3-ubyte``, ...); ``~`` is the home
            folder. What is absent is downloaded there, if a server can be reached.

    Returns:
        Training and test set, 784 pixels in [0, 1] each.

    Raises:
        DataError: If files are absent and cannot be downloaded, or cannot be read.

    Reference:
        LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998.
    """
    declare_torchvision_operators()
    from torchvision.datasets import MNIST

    return _load(MNIST, Path(root).expanduser())


def load_fashion_mnist(root: str | Path) -> tuple[Dataset, Dataset]:
    """Return the full training and test sets of Fashion-MNIST, which lie under ``root/FashionMNIST/raw``.

    Arguments, returns and errors are those of `load_mnist`.

    Reference:
        Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms,
        arXiv:1708.07747, 2017.
    """
    declare_torchvision_operators()
    from torchvision.datasets import FashionMNIST

    return _load(FashionMNIST, Path(root).expanduser())


def _load(kind: "type[MNIST]", root: Path) -> tuple[Dataset, Dataset]:
    folder = root / kind.__name__ / "raw"
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        try:
            download(kind, root, missing)
        except OSError as error:
            raise DataError(
                f"{kind.__name__} is not in {str(root)!r} and could not be downloaded ({error}); place "
                f"{', '.join(missing)} (unpacked) in {str(folder.resolve())!r}, or set data.root to the folder that "
                f"holds {kind.__name__}/raw"
            ) from error
    return _read(kind, root, train=True), _read(kind, root, train=False)


def _read(kind: "type[MNIST]", root: Path, train: bool) -> Dataset:
    folder = root / kind.__name__ / "raw"
    try:
        images = kind(root, train=train)
        inputs = images.data.numpy().reshape(-1, 28 * 28) / 255.0
        return Dataset(inputs, images.targets.numpy().astype(np.int64))
    except Exception as error:  # torchvision answers a damaged file with whatever its parser meets first
        part = "train" if train else "t10k"
        raise DataError(
            f"{part}-images-idx3-ubyte and {part}-labels-idx1-ubyte in {str(folder.resolve())!r} cannot be read "
            f"({type(error).__name__}: {error}); replace them with unpacked originals, or delete them to download anew"
        ) from error
