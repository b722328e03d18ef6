"""A node proves which client it is: a signature over a fresh challenge of the server, bound to the node's own number.

So a registered node that claims another's identity is found out before it is asked for anything, and the proof of one
node is of no use to another.
"""

import cbor2

from qfl.security.envelope import PRESENCE, open_envelope, sign
from qfl.security.reasons import rejection
from qfl.security.roster import FORMAT, Roster
from qfl.security.signing import Signer

CHALLENGE_BYTES = 32


def prove_presence(signer: Signer, client: int, node_id: int, challenge: bytes) -> bytes:
    """Return a node's proof that it is this client.

    Args:
        signer: The client's key.
        client: Partition id.
        node_id: Flower's number of the node.
        challenge: What the server drew for this roll call.
    """
    return sign(_statement(client, node_id, challenge), signer, PRESENCE)


def verify_presence(
    proof: bytes, client: int, node_id: int, challenge: bytes, roster: Roster, round_number: int = 1
) -> None:
    """Return if the key that counts for this client made the proof, on this node, for this challenge.

    Args:
        proof: What `prove_presence` made.
        client: Partition id that the node claims.
        node_id: Flower's number of the node.
        challenge: What the server drew for this roll call.
        roster: The enrolled keys.
        round_number: The round to come, in which the key must count; a run begins with 1.

    Reference:
        ISO/IEC 9798-3, two-pass unilateral authentication: a signature over the verifier's fresh random number.

    Raises:
        Rejection: ``wrong-client``, ``replay``, ``revoked``, ``not-valid-yet``, ``no-longer-valid``, or what is wrong
            with the envelope.
    """
    payload, kid = open_envelope(proof, PRESENCE, lambda kid: roster.owner(kid).key)
    owner = roster.owner(kid)
    if owner.client != client:
        raise rejection("wrong-client", f"claimed {client}, the key is client {owner.client}'s")
    if payload != _statement(client, node_id, challenge):
        raise rejection("replay", "the proof is for another roll call or node")
    owner.require_valid(round_number)


def _statement(client: int, node_id: int, challenge: bytes) -> bytes:
    return cbor2.dumps({1: FORMAT, 2: challenge, 3: client, 4: node_id}, canonical=True)
