"""What a service may answer, and what its folder may hold; test_key_server.py asks a whole service."""

import base64
import json
import ssl

import httpx
import pytest

from qfl.errors import ConfigError
from qfl.qkd.etsi_client import EtsiSource, open_source
from qfl.qkd.key_source import NoKey

KEY = base64.b64encode(bytes(32)).decode()
GOOD = {"keys": [{"key_ID": "a-1", "key": KEY}]}


def answering(monkeypatch, status, content):
    """Return a source whose service answers so."""
    given = content if isinstance(content, bytes) else json.dumps(content).encode()
    monkeypatch.setattr(httpx.Client, "post", lambda self, path, json: httpx.Response(status, content=given))
    return EtsiSource("https://kme:1", ssl.create_default_context())


def test_a_key_is_read(monkeypatch):
    found = answering(monkeypatch, 200, GOOD).get_key("peer")
    assert (found.key_id, found.key) == ("a-1", bytes(32)) and "kme:1" in found.remark and KEY not in repr(found)


@pytest.mark.parametrize(
    "status,content",
    [
        (503, {"message": "no keys"}),
        (401, b""),
        (200, b"not json"),
        (200, b"[" * 70_000),
        (200, []),
        (200, {}),
        (200, {"keys": []}),
        (200, {"keys": GOOD["keys"] * 2}),
        (200, {"keys": [{"key_ID": "a-1", "key": "*"}]}),
        (200, {"keys": [{"key_ID": "a-1", "key": base64.b64encode(bytes(16)).decode()}]}),
        (200, {"keys": [{"key_ID": "a\n1", "key": KEY}]}),
        (200, {"keys": [{"key_ID": "", "key": KEY}]}),
        (200, {"keys": [{"key_ID": "x" * 65, "key": KEY}]}),
        (200, {"keys": [{"key_ID": 1, "key": KEY}]}),
    ],
)
def test_any_other_answer_is_no_key(monkeypatch, status, content):
    with pytest.raises(NoKey, match="No key: "):
        answering(monkeypatch, status, content).get_key("peer")


def test_a_key_of_another_id_is_not_taken(monkeypatch):
    with pytest.raises(NoKey, match="another id"):
        answering(monkeypatch, 200, GOOD).get_key_with_id("peer", "b-2")


def test_a_service_that_is_not_there_is_no_key():
    with pytest.raises(NoKey, match="does not answer"):
        EtsiSource("https://127.0.0.1:1", ssl.create_default_context()).get_key("peer")


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"[]",
        b'{"url": "http://127.0.0.1:1", "ca": "ca.pem"}',
        b'{"url": "https://x/y?z", "ca": "ca.pem"}',
        b'{"url": "https://x", "ca": 1}',
        b'{"url": "https://x", "ca": "ca.pem", "more": 1}',
        b'{"url": "https://x", "ca": "absent.pem"}',
    ],
)
def test_a_folder_that_describes_none_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "kme.json").write_bytes(content)
    with pytest.raises(ConfigError):
        open_source(tmp_path, "qfl-server")
