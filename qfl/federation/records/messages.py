"""What travels: the records of a broadcast and of a reply, and the angle vector in and out of them.

::

    broadcast   "arrays"         ArrayRecord   {"angles": one vector, float32 or float64}
                "config"         ConfigRecord  {"server-round": ..., and what the strategy puts there}
                "qfl.broadcast"  ConfigRecord  {"cose": the server's signature over the above}
    reply       "arrays"         ArrayRecord   {"angles": one vector of the same type and length}
                "metrics"        MetricRecord  {"num-examples", "train_loss", "loss", the metric's name, "noise",
                                              "shots", "extra-shots"}
                "qfl.update"     ConfigRecord  {"cose": the client's signature, "source": SHA-256 of its source code}
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from math import prod
from typing import TypeVar

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict
from numpy.lib import format as npy
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.printable import MOST

ARRAYS, ANGLES, CONFIG, METRICS = "arrays", "angles", "config", "metrics"
BROADCAST, UPDATE = "qfl.broadcast", "qfl.update"
SAMPLES_RECORD = "qfl.samples"  # of what clients tell of their samples (qfl/federation/sample_upload.py)
ROUND = "server-round"
METRIC, REGULARISATION, SAMPLES = "metric", "metric-regularisation", "metric-samples"  # strategies/fedqng.py
CONTROL = "control"  # the server's control variate (strategies/scaffold.py)
MOST_ENTRIES = 1000  # of all records of a reply; ours have ten
WEIGHT = "num-examples"
COUNTS = ("shots", "extra-shots")  # which a masked sum leaves out: they are no means
NUMPY = "numpy.ndarray"  # what Flower calls the bytes of `numpy.save`
Found = TypeVar("Found")


def metric_names(metric: str) -> tuple[str, ...]:
    """Return what a client reports beside its angles, for a task of the given metric."""
    return (WEIGHT, "train_loss", "loss", metric, "noise", *COUNTS)


def to_record(angles: NDArray) -> ArrayRecord:
    """Return the array record of an angle vector.

    Example:
        >>> read_angles(RecordDict({"arrays": to_record(np.ones(2, np.float32))}), 2, "float32")
        array([1., 1.], dtype=float32)
    """
    record = ArrayRecord()
    record[ANGLES] = _array(angles, _head(angles.dtype, angles.shape) + angles.tobytes())
    return record


def sent_again(content: RecordDict, angles: NDArray) -> ArrayRecord:
    """Return the array record of a vector that was read from a message, whose bytes it shares where they are the same.

    Nothing else of what the message says of its array is taken over.

    Args:
        content: The message's records.
        angles: What was read.
    """
    record, made = content.get(ARRAYS), to_record(angles)
    if isinstance(record, ArrayRecord) and ANGLES in record and record[ANGLES].data == made[ANGLES].data:
        made[ANGLES].data = record[ANGLES].data
    return made


def _array(array: NDArray, data: bytes) -> Array:
    return Array(_name(array.dtype), array.shape, NUMPY, data)


_name = lru_cache(maxsize=32)(str)  # of a type, which NumPy makes anew whenever it is asked


@lru_cache(maxsize=32)
def _head(dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    """Return what `numpy.save` writes before the entries of an array in C order."""
    buffer = BytesIO()
    form = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(buffer, form)
    return buffer.getvalue()


def read_angles(content: RecordDict, length: int, dtype: str) -> NDArray:
    """Return the angle vector of a message that may come from anybody, read-only: it is the message's own memory.

    The header is read and compared before any memory is taken, so a vector that claims to be large costs nothing.

    Args:
        content: The message's records.
        length: Entries the vector must have.
        dtype: ``"float32"`` or ``"float64"``.

    Raises:
        Rejection: ``wrong-array-key``, ``unreadable-array``, ``wrong-dtype`` or ``wrong-shape``.
    """
    record = content.get(ARRAYS)
    if not isinstance(record, ArrayRecord) or list(record) != [ANGLES]:
        names = sorted(record) if isinstance(record, ArrayRecord) else sorted(content)
        raise Rejection("wrong-array-key", f"expected one array 'arrays'/'angles', got {names}"[:MOST])
    return read_array(record[ANGLES], dtype, (length,))


def read_array(array: Array, dtype: str, shape: tuple[int, ...]) -> NDArray:
    """Return an array that may come from anybody, read-only, if it has the type and the shape that it must have.

    Args:
        array: As it came.
        dtype: Such as ``"float64"``.
        shape: Of the array.

    Raises:
        Rejection: ``unreadable-array``, ``wrong-dtype`` or ``wrong-shape``.
    """
    head = _head(np.dtype(dtype), shape)
    if array.data.startswith(head) and len(array.data) - len(head) == prod(shape) * np.dtype(dtype).itemsize:
        return np.frombuffer(array.data, dtype, offset=len(head)).reshape(shape)
    given, found, body = _split(array)
    if found != np.dtype(dtype):
        raise Rejection("wrong-dtype", f"expected {dtype}, got {found}")
    if given != shape:
        raise Rejection("wrong-shape", f"expected {shape}, got {given}")
    if len(body) != prod(shape) * found.itemsize:
        raise Rejection("unreadable-array", f"{len(body)} bytes for {prod(shape)} entries of {dtype}")
    return np.frombuffer(body, dtype=found).reshape(shape)


def reply_content(angles: NDArray, metrics: dict[str, int | float], cose: bytes, source: str) -> RecordDict:
    """Return the records of a client's reply.

    Args:
        angles: The trained vector, float32 or float64.
        metrics: By the names of `metric_names`.
        cose: The client's signature over both.
        source: SHA-256 of the client's source code.
    """
    stamp = ConfigRecord({"cose": cose, "source": source})
    return RecordDict({ARRAYS: to_record(angles), METRICS: MetricRecord(dict(metrics)), UPDATE: stamp})


def require_small(content: RecordDict) -> None:
    """Return if a reply has no more entries than any of ours: each costs time wherever the reply is copied or packed.

    Raises:
        Rejection: ``too-many-entries``.
    """
    entries = len(content)
    for record in content.values():
        for value in record.values():
            entries += len(value) if isinstance(value, list) else 1
            if entries > MOST_ENTRIES:
                raise Rejection("too-many-entries", f"more than {MOST_ENTRIES} values in the records of the reply")


def own_copy(content: RecordDict) -> RecordDict:
    """Return records that can be added to or emptied without touching the original (the arrays are shared).

    Flower's strategies put one and the same `RecordDict` into every message of a round.
    """
    return RecordDict({name: record.copy() for name, record in content.items()})


def once_each(function: Callable[[RecordDict], Found], contents: Iterable[RecordDict]) -> list[Found]:
    """Return ``[function(content) for content in contents]``, found once for contents that are one and the same object.

    A broadcast's records are, from strategy to client, as long as nobody on the way gives a client others.

    Example:
        >>> shared, other = RecordDict(), RecordDict()
        >>> once_each(id, [shared, other, shared]) == [id(shared), id(other), id(shared)]
        True
    """
    contents = list(contents)
    found = {place: function(content) for place, content in {id(content): content for content in contents}.items()}
    return [found[id(content)] for content in contents]


def _split(array: Array) -> tuple[tuple[int, ...], np.dtype, memoryview]:
    buffer = BytesIO(array.data)
    try:
        shape, dtype = _header(buffer)
    except Exception as error:
        raise Rejection("unreadable-array", f"not the bytes of a NumPy array ({type(error).__name__})") from None
    return shape, dtype, memoryview(array.data)[buffer.tell() :]


def _header(buffer: BytesIO, attempts: int = 5) -> tuple[tuple[int, ...], np.dtype]:
    """Return shape and dtype, leaving the buffer at the entries.

    NumPy reads its header with ``ast``, which on some CPythons (gh-106905) fails now and then with SystemError where
    two threads are at it at once; so that is tried again.
    """
    buffer.seek(0)
    try:
        version = npy.read_magic(buffer)
        shape, _, dtype = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version](buffer)
    except SystemError:
        if attempts == 1:
            raise
        return _header(buffer, attempts - 1)
    return shape, dtype
