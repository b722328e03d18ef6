import os
import socket

from qfl.federation.environment import OFFLINE, free_ports, go_offline, isolated


def test_two_isolated_environments_share_neither_home_nor_ports(tmp_path):
    one, two = isolated(tmp_path / "a", 1, 2), isolated(tmp_path / "b", 3, 4)
    for key in ("FLWR_HOME", "FLWR_LOCAL_SUPERLINK_HTTP_API_PORT", "FLWR_LOCAL_CONTROL_API_PORT"):
        assert one[key] != two[key]


def test_an_isolated_environment_is_offline_and_finds_flowers_commands(tmp_path):
    environment = isolated(tmp_path, 1, 2)
    assert {**environment, **OFFLINE} == environment
    assert os.access(os.path.join(environment["PATH"].split(os.pathsep)[0], "flwr"), os.X_OK)


def test_going_offline_sets_the_variables_for_this_process(monkeypatch):
    for key in OFFLINE:
        monkeypatch.delenv(key, raising=False)
    go_offline()
    assert all(os.environ[key] == value for key, value in OFFLINE.items())


def test_free_ports_can_be_listened_on():
    for port in free_ports(3):
        socket.create_server(("127.0.0.1", port)).close()
