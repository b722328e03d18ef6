"""``qfl keys rotate``: the client states that another key is its own from a round on; the authority takes that down."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from qfl.cli.parsing import Parser, add_in_git
from qfl.errors import KeyFolderError


def register(parser: Parser) -> None:
    """Declare the options of ``qfl keys rotate``."""
    parser.add_argument("folder", metavar="FOLDER", help="the client's own folder, or the authority's with --statement")
    parser.add_argument("client", metavar="CLIENT", type=int, help="partition id of the client")
    parser.add_argument("--from-round", metavar="N", type=int, help="on the client: first round with the new key")
    parser.add_argument("--statement", metavar="FILE", help="at the authority: what the client's command wrote")
    parser.add_argument("--finish", action="store_true", help="at the authority: drop the client's earlier keys")
    add_in_git(parser)
    parser.set_defaults(execute=rotate)


def rotate(options: Namespace) -> int:
    """Make a statement, take one into the roster, or drop the earlier keys."""
    given = [options.from_round is not None, options.statement is not None, options.finish]
    if sum(given) != 1:
        raise KeyFolderError("give one of --from-round N (on the client), --statement FILE or --finish (authority)")
    return [_state, _accept, _finish][given.index(True)](options)


def _state(options: Namespace) -> int:
    from qfl.security import membership
    from qfl.security.keyfile import passphrase_given
    from qfl.security.outside_git import require_uncommitted
    from qfl.writing import write_atomically

    if options.from_round < 1:
        raise KeyFolderError(f"--from-round {options.from_round}: expected 1 or more")
    require_uncommitted(Path(options.folder), allowed=options.in_git)
    key, proofs = membership.request_rotation(options.folder, options.client, options.from_round, passphrase_given())
    path = Path(options.folder) / "rotation"
    fields = {"client": options.client, "from_round": options.from_round, "key": key.hex()}
    write_atomically(path, json.dumps(fields | {"proofs": [proof.hex() for proof in proofs]}).encode())
    print(f"client {options.client} has its next key in {options.folder}; send {path} to the authority (no secret)")
    return 0


def _accept(options: Namespace) -> int:
    from qfl.security import membership
    from qfl.security.keyfile import passphrase_given

    fields = _read(Path(options.statement), options.client)
    start, key, proofs = fields["from_round"], fields["key"], fields["proofs"]
    roster = membership.rotate(options.folder, options.client, key, proofs, start, passphrase=passphrase_given())
    print(f"from round {start} on client {options.client} signs with its new key (roster version {roster.version});")
    print("hand the roster to the server, then to this client (`qfl deploy publish` does), before that round")
    return 0


def _finish(options: Namespace) -> int:
    from qfl.security import membership
    from qfl.security.keyfile import passphrase_given

    roster = membership.retire(options.folder, options.client, passphrase=passphrase_given())
    print(f"client {options.client} has one key, which counts in every round (roster version {roster.version})")
    return 0


def _read(path: Path, client: int) -> dict[str, Any]:
    from qfl.security.applications import blob, blobs, number, read_fields

    fields = {"client": number, "from_round": number, "key": blob, "proofs": blobs}
    return read_fields(path, fields, "statement", "qfl keys rotate --from-round", client)
