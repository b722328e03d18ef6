"""The client's half of an encrypted round: it encrypts what it trained; one makes the key, and opens the sum."""

import numpy as np
from flwr.app import ConfigRecord, RecordDict
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.homomorphic.records import KEY, OPEN, key_in
from qfl.federation.masking.member_file import MemberFile
from qfl.federation.masking.records import SESSION, Request
from qfl.federation.masking.words import Words
from qfl.security.claims import BroadcastClaims
from qfl.security.homomorphic.ckks import ROOM
from qfl.security.homomorphic.keyholder import Keyholder, encrypt_update, offer, open_once
from qfl.security.homomorphic.statements import EncryptedSum, KeyCall
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.session import Statement, from_server, require_session
from qfl.tasks.local import ClientUpdate


def answer_keyholder(
    request: Request, client: int, file: MemberFile[Keyholder], roster: Roster
) -> tuple[KeyCall, Statement]:
    """Return the server's call of the round, and what the client says in a step; what it holds is written down first.

    Args:
        request: What the server asks.
        client: This client's number.
        file: What it holds.
        roster: The enrolled keys.

    Raises:
        Rejection: Why it does not take the step.
    """
    match request:
        case Request(step=str(step), statements=(told,)) if step == KEY:
            holder, offered = offer(from_server(KeyCall, told, roster), client, roster, file.load())
            file.save(holder)
            return holder.call, offered
        case Request(step=str(step), statements=(told,)) if step == OPEN:
            holder = file.require()
            return holder.call, open_once(holder, from_server(EncryptedSum, told, roster), file.save)
        case _:
            raise Rejection("malformed", f"there is no step {request.step[:40]!r} of that form")


def encrypted_update(
    content: RecordDict,
    config: ConfigRecord,
    claims: BroadcastClaims,
    client: int,
    roster: Roster,
    words: Words,
    update: ClientUpdate,
    received: NDArray,
) -> NDArray[np.uint8]:
    """Return an update, encrypted under the keyholder's key.

    Args:
        content: The broadcast's records, with the server's call and the keyholder's offer.
        config: Its settings, verified.
        claims: What the server signed.
        client: This client's number.
        roster: The enrolled keys.
        words: How updates become words, where there is room for all their bits.
        update: What the client trained.
        received: The angles that it started from.

    Raises:
        Rejection: ``wrong-mode`` for a broadcast of no encrypted round, ``wrong-run``, ``wrong-round`` or
            ``wrong-nonce`` for one of another, or why nothing is encrypted.
    """
    call, key = key_in(content)

    def numbers(called: KeyCall) -> NDArray[np.int64]:
        nonce = config.get(SESSION)
        require_session(Statement(claims.run_id, claims.round, nonce if isinstance(nonce, bytes) else b""), called)
        if update.num_examples > called.most:
            raise rejection("mask-overflow", f"{update.num_examples} samples, the server expects {called.most} at most")
        count = len(called.members)
        return words.within(ROOM, count, called.most).of_update(update, received, count).view(np.int64)

    _, encrypted = encrypt_update(call, key, client, roster, numbers)
    return np.frombuffer(encrypted, dtype=np.uint8)
