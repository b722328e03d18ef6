"""What a round's signatures take at the least: as many signatures and verifications in a loop, and nothing else."""

import os
import time
from collections.abc import Callable

from qfl.security.profiles import profile
from qfl.security.signing import generate, verify


def signature_floor(algorithm: str, clients: int) -> dict[str, float]:
    """Return processor seconds of the signatures of one round, by who makes them; each loop's best of three.

    Args:
        algorithm: Of `qfl.security.profiles`, one that `cryptography` has.
        clients: Each signs its update and verifies the broadcast; the server verifies each update.

    Example:
        >>> sorted(signature_floor("ML-DSA-44", 2))
        ['clients_sign', 'clients_verify', 'server_verifies', 'together']
    """
    signers, message = [generate(profile(algorithm)) for _ in range(clients)], os.urandom(512)
    server = generate(profile(algorithm))
    broadcast, updates = server.sign(message), [signer.sign(message) for signer in signers]
    found = {
        "clients_sign": _least(lambda: [signer.sign(message) for signer in signers]),
        "clients_verify": _least(lambda: [verify(server.key, broadcast, message) for _ in signers]),
        "server_verifies": _least(lambda: list(map(verify, (s.key for s in signers), updates, [message] * clients))),
    }
    return found | {"together": sum(found.values())}


def _least(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)
