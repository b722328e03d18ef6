"""A client of ETSI GS QKD 014: keys of a real key management entity over HTTPS, with a certificate of one's own.

::

    GET  {url}/api/v1/keys/{slave SAE}/status
    POST {url}/api/v1/keys/{slave SAE}/enc_keys    {"number": 1, "size": 256}
    POST {url}/api/v1/keys/{master SAE}/dec_keys   {"key_IDs": [{"key_ID": "..."}]}
"""

import base64
import binascii
import json
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from qfl.errors import ConfigError, Damaged
from qfl.qkd.key_source import ID_CHARACTERS, KEY_BYTES, NoKey, QuantumKey
from qfl.reading import parse_json, read_bytes

FILE = "kme.json"
LIMIT_BYTES = 64 * 1024  # of the file, and of an answer
WAIT_S = 10.0


@dataclass(frozen=True)
class EtsiSource:
    """Keys of a key management entity (KME).

    Args:
        url: Of the KME, ``https://host:port``.
        tls: Trusts the KME's authority alone and shows our certificate, by which it knows who asks.

    Reference:
        ETSI GS QKD 014 V1.1.1 (2019), sections 5.1 to 5.4 and 6.
    """

    url: str
    tls: ssl.SSLContext

    def get_key(self, peer: str) -> QuantumKey:
        """Return a new key for us and a peer.

        Raises:
            NoKey: If the KME has none, refuses, does not answer, or answers anything else.
        """
        return self._key(peer, "enc_keys", {"number": 1, "size": 8 * KEY_BYTES})

    def get_key_with_id(self, peer: str, key_id: str) -> QuantumKey:
        """Return the key that a peer has got.

        Raises:
            NoKey: As `get_key`, or if the key that comes back has another id.
        """
        found = self._key(peer, "dec_keys", {"key_IDs": [{"key_ID": key_id}]})
        if found.key_id != key_id:
            raise NoKey("No key: the service answered with another id than was asked for.")
        return found

    def status(self, peer: str) -> dict[str, Any]:
        """Return what the KME says of the link to a peer, such as ``stored_key_count``.

        Raises:
            NoKey: If it does not say.
        """
        return self._asked(peer, "status", None)

    def _key(self, peer: str, what: str, body: dict[str, Any]) -> QuantumKey:
        match self._asked(peer, what, body):
            case {"keys": [{"key_ID": str(key_id), "key": str(key)}]}:
                return QuantumKey(_id(key_id), _bytes(key), f"from {self.url}")
            case _:
                raise NoKey("No key: the service's answer is not one key and its id.")

    def _asked(self, peer: str, what: str, body: dict[str, Any] | None) -> dict[str, Any]:
        import httpx

        path = f"{self.url}/api/v1/keys/{quote(peer, safe='')}/{what}"
        try:
            with httpx.Client(verify=self.tls, timeout=WAIT_S, trust_env=False) as client:
                answer = client.get(path) if body is None else client.post(path, json=body)
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise NoKey(f"No key: {self.url} does not answer ({type(error).__name__}).") from None
        return _content(answer.status_code, answer.content)


def open_source(folder: Path, sae: str) -> EtsiSource:
    """Return the source that a folder describes.

    The folder has ``kme.json``, ``{"url": "https://...", "ca": "ca.pem"}``, and for each SAE of this host its
    certificate ``SAE.pem`` and private key ``SAE.key``.

    Args:
        folder: The folder.
        sae: Who we are.

    Raises:
        ConfigError: If something is absent or unreadable.
    """
    url, authority = _described(folder / FILE)
    certificate, key = (folder / f"{sae}.{ending}" for ending in ("pem", "key"))
    try:
        tls = ssl.create_default_context(cafile=str(folder / authority))
        tls.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"{folder}: cannot use {authority}, {certificate.name} and {key.name} ({error}); put the authority's "
            f"certificate and those of {sae} there (PEM)"
        ) from None
    return EtsiSource(url, tls)


def _described(path: Path) -> tuple[str, str]:
    try:
        found = parse_json(read_bytes(path, LIMIT_BYTES))
    except (Damaged, ValueError) as error:
        raise ConfigError(f"{path}: {error}; describe the key management entity there") from None
    match found:
        case {"url": str(url), "ca": str(authority), **rest} if not rest and re.fullmatch(r"https://[\w.:\[\]-]+", url):
            return url, authority
        case _:
            raise ConfigError(f'{path}: expected {{"url": "https://HOST:PORT", "ca": "FILE.pem"}} and nothing else')


def _content(status: int, content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content) if len(content) <= LIMIT_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if status != 200:
        said = found.get("message") if isinstance(found, dict) else None
        raise NoKey(f"No key: the service refuses with {status} ({str(said)[:80]!r}).")
    if not isinstance(found, dict):
        raise NoKey("No key: the service's answer is no JSON object.")
    return found


def _id(key_id: str) -> str:
    if not re.fullmatch(rf"[0-9A-Za-z-]{{1,{ID_CHARACTERS}}}", key_id):
        raise NoKey("No key: the service's id of the key is none.")
    return key_id


def _bytes(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoKey("No key: the service's key is not in base64.") from None
    if len(key) != KEY_BYTES:
        raise NoKey(f"No key: the service's key has {len(key)} bytes, not {KEY_BYTES}.")
    return key
