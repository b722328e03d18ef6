"""``qfl keys``: make a key folder, enrol and revoke clients, rotate their keys, list them.

Enrolment takes three steps, so that a private key never leaves its machine: the authority invites, the client makes
its key and an application, the authority takes the application into the roster.
"""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from qfl.cli import rotation
from qfl.cli.parsing import Commands, Parser, add_command, add_in_git, check_days
from qfl.errors import KeyFolderError

MOST_CLIENTS = 10_000  # some 3 kB of roster each, of which 64 MiB are read
EXAMPLES = """
qfl keys new keys --clients 200                           make an authority, a server and 200 clients
qfl keys list keys                                        show who is enrolled
qfl keys revoke keys 7 --from-round 12                    refuse client 7 from round 12 on
qfl keys rotate mine 7 --from-round 12                    on the client: make its next key and a statement
qfl keys rotate keys 7 --statement mine/rotation          take it into the roster; `--finish` when the run is over
qfl keys enrol keys 200                                   invite a new client; prints its invitation
qfl keys new mine --client 200                            on the client: asks for it, makes a key and an application
qfl keys enrol keys 200 --application mine/application    take it into the roster
"""


def register(commands: Commands) -> None:
    """Declare ``qfl keys`` and its commands."""
    parser = add_command(commands, "keys", "make, enrol, list and revoke signing keys", EXAMPLES)
    parser.description = f"{parser.description} The environment variable QFL_PASSPHRASE seals and opens private keys."
    inner = parser.add_subparsers(metavar="new|enrol|list|revoke|rotate", required=True)
    _register_new(add_command(inner, "new", "make a key folder, or a client's own key", EXAMPLES, new))
    enrolling = add_command(inner, "enrol", "invite a client, or take its application into the roster", EXAMPLES, enrol)
    enrolling.add_argument("folder", metavar="FOLDER", help="the authority's key folder")
    enrolling.add_argument("client", metavar="CLIENT", type=int, help="partition id of the client, 0 or more")
    enrolling.add_argument(
        "--application", metavar="FILE", help="what `qfl keys new --client` wrote; without it, invite"
    )
    enrolling.add_argument(
        "--max-examples", metavar="N", type=int, default=1_000_000, help="largest claim of samples (default 1000000)"
    )
    listing = add_command(inner, "list", "show who is enrolled", EXAMPLES, show)
    listing.add_argument("folder", metavar="FOLDER", help="a key folder")
    listing.add_argument("--json", action="store_true", help="print one JSON list")
    revoking = add_command(inner, "revoke", "refuse a client's key from a round on", EXAMPLES, revoke)
    revoking.add_argument("folder", metavar="FOLDER", help="the authority's key folder")
    revoking.add_argument("client", metavar="CLIENT", type=int, help="partition id of the client")
    revoking.add_argument(
        "--from-round", metavar="N", type=int, default=0, help="first round without it (default 0: every round)"
    )
    rotation.register(add_command(inner, "rotate", "give a client another key from a round on", EXAMPLES))


def _register_new(parser: Parser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="a new folder, or a client's own")
    parser.add_argument("--clients", metavar="N", type=int, help="make an authority, a server and N clients")
    parser.add_argument("--client", metavar="ID", type=int, help="make the key of this one client, which was invited")
    parser.add_argument(
        "--invitation-file", metavar="FILE", help="holds what `qfl keys enrol` printed; - reads the standard input"
    )
    parser.add_argument(
        "--invitation", metavar="HEX", help="the same itself, which others then see in the process list"
    )
    parser.add_argument("--algorithm", default="ML-DSA-65", help="signature algorithm (default ML-DSA-65)")
    parser.add_argument("--days", metavar="N", type=int, default=365, help="until the roster expires (default 365)")
    add_in_git(parser)


def new(options: Namespace) -> int:
    """Make a whole key folder, or one client's key with its application."""
    from qfl.security.outside_git import require_uncommitted

    if (options.clients is None) == (options.client is None):
        raise KeyFolderError("give either --clients N, for a new key folder, or --client ID, which was invited")
    if options.clients is not None and (options.invitation is not None or options.invitation_file is not None):
        raise KeyFolderError("an invitation is for one client; give it with --client ID, or leave it out")
    require_uncommitted(Path(options.folder), allowed=options.in_git)
    return _new_client(options) if options.clients is None else _new_folder(options)


def _new_folder(options: Namespace) -> int:
    from qfl.security import keystore
    from qfl.security.keyfile import passphrase_given
    from qfl.security.profiles import profile

    if not 1 <= options.clients <= MOST_CLIENTS:
        raise KeyFolderError(f"--clients {options.clients}: expected at least 1, and at most {MOST_CLIENTS}")
    check_days(options.days)
    algorithm, library = options.algorithm, profile(options.algorithm).libraries[0]
    roster = keystore.new(
        options.folder, algorithm, options.clients, library=library, passphrase=passphrase_given(), days=options.days
    )
    print(f"{len(roster.rows)} clients, a server and an authority have {options.algorithm} keys in {options.folder}")
    print(
        f"use them with --set security.keys={options.folder}; move each clients/ID.key to its client for a deployment"
    )
    return 0


def _new_client(options: Namespace) -> int:
    from qfl.cli.tokens import read_token, warn_if_given
    from qfl.security import membership
    from qfl.security.keyfile import passphrase_given
    from qfl.writing import write_atomically

    nonce = _hex(read_token(options.invitation, options.invitation_file, "--invitation"), "--invitation")
    key, proof = membership.apply(options.folder, options.client, nonce, options.algorithm, passphrase_given())
    warn_if_given(options.invitation, "--invitation")
    path = Path(options.folder) / "application"
    fields = {"client": options.client, "key": key.hex(), "proof": proof.hex()}
    write_atomically(path, json.dumps(fields).encode())
    print(
        f"the key of client {options.client} is in {options.folder}; send {path} to the authority (it holds no secret)"
    )
    return 0


def enrol(options: Namespace) -> int:
    """Print an invitation, or take an application into the roster."""
    from qfl.security import membership
    from qfl.security.keyfile import passphrase_given

    if options.application is None:
        nonce = membership.invite(options.folder, options.client)
        print(f"client {options.client} is invited once, for {membership.INVITATION_DAYS} days; on its machine")
        print(f"  qfl keys new FOLDER --client {options.client}   asks for the --invitation {nonce.hex()}")
        return 0
    key, proof = _read_application(Path(options.application), options.client)
    roster = membership.enrol(
        options.folder, options.client, key, proof, max_examples=options.max_examples, passphrase=passphrase_given()
    )
    print(
        f"client {options.client} is enrolled; the roster has version {roster.version} and {len(roster.rows)} clients"
    )
    print(f"give the client authority.pub and roster.cbor of {options.folder}")
    return 0


def show(options: Namespace) -> int:
    """Print one line per enrolled client."""
    from qfl.security import keystore

    rows = keystore.list_rows(options.folder)
    if options.json:
        print(json.dumps(rows))
        return 0
    print(f"{'client':>6}  {'algorithm':<11}  {'status':<26}  {'max examples':>12}  key")
    for row in rows:
        print(
            f"{row['client']:>6}  {row['algorithm']:<11}  {_status(row):<26}  {row['max_examples']:>12}  {row['kid']}"
        )
    return 0


def revoke(options: Namespace) -> int:
    """Revoke a client's key."""
    from qfl.security import membership
    from qfl.security.keyfile import passphrase_given

    if options.from_round < 0:
        raise KeyFolderError(f"--from-round {options.from_round}: expected 0 or more")
    roster = membership.revoke(options.folder, options.client, options.from_round, passphrase=passphrase_given())
    print(f"client {options.client} is revoked from round {options.from_round} on (roster version {roster.version})")
    return 0


def _status(row: dict[str, Any]) -> str:
    return row["status"] if row["revoked_from"] is None else f"revoked from round {row['revoked_from']}"


def _read_application(path: Path, client: int) -> tuple[bytes, bytes]:
    from qfl.security.applications import blob, number, read_fields

    fields = {"client": number, "key": blob, "proof": blob}
    stated = read_fields(path, fields, "application", "qfl keys new --client ID", client)
    return stated["key"], stated["proof"]


def _hex(text: str, option: str) -> bytes:
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != 32:
        shown = text if len(text) < 8 else f"{text[:4]}..."  # what is nearly right is nearly a secret
        raise KeyFolderError(f"{option} {shown!r}: expected the 64 hexadecimal digits that `qfl keys enrol` printed")
    return value
