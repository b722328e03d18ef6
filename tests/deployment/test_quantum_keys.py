"""Quantum keys between hosts: those of a simulated link, and of a service that one of two clients can reach."""

import shutil

import pytest

from qfl.federation.grids.encryption import NOT_SET_UP
from qfl.testing.key_server import KeyStore, serving
from qfl.testing.key_server_folder import describe, make_certificates

pytestmark = pytest.mark.deployment


def seals(run):
    return {row["client"]: row["seal"] for row in run.folder.clients()}


def test_clients_mix_in_the_keys_that_they_can_get(make_fleet):
    fleet = make_fleet(2)
    fleet.up()
    service = fleet.root / "kme"
    service.mkdir()
    make_certificates(service, ["qfl-server", "qfl-client-0"])
    with serving(service, KeyStore()) as port:
        describe(service, port)
        (fleet.node(0) / "kme").mkdir()
        for name in ("kme.json", "ca.pem", "qfl-client-0.pem", "qfl-client-0.key"):
            shutil.copyfile(service / name, fleet.node(0) / "kme" / name)
        run = fleet.run("etsi", rounds=1, security__qkd="etsi", qkd__folder=str(service))
        served = run.end()
    found = seals(run)
    assert found[0] == f"ML-KEM-768+X25519 and a quantum key (from https://127.0.0.1:{port})"
    assert found[1] == f"ML-KEM-768+X25519 alone: {NOT_SET_UP}"
    link = {"qkd__protocol": "bb84_single", "qkd__pulses": 200_000}
    run = fleet.run("simulated", rounds=1, security__qkd="simulated", **link)
    assert run.end()["angles_sha256"] == served["angles_sha256"]
    assert set(seals(run).values()) == {"ML-KEM-768+X25519 and a quantum key (simulated)"}
    fleet.down()
