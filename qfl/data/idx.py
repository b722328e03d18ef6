"""Read the IDX files that MNIST and its kin come in, and refuse what is none of them.

An IDX file is two zero bytes, a byte for the type of an element, a byte for the number of dimensions, each dimension as
a big-endian 32-bit number, and then the elements, row by row.

Reference:
    LeCun, Cortes and Burges, The MNIST database of handwritten digits, 1998, section "File formats".
"""

import gzip
import zlib
from io import BufferedIOBase
from math import prod
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from qfl.errors import Damaged, DataError
from qfl.reading import plain_file

SIDE = 28
LABELS = 10
MOST = 1_000_000  # images of one file: a damaged count is not allocated
UNSIGNED_BYTE = 8
TYPES = {8: "unsigned byte", 9: "signed byte", 11: "16-bit integer", 12: "32-bit integer", 13: "float", 14: "double"}
GZIP = b"\x1f\x8b"


def read_images(path: Path) -> UInt8[np.ndarray, "sample 28 28"]:
    """Return the images of a file, packed by gzip or not.

    Raises:
        DataError: If it holds anything but images of 28 x 28 unsigned bytes, exactly as many as its header says.
    """
    return _read(path, "images", (SIDE, SIDE))


def read_labels(path: Path) -> UInt8[np.ndarray, " sample"]:
    """Return the labels of a file, packed by gzip or not.

    Raises:
        DataError: If it holds anything but unsigned bytes 0 to 9, exactly as many as its header says.
    """
    labels = _read(path, "labels", ())
    beyond = np.flatnonzero(labels >= LABELS)
    if len(beyond):
        raise unreadable(path, f"label {labels[beyond[0]]} at index {beyond[0]}, where labels are 0 to {LABELS - 1}")
    return labels


def unreadable(path: Path, fault: str) -> DataError:
    """Return the refusal of a file, with its name, its folder and what to do."""
    return DataError(
        f"{path.name} in {str(path.parent.resolve())!r} cannot be read as one of MNIST's files: {fault}; replace it "
        "with the original, or delete it to download anew"
    )


def _read(path: Path, what: str, sample: tuple[int, ...]) -> UInt8[np.ndarray, "..."]:
    try:
        with plain_file(path) as plain:
            packed = plain.read(len(GZIP)) == GZIP
            plain.seek(0)
            with gzip.open(plain) if packed else plain as file:
                shape = _shape(path, file.read(4), file, what, sample)
                content = file.read(prod(shape) + 1)
    except (Damaged, EOFError, zlib.error) as error:  # the last two are gzip's own complaints
        raise unreadable(path, f"it {error}" if isinstance(error, Damaged) else str(error)) from None
    if len(content) != prod(shape):
        more = "more than" if len(content) > prod(shape) else f"{len(content)} of"
        raise unreadable(path, f"it holds {more} the {prod(shape)} bytes that its header announces")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def _shape(path: Path, magic: bytes, file: BufferedIOBase, what: str, sample: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sizes of a header, of samples like ``sample``."""
    expected = bytes([0, 0, UNSIGNED_BYTE, 1 + len(sample)])
    if len(magic) < 4 or magic[:2] != expected[:2]:
        raise unreadable(path, f"it starts with the bytes {magic.hex(' ') or '(none)'}, expected {expected.hex(' ')}")
    if magic[2] != UNSIGNED_BYTE:
        found = TYPES.get(magic[2], f"type 0x{magic[2]:02x}")
        raise unreadable(path, f"its elements are of type {found}, expected unsigned byte")
    if magic[3] != expected[3]:
        other = " (are the files of images and labels exchanged?)" if magic[3] in (1, 3) else ""
        raise unreadable(path, f"it has {magic[3]} dimensions, but {what} take {expected[3]}{other}")
    header = file.read(4 * magic[3])
    if len(header) < 4 * magic[3]:
        raise unreadable(path, "it ends within its header")
    shape = tuple(int(size) for size in np.frombuffer(header, dtype=">u4"))
    if shape[1:] != sample:
        found = " x ".join(map(str, shape[1:]))
        raise unreadable(path, f"its images are of {found} pixels, expected {SIDE} x {SIDE}")
    if not 1 <= shape[0] <= MOST:
        raise unreadable(path, f"it announces {shape[0]} {what}, expected 1 to {MOST}")
    return shape
