"""Entries are signed, chained and read back strictly; a chain is followed to the first that does not belong there.

Also covers ledger_chain.py.
"""

import hashlib
from dataclasses import replace
from functools import partial

import cbor2
import pytest

from qfl.errors import Rejection
from qfl.security.claims import BroadcastClaims, decode, encode
from qfl.security.envelope import BROADCAST, LEDGER, open_envelope, sign
from qfl.security.ledger import FIRST, Entry, accepted_updates, rows_digest, sign_entry
from qfl.security.ledger_chain import follow, in_force
from qfl.security.profiles import profile
from qfl.security.roster import only_key
from qfl.security.signing import generate

RUN = b"r" * 16
BASE = Entry(RUN, 0, FIRST, 1, bytes(32), 1, bytes(32), bytes(32), bytes(32), bytes(32))
SERVER = generate(profile("ML-DSA-44"))


def chain(*steps):
    """Return the envelopes of a chain of (round, started)."""
    head, envelopes = FIRST, []
    for number, started in steps:
        envelope, link = sign_entry(replace(BASE, round=number, started=started, previous=head), SERVER)
        envelopes.append(envelope)
        head = link.digest
    return envelopes


def followed(envelopes, key=SERVER.key):
    return follow(envelopes, partial(only_key, key), RUN)


def test_an_entry_is_read_back_as_it_was_signed_and_names_the_one_before():
    updates = {5: b"five", 300: b"three hundred"}
    envelope, link = sign_entry(replace(BASE, accepted=accepted_updates(updates)), SERVER)
    found = decode(Entry, open_envelope(envelope, LEDGER, lambda kid: SERVER.key)[0])
    assert found == link.entry and link.digest == hashlib.sha256(envelope).digest()
    assert found.updates == {client: hashlib.sha256(update).digest() for client, update in updates.items()}


@pytest.mark.parametrize("change", [{"accepted": (bytes(39),)}, {"round": -1}, {"model": b""}, {"round": True}])
def test_an_entry_that_says_what_none_can_is_refused(change):
    with pytest.raises(Rejection, match="bad-claims"):
        decode(Entry, encode(replace(BASE, **change)))


def test_an_entry_without_budgets_has_the_bytes_of_the_time_before_there_were_any():
    """So that ledgers of then are read: claims 13 to 15 are left out, and are refused where they say nothing."""
    entries = cbor2.loads(encode(BASE))
    assert set(entries) == set(range(1, 13))
    assert decode(Entry, encode(replace(BASE, spendings=2, micro_epsilon=5))).micro_epsilon == 5
    with pytest.raises(Rejection, match="not-canonical"):
        decode(Entry, cbor2.dumps({**entries, 13: 0}, canonical=True))


def test_a_broadcast_is_no_entry():
    """The server signs both, and neither stands for the other."""
    claims = BroadcastClaims(RUN, 1, bytes(16), bytes(32), bytes(32), 1, bytes(32))
    fault = followed([sign(encode(claims), SERVER, BROADCAST)])[1]
    assert fault and "wrong-type" in fault.what


def test_a_chain_holds_to_its_end_or_to_the_entry_that_was_left_out():
    envelopes = chain((0, 1), (1, 1), (2, 1), (3, 1))
    assert followed(envelopes)[1] is None
    for gone in (1, 2):
        links, fault = followed(envelopes[:gone] + envelopes[gone + 1 :])
        assert (len(links), fault.round, fault.kind) == (gone, gone, "dropped")
    links, fault = followed([*envelopes, envelopes[1]])
    assert (len(links), fault.round, fault.kind) == (4, 1, "replayed")
    links, fault = followed([*envelopes[:2], *chain((0, 1), (1, 1), (2, 1))[2:]])
    assert (len(links), fault.round, fault.kind) == (2, 2, "forked")


def test_a_later_process_takes_a_round_up_again_and_an_earlier_one_does_not():
    links, fault = followed(chain((0, 1), (1, 1), (2, 1), (1, 5), (2, 5)))
    assert fault is None
    counting = in_force(links)
    assert [counting[number].entry.started for number in (0, 1, 2)] == [1, 5, 5]
    assert list(in_force(links[:4])) == [0, 1]  # round 2 is to be run again
    for steps in (((0, 5), (1, 5), (1, 1)), ((0, 1), (1, 5)), ((0, 5), (1, 1))):
        assert followed(chain(*steps))[1] is not None, steps


def test_a_run_older_than_its_ledger_begins_where_it_was_taken_up():
    links, fault = followed(chain((7, 1), (8, 1)))
    assert fault is None and list(in_force(links)) == [7, 8]


def test_another_key_signs_nothing():
    fault = followed(chain((0, 1)), generate(profile("ML-DSA-44")).key)[1]
    assert fault and (fault.kind, fault.round) == ("unsigned", 0)


def test_the_digest_of_rows_is_of_what_they_say():
    rows = [{"round": 1, "loss": 0.1, "failure": None}]
    assert rows_digest(rows) == rows_digest([dict(reversed(rows[0].items()))])
    for other in ([], [*rows, *rows], [rows[0] | {"loss": 0.1 + 1e-16}], [{"round": 1, "loss": 0.1}]):
        assert rows_digest(other) != rows_digest(rows)
