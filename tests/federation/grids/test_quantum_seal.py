"""Quantum keys in the seal. Also covers qfl/federation/runtime/quantum_keys.py and qfl/config/qkd.py."""

import pytest
from flwr.app import ConfigRecord, MetricRecord, RecordDict

import qfl
from qfl.config import Settings
from qfl.errors import ConfigError, Rejection
from qfl.federation.grids.encryption import NOT_SET_UP, SEALED, OpeningGrid, run_seal_key, seal_config, sealed
from qfl.federation.records.reply import Exchange
from qfl.federation.runtime.quantum_keys import client_source, require_link, server_source
from qfl.qkd.key_source import NoKey, QuantumKey
from qfl.results import RunFolder
from qfl.security.sealing import ML_KEM, new_seal_key
from qfl.testing.key_server import KeyStore, serving
from qfl.testing.key_server_folder import describe, make_certificates

KEY, RUN = new_seal_key(ML_KEM), bytes(16)
CONTENT = RecordDict({"metrics": MetricRecord({"loss": 1.0})})
LINK = {"security.qkd": "simulated", "qkd.protocol": "bb84_single", "qkd.pulses": 400_000}


class Source:
    """A link with one key, or with none."""

    def __init__(self, key=bytes(32), why=""):
        self.key, self.why = key, why

    def get_key(self, peer):
        if self.why:
            raise NoKey(self.why)
        return QuantumKey("id-1", self.key, "a test's")

    def get_key_with_id(self, peer, key_id):
        return self.get_key(peer)


class Nobody:
    def exchange(self, asked):
        return Exchange()


def grid(source, number=1):
    return OpeningGrid(Nobody(), KEY, RUN, number, 100, source and (lambda client, number: source))


def opened(content, source, number=1):
    return grid(source, number)._open(content, 5)[1]


def closed(source, qkd="simulated"):
    return sealed(CONTENT, seal_config(KEY, qkd), RUN, 1, 5, lambda: source)


def test_what_both_ends_have_a_key_for_is_sealed_under_both():
    assert opened(closed(Source()), Source()) == "ML-KEM-768 and a quantum key (a test's)"


def test_without_a_key_it_is_ml_kem_alone_and_the_row_says_why():
    assert opened(closed(Source(why="No key: jammed.")), Source()) == "ML-KEM-768 alone: No key: jammed."


def test_a_host_without_a_service_says_so_and_nothing_of_its_files():
    def absent():
        raise ConfigError("/home/somebody/kme.json: cannot be read")

    content = sealed(CONTENT, seal_config(KEY, "etsi"), RUN, 1, 5, absent)
    assert opened(content, Source()) == f"ML-KEM-768 alone: {NOT_SET_UP}"


def test_why_is_made_safe_to_print():
    assert "\x1b" not in opened(closed(Source(why="No key: \x1b[31m")), Source())


@pytest.mark.parametrize(
    "reason,receiver", [("bad-seal", Source(bytes([1] * 32))), ("no-quantum-key", Source(why="No key: lost."))]
)
def test_the_other_end_needs_the_same_key(reason, receiver):
    with pytest.raises(Rejection) as refused:
        opened(closed(Source()), receiver)
    assert refused.value.reason == reason


def altered(content, **changes):
    fields = {**dict(content[SEALED]), **changes}
    return RecordDict({SEALED: ConfigRecord({key: value for key, value in fields.items() if value is not None})})


@pytest.mark.parametrize(
    "changes",
    [
        {"key-id": "id-2"},
        {"key-id": None},
        {"key-id": None, "no-key": "No key."},
        {"no-key": "No key."},
        {"key-id": "x" * 65},
        {"key-id": b"id-1"},
        {"key-id": None, "no-key": "x" * 301},
        {"more": 1},
    ],
)
def test_what_is_said_about_the_key_cannot_be_altered(changes):
    with pytest.raises(Rejection, match="bad-seal"):
        opened(altered(closed(Source()), **changes), Source())


def test_another_round_does_not_open():
    with pytest.raises(Rejection, match="bad-seal"):
        opened(closed(Source()), Source(), number=2)


def test_a_server_that_asked_for_no_quantum_key_takes_none():
    assert opened(closed(Source(), qkd="none"), None) == ""
    with pytest.raises(Rejection, match="bad-seal"):
        opened(closed(Source()), None)
    with pytest.raises(Rejection, match="bad-seal"):
        opened(closed(Source(), qkd="none"), Source())


def test_quantum_keys_bring_a_seal_in_one_process():
    assert run_seal_key(Settings.from_flat({"security.qkd": "simulated"})) is not None
    assert run_seal_key(Settings()) is None


def test_both_ends_of_the_simulated_link_meet():
    settings = Settings.from_flat(LINK)
    key = client_source(settings, 2, 1).get_key("qfl-server")
    assert server_source(settings, 2, 1).get_key_with_id("qfl-client-2", key.key_id) == key


def test_both_ends_of_a_service_meet(tmp_path):
    make_certificates(tmp_path, ["qfl-server", "qfl-client-2"])
    settings = Settings.from_flat({"security.qkd": "etsi", "qkd.folder": str(tmp_path)})
    with serving(tmp_path, KeyStore()) as port:
        describe(tmp_path, port)
        require_link(settings)
        key = client_source(settings, 2, 1).get_key("qfl-server")
        assert server_source(settings, 2, 1).get_key_with_id("qfl-client-2", key.key_id).key == key.key


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"security.seal": "none"}, "mixes keys into the seal"),
        ({"security.qkd": "etsi"}, "needs qkd.folder"),
        ({"qkd.folder": "somewhere"}, "leave it out"),
        ({"qkd.distance-km": -1.0}, "qkd.distance-km"),
        ({"qkd.tapped": float("nan")}, "qkd.tapped"),
        ({"qkd.pulses": 0}, "qkd.pulses"),
        ({"qkd.protocol": "b92"}, "qkd.protocol"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(changes, words):
    with pytest.raises(ConfigError, match=words):
        Settings.from_flat(LINK | changes)


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"qkd.distance-km": 500.0}, "500 km of fibre .100 dB.* leaves no key"),
        ({"qkd.protocol": "e91", "qkd.eavesdropper": "breidbart"}, "cannot listen to e91"),
        ({"security.qkd": "etsi", "qkd.folder": "/absent"}, "cannot be read"),
    ],
)
def test_links_that_leave_no_key_are_refused_before_anything_starts(changes, words):
    with pytest.raises(ConfigError, match=words):
        require_link(Settings.from_flat(LINK | changes))


def test_a_run_trains_the_same_with_keys_and_where_they_are_used_up(tmp_path):
    small = {"rounds": 2, "clients.count": 1, "model.layers": 1, "train.local-steps": 1}
    scarce = LINK | {"qkd.pulses": 140_000}
    for name, changes in {"plain": {}, "keys": scarce}.items():
        qfl.run(Settings.from_flat(small | changes | {"run.folder": str(tmp_path / name)}))
    plain, keys = (RunFolder(tmp_path / name) for name in ("plain", "keys"))
    assert plain.rounds()[-1]["angles_sha256"] == keys.rounds()[-1]["angles_sha256"]
    assert not any("seal" in row for row in plain.clients())
    first, second = (row["seal"] for row in keys.clients())
    assert first == "ML-KEM-768+X25519 and a quantum key (simulated)"
    assert second.startswith("ML-KEM-768+X25519 alone: No key: the exchange left")
