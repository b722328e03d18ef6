"""The attacks that end a run under Flower's own strategies, or ruin its model: here offenders are named and it goes on.

Ten attackers and four honest clients at once, under every strategy. The attackers are enrolled and sign what they send.
"""

from dataclasses import replace

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict

from qfl.federation.client import train
from qfl.federation.records.messages import BROADCAST, METRICS, UPDATE, read_angles, to_record
from qfl.federation.records.reply_status import failed
from qfl.federation.runtime.context import run_settings
from qfl.federation.runtime.keys import client_signers, load_roster
from qfl.security.claims import BroadcastClaims, decode
from qfl.security.envelope import BROADCAST as PURPOSE
from qfl.security.envelope import open_envelope
from qfl.security.updates import answer, sign_update
from strategies.registry import STRATEGIES

COUNT = 14


def angles_of(reply):
    return reply.content["arrays"]["angles"].numpy()


def extra_metric(sign, reply):
    return sign(metrics={**reply.content[METRICS], "score": 1.0})


def wrong_array_key(sign, reply):
    return {"arrays": ArrayRecord({"weights": Array(angles_of(reply))})}


def list_weight(sign, reply):
    return {METRICS: MetricRecord({**reply.content[METRICS], "num-examples": [1, 2]})}


def wrong_shape(sign, reply):
    return sign(angles=np.append(angles_of(reply), 0.0))


def garbage_bytes(sign, reply):
    return {"arrays": ArrayRecord({"angles": Array("float64", angles_of(reply).shape, "numpy.ndarray", b"garbage")})}


def not_a_number(sign, reply):
    return sign(angles=np.full_like(angles_of(reply), np.nan))


def hundredfold(sign, reply):
    return sign(angles=100 * angles_of(reply), metrics={**reply.content[METRICS], "num-examples": 10**9})


def negative_weight(sign, reply):
    return sign(metrics={**reply.content[METRICS], "num-examples": -5})


def zero_update(sign, reply):
    return sign(angles=sign.received)


def always_an_error(sign, reply):
    raise RuntimeError("I never train")


ATTACKS = (
    (extra_metric, "rejected", "wrong-metrics"),
    (wrong_array_key, "rejected", "wrong-array-key"),
    (list_weight, "rejected", "metrics-digest"),
    (wrong_shape, "rejected", "wrong-shape"),
    (garbage_bytes, "rejected", "unreadable-array"),
    (not_a_number, "rejected", "not-finite"),
    (hundredfold, "rejected", "num-examples"),
    (negative_weight, "rejected", "bad-claims"),
    (zero_update, "accepted", None),
    (always_an_error, "failed", "client-error"),
)


class Sign:
    """Sign altered arrays or metrics with the attacker's own enrolled key."""

    def __init__(self, message, context, client, reply):
        self.settings, self.client, self.reply = run_settings(context), client, reply
        self.roster = load_roster(self.settings)
        self.received = read_angles(message.content, len(angles_of(reply)), "float64")
        payload, _ = open_envelope(message.content[BROADCAST]["cose"], PURPOSE, self.roster.server_key)
        self.claims = decode(BroadcastClaims, payload)

    def __call__(self, angles=None, metrics=None):
        angles = angles_of(self.reply) if angles is None else angles
        metrics = dict(self.reply.content[METRICS]) if metrics is None else metrics
        weight = metrics["num-examples"]
        thumbprint = self.roster.server.thumbprint
        claims = answer(self.claims, thumbprint, self.client, weight, {"angles": angles}, metrics)
        (signer,) = client_signers(self.settings, [self.client])
        update = {**self.reply.content[UPDATE], "cose": sign_update(claims, signer)}
        return {"arrays": to_record(angles), METRICS: MetricRecord(metrics), UPDATE: ConfigRecord(update)}


def attack(messages, contexts):
    """Train as honest clients, then do what each client's attack says."""
    return [behave(*each) for each in zip(messages, contexts, train(messages, contexts), strict=True)]


def behave(message, context, reply):
    client = context.node_config["partition-id"]
    if client >= len(ATTACKS):
        return reply
    try:
        changed = ATTACKS[client][0](Sign(message, context, client, reply), reply)
    except RuntimeError as error:
        return failed(message, str(error))
    return Message(RecordDict({**reply.content, **changed}), reply_to=message)


def abstain(messages, contexts):
    """Let every attacker but the one whose update is zero, which is admissible, stay away."""
    away = {client for client, (what, _, _) in enumerate(ATTACKS) if what is not zero_update}
    replies = zip(messages, contexts, attack(messages, contexts), strict=True)
    return [failed(m, "stays away") if c.node_config["partition-id"] in away else reply for m, c, reply in replies]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_under_every_strategy_offenders_are_named_and_change_nothing(strategy, small, federate, tmp_path):
    own = {"data__validation": 0.1} if strategy == "fltrust" else {}
    settings = small("attacked", clients__count=COUNT, strategy__name=strategy, round__quorum=0.3, **own)
    folder = federate(settings, attack)
    assert folder.header["status"] == "completed"
    for row in folder.clients():
        expected = ATTACKS[row["client"]][1:] if row["client"] < len(ATTACKS) else ("accepted", None)
        assert (row["status"], row["reason"]) == expected, row
    assert [(r["accepted"], r["rejected"], r["failed"]) for r in folder.rounds()] == [(0, 0, 0), (5, 8, 1), (5, 8, 1)]

    elsewhere = replace(settings.run, folder=str(tmp_path / "without"))
    without = federate(replace(settings, run=elsewhere), abstain)
    assert without.header["final"]["angles_sha256"] == folder.header["final"]["angles_sha256"]
