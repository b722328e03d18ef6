"""A key management entity for tests: ETSI GS QKD 014 over TLS on this machine, with random keys and no quantum channel.

It knows who asks by the client's certificate, gives every key to its two ends once each, and says 401 to strangers, 400
to what it does not understand and 503 where it has no keys left, as the standard has it.
"""

import base64
import json
import secrets
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from qfl.qkd.key_source import KEY_BYTES

LIMIT_BYTES = 4096
MOST_KEYS = 128  # of one request
BITS = 8 * KEY_BYTES


class Refused(Exception):
    """What is answered in place of keys.

    Args:
        status: Of HTTP.
        message: One sentence.
    """

    def __init__(self, status: int, message: str):
        self.status = status
        super().__init__(message)


@dataclass
class KeyStore:
    """Keys that one end has got and the other has not asked for yet.

    Args:
        left: How many keys there still are.
        waiting: Keys by sender, receiver and id.
    """

    left: int = 1000
    waiting: dict[tuple[str, str, str], bytes] = field(default_factory=dict[tuple[str, str, str], bytes])
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def new(self, master: str, slave: str, number: int) -> list[tuple[str, bytes]]:
        """Return new keys with their ids.

        Args:
            master: Who asks.
            slave: With whom they are shared.
            number: How many.

        Raises:
            Refused: 503 if there are not so many left.
        """
        with self._lock:
            if number > self.left:
                raise Refused(503, f"{self.left} keys are left")
            self.left -= number
            made = [(str(uuid.uuid4()), secrets.token_bytes(KEY_BYTES)) for _ in range(number)]
            self.waiting.update({(master, slave, key_id): key for key_id, key in made})
            return made

    def taken(self, master: str, slave: str, ids: list[str]) -> list[tuple[str, bytes]]:
        """Return the keys of ids, which are forgotten here.

        Args:
            master: Who got them first.
            slave: Who asks.
            ids: Theirs.

        Raises:
            Refused: 400 if one is unknown, another's, or was given out before.
        """
        with self._lock:
            if any((master, slave, key_id) not in self.waiting for key_id in ids):
                raise Refused(400, "one or more keys specified are not found on KME")
            return [(key_id, self.waiting.pop((master, slave, key_id))) for key_id in ids]


@contextmanager
def serving(folder: Path, store: KeyStore) -> Iterator[int]:
    """Serve on a free port of 127.0.0.1, with ``kme.pem`` and ``kme.key`` of a folder, to holders of its certificates.

    Args:
        folder: With ``ca.pem`` besides, the authority of both sides.
        store: The keys.

    Yields:
        The port.
    """
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
    tls.load_cert_chain(folder / "kme.pem", folder / "kme.key")
    tls.verify_mode = ssl.CERT_REQUIRED
    handler = type("Handler", (_Handler,), {"store": store})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    store: KeyStore
    timeout = 10.0

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        self._answer(self.rfile.read(int(length)) if length.isdecimal() and int(length) <= LIMIT_BYTES else b"-")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what is asked for is in the tests."""

    def _answer(self, body: bytes) -> None:
        try:
            status, found = 200, self._found(body)
        except Refused as refused:
            status, found = refused.status, {"message": str(refused)}
        content = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _found(self, body: bytes) -> dict[str, Any]:
        own, path = self._caller(), self.path.split("/")
        try:
            asked = json.loads(body) if body else {}
        except ValueError:
            raise Refused(400, "the body is no JSON") from None
        match path, asked:
            case ["", "api", "v1", "keys", peer, "status"], {}:
                return {"master_SAE_ID": own, "slave_SAE_ID": unquote(peer), "stored_key_count": self.store.left}
            case ["", "api", "v1", "keys", peer, "enc_keys"], {**given}:
                return _container(self.store.new(own, unquote(peer), _number(given)))
            case ["", "api", "v1", "keys", peer, "dec_keys"], {"key_IDs": [*ids]}:
                return _container(self.store.taken(unquote(peer), own, [_id(each) for each in ids]))
            case _:
                raise Refused(400, "expected status, enc_keys or dec_keys of an SAE")

    def _caller(self) -> str:
        """Return the SAE id in the client's certificate."""
        assert isinstance(self.connection, ssl.SSLSocket)
        subject = (self.connection.getpeercert() or {}).get("subject", ())
        names = [value for part in subject for name, value in part if name == "commonName"]
        if len(names) != 1:
            raise Refused(401, "the certificate names no SAE")
        return str(names[0])


def _number(given: dict[str, Any]) -> int:
    number, size = given.get("number", 1), given.get("size", BITS)
    if type(number) is not int or not 1 <= number <= MOST_KEYS or size != BITS:
        raise Refused(400, f"give a number from 1 to {MOST_KEYS} and a size of {BITS}")
    return number


def _id(entry: Any) -> str:
    match entry:
        case {"key_ID": str(key_id)}:
            return key_id
        case _:
            raise Refused(400, "expected key_ID")


def _container(keys: list[tuple[str, bytes]]) -> dict[str, Any]:
    return {"keys": [{"key_ID": key_id, "key": base64.b64encode(key).decode()} for key_id, key in keys]}
