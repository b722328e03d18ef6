"""Statements are what their sender signed in this session. Also covers seals.py and qfl/security/session.py."""

from dataclasses import replace

import pytest

from qfl.errors import Rejection
from qfl.security.claims import decode, encode
from qfl.security.envelope import sign
from qfl.security.masking.masks import CHANNEL, MASK, kem_key, new_seed
from qfl.security.masking.member import advertise, join
from qfl.security.masking.seals import open_pair, open_shares, seal_pair, seal_shares
from qfl.security.masking.statements import Advert, Agreement, Boxes, Shares, Start, Survivors
from qfl.security.session import from_client, from_server, packed, signed, unpacked

KINDS = {Start, Advert, Boxes, Survivors, Agreement, Shares}


@pytest.fixture
def session(new_round):
    return new_round()


@pytest.fixture
def statements(session):
    base = (session.start.run_id, session.start.round, session.start.nonce)
    return [
        session.start,
        advertise(join(session.start, 2, session.roster)),
        Boxes(*base, 2, packed([1, 3]), (b"one", b"three"), (b"", b"pair")),
        Survivors(*base, packed([1, 2, 3])),
        Agreement(*base, 2, bytes(32)),
        Shares(*base, 2, packed([1, 3]), bytes(66)),
    ]


def test_every_kind_is_what_it_was_after_its_bytes(statements):
    assert {type(each) for each in statements} == KINDS
    for each in statements:
        assert decode(type(each), encode(each)) == each


def test_no_kind_can_be_taken_for_another(session, statements, refused):
    for told in (statements[0], statements[3]):
        for other in KINDS - {type(told)}:
            envelope = sign(encode(told), session.signers["server"], other.purpose)
            with pytest.raises(Rejection, match="wrong-type"):
                from_server(type(told), envelope, session.roster)
    for said in (statements[1], statements[2], statements[4], statements[5]):
        for other in KINDS - {type(said)}:
            envelope = sign(encode(said), session.signers[2], other.purpose)
            with pytest.raises(Rejection, match="wrong-type"):
                from_client(type(said), envelope, session.roster, session.start)


def test_a_client_speaks_for_itself_in_this_session_alone(session, refused):
    found = advertise(join(session.start, 2, session.roster))

    def heard(statement, signer, start=session.start):
        return refused(lambda: from_client(Advert, signed(statement, session.signers[signer]), session.roster, start))

    assert from_client(Advert, signed(found, session.signers[2]), session.roster, session.start) == found
    assert heard(found, 3) == "wrong-client"
    assert heard(found, "server") == "unknown-key"
    assert heard(replace(found, run_id=bytes(16)), 2) == "wrong-run"
    assert heard(replace(found, round=4), 2) == "wrong-round"
    assert heard(replace(found, nonce=bytes(16)), 2) == "wrong-nonce"
    assert heard(replace(found, pairs=b""), 2, replace(session.start, nonce=bytes(16))) == "wrong-nonce"


def test_a_revoked_client_is_not_heard(session, refused):
    rows = tuple(replace(row, revoked_from=3) if row.client == 2 else row for row in session.roster.rows)
    envelope = signed(advertise(join(session.start, 2, session.roster)), session.signers[2])
    assert (
        refused(lambda: from_client(Advert, envelope, replace(session.roster, rows=rows), session.start)) == "revoked"
    )


def test_only_the_enrolled_server_starts(session, refused):
    envelope = signed(session.start, session.signers[2])
    assert refused(lambda: from_server(Start, envelope, session.roster)) == "unknown-key"


@pytest.mark.parametrize("clients", [b"abc", packed([1, 1])])
def test_client_numbers_that_are_none_are_refused(clients, refused):
    assert refused(lambda: unpacked(clients)) == "bad-claims"


def test_lists_of_unlike_lengths_are_refused(session, statements, refused):
    boxes, shares = statements[2], statements[5]
    assert refused(lambda: replace(boxes, pairs=(b"",)).by_receiver) == "bad-claims"
    assert refused(replace(shares, shares=bytes(65)).by_owner) == "bad-claims"
    assert boxes.by_receiver == {1: (b"one", b""), 3: (b"three", b"pair")}
    assert set(shares.by_owner()) == {1, 3}


def test_an_advert_commits_to_later_neighbours_alone(session, refused):
    found = advertise(join(session.start, 2, session.roster))
    assert len({found.committed(session.start, other) for other in (3, 4, 5)}) == 3
    assert refused(lambda: found.committed(session.start, 1)) == "bad-claims"
    assert refused(lambda: replace(found, pairs=b"").committed(session.start, 3)) == "bad-claims"


def test_seals_open_for_their_receiver_sender_and_session_alone(session, refused):
    start, secret = session.start, new_seed()
    channel, mask = kem_key(secret, CHANNEL, start.session), kem_key(secret, MASK, start.session)
    to = Advert(start.run_id, 3, start.nonce, 5, channel.public, mask.public, bytes(32), b"")
    box, pair = seal_shares(start, 2, to, b"o" * 33, b"r" * 33), seal_pair(start, 2, to, bytes(32))
    assert open_shares(start, 2, 5, box, channel) == (b"o" * 33, b"r" * 33)
    assert refused(lambda: open_shares(start, 3, 5, box, channel)) == "bad-seal"
    assert refused(lambda: open_shares(start, 2, 4, box, channel)) == "bad-seal"
    assert refused(lambda: open_shares(replace(start, nonce=bytes(16)), 2, 5, box, channel)) == "bad-seal"
    assert refused(lambda: open_shares(start, 2, 5, pair, mask)) == "bad-seal"
    assert refused(lambda: open_pair(start, 2, 5, pair, mask, bytes(32))) == "false-pair-seed"
