"""Enrolment by token: a client's keys are made on its own host, and only public halves and a proof leave it.

1. `qfl deploy init --tokens` makes the folders of hosts without keys, and one token per client.
2. `qfl deploy join FOLDER --token ...` on the client's host makes its keys, and an application: public keys, and the
   proof that it holds the ML-DSA key and knows the token.
3. `qfl deploy admit DIR APPLICATION` checks the proof and takes the client into roster and SuperLink.
"""

import json
from pathlib import Path

from qfl.deployment.certificates import make_node_key
from qfl.deployment.create import share_public
from qfl.deployment.host import NodeHost, read_host
from qfl.errors import ConfigError, KeyFolderError
from qfl.results import write_atomically
from qfl.security import membership
from qfl.security.signing import decode_key

TOKEN_BYTES = 32


def join(folder: Path, token: str, passphrase: str | None = None) -> Path:
    """Make a client's keys in its own folder and return the file of its application, which holds no secret.

    Raises:
        ConfigError: If the folder is no client's, or the token is none.
        KeyFolderError: If the client has keys already.
    """
    host = read_host(folder)
    if not isinstance(host, NodeHost):
        raise ConfigError(f"{str(folder)!r} is the server's folder; a client joins in its own")
    try:
        nonce = bytes.fromhex(token)
    except ValueError:
        nonce = b""
    if len(nonce) != TOKEN_BYTES:
        raise ConfigError(f"--token {token!r}: expected the {2 * TOKEN_BYTES} hexadecimal digits that init printed")
    if (folder / "node.key").exists():
        raise KeyFolderError(f"{folder} has keys already; a private key is never overwritten")
    algorithm = decode_key((folder / "keys" / "authority.pub").read_bytes()).profile.name
    key, proof = membership.apply(folder / "keys", host.client, nonce, algorithm, passphrase)
    make_node_key(folder / "node.key", folder / "node.pub")
    fields = {"client": host.client, "key": key.hex(), "proof": proof.hex(), "node": (folder / "node.pub").read_text()}
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
        KeyFolderError: If the application is none, the client is not invited, or the proof is refused.
    """
    client, key, proof, node = _read(application)
    authority = folder / "authority" / "keys"
    membership.enrol(authority, client, key, proof, passphrase=passphrase)
    server, own = folder / "server", folder / "nodes" / str(client) / "keys"
    share_public(authority, server / "keys")
    share_public(authority, own)
    write_atomically(server / "nodes" / f"{client}.pub", node.encode())
    return client, [server / "keys" / "roster.cbor", server / "nodes" / f"{client}.pub", own / "roster.cbor"]


def invite_all(folder: Path, clients: int) -> dict[int, str]:
    """Return a token for every client of a new deployment."""
    return {client: membership.invite(folder / "authority" / "keys", client).hex() for client in range(clients)}


def _read(path: Path) -> tuple[int, bytes, bytes, str]:
    try:
        fields = json.loads(path.read_text())
        client, node = int(fields["client"]), str(fields["node"])
        key, proof = bytes.fromhex(fields["key"]), bytes.fromhex(fields["proof"])
    except OSError as error:
        raise KeyFolderError(
            f"cannot read application {str(path)!r} ({error.strerror}); give a client's file"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise KeyFolderError(f"{path} is no application; give the file that `qfl deploy join` wrote") from None
    if not node.startswith("ecdsa-sha2-nistp384 ") or node.count("\n") != 1:
        raise KeyFolderError(f"{path} holds no SuperNode key (an OpenSSH line of ECDSA P-384)")
    return client, key, proof, node
