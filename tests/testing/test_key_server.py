"""The test server and the client, over TLS on this machine. Also covers qfl/testing/key_server_folder.py."""

import httpx
import pytest

from qfl.errors import ConfigError
from qfl.qkd.etsi_client import open_source
from qfl.qkd.key_source import KeySource, NoKey
from qfl.testing.key_server import KeyStore, Refused, serving
from qfl.testing.key_server_folder import describe, make_certificates

NAMES = ("qfl-server", "qfl-client-0", "qfl-client-1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("kme")
    make_certificates(made, NAMES)
    with serving(made, KeyStore()) as port:
        describe(made, port)
        yield made


def test_both_ends_get_the_same_key_once(folder):
    server, client = (open_source(folder, name) for name in NAMES[:2])
    assert isinstance(client, KeySource)
    ours, other = client.get_key("qfl-server"), client.get_key("qfl-server")
    assert ours.key != other.key and len(ours.key) == 32
    assert server.get_key_with_id("qfl-client-0", ours.key_id).key == ours.key
    with pytest.raises(NoKey, match="refuses with 400"):
        server.get_key_with_id("qfl-client-0", ours.key_id)


def test_a_key_is_for_the_two_ends_alone(folder):
    client, stranger = (open_source(folder, name) for name in NAMES[1:])
    ours = client.get_key("qfl-server")
    with pytest.raises(NoKey, match="refuses with 400"):
        stranger.get_key_with_id("qfl-client-0", ours.key_id)


def test_the_status_counts_what_is_left(folder):
    client = open_source(folder, NAMES[1])
    before = client.status("qfl-server")["stored_key_count"]
    client.get_key("qfl-server")
    assert client.status("qfl-server")["stored_key_count"] == before - 1


def test_who_has_no_certificate_of_the_authority_gets_nothing(folder, tmp_path):
    make_certificates(tmp_path, NAMES)
    (tmp_path / "ca.pem").write_bytes((folder / "ca.pem").read_bytes())
    (tmp_path / "kme.json").write_bytes((folder / "kme.json").read_bytes())
    with pytest.raises(NoKey, match="does not answer"):
        open_source(tmp_path, NAMES[0]).get_key("qfl-client-0")


def test_a_server_of_another_authority_is_not_trusted(folder, tmp_path):
    make_certificates(tmp_path, NAMES)
    (tmp_path / "kme.json").write_bytes((folder / "kme.json").read_bytes())
    with pytest.raises(NoKey, match="does not answer"):
        open_source(tmp_path, NAMES[0]).get_key("qfl-client-0")


@pytest.mark.parametrize(
    "path,body",
    [
        ("enc_keys", '{"number": 0}'),
        ("enc_keys", '{"number": true}'),
        ("enc_keys", '{"number": 1000}'),
        ("enc_keys", '{"size": 128}'),
        ("enc_keys", "not json"),
        ("enc_keys", "[]"),
        ("dec_keys", '{"key_IDs": [1]}'),
        ("dec_keys", "{}"),
        ("other", "{}"),
    ],
)
def test_what_is_not_understood_is_refused(folder, path, body):
    source = open_source(folder, NAMES[0])
    with httpx.Client(verify=source.tls, trust_env=False) as client:
        answer = client.post(f"{source.url}/api/v1/keys/qfl-client-0/{path}", content=body)
    assert answer.status_code == 400 and answer.json()["message"]


def test_where_no_keys_are_left_there_is_none():
    store = KeyStore(left=1)
    store.new("a", "b", 1)
    with pytest.raises(Refused, match="0 keys are left"):
        store.new("a", "b", 1)


def test_a_folder_without_a_certificate_is_refused(folder):
    with pytest.raises(ConfigError, match=r"qfl-client-9\.pem"):
        open_source(folder, "qfl-client-9")
