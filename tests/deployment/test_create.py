"""What ``qfl deploy init`` makes: every host's folder with its own keys, certificates that hold, nothing half done.

Also covers qfl/cli/deploy.py, qfl/cli/deploy_commands.py, qfl/deployment/host.py and qfl/deployment/pieces.py.
"""

import json
import ssl
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID

from qfl.cli import main
from qfl.deployment.accept import OTHER_FILES
from qfl.deployment.control import piece_of
from qfl.deployment.create import Plan, create
from qfl.deployment.host import USUAL, NodeHost, read_host, server_in
from qfl.deployment.slots import PER_NODE, STRANGERS
from qfl.security import keystore

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "deployment"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("create") / "fleet"
    create(folder, Plan(2, "radio.example.org", algorithm="ML-DSA-44"))
    return folder


def test_private_keys_are_where_they_are_used_and_only_their_owner_reads_them(fleet):
    secrets = {path.relative_to(fleet).as_posix() for path in fleet.rglob("*.key")}
    assert secrets == {
        "authority/ca.key",
        "authority/keys/authority.key",
        "server/tls.key",
        "server/keys/server.key",
        *(f"nodes/{k}/node.key" for k in range(2)),
        *(f"nodes/{k}/keys/clients/{k}.key" for k in range(2)),
    }
    assert {path.stat().st_mode & 0o777 for path in fleet.rglob("*.key")} == {0o600}
    assert fleet.stat().st_mode & 0o777 == 0o700


def test_every_host_can_sign_as_itself_under_one_roster(fleet):
    roster = keystore.load_roster(fleet / "server" / "keys")
    assert keystore.load_signer(fleet / "server" / "keys", "server").key == roster.server
    for client in range(2):
        assert keystore.load_signer(fleet / "nodes" / str(client) / "keys", client).key == roster.row(client).key


def test_the_certificate_names_the_server_and_chains_to_the_authority(fleet):
    leaf = x509.load_pem_x509_certificate((fleet / "server" / "tls.crt").read_bytes())
    names = leaf.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    assert isinstance(names, x509.SubjectAlternativeName)
    assert "radio.example.org" in names.get_values_for_type(x509.DNSName)
    assert isinstance(leaf.public_key(), ec.EllipticCurvePublicKey)
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate((fleet / "server" / "ca.crt").read_bytes()))
    context = ssl.create_default_context(cafile=str(fleet / "nodes" / "0" / "ca.crt"))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(fleet / "server" / "tls.crt", fleet / "server" / "tls.key")
    shake_hands(context, server, "radio.example.org")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context, server, "other.example.org")


def shake_hands(client, server, name):
    """Do a TLS handshake in memory, both ends through each other's buffers."""
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(a, b, server_hostname=name), server.wrap_bio(b, a, server_side=True)]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


def test_the_front_listens_outside_and_the_superlink_on_the_loopback_interface(fleet):
    _, host = server_in(fleet)
    assert (host.listen, host.port, host.superlink_port) == ("0.0.0.0", 9443, 9444)
    command = list(piece_of(fleet, "superlink").command)
    assert command[command.index("--host") + 1] == "127.0.0.1" and "--enable-supernode-auth" in command
    assert command[command.index("--isolation") + 1] == "process"


def test_a_clients_messages_are_carried_by_the_node_that_its_host_names(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    made = ["deploy", "init", "ours", "--clients", "1", "--port=0", "--algorithm", "ML-DSA-44"]
    assert main([*made, "--node", "own"]) == 0
    own, path = piece_of("ours", "node-0"), tmp_path / "ours" / "nodes" / "0" / "host.json"
    assert own.listens is None and "qfl.federation.worker.node" in own.command
    assert json.loads(own.command[-1])["home"] == str(path.parent.resolve())
    entries = json.loads(path.read_text())
    path.write_text(json.dumps(entries | {"node": "flower"}))
    flowers = piece_of("ours", "node-0")
    assert flowers.listens and "supernode" in flowers.command
    path.write_text(json.dumps(entries | {"node": "theirs"}))
    assert main(["deploy", "status", "ours"]) == 2 and "expected one of own, flower" in capsys.readouterr().err
    path.write_text(json.dumps({name: value for name, value in entries.items() if name != "node"}))
    host = read_host(path.parent)  # as deployments made before have it
    assert isinstance(host, NodeHost) and host.node == USUAL


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--clients", "0"], "--clients 0: expected 1 to 1000"),
        (["--clients", "2", "--port", "80"], "--port 80: expected 1024 to 60000"),
        (["--clients", "2", "--host", "a b"], "expected a name or an address"),
        (["--clients", "2", "--algorithm", "RSA"], "unknown signature algorithm 'RSA'"),
        (["--clients", "2", "--node", "nobodys"], "--node nobodys: expected own or flower"),
        ([], "--clients"),
    ],
)
def test_a_plan_that_cannot_be_is_a_sentence_and_leaves_nothing(tmp_path, monkeypatch, capsys, words, says):
    monkeypatch.chdir(tmp_path)
    assert main(["deploy", "init", "fleet", *words]) == 2
    assert says in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_a_folder_in_use_and_a_folder_that_is_none_are_sentences(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    (tmp_path / "host.json").write_text('{"role": "node"}')
    for words, says in (
        (["init", "full", "--clients", "1"], "is not empty"),
        (["up", "absent"], "is no deployment and no host's folder"),
        (["status", "."], "is damaged"),
        (["run", "absent"], "give a run file after absent"),
    ):
        assert main(["deploy", *words]) == 2
        assert says in capsys.readouterr().err


def test_init_as_json_and_status_of_what_does_not_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["deploy", "init", "fleet", "--clients", "1", "--algorithm", "ML-DSA-44", "--json"]) == 0
    assert [host["role"] for host in json.loads(capsys.readouterr().out)["hosts"]] == ["server", "node"]
    assert main(["deploy", "status", "fleet", "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)["processes"]
    assert [row["name"] for row in rows] == ["superlink", "superexec", "front", "node-0"]
    assert {row["pid"] for row in rows} == {None}


def enrol_by_token(capsys, tmp_path):
    assert main(["deploy", "init", "fleet", "--clients", "2", "--algorithm", "ML-DSA-44", "--tokens", "--json"]) == 0
    tokens = json.loads(capsys.readouterr().out)["tokens"]
    assert {path.name for path in (tmp_path / "fleet" / "nodes").rglob("*.key")} == set()
    assert main(["deploy", "join", "fleet/nodes/1", "--token", tokens["1"]]) == 0
    return tokens


def test_a_client_joins_by_token_with_keys_that_never_leave_its_host(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    enrol_by_token(capsys, tmp_path)
    home = tmp_path / "fleet" / "nodes" / "1"
    secret = (home / "keys" / "clients" / "1.key").read_bytes()
    assert secret.hex() not in (home / "application").read_text()
    assert main(["deploy", "admit", "fleet", str(home / "application")]) == 0
    roster = keystore.load_roster(tmp_path / "fleet" / "server" / "keys")
    assert keystore.load_signer(home / "keys", 1).key == roster.row(1).key
    assert (tmp_path / "fleet" / "server" / "nodes" / "1.pub").read_text() == (home / "node.pub").read_text()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda fields: fields | {"client": 0}, "client 0 is not enrolled: no-possession"),
        (lambda fields: fields | {"proof": "00"}, "client 1 is not enrolled: no-possession"),
        (lambda fields: fields | {"node": "ssh-ed25519 AAAA x"}, "holds no SuperNode key"),
        (lambda fields: {}, "is no application"),
    ],
)
def test_an_application_that_does_not_prove_its_key_is_refused(tmp_path, monkeypatch, capsys, spoil, says):
    monkeypatch.chdir(tmp_path)
    enrol_by_token(capsys, tmp_path)
    path = tmp_path / "fleet" / "nodes" / "1" / "application"
    path.write_text(json.dumps(spoil(json.loads(path.read_text()))))
    assert main(["deploy", "admit", "fleet", str(path)]) == 2
    assert says in capsys.readouterr().err
    assert keystore.load_roster(tmp_path / "fleet" / "authority" / "keys").rows == ()


def test_a_token_is_good_once_and_a_client_without_keys_does_not_start(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tokens = enrol_by_token(capsys, tmp_path)
    assert main(["deploy", "join", "fleet/nodes/1", "--token", tokens["1"]]) == 2
    assert "has keys already" in capsys.readouterr().err
    words = ["deploy", "admit", "fleet", "fleet/nodes/1/application"]
    assert main(words) == 0 and main(words) == 2
    assert "client 1 is not" in capsys.readouterr().err
    assert main(["deploy", "up", "fleet/nodes/0"]) == 2
    assert "client 0 has no keys yet" in capsys.readouterr().err


def test_the_compose_file_and_the_units_start_what_a_host_consists_of(fleet):
    compose = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())["services"]
    names = {piece.split("-")[0] if piece.startswith("node") else piece for piece in compose}
    assert names == {"superlink", "superexec", "front", "node"}
    for name, service in compose.items():
        folder, piece = service["command"]
        assert piece == name and folder.startswith("/fleet/")
        assert piece_of(fleet, piece).name == name
    for name in ("superexec", "front"):
        assert compose[name]["network_mode"] == "service:superlink"
    assert all("mem_limit" in service and "ulimits" in service for service in compose.values())
    server, node = ((EXAMPLES / "systemd" / f"qfl-{name}@.service").read_text() for name in ("server", "node"))
    assert all(f"\n{limit}=" in unit for limit in ("LimitNOFILE", "MemoryMax", "TasksMax") for unit in (server, node))
    assert int(server.split("\nLimitNOFILE=")[1].split()[0]) >= OTHER_FILES + STRANGERS + PER_NODE * 1000
    assert "\nMemoryMax=1G" in (EXAMPLES / "systemd" / "qfl-server@front.service.d" / "limits.conf").read_text()
    assert "qfl deploy exec /srv/qfl/server %i" in server and "qfl deploy exec /srv/qfl/%i node-%i" in node
