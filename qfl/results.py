"""The run folder: the interface between running and looking.

::

    runs/quickstart-20261121-081500-1f3a/
        run.json            settings, versions, layout, data manifest, status and final figures
        rounds.jsonl        one row per round
        clients.jsonl       one row per round and asked client, with the reason of every refusal
        ledger.jsonl        one signed entry per round, chained (`qfl.security.ledger`); `qfl audit` compares
        privacy.jsonl       who was asked, written before they are, where that costs a privacy budget
        checkpoint.npz      angles, strategy state and round, replaced atomically after every round
        checkpoints/        round-12.npz and so on, where `round.archive-every` keeps them
        kept/               what simulated clients keep from round to round, where the strategy has them do so
        keys/               the run's own signing seeds (0600), where no key folder was given
        report.html         drawn from the files above and from nothing else

Rows are appended and flushed to the disk; `run.json` and the checkpoint are replaced atomically. A kill at any
moment loses at most the round in progress: rows later than the checkpoint are cut off when the run is resumed.
"""

import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.checkpoint import content_digest, is_round, read_checkpoint, write_checkpoint
from qfl.errors import Damaged, RunFolderError
from qfl.reading import read_bytes, read_object, read_rows
from qfl.writing import append_lines, write_atomically

Row = dict[str, Any]
BY_ROUND = ("rounds", "clients")  # tables whose rows have a round number
SETTINGS_DIGEST = "settings_sha256"
ARCHIVE = "checkpoints"


class RunFolder:
    """Read and write one run folder.

    Args:
        path: An existing run folder; make a new one with `RunFolder.create`.

    Raises:
        RunFolderError: If there is no readable run there.
    """

    def __init__(self, path: str | Path):
        try:
            self.path = Path(path).resolve()
            there = os.path.lexists(self.path / "run.json")
        except (OSError, ValueError, RuntimeError):  # a working directory that is gone, a NUL, links in a circle
            there = False
        if not there:
            raise RunFolderError(
                f"{str(path)!r} is no run folder (it has no run.json); give a folder that `qfl run` made"
            )

    @classmethod
    def create(
        cls, name: str, header: Mapping[str, Any], root: str | Path = "runs", path: str | Path = ""
    ) -> "RunFolder":
        """Make a new run folder, named after the run file and the time, with ``header`` as its run.json.

        Args:
            name: Of what is run.
            header: Plain values.
            root: Where folders with such names are made.
            path: The folder itself, if it is to have another name.

        Raises:
            RunFolderError: If ``path`` holds a run already.
        """
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        folder = Path(path) if path else Path(root) / f"{name}-{stamp}-{secrets.token_hex(2)}"
        if os.path.lexists(folder / "run.json"):
            raise RunFolderError(f"{folder} holds a run already; resume it, or name another run.folder")
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            write_atomically(folder / "run.json", _json(_sealed(header), indent=2))
        except OSError:
            if made:
                folder.rmdir()
            raise
        return cls(folder)

    @property
    def header(self) -> Row:
        """The content of run.json.

        Raises:
            RunFolderError: If it holds no JSON object.
        """
        try:
            return read_object(self.path / "run.json")
        except Damaged as error:
            raise self.damaged("run.json", error) from None

    @property
    def settings(self) -> Any:
        """The settings in run.json, for those who go on with the run.

        Raises:
            RunFolderError: If they are not those that were written.
        """
        header = self.header
        if header.get(SETTINGS_DIGEST, _digest(header.get("settings"))) != _digest(header.get("settings")):
            raise self.damaged("run.json", Damaged("holds other settings than the run was begun with"))
        return header.get("settings")

    @property
    def settings_digest(self) -> str:
        """The SHA-256 of the settings in run.json, as they are there now."""
        return _digest(self.header.get("settings"))

    def update(self, **entries: Any) -> None:
        """Replace entries of run.json."""
        header = self.header | entries
        write_atomically(self.path / "run.json", _json(_sealed(header) if "settings" in entries else header, indent=2))

    def damaged(self, name: str, error: Damaged) -> RunFolderError:
        """Return what to raise where a file of the folder cannot be what it should."""
        where = f" at line {error.line}; put back the whole file, or take that line out" if error.line else ""
        return RunFolderError(f"{self.path / name} {error}; the run folder is damaged{where}")

    def discard_unused(self) -> None:
        """Remove the folder if it holds its header alone, as where settings were refused before anything was done."""
        if [entry.name for entry in self.path.iterdir()] == ["run.json"]:
            (self.path / "run.json").unlink()
            self.path.rmdir()

    def append(self, table: str, rows: list[Row]) -> None:
        """Append rows to ``rounds``, ``clients`` or ``ledger`` and flush them to the disk."""
        append_rows(self.path / f"{table}.jsonl", rows)

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table, of ``rounds`` or ``clients``; a last line cut off by a kill is left out.

        Raises:
            RunFolderError: With file and line, if a row is damaged.
        """
        return [row for _, row in self.numbered_rows(table)]

    def rounds(self) -> list[Row]:
        """Return one row per round."""
        return self.rows("rounds")

    def clients(self) -> list[Row]:
        """Return one row per round and asked client."""
        return self.rows("clients")

    def truncate(self, last_round: int) -> None:
        """Drop the rows of rounds later than ``last_round``: they will be run again."""
        for table in ("rounds", "clients"):
            self.replace(table, [row for row in self.rows(table) if row["round"] <= last_round])

    def replace(self, table: str, rows: list[Row]) -> None:
        """Replace all rows of a table."""
        write_atomically(self.path / f"{table}.jsonl", b"".join(_json(row) + b"\n" for row in rows))

    def save_checkpoint(self, round_number: int, arrays: Mapping[str, NDArray], state: Mapping[str, Any]) -> None:
        """Replace the checkpoint.

        Args:
            round_number: The last round that is in it.
            arrays: By name, of any shape.
            state: Plain values.
        """
        write_checkpoint(self.path / "checkpoint.npz", arrays, _json({"round": round_number, "state": state}))

    def load_checkpoint(self, path: Path | None = None) -> tuple[int, dict[str, NDArray], dict[str, Any]] | None:
        """Return round, arrays and state of the checkpoint, or of the given one; None before the first.

        Raises:
            RunFolderError: If the file is not a checkpoint.
        """
        path = path or self.path / "checkpoint.npz"
        if not os.path.lexists(path):
            return None
        try:
            return read_checkpoint(path)
        except Damaged as error:
            raise RunFolderError(f"{path} is not a checkpoint of qfl: it {error}; delete it to start over") from None

    def checkpoint_digest(self, path: Path | None = None) -> tuple[int, bytes] | None:
        """Return round and `checkpoint_digest` of the checkpoint, or of one that is kept; None before the first.

        Raises:
            RunFolderError: If the file is not a checkpoint.
        """
        found = self.load_checkpoint(path)
        return (found[0], checkpoint_digest(*found)) if found else None

    def archive_checkpoint(self, round_number: int, arrays: Mapping[str, NDArray], state: Mapping[str, Any]) -> None:
        """Write a checkpoint that later ones do not replace.

        Args:
            round_number: The round after which it is.
            arrays: As of `save_checkpoint`.
            state: As of `save_checkpoint`.
        """
        (self.path / ARCHIVE).mkdir(exist_ok=True)
        path = self.path / ARCHIVE / f"round-{round_number}.npz"
        write_checkpoint(path, arrays, _json({"round": round_number, "state": state}))

    def archived(self) -> dict[int, Path]:
        """Return the checkpoints that are kept, by round."""
        found = {path.stem.removeprefix("round-"): path for path in (self.path / ARCHIVE).glob("round-*.npz")}
        return {int(number): found[number] for number in sorted(found) if number.isdecimal()}

    def restore_checkpoint(self, path: Path) -> None:
        """Take a checkpoint of another run folder."""
        write_atomically(self.path / "checkpoint.npz", read_bytes(path))

    def numbered_rows(self, table: str) -> Iterator[tuple[int, Row]]:
        """Yield line number, from 1 on, and row of a table, as `rows` does."""
        name = f"{table}.jsonl"
        try:
            for line, row in read_rows(self.path / name):
                if table in BY_ROUND and not is_round(row.get("round")):
                    raise RunFolderError(
                        f"row {line} of {self.path / name} has no round number; the run folder is damaged: "
                        "put back the whole file, or take that line out"
                    )
                yield line, row
        except Damaged as error:
            raise self.damaged(name, error) from None


def append_rows(path: Path, rows: list[Row]) -> None:
    """Append rows to a table of JSON Lines and flush them to the disk."""
    append_lines(path, b"".join(_json(row) + b"\n" for row in rows))


def as_written(row: Mapping[str, Any]) -> Row:
    """Return a row as it is read again: plain values alone.

    Example:
        >>> as_written({"round": 1, "drift": np.float32(0.5), "per_class": (1.0,)})
        {'round': 1, 'drift': 0.5, 'per_class': [1.0]}
    """
    return json.loads(_json(row))


def checkpoint_digest(round_number: int, arrays: Mapping[str, NDArray], state: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of what a checkpoint holds: the same whether it is still to be written or was read.

    Args:
        round_number: The last round that is in it.
        arrays: By name, of any shape.
        state: Plain values.
    """
    return content_digest(arrays, _json({"round": round_number, "state": state}))


def _digest(settings: Any) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def _sealed(header: Mapping[str, Any]) -> Row:
    """Return a header with the digest of its settings, where it has any."""
    if not header.get("settings"):
        return dict(header)
    return dict(header) | {SETTINGS_DIGEST: _digest(json.loads(_json(header["settings"])))}


def _json(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent, allow_nan=False, default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"a run folder holds plain values, not {type(value).__name__}")
