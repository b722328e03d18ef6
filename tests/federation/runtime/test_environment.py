"""Children of ours find the same surroundings whatever those of the caller are."""

import os
import socket
import socketserver
import tempfile
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from qfl.errors import ConfigError
from qfl.federation.runtime.environment import (
    OFFLINE,
    PROXIES,
    child_environment,
    free_ports,
    go_offline,
    isolated,
    open_here,
    short_folder,
)
from qfl.federation.runtime.superlink import SuperLink


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


TASTE = {
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "PY_COLORS": "1",
    "COLUMNS": "20",
    "LANG": "de_DE.ISO-8859-1",
    "LC_ALL": "C",
    "LC_TIME": "de_DE",
    "TERM": "xterm-256color",
    "TZ": "Pacific/Auckland",
    "PYTHONWARNINGS": "error",
    "PYTHONIOENCODING": "latin-1",
    "PYTHONOPTIMIZE": "2",
    "FLWR_HOME": "/nowhere",
    "FLWR_SUPERGRID_ADDRESS": "192.0.2.1:1",
    "RAY_ADDRESS": "192.0.2.1:1",
}


def hostile(monkeypatch, **variables):
    for key in (*TASTE, "NO_PROXY", "no_proxy", *(name for each in PROXIES for name in (each, each.upper()))):
        monkeypatch.delenv(key, raising=False)
    for key, value in variables.items():
        monkeypatch.setenv(key, value)


def test_nothing_of_the_callers_taste_reaches_a_child(monkeypatch):
    hostile(monkeypatch)
    plain = child_environment()
    hostile(monkeypatch, **TASTE)
    assert child_environment() == plain and plain["NO_COLOR"] == "1"


def test_without_a_home_a_child_has_one(monkeypatch):
    monkeypatch.delenv("HOME", raising=False)
    assert os.path.isdir(child_environment()["HOME"])


@pytest.mark.parametrize("variable", [*PROXIES, *map(str.upper, PROXIES)])
@pytest.mark.parametrize("listed", ["", "example.org,.corp", "*"])
def test_this_machine_and_the_fleet_are_reached_past_a_proxy(monkeypatch, variable, listed):
    hostile(monkeypatch, **{variable: "http://127.0.0.1:9"}, **({"NO_PROXY": listed} if listed else {}))
    found = child_environment(direct=["192.0.2.7", "fleet.example"])
    assert found[variable] == "http://127.0.0.1:9"  # data may have to come through it
    assert found["no_proxy"] == found["NO_PROXY"]
    for key in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(key, found[key])
    for host in ("127.0.0.1", "localhost", "192.0.2.7", "fleet.example", "a.corp" if listed else "localhost"):
        assert urllib.request.proxy_bypass_environment(host)
    assert bool(urllib.request.proxy_bypass_environment("far.example")) == (listed == "*")
    with httpx.Client() as client:
        for url in ("http://127.0.0.1:1", "https://localhost:1", "http://[::1]:1", "https://192.0.2.7:1"):
            assert client._transport_for_url(httpx.URL(url)) is client._transport


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "socks://x", "garbage://y", "http://", "http://a:b:c"])
def test_a_proxy_that_flowers_client_would_refuse_is_left_out(monkeypatch, proxy):
    hostile(monkeypatch, ALL_PROXY=proxy)
    assert "ALL_PROXY" not in child_environment()


def test_our_own_requests_go_past_a_proxy(monkeypatch):
    with socketserver.TCPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        hostile(monkeypatch, http_proxy="http://127.0.0.1:9", ALL_PROXY="socks5://127.0.0.1:9")
        with pytest.raises(urllib.error.HTTPError, match="501"):  # from this server, which knows no GET
            open_here(f"http://127.0.0.1:{server.server_address[1]}/", 5.0)


@pytest.mark.parametrize("name", ["x" * 90, "zwei Wörter", "größe"])
def test_sockets_have_a_short_and_plain_folder_whatever_tmpdir_is(monkeypatch, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    found = short_folder()
    assert found.isascii() and " " not in found and len(found) <= 24 and os.access(found, os.W_OK)


def test_flowers_command_is_read_in_any_surroundings(monkeypatch, tmp_path):
    hostile(monkeypatch, **TASTE, http_proxy="http://127.0.0.1:9", ALL_PROXY="socks5://127.0.0.1:9")
    monkeypatch.delenv("HOME", raising=False)
    (tmp_path / "empty").mkdir()
    superlink = SuperLink(tmp_path, isolated(tmp_path / "home", *free_ports(2)))
    with pytest.raises(ConfigError, match="Flower refused `flwr ls`"):  # in plain words of its own, not as a traceback
        superlink.answer("ls", "unknown-superlink")
    assert superlink.command("--version").startswith("Flower version")
