"""Whose key opens an encrypted sum, once; what everybody refuses. Also covers statements.py."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.errors import Rejection
from qfl.security.claims import decode, encode
from qfl.security.envelope import sign
from qfl.security.homomorphic.ckks import add_up, encrypt, encrypted_bytes, read_key
from qfl.security.homomorphic.keyholder import (
    encrypt_update,
    offer,
    open_once,
    packed_keyholder,
    unpacked_keyholder,
)
from qfl.security.homomorphic.statements import EncryptedSum, KeyCall, KeyOffer, OpenedSum
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import Roster, RosterRow
from qfl.security.session import packed, signed
from qfl.security.signing import generate

pytest.importorskip("tenseal", reason="TenSEAL is not installed")
RUN, NONCE = b"r" * 16, b"n" * 16
CALL = KeyCall(RUN, 3, NONCE, 1, 1, packed([0, 1, 2]), 50, "none", b"")
SIGNERS = {who: generate(ML_DSA_44) for who in ("server", *range(4))}
ROSTER = Roster(1, 4_102_444_800, SIGNERS["server"].key, tuple(RosterRow(k, SIGNERS[k].key, 500) for k in range(4)))
KINDS = {KeyCall, KeyOffer, EncryptedSum, OpenedSum}


@pytest.fixture(scope="module")
def made():
    """The keyholder, client 1, and its offer."""
    return offer(CALL, 1, ROSTER)


def encrypted(offered, client, numbers, call=CALL, key_of=1):
    envelope = signed(call, SIGNERS["server"])
    return encrypt_update(envelope, signed(offered, SIGNERS[key_of]), client, ROSTER, lambda _: np.array(numbers))[1]


def reason(work):
    with pytest.raises(Rejection) as found:
        work()
    return found.value.reason


def test_three_encrypt_the_server_adds_up_and_one_opens(made):
    holder, offered = made
    parts = [encrypted(offered, client, [client, -(10**9), 7]) for client in range(3)]
    total = add_up(parts, 3, read_key(offered.public))
    kept = []
    said = open_once(unpacked_keyholder(packed_keyholder(holder)), EncryptedSum(RUN, 3, NONCE, 3, total), kept.append)
    assert said.of(total, 3).tolist() == [3, -3 * 10**9, 21]
    assert (kept[0].secret, kept[0].opened) == (b"", 3) and holder.secret
    assert reason(lambda: said.of(parts[0], 3)) == reason(lambda: said.of(total, 4)) == "bad-claims"


def test_a_key_opens_once_whatever_came_of_it(made):
    """Even of what does not open: else a server would learn the key from many such answers."""
    holder, offered = made
    kept, false = [], EncryptedSum(RUN, 3, NONCE, 1, b"?" * encrypted_bytes(1))
    assert reason(lambda: open_once(holder, false, kept.append)) == "bad-ciphertext"
    good = EncryptedSum(RUN, 3, NONCE, 1, encrypt(np.array([1]), read_key(offered.public)))
    assert reason(lambda: open_once(kept[0], good, kept.append)) == "unmasked-before"


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"run_id": bytes(16)}, "wrong-run"), ({"round": 4}, "wrong-round"), ({"nonce": bytes(16)}, "wrong-nonce")],
)
def test_a_sum_of_another_session_is_not_opened(made, change, expected):
    asked = replace(EncryptedSum(RUN, 3, NONCE, 1, b""), **change)
    assert reason(lambda: open_once(made[0], asked, lambda _: None)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"clients": packed([0, 2, 3])}, "not-a-member"),
        ({"clients": packed([0, 1])}, "few-members"),
        ({"roster_version": 0}, "stale-roster"),
    ],
)
def test_nobody_takes_part_in_what_hides_nobody(made, change, expected):
    call = replace(CALL, **change)
    assert reason(lambda: offer(call, 1, ROSTER)) == expected
    assert reason(lambda: encrypted(made[1], 1, [1], call)) == expected


def test_a_round_that_was_opened_is_not_begun_again(made):
    opened = replace(made[0], secret=b"", opened=3)
    later = replace(CALL, started=2)
    assert reason(lambda: offer(later, 1, ROSTER, opened)) == "unmasked-before"
    assert reason(lambda: offer(CALL, 1, ROSTER, made[0])) == "begun-before"
    assert reason(lambda: offer(replace(later, run_id=bytes(16)), 1, ROSTER, opened)) == "wrong-run"
    holder, _ = offer(replace(later, round=4), 1, ROSTER, opened)
    assert (holder.opened, bool(holder.secret)) == (3, True)


def test_only_a_members_key_is_encrypted_under(made):
    _, offered = made
    assert reason(lambda: encrypted(offered, 0, [1], key_of=2)) == "wrong-client"
    assert reason(lambda: encrypted(replace(offered, client=3), 0, [1], key_of=3)) == "false-keyholder"
    assert reason(lambda: encrypted(replace(offered, public=b"?"), 0, [1])) == "bad-key"
    assert reason(lambda: encrypted(replace(offered, nonce=bytes(16)), 0, [1])) == "wrong-nonce"
    told = signed(CALL, SIGNERS[1])
    assert reason(lambda: encrypt_update(told, b"", 0, ROSTER, lambda _: np.zeros(1, dtype=int))) == "unknown-key"


def test_every_kind_is_what_it_was_after_its_bytes_and_no_other(made):
    base = (RUN, 3, NONCE)
    said = [CALL, made[1], EncryptedSum(*base, 1, b"sum"), OpenedSum(*base, 1, bytes(32), bytes(8))]
    assert {type(each) for each in said} == KINDS and len({kind.purpose.typ for kind in KINDS}) == 4
    for each in said:
        assert decode(type(each), encode(each)) == each
    false = sign(encode(said[2]), SIGNERS["server"], EncryptedSum.purpose)
    assert reason(lambda: encrypt_update(false, b"", 0, ROSTER, lambda _: np.zeros(1, dtype=int))) == "wrong-type"


def test_what_a_keyholder_wrote_down_is_read_whole_or_not_at_all(made):
    content = packed_keyholder(made[0])
    assert unpacked_keyholder(content) == made[0]
    assert str(made[0].secret) not in repr(made[0])
    for damaged in (content[:-1], b"", b"\xa0"):
        assert reason(lambda damaged=damaged: unpacked_keyholder(damaged)) in ("bad-claims", "not-canonical")
