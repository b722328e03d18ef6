"""What the front lets pass: requests of registered SuperNodes to Flower's Fleet API, of bounded size, and nothing else.

All of it is decided on the request's head, before a byte of the body is kept. Flower checks the same signature once
more behind the front, but only after it has read and parsed the body of whoever sends one.
"""

import binascii
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from qfl.deployment.certificates import pem_of, read_node_key
from qfl.errors import Damaged
from qfl.printable import printable

PULL = "/v1/fleet/pull-messages"
# Not register-node and unregister-node: nodes of a deployment are registered by its operator.
PATHS = {PULL} | {
    f"/v1/fleet/{name}"
    for name in (
        "activate-node",
        "deactivate-node",
        "send-node-heartbeat",
        "push-messages",
        "get-run",
        "get-fab",
        "push-object",
        "pull-object",
        "confirm-message-received",
    )
}
EARLY_S, LATE_S = 5.0, 305.0  # flwr.common.constant: SYSTEM_TIME_TOLERANCE, and TIMESTAMP_TOLERANCE more
WINDOW_S, REQUESTS_PER_WINDOW = 60.0, 16  # a node may send sixteen of the largest requests in a minute


class Refused(Exception):
    """A request that does not pass.

    Args:
        status: HTTP status to answer with.
        reason: One sentence, for the answer and the log.
    """

    def __init__(self, status: int, reason: str):
        self.status, self.reason = status, reason
        super().__init__(reason)


@dataclass
class Gate:
    """Decide on requests by their head.

    Args:
        folder: Holds one OpenSSH public key per node, ``<client>.pub``; files may come and go.
        max_bytes: Length of the largest body.
        now: Unix time in seconds.
    """

    folder: Path
    max_bytes: int
    now: Callable[[], float] = time.time
    _keys: dict[bytes, tuple[str, ec.EllipticCurvePublicKey]] = field(default_factory=dict, init=False)
    _stamp: float = field(default=-1.0, init=False)
    _spent: dict[str, tuple[float, int]] = field(default_factory=dict, init=False)

    def admit(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[str, int]:
        """Return the client that sends a request, and the length of its body.

        Args:
            method: HTTP method.
            path: The request's target, as sent.
            headers: By lower-case name.

        Raises:
            Refused: 403 for every path but the fleet's, 405, 411, 413, 401 for whoever is not registered or whose clock
                is wrong, 429 for a node that sends too much.
        """
        if path not in PATHS:
            raise Refused(403, "only the fleet's paths are served here")
        if method != "POST":
            raise Refused(405, "the fleet's paths take POST")
        length = self._length(headers)
        client = self._authenticated(headers)
        self._spend(client, length)
        return client, length

    def _length(self, headers: Mapping[str, str]) -> int:
        text = headers.get("content-length", "")
        if "transfer-encoding" in headers or not (text.isascii() and text.isdigit() and len(text) < 16):
            raise Refused(411, "a request states the length of its body")
        if int(text) > self.max_bytes:
            raise Refused(413, f"{text} bytes; at most {self.max_bytes} are taken")
        return int(text)

    def _authenticated(self, headers: Mapping[str, str]) -> str:
        """Verify what a SuperNode signs: a time (ECDSA, SHA-256), and nothing of the request."""
        try:
            public = b64decode(headers["flwr-public-key"], validate=True)
            signature = b64decode(headers["flwr-signature"], validate=True)
            stamp = headers["flwr-timestamp"]
            late_s = self.now() - datetime.fromisoformat(stamp).timestamp()
        except (KeyError, ValueError, binascii.Error, OverflowError):
            raise Refused(401, "no SuperNode's signature") from None
        client, key = self._owner(public)
        try:
            key.verify(signature, stamp.encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise Refused(401, f"the signature is not client {client}'s") from None
        if not -EARLY_S < late_s < LATE_S:
            slow = "slow" if late_s > 0 else "fast"
            raise Refused(401, f"the clock of client {client} is {abs(late_s):.0f} s {slow}; set it")
        return client

    def _owner(self, public: bytes) -> tuple[str, ec.EllipticCurvePublicKey]:
        if (changed := self.folder.stat().st_mtime) != self._stamp:
            self._keys, self._stamp = _read_keys(self.folder), changed
        if public not in self._keys:
            raise Refused(401, "the SuperNode's key is not registered")
        return self._keys[public]

    def _spend(self, client: str, length: int) -> None:
        since, spent = self._spent.get(client, (self.now(), 0))
        if self.now() - since > WINDOW_S:
            since, spent = self.now(), 0
        if spent + length > REQUESTS_PER_WINDOW * self.max_bytes:
            raise Refused(429, f"client {client} sent {spent} bytes within a minute")
        self._spent[client] = (since, spent + length)


def _read_keys(folder: Path) -> dict[bytes, tuple[str, ec.EllipticCurvePublicKey]]:
    """Return each key in the form that SuperNodes send it in, with its client and the key itself.

    A file that holds no key, or one that an earlier file holds, is skipped with a line in the log: it must not keep the
    other nodes out.
    """
    keys: dict[bytes, tuple[str, ec.EllipticCurvePublicKey]] = {}
    for path in sorted(folder.glob("*.pub")):
        try:
            key = read_node_key(path)
        except (Damaged, ValueError) as fault:
            print(f"{str(path)!r} is skipped: {printable(fault)}", flush=True)
            continue
        owner, _ = keys.setdefault(pem_of(key), (path.stem, key))
        if owner != path.stem:
            print(f"{str(path)!r} is skipped: it holds the key of client {owner!r}", flush=True)
    return keys
