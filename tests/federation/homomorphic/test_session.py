"""Encrypted rounds end to end in this process: exact sums, a keyholder that drops out, kills, and clients that refuse.

Also covers client.py and records.py.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flwr.app import RecordDict

import qfl.federation.loop as loop
import qfl.federation.server as server
from qfl.errors import ConfigError, MissingExtra, Rejection, RoundFailed
from qfl.federation.client import train
from qfl.federation.grids.caps import Caps
from qfl.federation.homomorphic.records import CKKS_RECORD, key_in, key_record
from qfl.federation.homomorphic.session import Encrypting
from qfl.federation.masking.member_file import MemberFile
from qfl.federation.masking.records import MASKING
from qfl.federation.masking.words import words_of
from qfl.federation.records.messages import ARRAYS, to_record
from qfl.federation.records.reply_status import failed
from qfl.security.homomorphic.ckks import ROOM
from qfl.security.homomorphic.keyholder import packed_keyholder, unpacked_keyholder
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

pytest.importorskip("tenseal", reason="TenSEAL is not installed")
ENCRYPTED = {"security--aggregation": "ckks", "clients--count": 5, "backend": "sequential"}
STEPS = ("key", "train", "open")


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


def step_of(message):
    return str(message.content[MASKING]["step"]) if MASKING in message.content else "train"


def batch(before=lambda step, client: None, after=lambda step, client, reply: reply):
    """The clients' half with something done before each answer, or to it."""

    def answered(messages, contexts):
        (message,), (context,) = messages, contexts
        step, client = step_of(message), context.node_config["partition-id"]
        if before(step, client):
            return [failed(message, "lost")]
        return [after(step, client, train(messages, contexts)[0])]

    return answered


def rounded_fedavg(settings, clients):
    """Federated Averaging of the first round in whole numbers of Python, at the bits that the round leaves."""
    federation = build(settings)
    words, start = words_of(federation.model.layout, "accuracy"), federation.model.initial(settings.seed)
    most = max(len(part) for part in federation.parts)
    bits = words.within(ROOM, settings.clients.count, most).point.bits[6:].astype(int)
    total, samples = [0] * len(start), 0
    for update in train_clients(federation, start.astype(np.float64), 1, clients):
        moved = np.clip(update.angles - start, -words.point.limit[6:], words.point.limit[6:])
        whole = [round(float(m) * 2 ** int(b)) for m, b in zip(moved, bits, strict=True)]
        total = [t + update.num_examples * each for t, each in zip(total, whole, strict=True)]
        samples += update.num_examples
    return start + np.array([t / samples / 2 ** int(b) for t, b in zip(total, bits, strict=True)]), bits


def test_the_mean_is_rounded_fedavg_bit_for_bit(small, federate):
    settings = small(rounds=1, **ENCRYPTED)
    folder = federate(settings)
    wanted, bits = rounded_fedavg(settings, range(5))
    assert folder.load_checkpoint()[1]["angles"].tolist() == wanted.tolist()
    row, rows = folder.rounds()[-1], folder.clients()
    assert row["failure"] is None and bits.min() >= 24
    assert list(row["masking"]["phases"]) == ["key", "train", "add", "open"]
    names = ("num_examples", "train_loss", "loss", "accuracy", "noise", "drift")
    assert all(each["status"] == "accepted" and [each[name] for name in names] == [None] * 6 for each in rows)
    assert row["train_loss"] is not None and row["masking"]["clipped"] == 0.0
    for way in ("bytes_up", "bytes_down"):
        assert sum(row[way].values()) == sum(row["masking"]["phases"][step][way] for step in STEPS)


@pytest.mark.parametrize("flat", [{"backend": "vectorised"}, {"security--seal": "ML-KEM-768"}])
def test_how_clients_run_and_whether_they_seal_changes_no_bit(small, federate, flat):
    one, other = federate(small("one", **ENCRYPTED)), federate(small("other", **(ENCRYPTED | flat)))
    assert one.header["final"]["angles_sha256"] == other.header["final"]["angles_sha256"]


def test_encrypted_ends_near_masked(small, federate):
    encrypted, masked = (
        federate(small(kind, **(ENCRYPTED | {"security--aggregation": kind}))).load_checkpoint()[1]["angles"]
        for kind in ("ckks", "masked")
    )
    assert encrypted == pytest.approx(masked, abs=1e-5) and (encrypted != masked).any()


def test_who_is_lost_before_its_update_is_not_in_the_sum(small, federate):
    settings = small(rounds=1, **ENCRYPTED)
    folder = federate(settings, batch(lambda step, client: step == "train" and client == 2))
    assert [row["client"] for row in folder.clients() if row["status"] != "accepted"] == [2]
    wanted, _ = rounded_fedavg(settings, [0, 1, 3, 4])
    assert folder.load_checkpoint()[1]["angles"].tolist() == wanted.tolist()


def test_another_holds_the_key_where_the_first_is_gone(small, federate):
    asked = []

    def first_is_gone(step, client):
        if step == "key":
            asked.append(client)
        return step == "key" and len(asked) == 1

    folder = federate(small(rounds=1, **ENCRYPTED), batch(first_is_gone))
    masking = folder.rounds()[-1]["masking"]
    assert masking["keyholder"] == asked[1] != asked[0] and masking["phases"]["key"]["asked"] == 2
    assert {row["status"] for row in folder.clients()} == {"accepted"}


@pytest.mark.parametrize(
    ("step", "sentence"), [("key", "no key for the round from 3 clients"), ("open", "did not open the sum")]
)
def test_a_round_without_a_key_or_its_holder_fails_and_says_so(small, federate, step, sentence):
    with pytest.raises(RoundFailed, match=sentence):
        federate(small(rounds=1, **ENCRYPTED), batch(lambda now, client: now == step))


def test_too_few_updates_are_not_opened(small, federate):
    opened = []

    def three_are_lost(step, client):
        opened.append(step)
        return step == "train" and client > 1

    with pytest.raises(RoundFailed, match="2 of 5 clients sent an encrypted update; 3 are needed"):
        federate(small(rounds=1, **ENCRYPTED), batch(three_are_lost))
    assert "open" not in opened


def test_an_update_that_was_altered_is_rejected_by_itself(small, federate):
    def altered(step, client, reply):
        if step == "train" and client == 3:
            array = np.frombuffer(reply.content[ARRAYS]["angles"].numpy().tobytes(), dtype=np.uint8).copy()
            array[5000] ^= 1
            reply.content[ARRAYS] = to_record(array)
        return reply

    folder = federate(small(rounds=1, **ENCRYPTED), batch(after=altered))
    lost = [(row["client"], row["reason"]) for row in folder.clients() if row["status"] != "accepted"]
    assert lost == [(3, "tensor-digest")] and folder.rounds()[-1]["failure"] is None


@pytest.mark.parametrize("step", STEPS)
def test_killed_in_any_step_and_resumed_it_is_the_same_run(small, federate, step):
    whole = federate(small("whole", **ENCRYPTED)).header["final"]["angles_sha256"]
    cut, begun = small("cut", **ENCRYPTED), []

    def killed(now, client):
        begun.append(now)
        if now == step and begun.count("key") == 2:  # of the second round
            raise Killed

    with pytest.raises(Killed):
        federate(cut, batch(killed))
    found = federate(replace(cut, run=replace(cut.run, resume=True)))
    assert found.header["final"]["angles_sha256"] == whole
    assert [row["failure"] for row in found.rounds()] == [None] * 3


def test_a_sum_that_was_opened_is_not_asked_for_again(small, federate, monkeypatch):
    whole, cut = federate(small("whole", **ENCRYPTED)), small("cut", **ENCRYPTED)

    def end(*arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(loop, "aggregate", end)
        with pytest.raises(Killed):
            federate(cut)
    asked = []
    found = federate(
        replace(cut, run=replace(cut.run, resume=True)), batch(lambda step, client: asked.append(step) and False)
    )
    assert found.header["final"]["angles_sha256"] == whole.header["final"]["angles_sha256"]
    assert sorted(asked) == ["key", "open", *["train"] * 5]  # of round 2 alone


def test_the_keyholder_forgets_the_key_and_keeps_the_round(small, federate):
    folder = federate(small(**ENCRYPTED))
    files = sorted(Path(folder.path).glob("masking/*/keyholder-*.cbor"))
    holders = [MemberFile(file, False, packed_keyholder, unpacked_keyholder).load() for file in files]
    assert {each.opened for each in holders} <= {1, 2} and not any(each.secret for each in holders)
    assert {row["masking"]["keyholder"] for row in folder.rounds()[1:]} == {each.client for each in holders}


def test_clients_that_encrypt_send_no_plain_update(small, federate, monkeypatch):
    transport = server._transport
    monkeypatch.setattr(server, "_transport", lambda *given: replace(transport(*given), summed=None))
    with pytest.raises(RoundFailed, match="wrong-mode"):
        federate(small(rounds=1, **ENCRYPTED))


def test_the_upload_is_on_the_air(small, federate):
    folder = federate(small(**(ENCRYPTED | {"radio--on": True})))
    upload = folder.rounds()[-1]["masking"]["phases"]["train"]["bytes_up"]
    bits = [row["radio"]["bits"] for row in folder.clients() if row["round"] == 2]
    assert sum(bits) == 8 * upload > 8 * 5 * 65_792


def test_without_tenseal_nothing_begins(small, federate, monkeypatch):
    monkeypatch.setitem(sys.modules, "tenseal", None)
    with pytest.raises(MissingExtra, match="homomorphic sums need TenSEAL"):
        federate(small(**ENCRYPTED))


def test_too_many_samples_are_refused_before_anything_starts(small):
    layout = build(small(**ENCRYPTED)).model.layout
    encrypting = Encrypting(1, words_of(layout, "accuracy"), Caps(samples=60_000))
    encrypting.require_precision(range(200), 40)
    with pytest.raises(ConfigError, match="200 clients of up to 60000 samples leaves fewer than 12 bits"):
        encrypting.require_precision(range(200), 200)
    with pytest.raises(ConfigError, match="leaves fewer than 12 bits"):
        replace(encrypting, caps=Caps(samples=2**40)).require_precision(range(5), 5)


def test_records_in_and_out():
    assert key_in(RecordDict({CKKS_RECORD: key_record(b"call", b"key")})) == (b"call", b"key")
    with pytest.raises(Rejection, match="wrong-mode"):
        key_in(RecordDict())
