"""``qfl bench secagg``: a masked round, beside the same round unmasked, encrypted (CKKS), and Flower's SecAgg+.

All messages of all clients are made, signed (ML-DSA-65) and verified; processor time of one thread counts. Of 200
clients 16 drop out after sharing their secrets and 4 after their upload.

- ``server_s``: all that the server does but to carry bytes: verify, add up, put secrets together, take masks off.
- ``client_ms``, ``bytes_up``, ``bytes_down``: of one client, in all five steps.
- ``ratio_flower``: how many times longer Flower's functions take for the unmasking alone (``recover_s``).
- ``ckks``: the same vectors as homomorphic sums, none lost after the upload; ``error_before_rounding`` is the largest
  error of a number of the sum, in parts of its last digit, and ``angle_bits`` how fine that is for an angle. None of it
  where TenSEAL is not installed, which ``missing`` then says.
- ``exponent_n``: growth of the server's time with the clients at the same number of neighbours; 1 is linear.
"""

from typing import Any

import numpy as np

from qfl.errors import MissingExtra
from qfl.security.homomorphic.ckks import ROOM
from qfl.security.masking.fixed_point import FixedPoint
from qfl.studies.bench.encrypted_round import encrypted_round
from qfl.studies.bench.masked_round import Fleet, masked_round, plain_round
from qfl.studies.bench.secagg_peers import flower_secagg

LOST_BEFORE, LOST_AFTER = 0.08, 0.02  # of the clients


def bench_secagg(
    clients: int = 200,
    neighbours: int = 50,
    numbers: int = 10_000,
    growth: tuple[int, ...] = (200, 1000, 5000),
    growth_neighbours: int = 8,
) -> dict[str, Any]:
    """Return seconds and bytes of a masked round, beside the unmasked one and Flower's, and the growth with clients.

    Args:
        clients: Of the round in front.
        neighbours: Of each of them, an even number.
        numbers: Words of each vector.
        growth: Numbers of clients by which the growth is fitted; vectors have 100 words there.
        growth_neighbours: Of each client in these rounds.
    """
    fleet, lost = Fleet.of(clients), (round(LOST_BEFORE * clients), round(LOST_AFTER * clients))
    ours, plain = masked_round(fleet, numbers, neighbours, *lost), plain_round(fleet, numbers)
    flower = flower_secagg(numbers, neighbours + 1, ours["threshold"], clients - lost[0], lost[0])
    sizes = {count: masked_round(Fleet.of(count), 100, growth_neighbours, count // 100) for count in growth}
    return {
        **ours,
        "ratio_flower": flower["server_s"] / ours["recover_s"],
        "exponent_n": exponent({count: each["server_s"] for count, each in sizes.items()}),
        "plain": plain,
        "ckks": encrypted(fleet, numbers, lost[0]),
        "flower_secagg_plus": flower,
        **{f"clients_{count}": each for count, each in sizes.items()},
        "setting": {
            "clients": clients,
            "neighbours": neighbours,
            "numbers": numbers,
            "lost_before_upload": lost[0],
            "lost_after_upload": lost[1],
            "growth_neighbours": growth_neighbours,
            "growth_numbers": 100,
            "signature": "ML-DSA-65",
            "threads": 1,
            "clock": "processor time",
        },
    }


def encrypted(fleet: Fleet, numbers: int, lost: int = 0) -> dict[str, Any]:
    """Return an encrypted round's costs, or what it misses.

    Args:
        fleet: Clients with keys.
        numbers: Entries of each client's vector.
        lost: Clients that do not answer.
    """
    try:
        costs = encrypted_round(fleet, numbers, lost)
    except MissingExtra as missing:
        return {"missing": str(missing)}
    rows = fleet.roster.rows
    angle = FixedPoint(np.array([2 * np.pi]), np.array([32.0]))
    samples = max(row.max_examples for row in rows)
    return {**costs, "angle_bits": int(angle.within(ROOM, len(rows), samples).bits[0])}


def exponent(seconds: dict[int, float]) -> float:
    """Return the slope of log seconds over log clients.

    Example:
        >>> round(exponent({10: 1.0, 100: 10.0, 1000: 100.0}), 6)
        1.0
    """
    return float(np.polyfit(np.log(list(seconds)), np.log(list(seconds.values())), 1)[0])
