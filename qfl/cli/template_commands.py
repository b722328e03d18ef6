"""What ``qfl backbone register`` and ``qfl backbone templates`` do; they are declared in `qfl.cli.backbone`."""

import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.errors import ConfigError, Damaged
from qfl.printable import printable
from qfl.reading import read_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qfl.backbone.runtime.templates.folder import Templates
    from qfl.backbone.runtime.templates.learn import Found

MOST_JOBS = 1000  # that are looked at, the last ones


def register_templates(options: Namespace) -> int:
    """Register what a service's log or a request has taught, and print a line for everything that was looked at."""
    from qfl.backbone.runtime.templates.folder import register
    from qfl.security.keyfile import passphrase_given
    from qfl.security.keystore import load_signer

    signer = load_signer(options.keys, "server", passphrase_given())
    rows: list[dict[str, Any]] = []
    for name, entry, measured in _learned(Path(options.source), options.name):
        registered = register(Path(options.templates), entry, signer) if entry is not None else None
        rows.append({"name": name, "version": registered.version if registered else None, **measured})
    if options.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        numbers = ", ".join(f"{key} {row[key]:.4g}" for key in row if key not in ("name", "version"))
        state = f"version {row['version']}" if row["version"] else "not registered"
        print(f"{row['name']:44} {state}: {numbers}")
    return 0


def show_templates(options: Namespace) -> int:
    """Print every version of every entry, and return 1 if one of them is refused."""
    from qfl.backbone.runtime.templates.folder import list_templates
    from qfl.security.keystore import load_roster

    key = load_roster(options.signed_by).server if options.signed_by else None
    rows = list_templates(Path(options.folder), key)
    if options.json:
        print(json.dumps(rows))
    for row in () if options.json else rows:
        about = row.get("fault") or f"{row['kind']}, signed by {row['signed_by'][:16]}"
        print(f"{row['name']}@{row['version']}: {printable(about)}")
    return int(any("fault" in row for row in rows))


def given_templates(options: Namespace) -> "Templates | None":
    """Return the registry of ``--templates``, verified by the key folder of ``--signed-by``; None where there is none.

    Raises:
        UserError: If only one of both is given, or an entry is refused.
    """
    from qfl.backbone.runtime.templates.folder import read_templates
    from qfl.security.keystore import load_roster

    if (options.templates is None) != (options.signed_by is None):
        raise ConfigError("--templates and --signed-by go together: whose templates may decide; give both or none")
    if options.templates is None:
        return None
    return read_templates(Path(options.templates), load_roster(options.signed_by).server)


def _learned(source: Path, name: str | None) -> "Iterable[Found]":
    """Return what a service's folder has taught, or a file with a request of ``/detect`` or ``/predict``."""
    if source.is_file():
        from qfl.backbone.applications.learning import checkpoint_of

        if name is None:
            raise ConfigError(f"{source} is a request; give --name, by which other requests will start from it")
        return [(name, *checkpoint_of(name, _request(source)))]
    if name is not None:
        raise ConfigError(f"--name is of a checkpoint, and {source} is no file with a request; leave it out")
    from qfl.backbone.runtime.templates.learn import learn_templates

    return learn_templates(_jobs(source))


def _request(path: Path) -> dict[str, Any]:
    try:
        return read_object(path)
    except Damaged as error:
        raise ConfigError(f"{path} {error}; give a JSON file with a request of /detect or /predict") from None


def _jobs(folder: Path) -> list[dict[str, Any]]:
    from qfl.backbone.orchestration.telemetry import FILE, telemetry_in

    if not (folder / FILE).is_file():
        raise ConfigError(f"{folder} has no {FILE}; give the folder of a service, `qfl backbone serve --folder`")
    with telemetry_in(folder) as log:
        return log.solved(MOST_JOBS)
