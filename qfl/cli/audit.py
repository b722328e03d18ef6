"""``qfl audit RUN``: whether a run folder is what its server signed, and the first round that is not."""

import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from qfl.cli.parsing import Commands, add_command
from qfl.printable import printable

if TYPE_CHECKING:
    from qfl.security.audit.audit import Audit

EXAMPLES = """
qfl audit runs/quickstart-20261121-081500-1f3a
qfl audit runs/edge --client hosts/client-3 --client hosts/client-4
qfl audit runs/edge --keys /media/stick/keys --json
"""


def register(commands: Commands) -> None:
    """Declare ``qfl audit``."""
    about = "say whether a run folder is what its server signed, offline"
    parser = add_command(commands, "audit", about, EXAMPLES, audit)
    parser.add_argument("folder", metavar="RUN", help="a run folder that `qfl run` made")
    parser.add_argument(
        "--client",
        metavar="FOLDER",
        action="append",
        default=[],
        help="folder of a deployed client, whose keys and record of the ledger are compared (any number of times)",
    )
    parser.add_argument("--keys", metavar="FOLDER", help="key folder from elsewhere, whose server must have signed")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def audit(options: Namespace) -> int:
    """Compare a run folder with its ledger; exit code 1 if anything is not as it was signed."""
    from qfl.results import RunFolder
    from qfl.security.audit.audit import audit as compare

    keys = Path(options.keys) if options.keys else None
    found = compare(RunFolder(options.folder), keys, [Path(each) for each in options.client])
    print(json.dumps(_plain(found, options.folder)) if options.json else "\n".join(_sentences(found)))
    return 1 if found.findings else 0


def _plain(found: "Audit", folder: str) -> dict[str, object]:
    return {
        "run": folder,
        "ok": not found.findings,
        "last_round": found.rounds,
        "entries": found.entries,
        "server": found.server.thumbprint.hex(),
        "algorithm": found.server.profile.name,
        "first": vars(found.first) if found.first else None,
        "findings": [vars(each) for each in found.findings],
        "notes": list(found.notes),
    }


def _sentences(found: "Audit") -> list[str]:
    if found.first:
        verdict = [f"{each.kind:<9}round {each.round} {printable(each.what, 500)}" for each in found.findings]
        verdict.append(f"round {found.first.round} is the first that is not as the server signed it")
    else:
        verdict = [
            f"rounds up to {found.rounds} are as the server signed them: {found.entries} entries of the ledger, rows, "
            f"checkpoint and result ({found.server.profile.name}, key {found.server.thumbprint.hex()[:16]})"
        ]
    return verdict + [f"note: {printable(each, 500)}" for each in found.notes]
