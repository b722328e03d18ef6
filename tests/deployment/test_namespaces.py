"""Hosts apart for real: server and clients in network namespaces, joined by a bridge, with a cable that is pulled.

Everything is in namespaces that the test makes and removes; nothing on this machine's own network is touched.
"""

import os
import shutil
import subprocess

import pytest

from qfl.deployment.create import Plan
from qfl.deployment.host import server_in

pytestmark = pytest.mark.deployment
TAG = f"qfl{os.getpid() % 10000}"
SWITCH, SERVER, CLIENTS = f"{TAG}-switch", f"{TAG}-server", [f"{TAG}-client{k}" for k in range(2)]
ADDRESS = {SERVER: "10.79.0.1", CLIENTS[0]: "10.79.0.10", CLIENTS[1]: "10.79.0.11"}


def ip(*words, inside=None):
    command = ["ip", *(["netns", "exec", inside, "ip"] if inside else []), *words]
    return subprocess.run(command, capture_output=True, text=True)


def must(done):
    assert done.returncode == 0, done.stderr
    return done


def permitted():
    if shutil.which("ip") is None:
        return "there is no `ip` command"
    done = ip("netns", "add", f"{TAG}-probe")
    ip("netns", "delete", f"{TAG}-probe")
    return done.stderr.strip()


@pytest.fixture(scope="module")
def network():
    """Make four namespaces: a switch, and on it a server and two clients."""
    if reason := permitted():
        pytest.skip(f"network namespaces are not permitted here: {reason}")
    try:
        for name in (SWITCH, *ADDRESS):
            must(ip("netns", "add", name))
            must(ip("link", "set", "lo", "up", inside=name))
        must(ip("link", "add", "bridge", "type", "bridge", inside=SWITCH))
        must(ip("link", "set", "bridge", "up", inside=SWITCH))
        for port, (name, address) in enumerate(ADDRESS.items()):
            must(ip("link", "add", f"port{port}", "type", "veth", "peer", "name", "eth0", "netns", name, inside=SWITCH))
            must(ip("link", "set", f"port{port}", "master", "bridge", "up", inside=SWITCH))
            must(ip("address", "add", f"{address}/24", "dev", "eth0", inside=name))
            must(ip("link", "set", "eth0", "up", inside=name))
        yield
    finally:
        for name in (*ADDRESS, SWITCH):
            ip("netns", "delete", name)


@pytest.fixture(scope="module")
def fleet(network, make_rogue_fleet):
    fleet = make_rogue_fleet(2, Plan(2, ADDRESS[SERVER], algorithm="ML-DSA-44"))
    fleet.up_inside(SERVER, "server")
    for client, name in enumerate(CLIENTS):
        fleet.up_inside(name, f"nodes/{client}")
    return fleet


def curl(name, url):
    """Ask from inside a namespace; return the HTTP status, or why there was no answer."""
    script = f"""
import ssl, urllib.error, urllib.request
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
try:
    print(urllib.request.urlopen({url!r}, b"", 10, context=context).status)
except urllib.error.HTTPError as error:
    print(error.code)
except OSError as error:
    print(error.reason if hasattr(error, "reason") else error)
"""
    words = ["ip", "netns", "exec", name, "python3", "-c", script]
    return subprocess.run(words, capture_output=True, text=True).stdout.strip()


def test_a_client_reaches_the_front_and_nothing_else_of_the_server(fleet):
    _, host = server_in(fleet.path)
    assert curl(CLIENTS[0], f"https://{host.address}:{host.port}/v1/control/start-run") == "403"
    assert "refused" in curl(CLIENTS[0], f"https://{host.address}:{host.superlink_port}/v1/control/start-run")


def test_a_cut_link_costs_the_round_and_comes_back(fleet):
    fleet.hook(1, r2={"kind": "wait", "for": "go"})
    fleet.hook(0, r3={"kind": "wait", "for": "go"})
    run = fleet.run("cut", rounds=5, round__deadline_s=60, round__quorum=0.5)
    run.wait_for_round(1)
    assert run.clients(1) == {0: ("accepted", None), 1: ("accepted", None)}
    fleet.at_work(1, 2)
    must(ip("link", "set", "port2", "down", inside=SWITCH))
    (fleet.node(1) / "go").touch()  # it answers, into a cable that leads nowhere
    run.wait_for_round(2)
    assert run.clients(2)[0] == ("accepted", None)
    assert run.clients(2)[1] in {("missing", "deadline"), ("failed", "node-unavailable")}
    must(ip("link", "set", "port2", "up", inside=SWITCH))
    fleet.wait_for(lambda: curl(CLIENTS[1], f"https://{ADDRESS[SERVER]}:9443/") == "403", about="the link")
    fleet.wait_for(lambda: fleet.online() == 2, about="the node's next heartbeat")  # up to 30 s apart
    (fleet.node(0) / "go").touch()
    run.end()
    assert run.clients(5)[1] == ("accepted", None) and run.clients(5)[0] == ("accepted", None)
