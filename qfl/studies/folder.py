"""The folder of a study: what its run.json says, and whether another version of the source began it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qfl.config.fields import as_toml
from qfl.errors import ConfigError, Damaged, RunFolderError
from qfl.provenance import host, source_digest, versions
from qfl.report.formatting import moment
from qfl.results import RunFolder
from qfl.tables import Check, or_null, table_of, text

PAGE_NEEDS: Mapping[str, Check] = {
    **dict.fromkeys(("name", "created", "source"), text),
    **dict.fromkeys(("versions", "host"), table_of(lambda value: not isinstance(value, dict | list))),
    "notice": or_null(text),
}


def create(
    kind: str,
    name: str,
    settings: Any,
    *,
    prefix: str = "",
    root: str | Path = "runs",
    path: str | Path = "",
    **more: Any,
) -> RunFolder:
    """Return a new folder whose run.json says what was asked for, of which source, with which libraries, and where.

    Args:
        kind: Of study.
        name: Of the run file, or of the reproduction.
        settings: Plain values from which `qfl.studies.study.Study.settings` can be read again.
        prefix: In front of the folder's name.
        root: Where the folder is made.
        path: The folder itself, instead.
        more: Further entries of run.json.

    Raises:
        ConfigError: If no folder can be made there.
    """
    header = {
        "schema": 1,
        "kind": kind,
        "name": name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": "running",
        "settings": settings,
        **more,
        "versions": versions(),
        "host": host(),
        "source": source_digest(),
    }
    try:
        return RunFolder.create(f"{prefix}{name}", header, root, path)
    except OSError as error:
        where = f"the folder {str(path)!r}" if path else f"a run folder in {str(root)!r}"
        raise ConfigError(f"cannot make {where} ({error.strerror}); go where it can be") from None


def page_values(folder: RunFolder, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page says of its folder: name, folder, created, settings as in a run file, and facts."""
    header = folder.header
    return {
        "name": header["name"],
        "folder": folder.path.name,
        "created": moment(header["created"]),
        "settings": "\n".join(f"{key} = {as_toml(value)}" for key, value in settings.items()),
        "facts": [("source digest", header["source"]), *header["versions"].items(), *header["host"].items()],
    }


def check_header(folder: RunFolder) -> None:
    """Return if run.json has what every page needs.

    Raises:
        RunFolderError: If it has not.
    """
    header = folder.header
    absent = [key for key, check in PAGE_NEEDS.items() if not check(header.get(key))]
    if absent:
        raise folder.damaged("run.json", Damaged(f"does not say what {absent[0]} is"))


def same_source(folder: RunFolder) -> bool:
    """Return whether the source that runs now is the one that began the folder."""
    return folder.header.get("source") == source_digest()


def other_source(folder: RunFolder, kind: str) -> RunFolderError:
    """Return the refusal to measure more in a folder that another source began."""
    return RunFolderError(f"{folder.path} was begun by another version of the source; start a new {kind}")
