import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import cbor2
import numpy as np
import pytest

from qfl.errors import Rejection
from qfl.security.claims import config_digest, encode, metrics_digest, tensor_digest
from qfl.security.envelope import BROADCAST, ENROLMENT, UPDATE, sign
from qfl.security.roster import Roster, revoke
from qfl.security.updates import (
    ReplayGuard,
    answer,
    form_of,
    sign_broadcast,
    sign_update,
    verify_broadcast,
    verify_update,
)

# Attacks are functions from the honest exchange to the attacked one; conftest.py has the class.


def arrays(change: Callable[[np.ndarray], Any], name: str = "angles"):
    """The arrays are exchanged on the way."""
    return lambda x: replace(x, arrays={name: change(x.arrays["angles"].copy())})


def signed_arrays(change: Callable[[np.ndarray], Any], name: str = "angles"):
    """The client itself sends and signs other arrays."""

    def attack(x):
        sent = {name: change(x.arrays["angles"].copy())}
        return replace(x.signed(tensors=tensor_digest(sent)), arrays=sent)

    return attack


def metrics(signed: bool = False, **changes: Any):
    def attack(x):
        sent = x.metrics | changes
        return replace(x.signed(metrics=metrics_digest(sent)) if signed else x, metrics=sent)

    return attack


def claims(**changes: Any):
    """The client itself signs other claims."""
    return lambda x: x.signed(**changes)


def payload(**changes: Any):
    """The client itself signs entries that no honest program writes; keys are given as ``k7=True``."""

    def attack(x):
        entries = cbor2.loads(encode(x.claims)) | {int(key[1:]): value for key, value in changes.items()}
        return replace(x, envelope=sign(cbor2.dumps(entries, canonical=True), x.signers[1], UPDATE))

    return attack


def envelope(change: Callable[[bytes], bytes]):
    """The envelope's bytes are changed on the way."""
    return lambda x: replace(x, envelope=change(x.envelope))


def parts(change: Callable[..., list]):
    """The envelope's four parts are changed on the way and encoded properly again."""

    def attack(x):
        changed = change(*cbor2.loads(x.envelope).value)
        return replace(x, envelope=cbor2.dumps(cbor2.CBORTag(18, changed), canonical=True))

    return attack


def header(**changes: Any):
    def change(protected, unprotected, body, signature):
        entries = cbor2.loads(protected) | {int(key[1:]): value for key, value in changes.items()}
        return [cbor2.dumps(entries, canonical=True), unprotected, body, signature]

    return parts(change)


def row(**changes: Any):
    """The roster says something else about client 1."""

    def attack(x):
        rows = tuple(replace(r, **changes) if r.client == 1 else r for r in x.roster.rows)
        return replace(x, roster=replace(x.roster, rows=rows))

    return attack


def swapped(a: np.ndarray) -> np.ndarray:
    a[[3, 70]] = a[[70, 3]]
    return a


def one_bit(a: np.ndarray) -> np.ndarray:
    a.view(np.uint64)[99] ^= np.uint64(1)
    return a


def with_zero_negated(x):
    """The honest client sends +0.0; on the way it becomes -0.0, which compares equal."""
    sent, received = x.arrays["angles"].copy(), x.arrays["angles"].copy()
    sent[0], received[0] = 0.0, -0.0
    return replace(x.signed(tensors=tensor_digest({"angles": sent})), arrays={"angles": received})


def with_nan(a: np.ndarray) -> np.ndarray:
    a[5] = np.nan
    return a


def with_infinity(a: np.ndarray) -> np.ndarray:
    a[5] = np.inf
    return a


def replayed(x):
    x.verify()
    return x


ATTACKS = {
    # arrays and metrics
    "an angle is changed on the way": (arrays(lambda a: a + 1e-10), "tensor-digest"),
    "one bit of the last angle is flipped on the way": (arrays(one_bit), "tensor-digest"),
    "two angles are exchanged on the way": (arrays(swapped), "tensor-digest"),
    "the sign of a zero is changed on the way": (with_zero_negated, "tensor-digest"),
    "the global model is put in the update's place": (arrays(lambda a: a - 0.25), "tensor-digest"),
    "the same values come in single precision": (arrays(lambda a: a.astype(np.float32)), "wrong-tensors"),
    "the angles come in another shape": (arrays(lambda a: a.reshape(10, 10)), "wrong-tensors"),
    "the angles come under another name": (arrays(lambda a: a, "weights"), "wrong-tensors"),
    "a shorter vector is signed": (signed_arrays(lambda a: a[:99]), "wrong-tensors"),
    "a vector of integers is signed": (signed_arrays(lambda a: a.astype(np.int64)), "wrong-tensors"),
    "objects come instead of numbers": (arrays(lambda a: a.astype(object)), "wrong-tensors"),
    "a second array comes along": (
        lambda x: replace(x, arrays=x.arrays | {"extra": np.zeros(1)}),
        "wrong-tensors",
    ),
    "no array comes": (lambda x: replace(x, arrays={}), "wrong-tensors"),
    "a not-a-number is signed": (signed_arrays(with_nan), "not-finite"),
    "an infinity is signed": (signed_arrays(with_infinity), "not-finite"),
    "the loss is changed on the way": (metrics(loss=0.1), "metrics-digest"),
    "a metric is added on the way": (metrics(accuracy=1.0), "metrics-digest"),
    "a metric comes as text": (metrics(loss="0.5"), "metrics-digest"),
    "the number of examples is changed on the way": (metrics(**{"num-examples": 499}), "metrics-digest"),
    "metrics and claims state different numbers of examples": (
        metrics(signed=True, **{"num-examples": 10_000}),
        "num-examples",
    ),
    # claims
    "more examples are claimed than enrolled": (claims(num_examples=501), "num-examples"),
    "no examples are claimed": (claims(num_examples=0), "num-examples"),
    "the number of examples is true": (payload(k7=True), "bad-claims"),
    "the number of examples is a fraction": (payload(k7=96.5), "bad-claims"),
    "the number of examples is negative": (payload(k7=-96), "bad-claims"),
    "an unknown claim is added": (payload(k13=1), "bad-claims"),
    "another format is claimed": (payload(k1=2), "wrong-format"),
    "the update of another run comes again": (claims(run_id=bytes(16)), "wrong-run"),
    "the update of the last round comes again": (claims(round=3), "wrong-round"),
    "an update for the next round comes early": (claims(round=5), "wrong-round"),
    "the update comes again after the server has restarted": (claims(nonce=b"\1" * 16), "wrong-nonce"),
    "the update was meant for another server": (claims(server=bytes(32)), "wrong-server"),
    "training started from another model": (claims(base_model=bytes(32)), "wrong-base"),
    "another circuit was trained": (claims(task=b"\1" * 32), "wrong-task"),
    "a masked vector is passed off as plain": (claims(mode="masked"), "wrong-mode"),
    "an unknown mode is claimed": (payload(k10="none"), "bad-claims"),
    # identities
    "client 2 claims to be client 1": (lambda x: x.signed(x.signers[2]), "wrong-client"),
    "client 1 claims to be client 2": (lambda x: x.signed(x.signers[1], client=2), "wrong-client"),
    "client 2 answers in client 1's place": (lambda x: x.signed(x.signers[2], client=2), "wrong-client"),
    "a stranger signs": (lambda x: x.signed(x.signers["stranger"]), "unknown-key"),
    "the server's own key signs": (lambda x: x.signed(x.signers["server"]), "unknown-key"),
    "a revoked client signs": (lambda x: replace(x, roster=revoke(x.roster, 1, 4)), "revoked"),
    "a client signs before its first round": (row(not_before=5), "not-valid-yet"),
    "a client signs after its last round": (row(not_after=3), "no-longer-valid"),
    # envelope
    "the signature is all zero": (parts(lambda p, u, b, s: [p, u, b, bytes(len(s))]), "bad-signature"),
    "the signature is left out": (parts(lambda p, u, b, s: [p, u, b, b""]), "signature-length"),
    "the signature is longer by a byte": (parts(lambda p, u, b, s: [p, u, b, s + b"\0"]), "signature-length"),
    "the signature of another message is attached": (
        lambda x: parts(lambda p, u, b, s: [p, u, b, cbor2.loads(x.signed(num_examples=95).envelope).value[3]])(x),
        "bad-signature",
    ),
    "the payload is exchanged under a signature": (
        lambda x: parts(lambda p, u, b, s: [p, u, encode(replace(x.claims, num_examples=500)), s])(x),
        "bad-signature",
    ),
    "the header names a weaker algorithm": (header(k1=-48), "wrong-algorithm"),
    "the header names no algorithm": (header(k1=0), "wrong-algorithm"),
    "the header names another client's key": (
        lambda x: header(k4=x.signers[2].key.thumbprint)(x),
        "bad-signature",
    ),
    "an entry is added to the header": (header(k3="text/plain"), "bad-header"),
    "an unprotected entry is added": (parts(lambda p, u, b, s: [p, {4: b"kid"}, b, s]), "bad-header"),
    "the client's proof of possession is passed off as an update": (
        lambda x: replace(x, envelope=sign(encode(x.claims), x.signers[1], ENROLMENT)),
        "wrong-type",
    ),
    "the server's broadcast is sent back": (
        lambda x: replace(x, envelope=sign_broadcast(x.expected.broadcast, x.signers["server"])),
        "wrong-type",
    ),
    "another kind's signature comes under the header of an update": (
        lambda x: header(k16=UPDATE.typ)(replace(x, envelope=sign(encode(x.claims), x.signers[1], ENROLMENT))),
        "bad-signature",
    ),
    "a byte is appended": (envelope(lambda e: e + b"\0"), "not-canonical"),
    "the end is cut off": (envelope(lambda e: e[:-1]), "not-cose"),
    "the envelope is empty": (envelope(lambda e: b""), "not-cose"),
    "the tag is left out": (envelope(lambda e: e[1:]), "not-cose"),
    "the envelope is huge": (envelope(lambda e: e + bytes(1 << 20)), "too-large"),
    # replay
    "the same update comes twice": (replayed, "replay"),
}


def test_an_honest_update_is_accepted(exchange):
    assert exchange.verify() == exchange.claims


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_for_its_own_reason(exchange, attack):
    mutate, reason = ATTACKS[attack]
    attacked = mutate(exchange)
    with pytest.raises(Rejection) as caught:
        attacked.verify()
    assert caught.value.reason == reason, f"{attack}: {caught.value}"


@pytest.mark.parametrize("attack", [name for name in ATTACKS if "twice" not in name])
def test_a_refused_update_does_not_keep_the_honest_one_out(exchange, attack):
    with pytest.raises(Rejection):
        ATTACKS[attack][0](exchange).verify()
    assert exchange.verify() == exchange.claims


def test_every_flipped_bit_of_the_arrays_is_refused(exchange):
    """One bit of every byte of 800."""
    for place in range(800):
        damaged = {"angles": exchange.arrays["angles"].copy()}
        damaged["angles"].view(np.uint8)[place] ^= 1 << place % 8
        with pytest.raises(Rejection, match=r"tensor-digest|not-finite"):
            replace(exchange, arrays=damaged).verify()


def test_a_changed_parameter_in_the_middle_of_thousands_is_refused(exchange):
    """The fault of a signature over ``str(parameters)``: NumPy elides the middle above 1,000 elements."""
    honest = {"angles": np.linspace(-1, 1, 3000)}
    expected = replace(exchange.expected, form=form_of(honest))
    signed = replace(exchange.signed(tensors=tensor_digest(honest)), arrays=honest, expected=expected)
    tampered = {"angles": honest["angles"].copy()}
    tampered["angles"][1500] = 0.7
    assert str(tampered) == str(honest)
    with pytest.raises(Rejection, match="tensor-digest"):
        replace(signed, arrays=tampered).verify()
    assert signed.verify().tensors == tensor_digest(honest)


def test_the_envelope_is_as_long_for_a_hundred_angles_as_for_a_hundred_thousand(exchange):
    lengths = set()
    for count in (100, 100_000):
        claims = answer(exchange.expected.broadcast, bytes(32), 1, 96, {"angles": np.zeros(count)}, {})
        lengths.add(len(sign_update(claims, exchange.signers[1])))
    assert len(lengths) == 1 and 3309 < lengths.pop() < 3700


def test_the_same_client_is_accepted_once_in_each_round_and_run(exchange):
    exchange.verify()
    for change in ({"round": 5}, {"run_id": bytes(16)}):
        broadcast = replace(exchange.expected.broadcast, **change)
        expected = replace(exchange.expected, broadcast=broadcast)
        assert replace(exchange.signed(**change), expected=expected).verify().round == broadcast.round


def test_of_many_threads_with_the_same_update_one_is_accepted(exchange):
    burned = ReplayGuard()

    def accepted(_: int) -> bool:
        try:
            replace(exchange, burned=burned).verify()
        except Rejection as error:
            assert error.reason == "replay"
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(accepted, range(64))) == 1


class SlowlyHashed(bytes):
    """A run id that lets other threads run between looking up and adding."""

    def __hash__(self) -> int:
        time.sleep(0.002)
        return super().__hash__()


def test_looking_up_and_burning_are_one_step():
    burned, run_id = ReplayGuard(), SlowlyHashed(16)

    def accepted(_: int) -> bool:
        try:
            burned.burn(run_id, 1, 7)
        except Rejection:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(accepted, range(8))) == 1


def test_a_client_counts_up_to_the_round_of_its_revocation(exchange):
    roster = revoke(exchange.roster, 1, 5)
    assert replace(exchange, roster=roster).verify().round == 4


def test_the_order_of_bytes_in_memory_does_not_matter(exchange):
    """Another machine may hand over the same numbers big-endian."""
    assert replace(exchange, arrays={"angles": exchange.arrays["angles"].astype(">f8")}).verify()


# Broadcasts: the client verifies the server.


@pytest.fixture
def sent(exchange):
    model, config = {"angles": np.linspace(-3, 3, 100)}, {"server-round": 4, "proximal-mu": 0.1}
    claims = replace(exchange.expected.broadcast, config=config_digest(config))
    return model, config, claims


def check(exchange, sent, *, signer=None, model=None, config=None, roster: Roster | None = None, **changes):
    honest_model, honest_config, claims = sent
    envelope = sign_broadcast(replace(claims, **changes), signer or exchange.signers["server"])
    return verify_broadcast(
        envelope,
        honest_model if model is None else model,
        roster or exchange.roster,
        task=bytes(32),
        config=honest_config if config is None else config,
        run_id=bytes(range(16)),
        round_number=4,
    )


def test_an_honest_broadcast_is_accepted(exchange, sent):
    assert check(exchange, sent) == sent[2]


@pytest.mark.parametrize(
    "attack, reason",
    {
        "a client poses as the server": (lambda x: {"signer": x.signers[0]}, "unknown-key"),
        "the model is changed": (lambda x: {"model": {"angles": np.zeros(100)}}, "tensor-digest"),
        "the configuration is changed": (lambda x: {"config": {"proximal-mu": 9.0}}, "config-digest"),
        "the configuration is dropped": (lambda x: {"config": {}}, "config-digest"),
        "the server trains another task": (lambda x: {"task": b"\1" * 32}, "wrong-task"),
        "it is another run's": (lambda x: {"run_id": bytes(16)}, "wrong-run"),
        "it is an old round's": (lambda x: {"round": 3}, "wrong-round"),
        "the server uses an old roster": (lambda x: {"roster_version": 2}, "stale-roster"),
        "the model holds no numbers": (
            lambda x: {
                "model": {"angles": np.full(100, np.nan)},
                "model_digest": tensor_digest({"angles": np.full(100, np.nan)}),
            },
            "not-finite",
        ),
    }.values(),
)
def test_a_broadcast_is_refused_for_its_own_reason(exchange, sent, attack, reason):
    arguments = attack(exchange)
    if digest := arguments.pop("model_digest", None):
        sent = (sent[0], sent[1], replace(sent[2], model=digest))
    with pytest.raises(Rejection) as caught:
        check(exchange, sent, **arguments)
    assert caught.value.reason == reason


def test_an_update_is_no_broadcast(exchange):
    with pytest.raises(Rejection, match="wrong-type"):
        verify_broadcast(exchange.envelope, exchange.arrays, exchange.roster, task=bytes(32))


def test_an_update_signed_with_the_external_data_of_a_broadcast_is_refused(exchange):
    """The server's own signature on update claims is of no use to a client who has stolen one."""
    mixed = sign(encode(exchange.claims), exchange.signers["server"], BROADCAST)
    with pytest.raises(Rejection, match="wrong-type"):
        verify_update(mixed, exchange.arrays, exchange.metrics, exchange.expected, exchange.roster, ReplayGuard())
    with pytest.raises(Rejection, match="bad-claims"):
        verify_broadcast(mixed, exchange.arrays, exchange.roster, task=bytes(32))
