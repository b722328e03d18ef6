"""Masked rounds end to end in this process: exact sums, drop-outs, kills, and clients before another server.

Also covers session.py, steps.py, sums.py, client.py, records.py, member_file.py, kept_sum.py and
qfl/federation/summed.py.
"""

import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flwr.app import ConfigRecord, MetricRecord, RecordDict

import qfl.federation.loop as loop
import qfl.federation.server as server
from qfl.angles import TWO_PI, AngleLayout
from qfl.config import Settings
from qfl.config.masked_rules import SUMS
from qfl.errors import RoundFailed
from qfl.federation.client import train
from qfl.federation.masking.member_file import MemberFile
from qfl.federation.masking.records import MASKING
from qfl.federation.masking.words import words_of
from qfl.federation.records.messages import metric_names, to_record
from qfl.federation.records.reply import Asked, Reply
from qfl.federation.records.reply_status import failed
from qfl.federation.runtime.keys import server_signer
from qfl.federation.strategy.player import Player
from qfl.results import RunFolder
from qfl.security.ledger_chain import follow, in_force, read_ledger
from qfl.security.masking.member import packed_member, unpacked_member
from qfl.security.roster import only_key
from qfl.tasks.build import build
from qfl.tasks.local import train_clients
from strategies.registry import make

STEPS = ("advertise", "share", "train", "agree", "unmask")
WHOLE: list[str] = []  # digest of a run that nobody killed, worked out once
MASKED = {"security--aggregation": "masked", "clients--count": 5}


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


def kept(path, durable=False):
    return MemberFile(path, durable, packed_member, unpacked_member)


def step_of(messages):
    content = messages[0].content
    return str(content[MASKING]["step"]) if MASKING in content else "train"


def without(client, step):
    """The clients' half in which one never answers a step, and nothing after it."""
    gone = []

    def batch(messages, contexts):
        if step_of(messages) == step:
            gone.append(True)
        missing = [bool(gone) and context.node_config["partition-id"] == client for context in contexts]
        there = [(m, c) for m, c, lost in zip(messages, contexts, missing, strict=True) if not lost]
        replies = iter(train([m for m, _ in there], [c for _, c in there]))
        return [failed(m, "lost") if lost else next(replies) for m, lost in zip(messages, missing, strict=True)]

    return batch


def killed_in(step, round_number):
    """The clients' half during which the server's process ends, in a step of a round."""
    begun = []

    def batch(messages, contexts):
        begun.append(step_of(messages))
        if step_of(messages) == step and begun.count(step) == round_number:
            raise Killed
        return train(messages, contexts)

    return batch


def resumed(settings):
    return replace(settings, run=replace(settings.run, resume=True))


def integer_fedavg(settings, clients):
    """Federated Averaging of the first round in whole numbers of Python, apart from the product's sums."""
    federation = build(settings)
    words, start = words_of(federation.model.layout, "accuracy"), federation.model.initial(settings.seed)
    total, samples = [0] * len(start), 0
    for update in train_clients(federation, start.astype(np.float64), 1, clients):
        moved = np.clip(update.angles - start, -words.point.limit[6:], words.point.limit[6:])
        total = [t + update.num_examples * round(float(m) * 2**32) for t, m in zip(total, moved, strict=True)]
        samples += update.num_examples
    return start + np.array([float(t) / samples / 2.0**32 for t in total])


@pytest.mark.parametrize("step", [None, *STEPS])
def test_the_mean_is_integer_fedavg_of_the_survivors_bit_for_bit(small, federate, step):
    settings = small(rounds=1, **MASKED)
    folder = federate(settings, without(2, step) if step else train)
    row, rows = folder.rounds()[-1], folder.clients()
    lost = [row["client"] for row in rows if row["status"] != "accepted"]
    assert row["failure"] is None and lost == ([2] if step in STEPS[:3] else [])
    survivors = [client for client in range(5) if client not in lost]
    assert folder.load_checkpoint()[1]["angles"].tolist() == integer_fedavg(settings, survivors).tolist()
    phases = row["masking"]["phases"]
    assert list(phases) == [*STEPS, "recover"]
    if step:
        assert (phases[step]["asked"], phases[step]["answered"]) == (5, 4)


def test_no_row_tells_of_a_single_client(small, federate):
    folder = federate(small(rounds=1, **MASKED))
    for row in folder.clients():
        names = ("num_examples", "train_loss", "loss", "accuracy", "noise", "drift")
        assert row["status"] == "accepted" and [row[name] for name in names] == [None] * 6
    row = folder.rounds()[-1]
    assert row["train_loss"] is not None and row["worst_decile"] is None
    assert row["masking"]["threshold"] == 4 and row["masking"]["clipped"] == 0.0


def test_bytes_are_those_of_all_steps(small, federate):
    folder = federate(small(rounds=1, **MASKED))
    row = folder.rounds()[-1]
    for way in ("bytes_up", "bytes_down"):
        steps = [row["masking"]["phases"][step][way] for step in STEPS]
        assert sum(row[way].values()) == sum(steps) and min(steps) > 0
    assert sum(sum(each["bytes_up"].values()) for each in folder.clients()) == sum(row["bytes_up"].values())


@pytest.mark.parametrize("flat", [{"backend": "sequential"}, {"security--seal": "ML-KEM-768"}])
def test_how_clients_run_and_whether_they_seal_changes_no_bit(small, federate, flat):
    one, other = federate(small("one", **MASKED)), federate(small("other", **MASKED, **flat))
    assert one.header["final"]["angles_sha256"] == other.header["final"]["angles_sha256"]


def test_neighbours_on_a_ring_mask_and_unmask(small, federate):
    ring = {**MASKED, "clients--count": 8, "security--neighbours": 4, "rounds": 1}
    whole = federate(small("whole", **{**MASKED, "clients--count": 8, "rounds": 1}))
    found = federate(small("ring", **ring))
    assert found.header["final"]["angles_sha256"] == whole.header["final"]["angles_sha256"]
    assert found.rounds()[-1]["masking"]["threshold"] == 4
    assert sum(found.rounds()[-1]["bytes_down"].values()) < sum(whole.rounds()[-1]["bytes_down"].values())


@pytest.mark.parametrize("name", SUMS)
def test_strategies_make_of_the_mean_what_they_make_of_all(echo_grid, ask, name):
    """Two rounds, so that what they remember counts: all replies there, their weighted mean here."""
    settings, grid = Settings.from_flat({"strategy.name": name}), echo_grid(3)
    layout, rng = AngleLayout(tuple("abcd"), (TWO_PI,) * 4), np.random.default_rng(3)
    one, other = (Player.of(make(settings, layout), settings) for _ in range(2))
    of_all = of_mean = np.zeros(4)
    for number in (1, 2):
        samples, moved = np.array([3, 10, 7]), rng.normal(scale=0.1, size=(3, 4))
        sent = [reply(message, of_all + moved[k], samples[k]) for k, message in enumerate(ask(3))]
        mean = reply(ask(1)[0], of_mean + np.average(moved, axis=0, weights=samples), samples.sum())
        one.configure(number, of_all, ConfigRecord(), grid)
        other.configure(number, of_mean, ConfigRecord(), grid)
        of_all, of_mean = one.combine(number, sent, of_all), other.combine(number, [mean], of_mean)
        assert of_mean == pytest.approx(of_all, abs=1e-12)
        assert abs(of_all).max() > 0


def reply(message, angles, samples):
    metrics = {name: 0.5 for name in metric_names("accuracy")} | {"num-examples": int(samples)}
    content = RecordDict({"arrays": to_record(angles), "metrics": MetricRecord(metrics)})
    return Reply(Asked(0, message), content=content, angles=angles).to_message()


@pytest.mark.parametrize("step", STEPS)
def test_killed_in_any_step_and_resumed_it_is_the_same_run(small, federate, step):
    if not WHOLE:
        WHOLE.append(federate(small("whole", **MASKED)).header["final"]["angles_sha256"])
    cut = small("cut", **MASKED)
    with pytest.raises(Killed):
        federate(cut, killed_in(step, 2))
    found = federate(resumed(cut))
    assert found.header["final"]["angles_sha256"] == WHOLE[0]
    assert [row["failure"] for row in found.rounds()] == [None] * 3


def test_a_sum_that_was_unmasked_is_not_asked_for_again(small, federate, monkeypatch):
    """Killed between unmasking and the checkpoint: the resumed server goes on with the sum that it kept."""
    whole, cut = federate(small("whole", **MASKED)), small("cut", **MASKED)
    killed_after_the_sum(cut, federate, monkeypatch)
    asked = []

    def counting(messages, contexts):
        asked.append(step_of(messages))
        return train(messages, contexts)

    found = federate(resumed(cut), counting)
    assert found.header["final"]["angles_sha256"] == whole.header["final"]["angles_sha256"]
    assert asked == list(STEPS)  # of round 2 alone
    assert [r["status"] for r in found.clients()] == [r["status"] for r in whole.clients()]
    assert signed_for(cut) == [set(range(5))] * 2  # the ledger names whose updates are in the sums


def test_without_the_kept_sum_clients_refuse_the_round_and_the_run_goes_on(small, federate, monkeypatch):
    cut = small("cut", rounds=3, **MASKED)
    killed_after_the_sum(cut, federate, monkeypatch)
    (Path(cut.run.folder) / "masked-sum.npz").unlink()
    found = federate(resumed(cut))
    failures = [row["failure"] for row in found.rounds()]
    assert "0 of 5 clients advertised keys; 4 are needed" in failures[1] and "unmasked-before" in failures[1]
    assert failures[2:] == [None, None]
    lost = [row for row in found.clients() if row["round"] == 1]
    assert {row["reason"] for row in lost} == {"broadcast-refused"} and signed_for(cut)[0] == set()


def signed_for(settings):
    """Whose updates each round's entry of the ledger holds."""
    folder, key = RunFolder(settings.run.folder), server_signer(settings).key
    links, fault = follow(read_ledger(folder), lambda kid: only_key(key, kid), bytes.fromhex(folder.header["run_id"]))
    assert fault is None
    return [set(link.entry.updates) for number, link in sorted(in_force(links).items()) if number]


def killed_after_the_sum(settings, federate, monkeypatch):
    def end(*arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(loop, "aggregate", end)
        with pytest.raises(Killed):
            federate(settings)


def test_clients_that_mask_send_no_plain_update(small, federate, monkeypatch):
    """A server that asks for plain updates where the run's settings say masked."""
    transport = server._transport
    monkeypatch.setattr(server, "_transport", lambda *given: replace(transport(*given), summed=None))
    with pytest.raises(RoundFailed, match="wrong-mode: the broadcast asks for a plain update"):
        federate(small(rounds=1, **MASKED))


def test_too_few_clients_fail_the_round_and_say_why(small, federate):
    def two(messages, contexts):
        replies = train(messages, contexts)
        return [r if k < 2 else failed(m, "lost") for k, (m, r) in enumerate(zip(messages, replies, strict=True))]

    with pytest.raises(RoundFailed, match="2 of 5 clients advertised keys; 4 are needed; the first lost"):
        federate(small(rounds=1, **MASKED), two)


def test_a_round_whose_sum_is_lost_says_so_of_everybody(small, federate):
    def none_agrees(messages, contexts):
        if step_of(messages) == "agree":
            return [failed(message, "lost") for message in messages]
        return train(messages, contexts)

    settings = small(rounds=1, **MASKED)
    with pytest.raises(RoundFailed, match="0 of 5 clients agreed on the survivors; 4 are needed"):
        federate(settings, none_agrees)
    rows = RunFolder(settings.run.folder).clients()
    assert {(row["status"], row["reason"]) for row in rows} == {("missing", "no-sum")}


def test_only_the_radio_carries_masked_updates(small, federate):
    """The upload on the air is as long as the masked update, words of eight bytes and signature and all."""
    flat = {"rounds": 2, "radio--on": True}
    plain = federate(small("plain", **{**flat, "clients--count": 5}))
    masked = federate(small("masked", **{**MASKED, **flat}))
    for folder, least in ((plain, 0), (masked, 1)):
        assert all(row["radio"] for row in folder.rounds()[1:]), least
    upload = masked.rounds()[-1]["masking"]["phases"]["train"]["bytes_up"]
    bits = [row["radio"]["bits"] for row in masked.clients() if row["round"] == 2]
    assert sum(bits) == 8 * upload


def test_what_a_client_holds_is_for_its_owner_alone(small, federate):
    folder = federate(small(rounds=1, **MASKED))
    files = sorted(Path(folder.path).glob("masking/*/client-*.cbor"))
    assert len(files) == 5
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert kept(file).load().step == "unmasked"


@pytest.mark.parametrize("durable", [True, False])
def test_what_was_damaged_is_refused_and_never_taken_for_nothing(tmp_path, small, federate, durable):
    folder = federate(small(rounds=1, **MASKED))
    file = next(iter(Path(folder.path).glob("masking/*/client-*.cbor")))
    own = kept(tmp_path / "kept" / "client.cbor", durable)
    assert own.load() is None
    own.save(kept(file, durable).load())
    assert own.load() == kept(file, durable).load()
    own.path.write_bytes(own.path.read_bytes()[:-3])
    with pytest.raises(Exception, match="memory-damaged"):
        own.load()


def test_a_run_folder_says_that_it_was_masked(small, federate):
    folder = federate(small(rounds=1, **MASKED))
    assert RunFolder(folder.path).header["settings"]["security.aggregation"] == "masked"
