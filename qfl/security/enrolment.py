"""How a client gets into the roster: it proves to the authority that it holds the key it applies with."""

from dataclasses import replace

import cbor2

from qfl.errors import Rejection
from qfl.security.envelope import ENROLMENT, open_envelope, sign
from qfl.security.reasons import rejection
from qfl.security.registry import FORMAT, Roster, RosterRow, only_key
from qfl.security.signing import PublicKey, Signer


def prove_possession(signer: Signer, client: int, nonce: bytes) -> bytes:
    """Return an applicant's proof that it holds its key and wants to be this client of this authority.

    Args:
        signer: The applicant's new key.
        client: The partition id applied for.
        nonce: 32 random bytes that the authority handed out once.
    """
    return sign(_application(signer.key, client, nonce), signer, ENROLMENT)


def enrol(roster: Roster, row: RosterRow, proof: bytes, nonce: bytes) -> Roster:
    """Return the next version of the roster, with one more row.

    Raises:
        Rejection: ``no-possession``, ``duplicate-client``, ``duplicate-key`` or ``degenerate-key``.
    """
    try:
        payload, _ = open_envelope(proof, ENROLMENT, lambda kid: only_key(row.key, kid))
    except Rejection as error:
        raise rejection("no-possession", error.reason) from None
    if payload != _application(row.key, row.client, nonce):
        raise rejection("no-possession", "for another client, key or nonce")
    return replace(roster, version=roster.version + 1, rows=(*roster.rows, row))


def _application(key: PublicKey, client: int, nonce: bytes) -> bytes:
    return cbor2.dumps({1: FORMAT, 2: nonce, 3: client, 4: key.encode()}, canonical=True)
