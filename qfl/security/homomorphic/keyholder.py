"""The clients' part of an encrypted sum: one makes the round's key and opens one ciphertext, all encrypt.

Who trusts whom: the server is trusted to ask for nothing but the sum, for the keyholder cannot tell a sum from a single
update. The keyholder is trusted not to hand its key to the server. Given both, the server learns the sum and nothing
else; given one of them broken, it reads every update of the round. Two things bound that. A key is of one round and
opens one ciphertext, then it is forgotten; and what the server is told are whole numbers, which say nothing of the key
(`qfl.security.homomorphic.ckks`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace

import cbor2
import numpy as np
from numpy.typing import NDArray

from qfl.security import cbor
from qfl.security.claims import decode, encode
from qfl.security.homomorphic.ckks import encrypt, new_keys, open_sum, read_key
from qfl.security.homomorphic.statements import EncryptedSum, KeyCall, KeyOffer, OpenedSum, ciphertext_digest
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.session import FEWEST, from_client, from_server, require_session


@dataclass(frozen=True)
class Keyholder:
    """What a client holds that made a round's key.

    Args:
        call: The server's.
        client: Its number.
        secret: The secret key; empty once it has opened a sum.
        opened: The last round of the run whose sum it opened; 0 for none.
    """

    call: KeyCall
    client: int
    secret: bytes = field(repr=False)
    opened: int = 0


def offer(call: KeyCall, client: int, roster: Roster, before: Keyholder | None = None) -> tuple[Keyholder, KeyOffer]:
    """Return a client with a new key for the round, and its public half.

    Args:
        call: The server's, verified.
        client: This client's number.
        roster: The enrolled keys.
        before: What it holds of the run's last key. A server that was killed asks for a round again, but says that it
            began later; a round whose sum this client has opened it opens no second time.

    Raises:
        Rejection: ``not-a-member``, ``few-members``, ``stale-roster``, ``begun-before`` or ``unmasked-before``.
    """
    if before:
        _require_new(call, before)
    _require_of(call, client, roster)
    keys = new_keys()
    holder = Keyholder(call, client, keys.secret, before.opened if before else 0)
    return holder, KeyOffer(call.run_id, call.round, call.nonce, client, keys.public)


def encrypt_update(
    call: bytes,
    key: bytes,
    client: int,
    roster: Roster,
    numbers: Callable[[KeyCall], NDArray[np.int64]],
) -> tuple[KeyCall, bytes]:
    """Return the server's call, and a client's numbers, encrypted under the keyholder's key.

    Args:
        call: The signed `KeyCall`.
        key: The signed `KeyOffer`.
        client: This client's number.
        roster: The enrolled keys.
        numbers: Gives the client's, for a round.

    Raises:
        Rejection: ``not-a-member``, ``few-members``, ``stale-roster``, ``false-keyholder``, ``bad-key``, or why one of
            the statements is refused.
    """
    called = from_server(KeyCall, call, roster)
    _require_of(called, client, roster)
    offered = from_client(KeyOffer, key, roster, called)
    if offered.client not in called.members:
        raise rejection("false-keyholder", f"client {offered.client}")
    return called, encrypt(numbers(called), read_key(offered.public))


def open_once(holder: Keyholder, asked: EncryptedSum, save: Callable[[Keyholder], None]) -> OpenedSum:
    """Return what a sum is, after the keyholder has forgotten its key.

    It forgets the key first, and also where the sum does not open: who could ask again and again would learn the key
    from what opens and what does not.

    Args:
        holder: After `offer`.
        asked: The server's, verified.
        save: Writes down what the keyholder holds then.

    Raises:
        Rejection: ``wrong-run``, ``wrong-round`` or ``wrong-nonce`` for another session's, ``unmasked-before`` if it
            was asked before, ``bad-ciphertext`` if it does not open to whole numbers.
    """
    call = holder.call
    require_session(asked, call)
    if not holder.secret:
        raise rejection("unmasked-before", f"round {call.round}")
    save(replace(holder, secret=b"", opened=call.round))
    numbers = open_sum(asked.encrypted, asked.count, read_key(holder.secret)).astype("<i8").tobytes()
    digest = ciphertext_digest(asked.encrypted)
    return OpenedSum(call.run_id, call.round, call.nonce, holder.client, digest, numbers)


def packed_keyholder(holder: Keyholder) -> bytes:
    """Return what a keyholder writes down."""
    values = {item.name: getattr(holder, item.name) for item in fields(holder)}
    return cbor2.dumps(values | {"call": encode(holder.call)}, canonical=True)


def unpacked_keyholder(content: bytes) -> Keyholder:
    """Return what a keyholder wrote down; the inverse of `packed_keyholder`.

    Raises:
        Rejection: ``bad-claims`` or ``not-canonical`` if it was altered, or is something else.
    """
    found = cbor.decode(content, "bad-claims", values=100, levels=3)
    try:
        return Keyholder(**found | {"call": decode(KeyCall, found["call"])})
    except (TypeError, KeyError, ValueError) as error:
        raise rejection("bad-claims", f"{type(error).__name__}: {error}") from None


def _require_new(call: KeyCall, before: Keyholder) -> None:
    if call.run_id != before.call.run_id:
        raise rejection("wrong-run")
    if (call.started, call.round) <= (before.call.started, before.call.round):
        raise rejection("begun-before", f"round {call.round}")
    if call.round <= before.opened:
        raise rejection("unmasked-before", f"round {call.round}, after round {before.opened}")


def _require_of(call: KeyCall, client: int, roster: Roster) -> None:
    if call.roster_version < roster.version:
        raise rejection("stale-roster", f"the server has version {call.roster_version}, known is {roster.version}")
    if client not in call.members:
        raise rejection("not-a-member", f"client {client}")
    if len(call.members) < FEWEST:
        raise rejection("few-members", f"{len(call.members)}, at least {FEWEST} are needed")
