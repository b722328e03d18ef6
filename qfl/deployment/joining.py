"""Enrolment by token: a client's keys are made on its own host, and only public halves and proofs leave it.

1. `qfl deploy init --tokens` makes the folders of hosts without keys, and one token per client.
2. `qfl deploy join FOLDER` on the client's host makes its keys, and an application: public keys, the proof that it
   holds the ML-DSA key and knows the token, which covers the SuperNode's key, and that key's own proof, which covers
   the first.
3. `qfl deploy admit DIR APPLICATION` checks both proofs and takes the client into roster and SuperLink.
"""

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from qfl.deployment.certificates import (
    line_of,
    make_node_key,
    node_key,
    pem_of,
    prove_node_key,
    read_certificate,
    read_node_key,
    verify_node_key,
)
from qfl.deployment.create import share_public
from qfl.deployment.host import NodeHost, read_host
from qfl.deployment.locks import alone
from qfl.deployment.registration import forget, revoked_node_keys
from qfl.errors import ConfigError, Damaged, KeyFolderError
from qfl.results import write_atomically
from qfl.security import membership
from qfl.security.applications import blob, number, read_fields, text
from qfl.security.keystore import authority_key, secret_path
from qfl.security.reasons import rejection

TOKEN_BYTES = 32
FIELDS = {"client": number, "key": blob, "proof": blob, "node": text, "node_proof": blob}


def join(folder: Path, token: str, passphrase: str | None = None) -> Path:
    """Make a client's keys in its own folder and return the file of its application, which holds no secret.

    Args:
        folder: The client's host folder.
        token: What `invite` handed out for this client.
        passphrase: Seals the client's key; None leaves it unsealed.

    Raises:
        ConfigError: If the folder is no client's, or the token is none.
        KeyFolderError: If the client has keys already.
    """
    host = read_host(folder)
    if not isinstance(host, NodeHost):
        raise ConfigError(f"{str(folder)!r} is the server's folder; a client joins in its own")
    nonce = _nonce(token)
    for path in (folder / "node.key", secret_path(folder / "keys", host.client)):
        if path.exists():
            raise KeyFolderError(
                f"{folder} has keys already; a private key is never overwritten: to make new ones, move {path} away"
            )
    algorithm = authority_key(folder / "keys").profile.name
    make_node_key(folder / "node.key", folder / "node.pub")
    node = read_node_key(folder / "node.pub")
    key, proof = membership.apply(folder / "keys", host.client, nonce, algorithm, passphrase, pem_of(node))
    fields = {
        "client": host.client,
        "key": key.hex(),
        "proof": proof.hex(),
        "node": line_of(node).decode(),
        "node_proof": prove_node_key(folder / "node.key", proof).hex(),
    }
    path = folder / "application"
    write_atomically(path, json.dumps(fields).encode())
    return path


def admit(folder: Path, application: Path, passphrase: str | None = None) -> tuple[int, list[Path]]:
    """Take an applicant into the roster and among the nodes to register.

    Args:
        folder: The deployment, with its ``authority``.
        application: What `join` made.
        passphrase: The authority's.

    Returns:
        The client, and the files that have changed: those of the server, and the client's roster.

    Raises:
        KeyFolderError: If the application is none, the client is not invited, a proof is refused, or the SuperNode's
            key is somebody else's or one that was shut out.
    """
    found = read_fields(application, FIELDS, "application", "qfl deploy join")
    client, key = found["client"], _node_key(found["node"], application)
    server, own = folder / "server", folder / "nodes" / str(client) / "keys"
    if not own.is_dir():
        raise KeyFolderError(f"{str(folder)!r} has no client {client}; check whose application {application} is")
    with alone(folder):
        if not verify_node_key(key, found["node_proof"], found["proof"]):
            raise KeyFolderError(f"client {client} is not enrolled: {rejection('no-possession', 'of its SuperNode')}")
        authority, proofs = folder / "authority" / "keys", (found["key"], found["proof"])
        new = partial(_require_new, folder, client, key)
        membership.enrol(authority, client, *proofs, passphrase=passphrase, node=pem_of(key), require=new)
        share_public(authority, server / "keys")
        share_public(authority, own)
        forget(server, client)
        write_atomically(server / "nodes" / f"{client}.pub", line_of(key))
    return client, [server / "keys" / "roster.cbor", server / "nodes" / f"{client}.pub", own / "roster.cbor"]


def invite_all(folder: Path, clients: int) -> dict[int, str]:
    """Return a token for every client of a new deployment."""
    return {client: invite(folder, client) for client in range(clients)}


def invite(folder: Path, client: int) -> str:
    """Return a new token for a client of a deployment: because the one before expired, or its keys are revoked.

    Raises:
        KeyFolderError: If the deployment has no such client.
    """
    if not (folder / "nodes" / str(client) / "keys").is_dir():
        raise KeyFolderError(f"{str(folder)!r} has no client {client}; give one of those in {folder / 'nodes'}")
    return membership.invite(folder / "authority" / "keys", client).hex()


def _nonce(token: str) -> bytes:
    try:
        nonce = bytes.fromhex(token)
    except ValueError:
        nonce = b""
    if len(nonce) != TOKEN_BYTES:
        shown = token if len(token) < 8 else f"{token[:4]}..."  # what is nearly right is nearly a secret
        raise ConfigError(
            f"--token {shown!r}: expected the {2 * TOKEN_BYTES} hexadecimal digits that `qfl deploy init --tokens` or "
            "`qfl deploy invite` printed"
        )
    return nonce


def _node_key(line: str, application: Path) -> ec.EllipticCurvePublicKey:
    """Return the SuperNode's key of an application, which holds nothing but its one line."""
    try:
        key = node_key(line.encode())
        if line_of(key) != line.encode():
            raise ValueError("not in its one form")
    except ValueError as fault:
        raise KeyFolderError(
            f"{application} holds no SuperNode key (an OpenSSH line of ECDSA P-384): {str(fault)[:120]}"
        ) from None
    return key


def _require_new(folder: Path, client: int, key: ec.EllipticCurvePublicKey) -> None:
    """Refuse the key of another client or of the server, and every key that is or was a node's."""
    for whose, known in _known_keys(folder, client):
        if pem_of(known) == pem_of(key):
            raise KeyFolderError(f"client {client} is not enrolled: its SuperNode key is {whose}; join with a new one")


def _known_keys(folder: Path, client: int) -> Iterable[tuple[str, ec.EllipticCurvePublicKey]]:
    server = folder / "server"
    files = {path: path.stem for path in sorted((server / "nodes").glob("*.pub"))}
    files |= {
        path: path.parent.name for path in (folder / "nodes").glob("*/node.pub") if path.parent.name != str(client)
    }
    for path, owner in files.items():
        try:
            yield f"that of client {owner}", read_node_key(path)
        except (Damaged, ValueError):
            continue  # the front skips it, too
    for key in revoked_node_keys(server):
        yield "one that was shut out", key
    for path in (server / "tls.crt", server / "ca.crt"):
        public = read_certificate(path).public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            yield "the server's", public
