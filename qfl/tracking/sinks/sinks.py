"""The sinks of a run: each is told every round once, and none of them can end the run.

A sink is told of a round when the round is in a checkpoint, so that it never hears of one that a resumed run does
again; ``sinks.json`` in the run's folder says up to which round each was told, so that none hears of one twice. What a
sink missed, because it failed or was added at a resume, it is told at the next start.
"""

import json
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.config.listed import words_of
from qfl.config.private import unfold
from qfl.errors import ConfigError, Damaged, MissingExtra
from qfl.extend import load_object, load_own, raised
from qfl.own_calls import call_own
from qfl.printable import printable
from qfl.reading import read_object
from qfl.results import Row, RunFolder, as_written
from qfl.shipped import install
from qfl.specs import SINKS
from qfl.tracking.sinks.sink import Sink
from qfl.writing import write_atomically

FILE = "sinks.json"
KEY = "run.sinks"


class Sinks:
    """Passes a run's rows on to its sinks.

    Args:
        sinks: By name.
    """

    def __init__(self, sinks: Mapping[str, Sink] | None = None):
        self._sinks = dict(sinks or {})
        self._begun = False
        self._waiting: list[Row] = []
        self._path = Path()
        self._told: dict[str, int] = {}
        self._failed: dict[str, str] = {}

    def start(self, settings: Settings, folder: RunFolder, last_round: int) -> None:
        """Begin, and tell each sink the rounds of the run that it was not told.

        Args:
            settings: The run's.
            folder: The run's, with the rows of all rounds that are done.
            last_round: The last of these; a round below 0 if there is none.
        """
        if not self._sinks:
            return
        self._path, self._begun = folder.path / FILE, True
        self._told = _told(self._path)
        settings = replace(settings, run=replace(settings.run, folder=str(folder.path)))
        for name, sink in list(self._sinks.items()):
            self._guarded(name, "began", partial(sink.start, settings))
        self._tell([row for row in folder.rounds() if row["round"] <= last_round])

    def row(self, row: Row, kept: bool) -> None:
        """Take a round's row, and pass on those that wait once a checkpoint keeps them.

        Args:
            row: The round's.
            kept: Whether the round is in a checkpoint.
        """
        if not self._sinks:
            return
        self._waiting.append(as_written(row))
        if kept:
            waiting, self._waiting = self._waiting, []
            self._tell(waiting)

    def end(self, summary: Mapping[str, Any]) -> None:
        """Tell each sink that has begun how the run ended.

        Args:
            summary: As `Sink.end` has it; lists, such as the angles, and the run's folder are left out.
        """
        summary = {key: value for key, value in summary.items() if key != "run" and not isinstance(value, list)}
        for name, sink in list(self._sinks.items()) if self._begun else ():
            self._guarded(name, "ended", partial(sink.end, summary))

    def _tell(self, rows: Iterable[Row]) -> None:
        for row in rows:
            for name, sink in list(self._sinks.items()):
                before, number = self._told.get(name, -1), row["round"]
                if before < number:
                    self._write_down(name, number)  # first, so that no kill has the sink told twice
                    if not self._guarded(name, f"was told round {number}", partial(sink.row, deepcopy(row))):
                        self._write_down(name, before)

    def _guarded(self, name: str, when: str, call: Callable[[], Any]) -> bool:
        """Return whether a call of a sink succeeded; one that fails is told no more."""
        try:
            call()
            return True
        except (Exception, SystemExit) as error:
            del self._sinks[name]
            why = printable(raised(error))
            self._failed[name] = f"{why}, when it {when}"
            self._write_down(name, self._told.get(name, -1))
            warnings.warn(
                f"the sink {name} {why}, when it {when}; it is told no more, and the run goes on (--resume tells it "
                "what it missed)",
                stacklevel=2,
            )
            return False

    def _write_down(self, name: str, number: int) -> None:
        self._told[name] = number
        content = {each: {"round": told, "failed": self._failed.get(each)} for each, told in self._told.items()}
        with suppress(OSError):  # a full disk ends the run where its own rows are written, or not at all
            write_atomically(self._path, json.dumps(content, indent=2).encode())


def make_sinks(settings: Settings) -> Sinks:
    """Return the sinks that ``run.sinks`` names; none has begun.

    Raises:
        MissingExtra: If one needs what is not installed.
        ConfigError: If one of the user's own cannot be loaded, or lacks a function that a sink has.
    """
    return Sinks({name: _make(name, settings) for name in words_of(settings.run.sinks)})


def _make(name: str, settings: Settings) -> Sink:
    if spec := SINKS.get(name):
        if find_spec(spec.module) is None:
            raise MissingExtra(
                f"{KEY} = {name!r} needs {spec.module}, which is not installed; run `{install(name)}`, or leave it out"
            )
        return load_object(spec.maker)()
    thing = load_own(name, KEY)
    sink = call_own(thing, KEY, {}, unfold(settings.run.my)) if callable(thing) else thing
    absent = [each for each in ("start", "row", "end") if not callable(getattr(sink, each, None))]
    if absent:
        raise ConfigError(f"{KEY}: {name} has no {absent[0]}; a sink has start(settings), row(row) and end(summary)")
    return sink


def _told(path: Path) -> dict[str, int]:
    """Return the last round that each sink was told; a file that cannot be read counts as none."""
    try:
        found = read_object(path) if path.exists() else {}
    except Damaged as error:
        warnings.warn(f"{path} {error}; the sinks are told all rounds again", stacklevel=2)
        return {}
    entries = {name: entry.get("round") for name, entry in found.items() if isinstance(entry, dict)}
    return {name: number for name, number in entries.items() if type(number) is int}
