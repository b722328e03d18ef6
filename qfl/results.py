"""The run folder: the interface between running and looking.

::

    runs/quickstart-20261121-081500-1f3a/
        run.json            settings, versions, layout, data manifest, status and final figures
        rounds.jsonl        one row per round
        clients.jsonl       one row per round and asked client, with the reason of every refusal
        checkpoint.npz      angles, strategy state and round, replaced atomically after every round
        keys/               the run's own signing seeds (0600), where no key folder was given
        report.html         drawn from the files above and from nothing else

Rows are appended and flushed to the disk; `run.json` and the checkpoint are replaced atomically. A kill at any
moment loses at most the round in progress: rows later than the checkpoint are cut off when the run is resumed.
"""

import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.errors import RunFolderError

Row = dict[str, Any]


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file so that a reader, or a kill, sees the old content or the new, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class RunFolder:
    """Read and write one run folder.

    Args:
        path: An existing run folder; make a new one with `RunFolder.create`.

    Raises:
        RunFolderError: If there is no readable run there.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path).resolve()
        if not (self.path / "run.json").is_file():
            raise RunFolderError(
                f"{str(path)!r} is no run folder (it has no run.json); give a folder that `qfl run` made"
            )

    @classmethod
    def create(
        cls, name: str, header: Mapping[str, Any], root: str | Path = "runs", path: str | Path = ""
    ) -> "RunFolder":
        """Make a new run folder, named after the run file and the time, with ``header`` as its run.json."""
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        folder = Path(path) if path else Path(root) / f"{name}-{stamp}-{secrets.token_hex(2)}"
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "run.json", _json(header, indent=2))
        return cls(folder)

    @property
    def header(self) -> Row:
        """The content of run.json."""
        return self._load("run.json")

    def update(self, **entries: Any) -> None:
        """Replace entries of run.json."""
        write_atomically(self.path / "run.json", _json(self.header | entries, indent=2))

    def discard_unused(self) -> None:
        """Remove the folder if it holds its header alone, as where settings were refused before anything was done."""
        if [entry.name for entry in self.path.iterdir()] == ["run.json"]:
            (self.path / "run.json").unlink()
            self.path.rmdir()

    def append(self, table: str, rows: list[Row]) -> None:
        """Append rows to ``rounds`` or ``clients`` and flush them to the disk."""
        with open(self.path / f"{table}.jsonl", "ab") as file:
            file.write(b"".join(_json(row) + b"\n" for row in rows))
            file.flush()
            os.fsync(file.fileno())

    def rows(self, table: str) -> list[Row]:
        """Return the rows of ``rounds`` or ``clients``; a line cut off by a kill is left out."""
        return list(self._complete_rows(table))

    def rounds(self) -> list[Row]:
        """Return one row per round."""
        return self.rows("rounds")

    def clients(self) -> list[Row]:
        """Return one row per round and asked client."""
        return self.rows("clients")

    def truncate(self, last_round: int) -> None:
        """Drop the rows of rounds later than ``last_round``: they will be run again."""
        for table in ("rounds", "clients"):
            kept = [row for row in self._complete_rows(table) if row["round"] <= last_round]
            write_atomically(self.path / f"{table}.jsonl", b"".join(_json(row) + b"\n" for row in kept))

    def save_checkpoint(self, round_number: int, arrays: Mapping[str, NDArray], state: Mapping[str, Any]) -> None:
        """Replace the checkpoint: arrays, and a state that JSON can hold."""
        with tempfile.SpooledTemporaryFile() as buffer:
            meta = np.frombuffer(_json({"round": round_number, "state": state}), dtype=np.uint8)
            named = {f"array/{name}": value for name, value in arrays.items()}
            np.savez(buffer, allow_pickle=False, **{"__meta__": meta} | named)
            buffer.seek(0)
            write_atomically(self.path / "checkpoint.npz", buffer.read())

    def load_checkpoint(self) -> tuple[int, dict[str, NDArray], dict[str, Any]] | None:
        """Return round, arrays and state of the checkpoint, or None before the first.

        Raises:
            RunFolderError: If the file is not a checkpoint.
        """
        path = self.path / "checkpoint.npz"
        if not path.is_file():
            return None
        try:
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as data:
                meta = json.loads(data["__meta__"].tobytes())
                arrays = {name[6:]: data[name] for name in data.files if name.startswith("array/")}
            return int(meta["round"]), arrays, meta["state"]
        except Exception as error:
            raise RunFolderError(f"{path} is not a checkpoint of qfl ({error}); delete it to start over") from error

    def _load(self, name: str) -> Row:
        try:
            entries = json.loads((self.path / name).read_bytes())
        except (OSError, ValueError) as error:
            raise RunFolderError(f"cannot read {self.path / name} ({error}); the run folder is damaged") from None
        if not isinstance(entries, dict):
            raise RunFolderError(f"{self.path / name} holds no JSON object; the run folder is damaged")
        return entries

    def _complete_rows(self, table: str) -> Iterator[Row]:
        path = self.path / f"{table}.jsonl"
        for line in path.read_bytes().split(b"\n") if path.is_file() else ():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if not isinstance(row, dict):
                raise RunFolderError(f"{path} holds a row that is no JSON object; the run folder is damaged")
            yield row


def _json(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent, allow_nan=False, default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"a run folder holds plain values, not {type(value).__name__}")
