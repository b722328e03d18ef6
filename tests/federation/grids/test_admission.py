import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from qfl.federation.grids.admission import AdmissionGrid, Form
from qfl.federation.records.messages import METRICS, to_record
from qfl.federation.records.reply_status import outcome
from qfl.federation.records.round_metrics import Ledger

FORM = Form(np.zeros(4), max_norm=1.0, max_examples=100)


def with_metric(name, value):
    return lambda content: RecordDict({**content, METRICS: MetricRecord({**content[METRICS], name: value})})


def with_angles(angles):
    return lambda content: RecordDict({**content, "arrays": to_record(np.asarray(angles))})


def without(name):
    return lambda content: RecordDict({key: record for key, record in content.items() if key != name})


OFFENCES = {
    "an extra record": (lambda c: RecordDict({**c, "more": ConfigRecord()}), "wrong-records"),
    "a second array record": (lambda c: RecordDict({**c, "more": ArrayRecord()}), "wrong-records"),
    "no metrics": (without(METRICS), "wrong-records"),
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


@pytest.mark.parametrize("name", OFFENCES)
def test_an_offender_is_named_and_the_others_pass(name, echo_grid, ask):
    spoil, reason = OFFENCES[name]
    ledger = Ledger()
    replies = AdmissionGrid(echo_grid(3, {1: spoil}), FORM, ledger).send_and_receive(ask(3))
    assert [outcome(reply).status for reply in replies] == ["accepted", "rejected", "accepted"]
    assert (outcome(list(replies)[1]).reason, list(replies)[1].metadata.src_node_id) == (reason, 1001)
    assert ledger.seconds["verify"] > 0


def test_a_step_up_to_the_cap_passes_and_zero_caps_only_the_absurd(echo_grid, ask):
    for step, cap, reason in ((1.0, 1.0, None), (1e9, 0.0, None), (1e16, 0.0, "norm-cap")):
        far = echo_grid(1, {0: with_angles([step, 0, 0, 0])})
        (reply,) = AdmissionGrid(far, Form(np.zeros(4), cap, 100), Ledger()).send_and_receive(ask(1))
        assert outcome(reply).reason == reason


def test_whatever_a_check_trips_over_is_the_replys_fault(echo_grid, ask):
    grid = AdmissionGrid(echo_grid(1, {0: lambda c: RecordDict({**c, "arrays": Broken()})}), FORM, Ledger())
    (reply,) = grid.send_and_receive(ask(1))
    assert outcome(reply).reason == "malformed" and "ZeroDivisionError" in str(outcome(reply).detail)


class Broken(ArrayRecord):
    def __iter__(self):
        return iter([1 // 0])
