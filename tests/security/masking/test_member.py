"""Clients before a server that lies: they unmask one set of survivors, once, of one round, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.security.masking.member import (
    advertise,
    agree,
    join,
    mask,
    packed_member,
    share,
    unmask,
    unpacked_member,
)
from qfl.security.masking.recovery import boxes_for
from qfl.security.masking.statements import Agreement, survivors_digest
from qfl.security.session import packed, signed


@pytest.fixture
def played(new_round):
    """Six clients; all have masked their vectors."""
    return new_round(6, threshold=4).played("agree")


def agreement_of(played, client, survivors):
    start = played.start
    found = Agreement(start.run_id, start.round, start.nonce, client, survivors_digest(survivors.clients))
    return signed(found, played.signers[client])


def test_both_secrets_of_a_client_are_never_given(played, refused):
    """The server shows all survivors, then again all but client 5, for whose other secret it asks."""
    member, _ = agree(played.members[0], played.survivors())
    fewer = played.survivors([0, 1, 2, 3, 4])
    assert refused(lambda: agree(member, fewer)) == "out-of-turn"
    alike = [agreement_of(played, k, played.survivors()) for k in range(6)]
    other = [agreement_of(played, k, fewer) for k in range(5)]
    done, shares = unmask(member, alike, played.roster)
    assert refused(lambda: unmask(done, other, played.roster)) == "out-of-turn"
    assert refused(lambda: agree(done, fewer)) == "out-of-turn"
    owns = {k: played.members[0].shares[k][0] for k in range(6)}
    assert shares.by_owner() == owns  # of survivors the self seed's share alone


def test_of_those_that_dropped_out_the_root_alone_is_given(played):
    """Who sent no vector has no self mask in the sum."""
    fewer = played.survivors([0, 1, 2, 3])
    member, _ = agree(played.members[0], fewer)
    _, shares = unmask(member, [agreement_of(played, k, fewer) for k in range(4)], played.roster)
    held = played.members[0].shares
    assert shares.by_owner() == {k: held[k][0 if k < 4 else 1] for k in range(6)}


def test_differing_survivors_are_refused_by_both_sides(played, refused):
    """Half of the clients are shown one set, half another: neither half has as many signatures as are needed."""
    one, two = played.survivors([0, 1, 2, 3, 4]), played.survivors([0, 1, 2, 3, 5])
    shown = {0: one, 1: one, 2: two, 3: two}
    members = {k: agree(played.members[k], survivors)[0] for k, survivors in shown.items()}
    signatures = [agreement_of(played, k, survivors) for k, survivors in shown.items()]
    for member in members.values():
        assert refused(lambda member=member: unmask(member, signatures, played.roster)) == "disagreement"


def test_who_was_shown_another_ledger_unmasks_nothing_with_the_others(new_round, refused):
    """A server with two histories gets a sum from neither half: clients compare heads in the round itself."""
    played = new_round(6, threshold=4).played("upload")
    heads = {client: b"abc"[client // 3 : client // 3 + 1] * 32 for client in range(6)}
    agreed, said = {}, []
    for client, head in heads.items():
        given = boxes_for(played.start, played.boxes, client)
        member, played.masked[client] = mask(played.members[client], played.vectors[client], given, head)
        played.written_down(client, member)
    for client in heads:
        agreed[client], agreement = agree(played.members[client], played.survivors())
        said.append(signed(agreement, played.signers[client]))
    for member in agreed.values():
        assert refused(lambda member=member: unmask(member, said, played.roster)) == "disagreement"


def test_signatures_of_others_sessions_or_clients_do_not_count(played, refused):
    survivors = played.survivors()
    member, _ = agree(played.members[0], survivors)
    forged = signed(Agreement(*_session(played), 1, survivors_digest(survivors.clients)), played.signers[2])
    assert refused(lambda: unmask(member, [forged], played.roster)) == "wrong-client"
    twice = [agreement_of(played, 1, survivors)] * 6  # one client's signature, many times
    assert refused(lambda: unmask(member, twice, played.roster)) == "disagreement"
    old = Agreement(played.start.run_id, 2, played.start.nonce, 1, survivors_digest(survivors.clients))
    assert refused(lambda: unmask(member, [signed(old, played.signers[1])], played.roster)) == "wrong-round"


def _session(played):
    return played.start.run_id, played.start.round, played.start.nonce


@pytest.mark.parametrize(
    ("clients", "reason"),
    [
        ([1, 2, 3, 4], "false-survivors"),  # not this one, whose vector it has
        ([0, 1, 2, 3, 9], "false-survivors"),  # one that takes no part
        ([0, 1, 2], "few-survivors"),
        ([0], "few-survivors"),
        ([], "false-survivors"),
    ],
)
def test_survivors_that_cannot_be_are_refused(played, refused, clients, reason):
    assert refused(lambda: agree(played.members[0], played.survivors(clients))) == reason


def test_survivors_that_never_shared_are_refused(new_round, refused):
    """Client 5 sent no boxes: it can have masked nothing, so its name hides that somebody is missing."""
    played = new_round(6, threshold=4, gone={5: "share"}).played("agree")
    assert refused(lambda: agree(played.members[0], played.survivors(range(6)))) == "false-survivors"


def test_nothing_is_masked_or_shared_twice(new_round, refused):
    """Two vectors under the same masks would differ by what the masks hide."""
    played = new_round(4, threshold=3).played("agree")
    given = boxes_for(played.start, played.boxes, 0)
    words = np.zeros(5, dtype=np.uint64)
    assert refused(lambda: mask(played.members[0], words, given)) == "out-of-turn"
    assert refused(lambda: share(played.members[0], list(played.adverts.values()), played.roster)) == "out-of-turn"


def test_adverts_of_the_servers_own_making_are_refused(new_round, refused):
    """Keys that the server holds, in the place of a neighbour's."""
    played = new_round(4, threshold=3).played("share")
    own = advertise(join(played.start, 1, played.roster))
    forged = signed(own, played.signers["server"])
    others = [played.adverts[2], played.adverts[3]]
    assert refused(lambda: share(played.members[0], [forged, *others], played.roster)) == "unknown-key"
    as_another = signed(own, played.signers[2])
    assert refused(lambda: share(played.members[0], [as_another, *others], played.roster)) == "wrong-client"


def test_pair_seeds_of_the_servers_own_making_are_refused(new_round, refused):
    """HPKE says nothing of the sender: without the commitments the server would choose what masks are made of."""
    from qfl.security.masking.seals import seal_pair

    played = new_round(4, threshold=3).played("upload")
    advert = advertise(played.members[3])
    given = boxes_for(played.start, played.boxes, 3)
    chosen = seal_pair(played.start, 0, advert, bytes(32))
    given = {**given, 0: (given[0][0], chosen)}
    words = np.zeros(5, dtype=np.uint64)
    assert refused(lambda: mask(played.members[3], words, given)) == "false-pair-seed"


@pytest.mark.parametrize("step", ["share", "upload"])
def test_fewer_neighbours_than_shares_are_needed_are_refused(new_round, refused, step):
    """Else the server could leave a client with those alone that it colludes with."""
    played = new_round(6, threshold=4).played(step)
    if step == "share":
        two = [played.adverts[1], played.adverts[2]]
        assert refused(lambda: share(played.members[0], two, played.roster)) == "few-neighbours"
    else:
        given = {k: boxes_for(played.start, played.boxes, 0)[k] for k in (1, 2)}
        words = np.zeros(5, dtype=np.uint64)
        assert refused(lambda: mask(played.members[0], words, given)) == "few-neighbours"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"threshold": 3}, "low-threshold"),  # of six: two sets of three could both be signed
        ({"threshold": 0}, "low-threshold"),
        ({"threshold": 7}, "low-threshold"),
        ({"neighbours": 3}, "low-threshold"),  # a graph that cannot be
        ({"ring": packed([1, 2, 3])}, "not-a-member"),
        ({"ring": packed([0, 1]), "threshold": 2}, "few-members"),
        ({"ring": packed([0]), "threshold": 1}, "few-members"),
        ({"roster_version": 0}, "stale-roster"),
    ],
)
def test_starts_that_would_protect_nobody_are_refused(new_round, refused, changes, reason):
    played = new_round(6, threshold=4)
    assert refused(lambda: join(replace(played.start, **changes), 0, played.roster)) == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "begun-before"),
        ({"nonce": b"m" * 16}, "begun-before"),  # another nonce alone is no new round
        ({"round": 2, "nonce": b"m" * 16}, "begun-before"),
        ({"started": 2, "nonce": b"m" * 16}, "unmasked-before"),  # a server that says it was resumed
        ({"started": 2, "round": 1, "nonce": b"m" * 16}, "unmasked-before"),
        ({"run_id": bytes(16)}, "wrong-run"),
        ({"round": 4, "nonce": b"m" * 16}, None),
    ],
)
def test_a_round_that_was_unmasked_is_never_played_again(new_round, refused, changes, reason):
    played = new_round(4, threshold=3).played()
    again = replace(played.start, **changes)
    if reason:
        assert refused(lambda: join(again, 0, played.roster, played.members[0])) == reason
    else:
        later = join(again, 0, played.roster, played.members[0])
        assert (later.unmasked, later.step, len(later.root)) == (3, "advertised", 32)


def test_a_round_that_broke_off_is_played_again_with_new_secrets(new_round, refused):
    played = new_round(4, threshold=3).played("agree")
    before = played.members[0]
    assert refused(lambda: join(played.start, 0, played.roster, before)) == "begun-before"
    resumed = replace(played.start, started=2, nonce=b"m" * 16)
    after = join(resumed, 0, played.roster, before)
    assert not {after.root, after.own, after.channel} & {before.root, before.own, before.channel}
    assert refused(lambda: agree(after, played.survivors())) == "out-of-turn"  # the first time's upload stays masked


def test_what_is_written_down_is_read_as_it_was(played):
    member = played.members[0]
    assert unpacked_member(packed_member(member)) == member


@pytest.mark.parametrize("content", [b"", b"\xa0", b"junk", b"\xa1\x61a\x01"])
def test_what_was_altered_is_refused(content, refused):
    assert refused(lambda: unpacked_member(content)) in ("bad-claims", "not-canonical")


def test_secrets_are_gone_once_they_are_not_needed(new_round):
    played = new_round(4, threshold=3).played()
    member = played.members[0]
    assert (member.root, member.own, member.channel, dict(member.shares)) == (b"", b"", b"", {})
    assert "root" not in repr(new_round(4, threshold=3).played("share").members[0])
