"""Whatever a registered node sends back, it has a row of its own and nobody else's round is touched."""

import json
from functools import partial

import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Error, Message, MetricRecord, RecordDict
from google.protobuf.message import DecodeError

from qfl.federation.adapter import error_for, pack, unpack
from qfl.federation.grids.encryption import SEALED
from qfl.federation.records.messages import METRICS, UPDATE
from qfl.seeds import stream
from qfl.testing.mutations import LIMIT_S, budget, mutants, timed

AT_ONCE = 10
SEALS = ("", "ML-KEM-768")


def other(message, content, **records):
    """The honest records, some in another form."""
    return Message(RecordDict({**content, **records}), reply_to=message)


def raises(error):
    def reply(message, content):
        raise error

    return reply


class Panic(BaseException):
    """What a library in Rust raises at a fault of its own; it is no `Exception`."""


def lying(content, **changes):
    """The honest array, with other words beside its bytes."""
    array = content["arrays"]["angles"]
    fields = {"dtype": array.dtype, "shape": array.shape, "stype": array.stype, "data": array.data} | changes
    return ArrayRecord({"angles": Array(**fields)})


PATTERN = b"\xd8\x23\x7a\x00\x01\xd4\xc0" + b"(a|" * 40_000  # CBOR's tag 35
HEADER = b"\x93NUMPY\x01\x00"
REPLIES = {
    "does not inflate": (raises(DecodeError("Error parsing message")), "failed", "reply-unreadable"),
    "an error without words": (raises(KeyError()), "failed", "reply-unreadable"),
    "too deep": (raises(RecursionError("maximum recursion depth exceeded")), "failed", "reply-unreadable"),
    "too large": (raises(MemoryError()), "failed", "reply-unreadable"),
    "an error of bytes": (raises(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")), "failed", "reply-unreadable"),
    "a network error of its own": (raises(ConnectionResetError("by peer")), "failed", "reply-unreadable"),
    "a panic in another language": (raises(Panic("x")), "failed", "reply-unreadable"),
    "in another's place": (lambda m, c: error_for("message-1000", Error(0, "x")), "failed", "reply-unreadable"),
    "an empty reply": (lambda m, c: Message(RecordDict(), reply_to=m), "rejected", "unsigned"),
    "a verdict": (lambda m, c: Message(Error(1002, "deadline: late"), reply_to=m), "failed", "unknown-error"),
    "a code of its own": (lambda m, c: Message(Error(-7, "x" * 10**6), reply_to=m), "failed", "error--7"),
    "another stype": (lambda m, c: other(m, c, arrays=lying(c, stype="pickle")), "accepted", None),
    "another shape": (lambda m, c: other(m, c, arrays=lying(c, shape=(10**9,), dtype="object")), "accepted", None),
    "no array": (lambda m, c: other(m, c, arrays=lying(c, data=b"\x00")), "rejected", "unreadable-array"),
    "a lying header": (
        lambda m, c: other(m, c, arrays=lying(c, data=HEADER + b"\x76\x00{'descr': '<f8', 'fortran_order': False, "
        b"'shape': (99999999999999,), }".ljust(119) + b"\n")),
        "rejected",
        "wrong-shape",
    ),
    "a deep header": (
        lambda m, c: other(m, c, arrays=lying(c, data=HEADER + b"\x10\x27" + b"(" * 10_000)),
        "rejected",
        "unreadable-array",
    ),
    "a list for a number": (
        lambda m, c: other(m, c, **{METRICS: MetricRecord({**c[METRICS], "loss": [0.5, 0.5]})}),
        "rejected",
        "metrics-digest",
    ),
    "a number too far": (
        lambda m, c: other(m, c, **{METRICS: MetricRecord({**c[METRICS], "num-examples": 2**62})}),
        "rejected",
        "metrics-digest",
    ),
    "a hundred thousand entries": (
        lambda m, c: other(m, c, **{METRICS: MetricRecord({str(k): k for k in range(100_000)})}),
        "rejected",
        "too-many-entries",
    ),
    "a long list": (
        lambda m, c: other(m, c, **{METRICS: MetricRecord({**c[METRICS], "loss": [0.5] * 10**5})}),
        "rejected",
        "too-many-entries",
    ),
    "a huge name": (
        lambda m, c: other(m, c, **{METRICS: MetricRecord({**c[METRICS], "x" * 10**6: 1.0})}),
        "rejected",
        "metrics-digest",
    ),
    "text for a signature": (
        lambda m, c: other(m, c, **{UPDATE: ConfigRecord({**c[UPDATE], "cose": "text"})}),
        "rejected",
        "unsigned",
    ),
    "an entry more": (
        lambda m, c: other(m, c, **{UPDATE: ConfigRecord({**c[UPDATE], "more": 1})}),
        "rejected",
        "unsigned",
    ),
    "a pattern that takes a minute": (
        lambda m, c: other(m, c, **{UPDATE: ConfigRecord({**c[UPDATE], "cose": PATTERN})}),
        "rejected",
        "too-large",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(exposed):
    """What becomes of an honest client and of all of the above in one round."""
    found = exposed(len(REPLIES)).round([reply for reply, _, _ in REPLIES.values()])
    return dict(zip(("honest", *REPLIES), found, strict=True))


@pytest.mark.parametrize("name", REPLIES)
def test_a_hostile_reply_is_an_error_row_of_its_node_and_the_honest_client_counts(rows, name):
    _, status, reason = REPLIES[name]
    assert (rows[name]["status"], rows[name]["reason"]) == (status, reason), rows[name]["detail"]
    assert rows["honest"]["status"] == "accepted"
    assert len(rows[name]["detail"] or "") <= 300
    assert json.dumps(rows[name] | {"passed": None}).isascii()


def test_a_strategy_gets_the_signed_vector_and_none_of_the_words_beside_it(rows):
    assert rows["another stype"]["passed"] and rows["another shape"]["passed"]
    for name in ("another stype", "another shape"):
        array = unpack(rows[name]["passed"])["arrays"]["angles"]
        assert (array.stype, tuple(array.shape), array.dtype) == ("numpy.ndarray", (40,), "float64")
        assert array.numpy() == pytest.approx(unpack(rows["honest"]["passed"])["arrays"]["angles"].numpy())


def one_of(mutant):
    """The mutant in place of the honest records, which only its own round can sign."""
    return lambda packed: next(mutants(stream(7, "fuzz", "replies", mutant), [packed], 1))


@pytest.mark.parametrize("algorithm", SEALS)
def test_no_mutant_of_a_reply_is_accepted_stops_the_others_or_takes_long(exposed, algorithm, share):
    """Ten at once, which have the time of ten honest replies and a tenth of a second: no one of them takes longer."""
    server, honest = exposed(AT_ONCE, algorithm), {}

    def reply(number):
        def from_honest(message, content):
            honest[number] = pack(content)
            mutant = one_of(number)(honest[number])
            if not algorithm:
                return Message(unpack(mutant), reply_to=message)
            return Message(RecordDict({SEALED: ConfigRecord({"box": server.shut(message, mutant)})}), reply_to=message)

        return from_honest

    def sound(message, content):
        return Message(server.box(message, content), reply_to=message)

    _, limit_s = timed(lambda: server.round([sound] * AT_ONCE), 0.0)
    limit_s += LIMIT_S
    for first in range(0, budget(share / len(SEALS)), AT_ONCE):
        replies = {number: reply(number) for number in range(first, first + AT_ONCE)}
        found, seconds = timed(partial(server.round, list(replies.values())), limit_s)
        assert found[0]["status"] == "accepted"
        for number, row in zip(replies, found[1:], strict=True):
            same = row["passed"] and unpack(row["passed"]) == unpack(honest[number])
            assert row["status"] != "accepted" or same, (number, one_of(number)(honest[number]))
        assert seconds < limit_s, (first, seconds)
