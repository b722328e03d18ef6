"""The secrets between a host's own processes: made once, for their owner alone, given to whatever needs them."""

import base64
import os
import threading

import pytest
import yaml

from qfl.cli import main
from qfl.deployment.control import piece_of
from qfl.deployment.create import Plan, create
from qfl.deployment.credentials import CONTROL, TASKS, keep_private, log_in
from qfl.deployment.host import hosts_in, server_in
from qfl.deployment.operator import operator
from qfl.errors import ConfigError


@pytest.fixture
def fleet(tmp_path):
    create(tmp_path / "fleet", Plan(2, port=0, algorithm="ML-DSA-44", node="flower"))
    return tmp_path / "fleet"


def test_a_node_of_our_own_needs_no_secret_of_the_kind_and_has_its_folder_to_itself(tmp_path):
    create(tmp_path / "own", Plan(1, port=0, algorithm="ML-DSA-44", node="own"))
    place, host = hosts_in(tmp_path / "own")[1]
    place.chmod(0o755)
    keep_private(place, host)
    assert place.stat().st_mode & 0o777 == 0o700
    made = {path.name for path in place.iterdir() if path.is_file() and not path.name.startswith(".")}
    assert made == {"host.json", "ca.crt", "node.key", "node.pub"}
    (place / "node.key").write_text("no key\n")
    with pytest.raises(ConfigError, match=r"node.key"):
        keep_private(place, host)


def test_every_host_has_its_own_secrets_and_shares_them_with_nobody(fleet):
    for place, host in hosts_in(fleet):
        place.chmod(0o755)
        keep_private(place, host)
        assert place.stat().st_mode & 0o777 == 0o700
    found = [path for path in fleet.rglob("*") if path.name in (CONTROL, TASKS, "runtime.key")]
    assert {path.relative_to(fleet).as_posix() for path in found} == {
        "server/control.token",
        "server/tasks.secret",
        *(f"nodes/{k}/{name}" for k in range(2) for name in ("tasks.secret", "runtime.key")),
    }
    assert {path.stat().st_mode & 0o777 for path in found} == {0o600}
    assert len({path.read_bytes() for path in found}) == len(found) and all(path.stat().st_size >= 64 for path in found)
    assert not list(fleet.rglob("*.draft*")) and not list(fleet.rglob(".runtime*"))


def test_secrets_are_made_once_whoever_comes_first(fleet):
    place, host = server_in(fleet)
    seen = []

    def first():
        keep_private(place, host)
        seen.append((place / CONTROL).read_bytes() + (place / TASKS).read_bytes())

    threads = [threading.Thread(target=first) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8 and len(set(seen)) == 1


def test_a_secret_that_others_can_read_is_refused_in_a_sentence(fleet, capsys):
    place, host = server_in(fleet)
    keep_private(place, host)
    (place / CONTROL).chmod(0o644)
    with pytest.raises(ConfigError, match=r"control.token can be read by others \(mode 644\); delete it"):
        keep_private(place, host)
    assert main(["deploy", "exec", str(place), "superlink"]) == 2
    assert "can be read by others" in capsys.readouterr().err


def test_a_folder_of_somebody_elses_is_a_sentence(fleet):
    if os.getuid():
        pytest.skip("only root can give a folder away")
    place, host = server_in(fleet)
    child = os.fork()
    if not child:
        try:
            fleet.parent.chmod(0o755)
            fleet.chmod(0o755)
            os.setuid(65534)
            keep_private(place, host)
        except ConfigError as error:
            os._exit(0 if "belongs to somebody else" in str(error) else 2)
        except BaseException:
            os._exit(3)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) in (0, 3)  # 3: this machine's folders above hide it


def test_flwr_commands_show_the_token_of_their_superlink(fleet):
    place, host = server_in(fleet)
    log_in(place, host)
    path = place / "home" / "credentials.yaml"
    fields = yaml.safe_load(path.read_text())
    token = (place / CONTROL).read_bytes()
    address = f"127.0.0.1:{host.superlink_port}"
    assert {name: base64.b64decode(value) for name, value in fields.items()} == {
        f"flower.account-auth.{address}.authn-type": b"oidc",
        f"flower.account-auth.{address}.oidc-access-token": token,
        f"flower.account-auth.{address}.oidc-refresh-token": token,
    }
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    operator(place, host)
    assert yaml.safe_load(path.read_text()) == fields


def test_every_process_is_told_where_its_secrets_are_and_none_is_on_a_command_line(fleet):
    secrets = []
    for place, host in hosts_in(fleet):
        keep_private(place, host)
        secrets += [path.read_text() for path in place.glob("*.secret")] + [
            path.read_text() for path in place.glob("*.token")
        ]
    for name in ("superlink", "superexec", "front", "node-0", "node-1"):
        piece = piece_of(fleet, name)
        words = list(piece.command)
        assert not any(secret in word for secret in secrets for word in (*words, *piece.environment.values()))
        if name != "front":
            assert words[words.index("--superexec-auth-secret-file") + 1] == str(piece.folder / TASKS)
        if name not in ("front", "superexec"):
            assert words[words.index("--isolation") + 1] == "process"  # else Flower ignores the secret
