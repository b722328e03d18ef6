"""What ``qfl backbone register`` and ``qfl backbone templates`` do; they are declared in `qfl.cli.backbone`."""

import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.errors import ConfigError
from qfl.printable import printable

if TYPE_CHECKING:
    from qfl.backbone.runtime.templates.folder import Templates

MOST_JOBS = 1000  # that are looked at, the last ones


def register_templates(options: Namespace) -> int:
    """Register what can be learned from a service's log, and print a line for everything that was looked at."""
    from qfl.backbone.runtime.templates.folder import register
    from qfl.backbone.runtime.templates.learn import learn_templates
    from qfl.security.keyfile import passphrase_given
    from qfl.security.keystore import load_signer

    signer = load_signer(options.keys, "server", passphrase_given())
    rows: list[dict[str, Any]] = []
    for name, entry, measured in learn_templates(_jobs(Path(options.source))):
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


def _jobs(folder: Path) -> list[dict[str, Any]]:
    from qfl.backbone.orchestration.telemetry import FILE, telemetry_in

    if not (folder / FILE).is_file():
        raise ConfigError(f"{folder} has no {FILE}; give the folder of a service, `qfl backbone serve --folder`")
    with telemetry_in(folder) as log:
        return log.solved(MOST_JOBS)
