"""Mutants of well-formed bytes, and what became of them: the means of every fuzz test.

A reader of foreign bytes may refuse in a sentence and nothing else: accept none of the mutants, raise no other
exception, and take no longer than a tenth of a second of processor time, whatever it is given.

Time is the processor's, of this process alone, and the least of three where the first is too long: neither other
processes nor a collection of garbage in between are the reader's.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Value = TypeVar("Value")
Refusal = type[Exception] | tuple[type[Exception], ...]
LIMIT_S = 0.1
# What decoders trip over: extremes of lengths and integers, CBOR's tags and indefinite forms, brackets of JSON and TOML
TOKENS = (
    b"\x00", b"\xff", b"\x7f" + b"\xff" * 7, b"\xff" * 8, b"\x1b[2J", "\u202e".encode(), b"\n", b"\r\n",
    b"\xc2\x58\x40" + b"\xff" * 64, b"\xc4\x82\x1b\x7f" + b"\xff" * 7 + b"\x01", b"\xd8\x1c", b"\xd8\x1d\x00",
    b"\xd8\x23\x63(a+", b"\xd8\x24\x61x", b"\xd9\x01\x02\x80", b"\x9f", b"\xbf", b"\x5f", b"\x7f",
    b"\x9b" + b"\xff" * 8, b"\xbb" + b"\xff" * 8, b"\x81" * 50, b"\xf9\x7e\x00", b"\xf5", b"\xf6", b"\xf7",
    b"[" * 2000, b'{"a":' * 500, b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"null", b"true", b'"\\ud800"',
    b"../" * 9, b"'", b'"', b"=", b"[[", b"\xef\xbb\xbf",
)  # fmt: skip


def budget(share: float = 1.0) -> int:
    """Return how many mutants a test tries: a share of the environment's ``QFL_FUZZ``, or of a thousand.

    Args:
        share: Of what is tried of one kind, above 0. The tests of a kind have shares that add up to 1 or more.

    Example:
        >>> budget(0.5) > 0
        True
    """
    return max(1, round(int(os.environ.get("QFL_FUZZ") or 1000) * share))


def mutants(rng: np.random.Generator, originals: Sequence[bytes], count: int) -> Iterator[bytes]:
    """Yield ``count`` byte strings near the originals, none of them an original.

    Each comes from one to four changes: flipped bits, other bytes, parts cut, doubled, moved in from another original,
    or a token that is known to upset decoders.

    Args:
        rng: Source of the changes.
        originals: What is changed; one or more.
        count: How many.

    Example:
        >>> all(each != b"angles" for each in mutants(np.random.default_rng(1), [b"angles"], 50))
        True
    """
    known, made = set(originals), 0
    while made < count:
        mutant = originals[int(rng.integers(len(originals)))]
        for _ in range(int(rng.integers(1, 5))):
            mutant = CHANGES[int(rng.integers(len(CHANGES)))](rng, mutant, originals)
        if mutant not in known:
            made += 1
            yield mutant


@dataclass(frozen=True)
class Finding:
    """A mutant that was not simply refused.

    Args:
        mutant: The bytes.
        fault: ``"accepted"``, the exception that is no refusal, or the seconds of processor time above the limit.
    """

    mutant: bytes
    fault: str


def findings(read: Callable[[bytes], object], inputs: Iterable[bytes], refusal: Refusal) -> list[Finding]:
    """Return the inputs that a reader did not refuse, or not in the way or the time in which it should.

    Args:
        read: The reader; whatever it returns counts as accepted.
        inputs: What to give it.
        refusal: The exceptions by which it refuses.

    Example:
        >>> findings(int, [b"x", b"7"], ValueError)
        [Finding(mutant=b'7', fault='accepted')]
    """
    tried = ((mutant, _fault(read, mutant, refusal)) for mutant in inputs)
    return [Finding(mutant, fault) for mutant, fault in tried if fault]


def _fault(read: Callable[[bytes], object], mutant: bytes, refusal: Refusal) -> str:
    said, seconds = timed(lambda: _said(read, mutant, refusal))
    return said or ("" if seconds < LIMIT_S else f"{seconds:.2f} s of processor time")


def _said(read: Callable[[bytes], object], mutant: bytes, refusal: Refusal) -> str:
    try:
        read(mutant)
        return "accepted"
    except refusal:
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]


def timed(call: Callable[[], Value], limit_s: float = LIMIT_S) -> tuple[Value, float]:
    """Return what a call returns, and its processor time in seconds: the least of three if the first takes too long.

    Args:
        call: What is measured; of more calls than one the last one's value is returned.
        limit_s: At this and above it is called again.

    Example:
        >>> value, seconds = timed(lambda: sum(range(10)))
        >>> value, seconds < 0.1
        (45, True)
    """
    value, seconds = _timed_once(call)
    for _ in range(2):
        if seconds >= limit_s:
            value, again = _timed_once(call)
            seconds = min(seconds, again)
    return value, seconds


def _timed_once(call: Callable[[], Value]) -> tuple[Value, float]:
    start = time.process_time()
    value = call()
    return value, time.process_time() - start


def _place(rng: np.random.Generator, data: bytes) -> int:
    return int(rng.integers(len(data) + 1))


def _flip(rng: np.random.Generator, data: bytes, originals: Sequence[bytes]) -> bytes:
    place = _place(rng, data[1:])
    flipped = bytes(byte ^ 1 << int(rng.integers(8)) for byte in data[place : place + 1])
    return data[:place] + flipped + data[place + 1 :]


def _replace(rng: np.random.Generator, data: bytes, originals: Sequence[bytes]) -> bytes:
    place, other = _place(rng, data), rng.bytes(int(rng.integers(1, 9)))
    return data[:place] + other + data[place + len(other) :]


def _insert(rng: np.random.Generator, data: bytes, originals: Sequence[bytes]) -> bytes:
    place = _place(rng, data)
    return data[:place] + TOKENS[int(rng.integers(len(TOKENS)))] + data[place:]


def _cut(rng: np.random.Generator, data: bytes, originals: Sequence[bytes]) -> bytes:
    start, end = sorted((_place(rng, data), _place(rng, data)))
    return data[:start] + data[end:]


def _truncate(rng: np.random.Generator, data: bytes, originals: Sequence[bytes]) -> bytes:
    return data[: _place(rng, data)]


def _double(rng: np.random.Generator, data: bytes, originals: Sequence[bytes]) -> bytes:
    start, end = sorted((_place(rng, data), _place(rng, data)))
    return data[:end] + data[start:]


def _splice(rng: np.random.Generator, data: bytes, originals: Sequence[bytes]) -> bytes:
    other = originals[int(rng.integers(len(originals)))]
    return data[: _place(rng, data)] + other[_place(rng, other) :]


CHANGES = (_flip, _flip, _replace, _insert, _cut, _truncate, _double, _splice)
