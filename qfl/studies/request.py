"""What every study is given, and the folder of a reproduction.

::

    runs/table1-20261126-101500-1f3a/
        run.json        what was asked for: name, quick, seed, settings, versions, source
        *.jsonl         rows measured so far; what is there is not measured again after --resume
        results.json    the numbers, a key per cell
        README.md       the page: paper's number | ours | seeds, and the figures
        *.csv, *.png    the same for other programs, and for the eye
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.config.renamed import renewed
from qfl.config.runfile import flatten_toml, read_toml
from qfl.errors import ConfigError, Damaged, RunFolderError
from qfl.results import RunFolder, write_atomically
from qfl.spread import finite
from qfl.studies.examples import digest
from qfl.studies.folder import create, other_source, same_source
from qfl.studies.settings import changed, overrides

if TYPE_CHECKING:
    from qfl.studies.study import Result

KIND = "reproduction"


def to_stderr(line: str) -> None:
    """Show a line of progress."""
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Request:
    """One study that was asked for.

    Args:
        name: As in ``qfl reproduce NAME``.
        quick: Less of everything: one seed, minutes instead of hours.
        seed: The first seed; further ones count up from it.
        settings: The flat keys of the run file.
        folder: Where rows, figures and the page go; rows of an interrupted run are there already.
        checkout: The checkout whose app trains, where a federation is part of it.
        changed: Keys that were set on the command line, which a quick form made in code leaves as they are.
        show: Takes one line about the progress.
    """

    name: str
    quick: bool
    seed: int
    settings: Mapping[str, Any]
    folder: RunFolder
    checkout: Path
    changed: tuple[str, ...] = ()
    show: Callable[[str], None] = to_stderr

    @property
    def asked(self) -> dict[str, Any]:
        """The settings without those under ``[quick]``, which in the quick form stand in their places."""
        quick = {key.removeprefix("quick."): value for key, value in self.settings.items() if key.startswith("quick.")}
        kept = {key: value for key, value in self.settings.items() if not key.startswith("quick.")}
        return kept | quick if self.quick else kept


def comparison(folder: RunFolder, settings: Mapping[str, Any], checkout: Path, quiet: bool) -> Request:
    """Return the request for a comparison in its own folder, without a word about the progress if it is to be quiet.

    Args:
        folder: Its own.
        settings: Plain values that the study reads.
        checkout: Whose app trains, or whose examples/ say what a paper says.
        quiet: Whether no line of progress is shown.
    """
    show = (lambda line: None) if quiet else to_stderr
    return Request(folder.header["name"], False, 1, settings, folder, checkout, show=show)


def begin(
    name: str,
    checkout: Path,
    file: Path,
    *,
    quick: bool,
    seed: int,
    changes: Sequence[str] = (),
    resume: str = "",
    root: str | Path = "runs",
    sources: str = "",
) -> Request:
    """Return the request with a new folder, or with the one to go on in.

    Args:
        name: As in ``qfl reproduce NAME``.
        checkout: The checkout that the example is in.
        file: The example's run file, beside its study.py.
        quick: Less of everything.
        seed: The first seed.
        changes: ``key=value`` for each setting of the file that is to be another, those of the quick form included.
        resume: An interrupted reproduction's folder, whose own settings, seed and length are then used.
        root: Where a new folder is made.
        sources: Digest of the study's sources; of those beside the file if it is not given.

    Raises:
        ConfigError: If the file is unreadable, or a change is to a setting that it has not, or comes with ``resume``.
        RunFolderError: If the folder is of another reproduction or was begun by another version of the source.
    """
    sources = sources or digest(file.parent)
    if resume:
        if changes:
            raise ConfigError(
                f"--set {changes[0]} comes with --resume, which keeps its settings; leave one of them out"
            )
        return _again(name, RunFolder(resume), checkout, sources)
    asked = {"quick": quick, "seed": seed}
    settings = changed(flatten_toml(read_toml(file)), changes, quick)
    keys = tuple(key for key, _ in overrides(changes))
    folder = create(KIND, name, settings, root=root, **asked, changed=keys, study=sources)
    return Request(name, **asked, settings=settings, folder=folder, checkout=checkout, changed=keys)


def finish(request: Request, result: "Result") -> None:
    """Write results.json into the folder, and that it is whole."""
    numbers = json.dumps(finite(result.numbers), indent=2)
    write_atomically(request.folder.path / "results.json", numbers.encode())
    request.folder.update(status="completed")


def _again(name: str, folder: RunFolder, checkout: Path, study: str) -> Request:
    header = folder.header
    if header.get("kind") != KIND or header.get("name") != name:
        raise RunFolderError(f"{folder.path} is no folder of `qfl reproduce {name}`; give one of those")
    if not same_source(folder) or header.get("study") != study:
        raise other_source(folder, KIND)
    header = header | {"settings": folder.settings}
    for key, kind in (("quick", bool), ("seed", int), ("settings", dict), ("changed", list)):
        if type(header.get(key)) is not kind:
            raise folder.damaged("run.json", Damaged(f"does not say what {key} is"))
    asked = {"quick": header["quick"], "seed": header["seed"], "settings": renewed(header["settings"])}
    return Request(name, **asked, folder=folder, checkout=checkout, changed=tuple(header["changed"]))
