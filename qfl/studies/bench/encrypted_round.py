"""One round of an encrypted sum in memory, every message made, signed and verified, with its seconds, bytes and error.

Clients are played one after another by the code of `qfl.security.homomorphic`; what is timed is processor time.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.security.homomorphic.ckks import ROOM, add_up, encrypted_bytes, read_key, read_vector
from qfl.security.homomorphic.keyholder import Keyholder, encrypt_update, offer, open_once
from qfl.security.homomorphic.statements import EncryptedSum, KeyCall, KeyOffer, OpenedSum
from qfl.security.session import from_client, packed, signed
from qfl.security.updates import ReplayGuard
from qfl.seeds import stream
from qfl.studies.bench.masked_round import Clock, Fleet, Update

KEYHOLDER = 0


def encrypted_round(fleet: Fleet, numbers: int, lost: int = 0) -> dict[str, Any]:
    """Return seconds of the server, a client and the keyholder, bytes of each, and what the sum is off by.

    Args:
        fleet: All of its clients are asked.
        numbers: Of each vector.
        lost: Clients that drop out before their upload.
    """
    count, clock, held = len(fleet.roster.rows), Clock(), Clock()
    call = KeyCall(b"r" * 16, 1, b"n" * 16, 1, 1, packed(range(count)), 500, "none", b"")
    with held.on("key"):
        holder, offered = offer(call, KEYHOLDER, fleet.roster)
        told = signed(offered, fleet.signers[KEYHOLDER])
    held.sent("up", [told])
    vectors = stream(0, "bench-encrypted", count).integers(-ROOM // count, ROOM // count, (count - lost, numbers))
    encrypted = _uploads(fleet, clock, call, told, vectors)
    with clock.on("server"):
        key = read_key(from_client(KeyOffer, told, fleet.roster, call).public)
        total = add_up(encrypted, numbers, key)
        asked = EncryptedSum(b"r" * 16, 1, b"n" * 16, numbers, total)
        envelope = signed(asked, fleet.signers["server"])
    held.sent("down", [envelope])
    found = _opened(fleet, clock, held, holder, asked)
    wanted = vectors.sum(axis=0)
    opened = np.concatenate([chunk.decrypt() for chunk in read_vector(total, numbers, read_key(holder.secret))])
    return {
        "server_s": clock.seconds["server"],
        "client_ms": 1e3 * clock.seconds["clients"] / len(vectors),
        "keyholder_ms": 1e3 * sum(held.seconds.values()),
        "bytes_up": clock.sizes["up"] // len(vectors),
        "bytes_down": clock.sizes["down"] // len(vectors),
        "keyholder_bytes_up": held.sizes["up"],
        "keyholder_bytes_down": held.sizes["down"],
        "ciphertext_bytes": encrypted_bytes(numbers),
        "error_before_rounding": float(np.abs(opened - wanted).max()),
        "exact": bool((found == wanted).all()),
    }


def _uploads(fleet: Fleet, clock: Clock, call: KeyCall, told: bytes, vectors: NDArray[np.int64]) -> list[bytes]:
    with clock.on("server"):
        called = signed(call, fleet.signers["server"])
    update, burned = Update(fleet, encrypted_bytes(vectors.shape[1]), "ckks", "uint8"), ReplayGuard()
    found: list[bytes] = []
    for client, vector in enumerate(vectors):
        clock.sent("down", [called, told])
        with clock.on("clients"):
            _, content = encrypt_update(called, told, client, fleet.roster, lambda _, own=vector: own)
            array = np.frombuffer(content, dtype=np.uint8)
            envelope = update.signed(client, array)
        clock.sent("up", [envelope, content])
        with clock.on("server"):
            update.verified(client, envelope, array, burned)
        found.append(content)
    return found


def _opened(fleet: Fleet, clock: Clock, held: Clock, holder: Keyholder, asked: EncryptedSum) -> NDArray[np.int64]:
    with held.on("open"):
        said = signed(open_once(holder, asked, lambda spent: None), fleet.signers[KEYHOLDER])
    held.sent("up", [said])
    with clock.on("server"):
        return from_client(OpenedSum, said, fleet.roster, holder.call).of(asked.encrypted, asked.count)
