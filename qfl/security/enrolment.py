"""How a client gets into the roster, and how it gets another key there: it proves that it holds the keys."""

import cbor2

from qfl.errors import Rejection
from qfl.security.envelope import ENROLMENT, ROTATION, open_envelope, sign
from qfl.security.reasons import rejection
from qfl.security.roster import FORMAT, Roster, RosterRow, admit, only_key, rotate
from qfl.security.signing import PublicKey, Signer


def prove_possession(signer: Signer, client: int, nonce: bytes, node: bytes = b"") -> bytes:
    """Return an applicant's proof that it holds its key and wants to be this client of this authority.

    Args:
        signer: The applicant's new key.
        client: The partition id applied for.
        nonce: 32 random bytes that the authority handed out once.
        node: The key with which its SuperNode authenticates, where it has one: nobody can put another in its place.
    """
    return sign(_application(signer.key, client, nonce, node), signer, ENROLMENT)


def enrol(roster: Roster, row: RosterRow, proof: bytes, nonce: bytes, node: bytes = b"") -> Roster:
    """Return the next version of the roster, with one more row; also of a client whose earlier keys are revoked.

    Args:
        roster: The present roster.
        row: The applicant's row, with its public key.
        proof: What `prove_possession` made.
        nonce: The 32 bytes that were handed out for this client.
        node: The key of its SuperNode, if the proof covers one.

    Reference:
        RFC 4211, section 4 (proof of possession): the applicant signs a fresh value with the key that is to be
        enrolled.

    Raises:
        Rejection: ``no-possession``, ``duplicate-client``, ``duplicate-key`` or ``degenerate-key``.
    """
    try:
        payload, _ = open_envelope(proof, ENROLMENT, lambda kid: only_key(row.key, kid))
    except Rejection as error:
        raise rejection("no-possession", error.reason) from None
    if payload != _application(row.key, row.client, nonce, node):
        raise rejection("no-possession", "for another client, key, SuperNode or nonce")
    return admit(roster, row)


def request_rotation(old: Signer, new: Signer, client: int, from_round: int) -> tuple[bytes, bytes]:
    """Return a client's statement that a new key takes the old one's place from a round on, signed by old and new.

    Args:
        old: The key that counts now.
        new: The key that is to count.
        client: Partition id, 0 or more.
        from_round: First round in which the new key counts.
    """
    statement = _rotation(old.key, new.key, client, from_round)
    return sign(statement, old, ROTATION), sign(statement, new, ROTATION)


def accept_rotation(
    roster: Roster, client: int, key: PublicKey, from_round: int, proofs: tuple[bytes, bytes]
) -> Roster:
    """Return the next version of the roster, with the client's new key from a round on.

    Args:
        roster: The present roster.
        client: Partition id, 0 or more.
        key: The new public key.
        from_round: First round in which it counts.
        proofs: What `request_rotation` made: the statement signed by the old key, then by the new.

    Reference:
        TUF specification 1.0, section 5.3 (key rotation): the next keys are signed by the present and by the next.

    Raises:
        Rejection: ``no-possession``, ``unknown-key``, ``revoked``, ``duplicate-key`` or ``degenerate-key``.
    """
    old = roster.row(client).key
    for proof, signed_by in zip(proofs, (old, key), strict=True):
        try:
            payload, _ = open_envelope(proof, ROTATION, lambda kid, only=signed_by: only_key(only, kid))
        except Rejection as error:
            raise rejection("no-possession", error.reason) from None
        if payload != _rotation(old, key, client, from_round):
            raise rejection("no-possession", "for another client, key or round")
    return rotate(roster, client, key, from_round)


def _rotation(old: PublicKey, new: PublicKey, client: int, from_round: int) -> bytes:
    entries = {1: FORMAT, 2: old.thumbprint, 3: client, 4: new.encode(), 5: from_round}
    return cbor2.dumps(entries, canonical=True)


def _application(key: PublicKey, client: int, nonce: bytes, node: bytes) -> bytes:
    entries = {1: FORMAT, 2: nonce, 3: client, 4: key.encode()} | ({5: node} if node else {})
    return cbor2.dumps(entries, canonical=True)
