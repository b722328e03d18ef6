"""Access points tell the cloud of their channels in signed messages, and the cloud knows what it was told.

Also covers qfl/security/sample_statements.py.
"""

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord, Message

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.client import train
from qfl.federation.records.messages import ARRAYS, SAMPLES_RECORD, own_copy
from qfl.federation.sample_upload import is_call
from qfl.security.sealing import HYBRID
from qfl.seeds import stream
from qfl.tasks.build import build, building
from qfl.tasks.cell_free.cloud import trained
from qfl.tasks.local import train_clients
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree

CELL_FREE = {
    "task": "cell_free",
    "model__name": "edge_plus",
    "clients__count": 4,
    "cell_free__layers": 1,
    "cell_free__samples": 30,
    "cell_free__test_samples": 20,
    "cell_free__assignment": "algorithm4",
    "strategy__name": "blocks",
    "train__batch_size": 8,
    "rounds": 1,
}
FLAT = {key.replace("__", ".").replace("_", "-"): value for key, value in CELL_FREE.items()}
CHANNEL = "assigned-channel"


@pytest.fixture
def access_points(small):
    return lambda name="run", **changes: small(name, **CELL_FREE | changes)


def answers(change, ask=lambda content: content):
    """Return clients that answer the server's call, after ``ask`` changed it; ``change`` alters what client 1 sends.

    It is given client 1's answer, and those of all clients to the first call.
    """
    first = []

    def batch(messages, contexts):
        if not is_call(messages[0]):
            return train(messages, contexts)
        heard = [Message(ask(own_copy(m.content)), reply_to=m) for m in messages]
        found = [r.content if r.has_content() else r.error for r in train(heard, contexts)]
        first.extend(found if not first else ())
        place = [context.node_config["partition-id"] for context in contexts].index(1)
        found[place] = change(found[place], first)
        return [Message(own, reply_to=m) for own, m in zip(found, messages, strict=True)]

    return batch


def with_array(content, change):
    content = own_copy(content)
    content[ARRAYS] = ArrayRecord({CHANNEL: Array(change(content.array_records[ARRAYS][CHANNEL].numpy()))})
    return content


def nudged(content, first):
    """On the way, one bit of a channel changes."""

    def flip(array):
        moved = array.copy()
        moved.view(np.uint8).reshape(-1)[7] ^= 1
        return moved

    return with_array(content, flip)


def forged(content, first):
    content = own_copy(content)
    cose = content.config_records[SAMPLES_RECORD]["cose"]
    content[SAMPLES_RECORD] = ConfigRecord({"cose": cose[:-1] + bytes([cose[-1] ^ 1])})
    return content


def bare(content, first):
    content = own_copy(content)
    del content[SAMPLES_RECORD]
    return content


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (nudged, "tensor-digest"),
        (forged, "bad-signature"),
        (lambda content, first: first[2], "wrong-client"),
        (lambda content, first: with_array(content, lambda array: array[:, :2]), "wrong-shape"),
        (lambda content, first: with_array(content, lambda array: array / 0), "not-finite"),
        (bare, "unsigned"),
    ],
)
def test_channels_that_are_not_the_signed_ones_are_refused_by_name(change, reason, access_points, federate, capsys):
    folder = federate(access_points(), answers(change))
    rows = folder.header["sample_upload"]["clients"]
    assert {k: row["status"] for k, row in rows.items()} == {k: "rejected" if k == "1" else "accepted" for k in "0123"}
    assert rows["1"]["reason"] == reason and f"client 1 is refused: {reason}" in capsys.readouterr().out


def test_who_is_refused_is_asked_again_before_a_later_round_and_an_old_answer_is_of_no_use(
    access_points, federate, capsys
):
    tried = [nudged, lambda content, first: first[1], lambda content, first: content]
    folder = federate(access_points(rounds=4), answers(lambda content, first: tried.pop(0)(content, first)))
    refusals = [line for line in capsys.readouterr().out.splitlines() if "is refused" in line]
    assert [line.split(": ")[2] for line in refusals] == ["tensor-digest", "wrong-round"] and not tried
    assert folder.header["sample_upload"]["clients"]["1"]["status"] == "accepted"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda cose: cose[:-1] + bytes([cose[-1] ^ 1]), "bad-signature"),
        (lambda cose: b"hello", "not-cose"),
    ],
)
def test_an_access_point_tells_nobody_but_its_server(spoil, reason, access_points, federate):
    def ask(content):
        cose = content.config_records[SAMPLES_RECORD]["cose"]
        return type(content)({SAMPLES_RECORD: ConfigRecord({"cose": spoil(cose)})})

    said = f"0 of 4 clients told of their samples, the quorum is 2; client 0: .*{reason}"
    with pytest.raises(ConfigError, match=said):
        federate(access_points(), answers(lambda content, first: content, ask))


def told_by(settings, federate, change):
    """Run a federation whose access point 1 uploads, and signs, what ``change`` makes of its channels."""
    federation = build(settings)
    samples = federation.samples

    class Changed(type(samples)):
        def upload(self, client):
            return {n: change(a) if client == 1 else a for n, a in super().upload(client).items()}

    own = {each.name: getattr(samples, each.name) for each in fields(samples)} | {"parts": {}}
    with building(replace(federation, samples=Changed(**own))):
        return federate(settings)


@pytest.mark.parametrize("assignment", ["algorithm4", "extended"])
def test_the_cloud_trains_and_assigns_by_what_it_received(assignment, access_points, federate):
    """An enrolled access point that signs other channels than it has changes what the cloud finds."""
    same = {"cell_free__assignment": assignment, "cell_free__cloud_steps": 3}
    ends = [
        told_by(access_points(name, **same), federate, change).header["final"]["angles_sha256"]
        for name, change in (("honest", lambda array: array), ("false", lambda array: 0 * array))
    ]
    assert ends[0] != ends[1] and ends[0] == federate(access_points(**same)).header["final"]["angles_sha256"]


def test_the_clouds_circuit_is_trained_on_what_was_uploaded():
    samples = build(Settings.from_flat(FLAT | {"cell-free.assignment": "extended", "cell-free.cloud-steps": 2})).samples
    told = {ap: samples.upload(ap) for ap in range(4)}
    other = told | {1: told[1] | {"training-channel": -1 * told[1]["training-channel"][::-1]}}
    pools = [samples.receive_uploads(each).pool for each in (told, other)]
    drawn = draw(CellFree(), 1, 12_000, "cloud").known
    assert torch.equal(pools[0].channels.known, drawn) and not torch.equal(pools[1].channels.known, drawn)
    entries = [trained("extended", CellFree(), "full", 1, samples.training, pool)[1] for pool in pools]
    assert not np.array_equal(*entries)


def test_the_run_with_messages_is_the_run_of_one_program(access_points, federate):
    """The cloud in the program of `build`, which asks nobody by message, assigns the same."""
    settings = access_points(strategy__name="blocks", cell_free__mode="separate", rounds=1)
    folder, whole = federate(settings), build(settings)
    start = whole.model.initial(1)
    size = len(whole.model.edge.layout)
    updates = train_clients(whole, start, 1, range(4))
    expected = np.concatenate([u.angles.reshape(-1, size)[u.client] for u in updates])
    np.testing.assert_allclose(folder.load_checkpoint()[1]["angles"], expected, rtol=1e-12)


@pytest.mark.parametrize("csi", ["full", "gains"])
def test_sealed_uploads_are_opened_and_their_bytes_are_those_that_were_sent(csi, access_points, federate):
    changes = {"security__seal": HYBRID, "cell_free__csi": csi, "radio__on": True}
    folder = federate(access_points(**changes))
    header = folder.header["sample_upload"]
    sent = header["clients"]["3"]["bytes_up"]
    assert sent["model"] == folder.header["data"]["csi_bytes_per_ap"] == 30 * {"full": 96, "gains": 24}[csi]
    assert sent["signature"] == 2420 and header["radio_s"] > 0


CHILD = """
import sys
import numpy as np
from qfl.config import Settings
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

federation = build(Settings.from_flat({settings!r}))
told = federation.samples.upload(2)
heard = federation.receive_broadcast({{"assignment": bytes(4 * {count})}})
train_clients(heard, federation.model.initial(1), 1, [2])
print("ready", flush=True)
sys.stdin.read()
print(len(told))
"""


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a process's memory is a file on Linux alone")
def test_no_foreign_channel_is_in_the_memory_of_a_client(access_points):
    """The whole memory of client 2's process is searched, after it uploaded and trained: it is the only one there."""
    count = 1500  # more than pass at a time
    flat = access_points(cell_free__samples=count, cell_free__assignment="algorithm4").to_flat()
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(settings=flat, count=count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin and child.stdout
    with child:
        assert child.stdout.readline() == "ready\n"
        memory = memory_of(child.pid)
        child.stdin.close()
    known = draw(CellFree(), 1, count, "edge").known.numpy()
    raw = stream(1, "cell_free", "edge", "fading").standard_normal((count, 4, 3, 2, 2))
    found = {ap: sum(number.tobytes() in memory for number in numbers_of(known, raw, ap)) for ap in range(4)}
    assert found[2] > 0 and [found[ap] for ap in (0, 1, 3)] == [0, 0, 0], found


def numbers_of(known, raw, ap):
    """Some numbers of an access point's channels, as they came to be, in both precisions, and as they were drawn."""
    yield known[0, ap, 0].astype(np.complex64)
    for sample in (0, 1023, 1499):
        yield known[sample, ap].real[1, 1]
        yield raw[sample, ap, 2, 1]


def memory_of(pid):
    """Return what is in all writable maps of a process."""
    parts = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            place, rights, *_ = line.split()
            if rights.startswith("rw") and "[v" not in line:
                start, end = (int(each, 16) for each in place.split("-"))
                memory.seek(start)
                try:
                    parts.append(memory.read(end - start))
                except OSError:
                    continue
    return b"".join(parts)


def test_tasks_that_have_nothing_to_tell_are_not_asked(small, federate):
    folder = federate(small(clients__count=2, rounds=1))
    assert "sample_upload" not in folder.header
