"""Who is there is proven, who is not is named, and nobody can hold up a run by not answering."""

import itertools

import cbor2
import pytest
from cbor2 import CBORTag
from flwr.app import ConfigRecord, Error, Message, MetricRecord, RecordDict

from qfl.errors import ConfigError, KeyFolderError
from qfl.federation.adapter import become_server, set_message_id
from qfl.federation.grids.base import GridDecorator
from qfl.federation.node_directory import Attendance, absent_id
from qfl.federation.runtime.roll_call import CHALLENGE, IDENTITY
from qfl.security.challenge_response import prove_presence
from qfl.security.envelope import PRESENCE
from qfl.security.profiles import profile
from qfl.security.roster import Roster, RosterRow, admit, revoke, rotate
from qfl.security.signing import generate

SERVER, *SIGNERS = (generate(profile("ML-DSA-44")) for _ in range(5))
ROSTER = Roster(1, 2**40, SERVER.key, tuple(RosterRow(k, signer.key, 10) for k, signer in enumerate(SIGNERS)))
SILENT, BROKEN = "silent", "broken"


class Nodes(GridDecorator):
    """Nodes that claim to be a client and sign as one (or are silent, or broken), by node id."""

    def __init__(self, nodes):
        become_server(1)
        self.nodes, self.asked, self.waiting, self.ids = dict(nodes), [], {}, itertools.count()
        self.rounds = []

    def get_node_ids(self):
        return list(self.nodes)

    def push_messages(self, messages):
        messages = list(messages)
        for message in messages:
            set_message_id(message, str(next(self.ids)))
            self.asked.append(message.metadata.dst_node_id)
            self.waiting[message.metadata.message_id] = message
        return [message.metadata.message_id for message in messages]

    def pull_messages(self, ids):
        found = [self.answer(self.waiting.pop(key)) for key in list(ids) if key in self.waiting]
        return [reply for reply in found if reply]

    def answer(self, message):
        node = message.metadata.dst_node_id
        if self.nodes[node] == SILENT:
            return None
        if self.nodes[node] == BROKEN:
            return Message(Error(0, "KeyFolderError: no key"), reply_to=message)
        claim, signs = self.nodes[node]
        self.rounds.append(message.content[CHALLENGE]["round"])
        proof = prove_presence(SIGNERS[signs], claim, node, message.content[CHALLENGE]["challenge"])
        return Message(RecordDict({IDENTITY: ConfigRecord({"client": claim, "proof": proof})}), reply_to=message)


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def sleep(self, seconds):
        self.now_s += seconds


def attend(nodes, count, roster=lambda: ROSTER):
    clock, grid = Clock(), Nodes(nodes)
    return Attendance(grid, count, roster, now=lambda: clock.now_s, sleep=clock.sleep), grid, clock


def test_every_client_is_found_on_the_node_that_proves_it():
    attendance, _, clock = attend({70: (1, 1), 80: (0, 0)}, 2)
    attendance.gather(1.0)
    assert attendance.nodes == {0: 80, 1: 70} and clock.now_s < 1 and attendance.refused == []


def test_an_impostor_is_refused_whoever_answers_first():
    attendance, _, _ = attend({60: (0, 1), 70: (0, 0), 80: (1, 1)}, 2)
    attendance.gather(1.0)
    assert attendance.nodes == {0: 70, 1: 80}
    assert [(row["node"], row["claims"], row["reason"]) for row in attendance.refused] == [("60", 0, "wrong-client")]


def test_a_quorum_starts_and_the_absent_client_joins_later():
    attendance, grid, clock = attend({70: (0, 0), 80: (1, 1)}, 3)
    attendance.gather(0.5)
    assert attendance.nodes[2] == absent_id(2) and clock.now_s >= 60
    grid.nodes[90] = (2, 2)
    assert attendance.call() == [] and attendance.nodes[2] == 90
    assert grid.asked == [70, 80, 90]


def test_without_a_quorum_the_run_does_not_start_and_says_why():
    attendance, _, _ = attend({70: (0, 0), 80: BROKEN}, 4)
    with pytest.raises(ConfigError, match=r"1 of 4 clients are .*, the quorum is 2; absent are .*no key"):
        attendance.gather(0.5)


def test_a_silent_node_is_asked_three_times_and_delays_a_round_by_seconds_only():
    attendance, grid, clock = attend({70: (0, 0), 80: SILENT}, 2)
    attendance.gather(0.5)
    before = clock.now_s
    for _ in range(5):
        attendance.call()
    assert grid.asked.count(80) == 3 and clock.now_s - before < 25


def test_a_client_that_the_run_does_not_have_is_refused():
    attendance, _, _ = attend({70: (0, 0), 80: (3, 3)}, 1)
    attendance.gather(1.0)
    assert attendance.nodes == {0: 70}


def test_a_revoked_client_is_refused_at_the_roll_call_and_not_waited_for():
    attendance, _, clock = attend({70: (0, 0), 80: (1, 1)}, 2, lambda: revoke(ROSTER, 1, 0))
    attendance.gather(0.5)
    assert attendance.nodes == {0: 70, 1: absent_id(1)} and clock.now_s < 1
    assert [(row["claims"], row["reason"]) for row in attendance.refused] == [(1, "revoked")]


def test_without_a_quorum_of_keys_that_count_the_run_says_whose_do_not():
    attendance, _, clock = attend({70: (0, 0)}, 3, lambda: revoke(revoke(ROSTER, 1, 0), 2, 4))
    with pytest.raises(ConfigError, match=r"1 of 3 .* the quorum is 3.*the keys of \[1, 2\] do not count in round 4"):
        attendance.gather(1.0, round_number=4)
    assert clock.now_s < 1


def test_who_is_revoked_during_a_run_loses_its_place_and_who_is_enrolled_again_is_asked_again():
    rosters = [Roster(1, 2**40, SERVER.key, ROSTER.rows[:2])]
    attendance, grid, _ = attend({70: (0, 0), 80: (1, 1)}, 2, lambda: rosters[-1])
    attendance.gather(1.0)
    rosters.append(revoke(rosters[-1], 1, 3))
    assert attendance.call(round_number=2) == [] and attendance.nodes[1] == 80
    assert attendance.call(round_number=3) == [] and attendance.nodes[1] == absent_id(1)
    rosters.append(admit(rosters[-1], RosterRow(1, SIGNERS[3].key, 10)))
    grid.nodes |= {90: (1, 3)}
    assert attendance.call(round_number=4) == [] and attendance.nodes[1] == 90
    assert [row["reason"] for row in attendance.refused] == ["revoked"]  # node 80, with the old key


def test_a_key_counts_at_the_roll_call_from_its_first_round_on():
    later = rotate(Roster(1, 2**40, SERVER.key, ROSTER.rows[:2]), 1, SIGNERS[3].key, 4)
    attendance, grid, _ = attend({70: (0, 0), 80: (1, 3)}, 2, lambda: later)
    attendance.gather(0.5)
    assert attendance.nodes[1] == absent_id(1) and attendance.refused[0]["reason"] == "not-valid-yet"
    assert attendance.call(round_number=3) == [1]
    assert attendance.call(round_number=4) == [] and attendance.nodes[1] == 80 and grid.rounds[-1] == 4


def test_a_roster_that_is_altered_during_a_run_changes_nothing():
    rosters = [lambda: ROSTER]
    attendance, _, _ = attend({70: (0, 0)}, 2, lambda: rosters[-1]())
    attendance.gather(0.5)

    def altered():
        raise KeyFolderError("refused")

    rosters.append(altered)
    assert attendance.call() == [1] and attendance.nodes[0] == 70


HUGE = cbor2.dumps({1: 1 << 14300, 4: ROSTER.row(0).kid, 16: PRESENCE.typ}, canonical=True)
PATTERN = b"\xd8\x23\x78\xff" + b"(a+)+" * 51


class Unreadable(RecordDict):
    """Records that raise where they are looked at."""

    def get(self, *arguments):
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")


@pytest.mark.parametrize(
    "content",
    [
        RecordDict(),
        RecordDict({IDENTITY: MetricRecord({"client": 0})}),
        RecordDict({IDENTITY: ConfigRecord({"client": -(2**63), "proof": b""})}),
        RecordDict({IDENTITY: ConfigRecord({"client": [0, 1], "proof": b""})}),
        RecordDict({IDENTITY: ConfigRecord({"client": 0, "proof": "text"})}),
        RecordDict({IDENTITY: ConfigRecord({"client": 0, "proof": PATTERN})}),
        RecordDict({IDENTITY: ConfigRecord({"client": 0, "proof": bytes(10**6)})}),
        RecordDict({IDENTITY: ConfigRecord({"client": 0, "proof": cbor2.dumps(CBORTag(18, [HUGE, {}, b"", b""]))})}),
        Unreadable(),
    ],
)
def test_whatever_a_node_answers_it_is_refused_by_name_and_the_roll_goes_on(content, capsys):
    class Hostile(Nodes):
        def answer(self, message):
            honest = message.metadata.dst_node_id == 80
            return super().answer(message) if honest else Message(content, reply_to=message)

    clock = Clock()
    grid = Hostile({70: None, 80: (1, 1)})
    attendance = Attendance(grid, 2, lambda: ROSTER, now=lambda: clock.now_s, sleep=clock.sleep)
    attendance.gather(0.5)
    assert attendance.nodes == {0: absent_id(0), 1: 80}
    assert [row["node"] for row in attendance.refused] == ["70"] and len(attendance.refused[0]["detail"]) <= 300
    assert capsys.readouterr().out.count("\n") == 1


def test_an_error_text_cannot_write_lines_of_its_own_or_move_the_cursor(capsys):
    class Hostile(Nodes):
        def answer(self, message):
            text = "\x1b[2J\x1b[H\nround 9  accuracy 1.0\u202e\x9b1A" * 1000
            return Message(Error(0, text), reply_to=message)

    attendance = Attendance(Hostile({70: None}), 1, lambda: ROSTER, answer_s=1.0, sleep=lambda seconds: None)
    with pytest.raises(ConfigError) as fault:
        attendance.gather(0.5, patience_s=0.0)
    (line,) = capsys.readouterr().out.splitlines()
    for shown in (line, str(fault.value), attendance.refused[0]["detail"]):
        assert shown.isprintable()
