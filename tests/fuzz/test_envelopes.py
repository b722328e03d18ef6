"""No mutant of anything signed is accepted, nothing but a refusal comes of it, and none costs a tenth of a second."""

from functools import partial

import cbor2
import pytest

from qfl.errors import Rejection
from qfl.security import envelope
from qfl.security.claims import BroadcastClaims, decode, encode
from qfl.security.envelope import Purpose, envelope_sizes, open_envelope, sign
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import Roster, RosterRow, open_roster, sign_roster
from qfl.security.signing import decode_key, generate
from qfl.seeds import stream
from qfl.testing.mutations import LIMIT_S, budget, findings, mutants, timed

SIGNER, CLIENT = generate(ML_DSA_44), generate(ML_DSA_44)
KINDS = {name: kind for name, kind in vars(envelope).items() if isinstance(kind, Purpose)}
CLAIMS = BroadcastClaims(bytes(16), 1, bytes(16), bytes(32), bytes(32), 1, bytes(32))
ROSTER = Roster(1, 2**40, SIGNER.key, (RosterRow(0, CLIENT.key, 100),))


def opened(kind):
    return lambda data: open_envelope(data, kind, lambda kid: SIGNER.key)


ROSTER_S = 2.0  # 64 MiB for 30,000 clients, out of one's own key folder: nobody sends one; 8 ms for each MiB

READERS = {name: (opened(kind), sign(encode(CLAIMS), SIGNER, kind)) for name, kind in KINDS.items()} | {
    "signed roster": (lambda data: open_roster(data, SIGNER.key), sign_roster(ROSTER, SIGNER)),
}


@pytest.mark.parametrize("name", READERS)
def test_no_mutant_of_an_envelope_is_accepted_raises_or_takes_long(name, share):
    read, honest = READERS[name]
    read(honest)
    others = [other for _, other in READERS.values()]
    made = mutants(stream(11, "fuzz", name), [honest, *others], budget(share))
    assert findings(read, (each for each in made if each != honest), Rejection) == []


def test_mutants_of_signed_content_are_refused_or_are_their_own_only_encoding(share):
    """An enrolled client or an authority may be hostile, too; what is read encodes to the bytes that were signed."""

    def read_claims(data):
        if encode(decode(BroadcastClaims, data)) == data:
            raise Rejection("same")

    def read_key(data):
        if decode_key(data).encode() == data:
            raise Rejection("same")

    def read_roster(data):
        open_roster(sign(data, SIGNER, envelope.ROSTER), SIGNER.key)
        raise Rejection("an authority may sign any roster")

    payload, _ = open_envelope(sign_roster(ROSTER, SIGNER), envelope.ROSTER, lambda kid: SIGNER.key)
    readers = ((read_claims, encode(CLAIMS)), (read_key, SIGNER.key.encode()), (read_roster, payload))
    for read, honest in readers:
        made = mutants(stream(12, "fuzz", read.__name__), [honest], budget(share / len(readers)))
        assert findings(read, made, Rejection) == []


def worst(kind):
    """The costliest envelopes of a kind: those that get to the signature, with all the bytes there may be."""
    header = cbor2.dumps({1: -48, 4: SIGNER.key.thumbprint, 16: kind.typ}, canonical=True)
    room = kind.limit_bytes - len(header) - ML_DSA_44.signature_bytes - 20
    for protected, payload, signature in (
        (header, bytes(room), bytes(2420)),
        (header, b"", bytes(room)),
        (bytes(room), b"", b""),
        (b"\x81" * room, b"", b""),
        (cbor2.dumps({1: -48, 4: bytes(32), 16: "x" * room}, canonical=True), b"", b""),
    ):
        yield cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]), canonical=True)
    yield b"\xd2" + b"\x81" * (kind.limit_bytes - 1)
    yield b"\xd2\x84" + b"\xa1\x01" * (kind.limit_bytes // 2 - 1)
    yield b"\xd8\x23\x7a" + (kind.limit_bytes - 7).to_bytes(4, "big") + b"(a|" * (kind.limit_bytes // 3 - 3)


@pytest.mark.parametrize("name", KINDS)
def test_the_worst_envelope_that_is_looked_at_costs_less_than_a_tenth_of_a_second(name):
    kind, limit_s = KINDS[name], ROSTER_S if name in ("ROSTER", "ROSTER_ROWS") else LIMIT_S

    def refused(read, data):
        with pytest.raises(Rejection):
            read(data)
            raise Rejection("measured")

    for data in worst(kind):
        for read in (opened(kind), envelope_sizes):
            _, seconds = timed(partial(refused, read, data), limit_s)
            assert seconds < limit_s, (len(data), read)


@pytest.mark.parametrize("name", KINDS)
def test_more_bytes_than_there_may_be_are_not_looked_at(name):
    with pytest.raises(Rejection, match="too-large"):
        opened(KINDS[name])(bytes(KINDS[name].limit_bytes + 1))
