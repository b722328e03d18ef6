import hashlib

import cbor2
import pytest

from qfl.errors import Rejection
from qfl.security.envelope import BROADCAST, ENROLMENT, ROSTER, ROSTER_ROWS, UPDATE, envelope_sizes, open_envelope, sign
from qfl.security.profiles import ML_DSA_44, ML_DSA_65
from qfl.security.signing import Signer, from_seed, generate, verify

PURPOSES = {"update": UPDATE, "broadcast": BROADCAST, "roster": ROSTER, "rows": ROSTER_ROWS, "enrolment": ENROLMENT}


@pytest.fixture(scope="module")
def signer() -> Signer:
    return generate(ML_DSA_44)


def opened(envelope: bytes, signer: Signer, purpose=UPDATE) -> bytes:
    return open_envelope(envelope, purpose, lambda kid: signer.key)[0]


def parts(envelope: bytes) -> list:
    return list(cbor2.loads(envelope).value)


def joined(*four, tag: int = 18) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(tag, list(four)), canonical=True)


def test_an_envelope_gives_back_payload_and_thumbprint(signer):
    envelope = sign(b"payload", signer, UPDATE)
    assert open_envelope(envelope, UPDATE, lambda kid: signer.key) == (b"payload", signer.key.thumbprint)


def test_the_bytes_are_those_of_rfc_9052_and_rfc_9964():
    """Written out by hand: tag 18, four parts; alg -49 = 0x38 0x30; kid of 32 bytes; typ under label 16."""
    signer = from_seed(ML_DSA_65, bytes(32))
    typ = UPDATE.typ.encode()
    kid = bytes.fromhex("b788acf242f1f1d6532926d816e76e1636874267f2a48c84c4e65789ab80cc02")
    protected = b"\xa3\x01\x38\x30\x04\x58\x20" + kid + b"\x10\x78" + bytes([len(typ)]) + typ
    envelope = sign(b"abc", signer, UPDATE)
    head = b"\xd2\x84\x58" + bytes([len(protected)]) + protected + b"\xa0\x43abc\x59\x0c\xed"
    assert envelope[: len(head)] == head and len(envelope) == len(head) + 3309
    aad = bytes([0x40 + len(UPDATE.aad)]) + UPDATE.aad
    signed = b"\x84\x6aSignature1\x58" + bytes([len(protected)]) + protected + aad + b"\x43abc"
    verify(signer.key, envelope[len(head) :], signed)


@pytest.mark.parametrize("made", PURPOSES)
@pytest.mark.parametrize("opened_as", PURPOSES)
def test_an_envelope_opens_as_its_own_kind_only(signer, made, opened_as):
    envelope = sign(b"payload", signer, PURPOSES[made])
    if made == opened_as:
        assert opened(envelope, signer, PURPOSES[opened_as]) == b"payload"
    else:
        with pytest.raises(Rejection, match="wrong-type"):
            opened(envelope, signer, PURPOSES[opened_as])


def test_every_flipped_bit_is_refused(signer):
    """One bit of every byte, all eight places in turn."""
    envelope = sign(b"payload", signer, UPDATE)
    reasons = set()
    for place in range(len(envelope)):
        damaged = bytearray(envelope)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(Rejection) as caught:
            opened(bytes(damaged), signer)
        reasons.add(caught.value.reason)
    assert {"not-cose", "bad-header", "bad-signature", "wrong-algorithm", "wrong-type"} <= reasons


def test_every_cut_envelope_is_refused(signer):
    envelope = sign(b"payload", signer, UPDATE)
    for length in range(0, len(envelope), 7):
        with pytest.raises(Rejection, match="not-cose"):
            opened(envelope[:length], signer)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\x00",
        b"\xd2",
        b"\xff" * 40,
        b"\x81" * 5000,  # nested 5,000 deep
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",  # an array of 2^64 - 1 entries
        b"\xd2\x84\x5b\xff\xff\xff\xff\xff\xff\xff\xff",  # a string of 2^64 - 1 bytes
        b"\xd8\x23\x61(",  # a pattern that does not compile
        b"\xc4\x82\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # 10^(2^64 - 1)
        b"\xc0\x61x",  # a date that is none
        cbor2.dumps([b"", {}, b"", b""]),
        cbor2.dumps(cbor2.CBORTag(98, [b"", {}, b"", b""])),  # COSE_Sign
        cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b""])),
        cbor2.dumps(cbor2.CBORTag(18, ["", {}, b"", b""])),
        cbor2.dumps(cbor2.CBORTag(18, {})),
    ],
)
def test_bytes_that_are_no_envelope_are_refused_as_such(signer, junk):
    with pytest.raises(Rejection, match="not-cose"):
        opened(junk, signer)


def test_no_byte_beyond_the_limit_is_looked_at(signer):
    with pytest.raises(Rejection, match="too-large"):
        opened(bytes(UPDATE.limit_bytes + 1), signer)
    with pytest.raises(Rejection, match="not-cose"):
        opened(bytes(UPDATE.limit_bytes), signer)


def test_sizes_split_into_signature_and_frame(signer):
    envelope = sign(b"payload", signer, UPDATE)
    assert envelope_sizes(envelope) == (2420, len(envelope) - 2420)


def test_the_key_decides_on_the_algorithm_and_not_the_message(signer):
    """A key is looked up for the kid, but the header names another algorithm."""
    protected, _, payload, signature = parts(sign(b"payload", signer, UPDATE))
    header = cbor2.loads(protected) | {1: -49}
    forged = joined(cbor2.dumps(header, canonical=True), {}, payload, signature)
    with pytest.raises(Rejection, match="wrong-algorithm"):
        opened(forged, signer)


@pytest.mark.parametrize(
    "change, reason",
    [
        ({1: None}, "bad-header"),
        ({1: "ML-DSA-44"}, "bad-header"),
        ({4: b"short"}, "bad-header"),
        ({4: "k" * 32}, "bad-header"),
        ({16: 7}, "bad-header"),
        ({2: [1]}, "bad-header"),  # crit
        ({5: b"iv"}, "bad-header"),
        ({"alg": -48}, "bad-header"),
        ({16: "application/qfl-broadcast+cose"}, "wrong-type"),
    ],
)
def test_a_header_with_another_or_a_further_entry_is_refused_even_when_it_is_signed(signer, change, reason):
    header = {1: -48, 4: signer.key.thumbprint, 16: UPDATE.typ} | change
    protected = cbor2.dumps(header, canonical=True)
    signature = signer.sign(cbor2.dumps(["Signature1", protected, UPDATE.aad, b"p"]))
    with pytest.raises(Rejection, match=reason):
        opened(joined(protected, {}, b"p", signature), signer)


def test_the_same_signature_in_another_encoding_is_refused(signer):
    """Otherwise one signed message would have many digests, and replay could hide behind them."""
    envelope = sign(b"payload", signer, UPDATE)
    protected, _, payload, signature = parts(envelope)
    long_length = b"\xd2\x84\x59" + len(protected).to_bytes(2, "big") + envelope[4:]
    assert cbor2.loads(long_length) == cbor2.loads(envelope)
    long_array = b"\xd2\x98\x04" + envelope[2:]
    for other in (envelope + b"\0", long_length, long_array):
        with pytest.raises(Rejection, match="not-canonical"):
            opened(other, signer)
    with pytest.raises(Rejection, match="not-cose"):
        opened(b"\xd2\x9f" + envelope[2:] + b"\xff", signer)  # indefinite length
    with pytest.raises(Rejection, match="bad-header"):
        opened(joined(protected, {4: b"hint"}, payload, signature), signer)


def test_a_signed_header_in_another_order_is_refused(signer):
    entries = {16: UPDATE.typ, 4: signer.key.thumbprint, 1: -48}
    protected = cbor2.dumps(entries)
    signature = signer.sign(cbor2.dumps(["Signature1", protected, UPDATE.aad, b"p"]))
    with pytest.raises(Rejection, match="not-canonical"):
        opened(joined(protected, {}, b"p", signature), signer)


def test_the_signature_covers_the_external_data_of_its_kind(signer):
    """An envelope whose header says update, signed with the external data of a broadcast, does not open."""
    protected, _, payload, _ = parts(sign(b"payload", signer, UPDATE))
    signature = signer.sign(cbor2.dumps(["Signature1", protected, BROADCAST.aad, payload]))
    with pytest.raises(Rejection, match="bad-signature"):
        opened(joined(protected, {}, payload, signature), signer)


def test_two_envelopes_of_one_payload_differ(signer):
    """Signing is hedged: envelopes must stay out of digests that are compared run to run."""
    digests = {hashlib.sha256(sign(b"payload", signer, UPDATE)).digest() for _ in range(2)}
    assert len(digests) == 2
