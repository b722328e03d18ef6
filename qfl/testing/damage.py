"""Damaged folders: one file of a sound folder changed, as disks, editors, other programs and enemies change files."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np

from qfl.testing.mutations import mutants

# JSON texts that stand where others are expected; the deep and the long ones are beyond what any file of ours holds
VALUES = (
    "null", "true", "-1", "0", "0.5", "3", "1e308", "1e999", "NaN", "Infinity", "-Infinity", "9007199254740993",
    "9" * 400, "9" * 5000, "1." + "9" * 5000, '""', '"x"', f'"{"x" * 5000}"', '"\\ud800"', '"\\u0000"', '"\\u001b[2J"',
    '"../../x"', "[]", "{}", "[null]", '["a", 0.5, {}]', '{"": null}', '{"a": {"b": []}}', "[[1]]",
    "[" * 100_000, "[" * 70 + "]" * 70, '{"a":' * 30 + "1" + "}" * 30,
)  # fmt: skip
MARK = "\x1amutant"
Change = Callable[[np.random.Generator, Path], None]


def damage(rng: np.random.Generator, folder: Path) -> str:
    """Change one file of a folder; return what was done, for the message of a test.

    Args:
        rng: Where the choices come from.
        folder: A copy that may be spoilt.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in CHANGES)
    path = files[int(rng.integers(len(files)))]
    kinds = (*CHANGES[path.suffix], *ANY)
    change = kinds[int(rng.integers(len(kinds)))]
    change(rng, path)
    return f"{change.__name__.strip('_')} {path.relative_to(folder)}"


def _bytes(rng: np.random.Generator, path: Path) -> None:
    path.write_bytes(next(mutants(rng, [path.read_bytes()], 1)))


def _value(rng: np.random.Generator, path: Path) -> None:
    """Put another value somewhere in a JSON text."""
    root = _parsed(path)
    node, key = _somewhere(rng, root)
    node[key] = MARK
    path.write_bytes(_written(path, root).replace(json.dumps(MARK), VALUES[int(rng.integers(len(VALUES)))]).encode())


def _removal(rng: np.random.Generator, path: Path) -> None:
    root = _parsed(path)
    node, key = _somewhere(rng, root)
    del node[key]
    path.write_bytes(_written(path, root).encode())


def _key_twice(rng: np.random.Generator, path: Path) -> None:
    root = _parsed(path)
    node, key = _somewhere(rng, root)
    if isinstance(node, dict):
        node[MARK] = VALUES[int(rng.integers(8))]
        path.write_bytes(_written(path, root).replace(MARK[1:], key).replace("\\u001a", "").encode())


def _lines(rng: np.random.Generator, path: Path) -> None:
    """Drop, double, exchange, cut or empty a line."""
    lines = path.read_bytes().splitlines(keepends=True)
    place, kind = int(rng.integers(len(lines))), int(rng.integers(5))
    other = int(rng.integers(len(lines)))
    if kind == 0:
        del lines[place]
    elif kind == 1:
        lines.insert(other, lines[place])
    elif kind == 2:
        lines[place], lines[other] = lines[other], lines[place]
    elif kind == 3:
        lines[place] = lines[place][: int(rng.integers(len(lines[place])))]
    else:
        lines[place] = b"\n"
    path.write_bytes(b"".join(lines))


def _array(rng: np.random.Generator, path: Path) -> None:
    """Put another array into an ``.npz`` file, or leave one out."""
    with np.load(path) as file:
        arrays: dict[str, Any] = dict(file)
    name = sorted(arrays)[int(rng.integers(len(arrays)))]
    old = arrays[name]
    others = [
        None, *((old[:-1], np.concatenate([old, old])) if old.ndim else (old, old)), old[None],
        old.astype(np.complex128), old.astype(np.int8),
        old.astype("S8"), old.astype(np.float16), np.zeros(0), np.full(old.shape, np.nan),
        np.full(old.shape, np.inf), np.full(old.shape, 1e30), old.astype(object), np.array("text"), old.astype(">f8"),
        old == old, np.zeros(old.shape, dtype="M8[s]"), np.zeros(3, dtype=[("a", "f4")]),
    ]  # fmt: skip
    other = others[int(rng.integers(len(others)))]
    kept = {key: value for key, value in arrays.items() if key != name}
    with open(path, "wb") as file:
        np.savez(file, **kept | ({} if other is None else {name: other}))


def _archive(rng: np.random.Generator, path: Path) -> None:
    """Pack the arrays in another way: inflating, lying about shapes, twice, under other names."""
    members = _members(path)
    name, kind = sorted(members)[int(rng.integers(len(members)))], int(rng.integers(5))
    if kind == 0:
        members[name] = _header("<f4", "(200000000,)") + bytes(4_000_000)
    elif kind == 1:
        shapes = ("(10000000000000,)", "(-1,)", "(1, 10**9)", "(2, 3), (4,)", "(" * 500, "(1e3,)", "(True,)")
        members[name] = _header("<f4", shapes[int(rng.integers(len(shapes)))]) + bytes(40)
    elif kind == 2:
        members[f"../{name}"] = members.pop(name)
    elif kind == 3:
        members["array/more.npy"] = _header("<f8", "(2,)") + bytes(16)
    with ZipFile(path, "w", ZIP_DEFLATED if kind in (0, 4) else ZIP_STORED) as archive:
        for key, content in members.items():
            archive.writestr(key, content)


def _header(dtype: str, shape: str) -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def _members(path: Path) -> dict[str, bytes]:
    with ZipFile(BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _emptied(rng: np.random.Generator, path: Path) -> None:
    path.write_bytes((b"", b"\n", b"\x00" * 4096, b"\xef\xbb\xbf{}", b"{}", b"[]")[int(rng.integers(6))])


def _gone(rng: np.random.Generator, path: Path) -> None:
    path.unlink()


def _no_file(rng: np.random.Generator, path: Path) -> None:
    """Put something else than a file in its place."""
    path.unlink()
    kind = int(rng.integers(5))
    if kind == 0:
        path.mkdir()
    elif kind == 1:
        os.mkfifo(path)
    else:
        path.symlink_to((path.name, "/dev/zero", "absent")[kind - 2])


def _parsed(path: Path) -> Any:
    return (
        [json.loads(line) for line in path.read_text().splitlines()]
        if _by_lines(path)
        else json.loads(path.read_text())
    )


def _written(path: Path, root: Any) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in root) if _by_lines(path) else json.dumps(root, indent=2)


def _by_lines(path: Path) -> bool:
    return path.suffix == ".jsonl"


def _somewhere(rng: np.random.Generator, root: Any) -> tuple[Any, Any]:
    """Return a table or list, and a key of it, at any depth."""
    found = [place for place in _places(root)]
    return found[int(rng.integers(len(found)))]


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    for key, inner in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


ANY: tuple[Change, ...] = (_bytes, _bytes, _emptied, _gone, _no_file)
JSON: tuple[Change, ...] = (_value, _value, _value, _value, _removal, _removal, _key_twice)
CHANGES: dict[str, tuple[Change, ...]] = {
    ".json": JSON,
    ".jsonl": (*JSON, _lines, _lines),
    ".npz": (_array, _array, _array, _array, _archive, _archive),
}


def restored(sound: Path, spoilt: Path) -> Path:
    """Make a fresh copy of a sound folder where a damaged one was."""
    shutil.rmtree(spoilt, ignore_errors=True)
    shutil.copytree(sound, spoilt, ignore=shutil.ignore_patterns("keys", "report.html"))
    return spoilt
