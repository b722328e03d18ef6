import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from qfl.federation.grids.admission import AdmissionGrid, Form
from qfl.federation.grids.caps import Caps
from qfl.federation.records.messages import METRICS, to_record
from qfl.federation.records.reply import Exchange, Reply

FORM = Form(np.zeros(4), Caps(1.0, 100))


def with_metric(name, value):
    return lambda content: RecordDict({**content, METRICS: MetricRecord({**content[METRICS], name: value})})


def with_angles(angles):
    return lambda content: RecordDict({**content, "arrays": to_record(np.asarray(angles))})


def without(name):
    return lambda content: RecordDict({key: record for key, record in content.items() if key != name})


OFFENCES = {
    "an extra record": (lambda c: RecordDict({**c, "more": ConfigRecord()}), "wrong-records"),
    "a second array record": (lambda c: RecordDict({**c, "more": ArrayRecord()}), "wrong-records"),
    "no metrics": (without(METRICS), "wrong-metrics"),
    "no signature": (without("qfl.update"), "wrong-records"),
    "metrics that are a config": (lambda c: RecordDict({**c, METRICS: ConfigRecord()}), "wrong-metrics"),
    "an extra metric": (with_metric("score", 1.0), "wrong-metrics"),
    "a missing metric": (lambda c: RecordDict({**c, METRICS: MetricRecord({"num-examples": 1})}), "wrong-metrics"),
    "a list as weight": (with_metric("num-examples", [1, 2]), "wrong-metrics"),
    "a fractional weight": (with_metric("num-examples", 1.5), "wrong-metrics"),
    "a weight of zero": (with_metric("num-examples", 0), "wrong-metrics"),
    "a negative weight": (with_metric("num-examples", -5), "wrong-metrics"),
    "a heavy weight": (with_metric("num-examples", 101), "weight-cap"),
    "a weight without end": (with_metric("num-examples", 10**400), "wrong-metrics"),
    "a loss that is not a number": (with_metric("loss", float("nan")), "wrong-metrics"),
    "a negative loss": (with_metric("train_loss", -1.0), "wrong-metrics"),
    "an accuracy above one": (with_metric("accuracy", 1.01), "wrong-metrics"),
    "another key": (lambda c: RecordDict({**c, "arrays": ArrayRecord({"w": Array(np.zeros(4))})}), "wrong-array-key"),
    "another length": (with_angles(np.zeros(5)), "wrong-shape"),
    "another type": (with_angles(np.zeros(4, np.float32)), "wrong-dtype"),
    "NaN": (with_angles([np.nan, 0, 0, 0]), "not-finite"),
    "infinity": (with_angles([0, np.inf, 0, 0]), "not-finite"),
    "a long step": (with_angles([0, 0, 0, 1.01]), "norm-cap"),
}


class Decoding:
    """Deliver and decode, as verification does, without a signature."""

    def __init__(self, base):
        self.base = base

    def exchange(self, asked):
        messages = self.base.send_and_receive([each.message for each in asked])
        replies = tuple(Reply(each, content=message.content) for each, message in zip(asked, messages, strict=True))
        return Exchange(replies).verified(lambda reply: reply.decoded(np.zeros(4)))


@pytest.mark.parametrize("name", OFFENCES)
def test_an_offender_is_named_and_the_others_pass(name, echo_grid, exchange):
    spoil, reason = OFFENCES[name]
    found = exchange(AdmissionGrid(Decoding(echo_grid(3, {1: spoil})), FORM), 3)
    assert [reply.status.status for reply in found.replies] == ["accepted", "rejected", "accepted"]
    assert (found.replies[1].status.reason, found.replies[1].client) == (reason, 1)
    assert found.seconds["verify"] > 0


def test_a_step_up_to_the_cap_passes_and_no_cap_caps_only_the_absurd(echo_grid, exchange):
    for step, cap, reason in ((1.0, 1.0, None), (1e9, np.inf, None), (1e16, np.inf, "norm-cap")):
        far = echo_grid(1, {0: with_angles([step, 0, 0, 0])})
        (reply,) = exchange(AdmissionGrid(Decoding(far), Form(np.zeros(4), Caps(cap, 100))), 1).replies
        assert reply.status.reason == reason and reply.drift == (None if reason else step)


def test_each_client_is_held_to_its_own_share(echo_grid, exchange):
    form = Form(np.zeros(4), Caps(1.0, shares={0: 2, 1: 1}))
    found = exchange(AdmissionGrid(Decoding(echo_grid(3)), form), 3)
    assert [reply.status.reason for reply in found.replies] == [None, "weight-cap", None]
    assert found.replies[1].status.detail == "2 samples claimed; at most 1 are accepted (round.max-examples)"


def test_whatever_a_check_trips_over_is_the_replys_fault(echo_grid, exchange):
    grid = echo_grid(1, {0: lambda c: RecordDict({**c, "arrays": Broken()})})
    (reply,) = exchange(AdmissionGrid(Decoding(grid), FORM), 1).replies
    assert reply.status.reason == "malformed" and "ZeroDivisionError" in str(reply.status.detail)


class Broken(ArrayRecord):
    def __iter__(self):
        return iter([1 // 0])
