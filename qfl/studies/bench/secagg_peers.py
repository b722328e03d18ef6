"""Flower's SecAgg+ at its dearest parts, by Flower's own functions: Shamir shares and masks (flwr 1.41).

It runs under Flower's older interface alone, so no whole round of it can be played beside ours. Its weakness is
measured, too: a pair's key of 44 characters of base64 is folded into one word for NumPy's generator, and of that word
28 bits are ever set; whoever knows the range of an update finds the seed by trying them all.
"""

import base64
import importlib
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np

RANGE = 2**32  # of its words
KEYS = 2000  # drawn to see which bits of a folded key are ever set


def flower_secagg(numbers: int, holders: int, threshold: int, survivors: int, dropped: int) -> dict[str, Any]:
    """Return the seconds that Flower's functions take for what a server does to unmask a sum, and the weakness.

    Args:
        numbers: Words of a vector.
        holders: Of each client's shares.
        threshold: Shares that give a secret.
        survivors: Clients whose self masks are taken off.
        dropped: Clients whose pair masks with all their neighbours are taken off.
    """
    shamir = importlib.import_module("flwr.common.secure_aggregation.crypto.shamir")
    utils = importlib.import_module("flwr.common.secure_aggregation.secaggplus_utils")
    secret, key = os.urandom(32), base64.urlsafe_b64encode(os.urandom(32))
    shares, split_s = _timed(lambda: shamir.create_shares(secret, threshold, holders))
    found, combine_s = _timed(lambda: shamir.combine_shares(shares[:threshold]))
    assert found == secret
    _, mask_s = _timed(lambda: utils.pseudo_rand_gen(key, RANGE, [(numbers,)]))
    _, guess_s = _timed(lambda: utils.pseudo_rand_gen(key[:4], RANGE, [(8,)]), turns=200)
    bits = bin(folded_bits()).count("1")
    return {
        "server_s": (survivors + dropped) * combine_s + (survivors + dropped * (holders - 1)) * mask_s,
        "shamir_split_ms": 1e3 * split_s,
        "shamir_combine_ms": 1e3 * combine_s,
        "mask_us": 1e6 * mask_s,
        "pair_key_bits": bits,
        "guess_us": 1e6 * guess_s,
        "break_core_hours": 2**bits * guess_s / 3600,
        "least_level_of_four": level_counts(utils.pseudo_rand_gen)[3],
    }


def folded_bits() -> int:
    """Return the bits that are ever set in a folded pair key: an exclusive or of 32-bit words, as Flower has it."""
    keys = [base64.urlsafe_b64encode(os.urandom(32)) for _ in range(KEYS)]
    folded = np.bitwise_xor.reduce(np.stack([np.frombuffer(key, dtype="<u4") for key in keys]), axis=1)
    return int(np.bitwise_or.reduce(folded))


def level_counts(generator: Callable[..., Any]) -> list[int]:
    """Return how often each of four levels is drawn of 4,000: its ``randint(0, range - 1)`` never draws the last."""
    return np.bincount(generator(b"k" * 44, 4, [(4000,)])[0], minlength=4).tolist()


def _timed(work: Callable[[], Any], turns: int = 3) -> tuple[Any, float]:
    """Return what a piece of work gives, and the least processor seconds of some turns (threads included)."""
    found, seconds = None, []
    for _ in range(turns):
        start = time.process_time()
        found = work()
        seconds.append(time.process_time() - start)
    return found, max(min(seconds), 1e-9) if turns < 10 else sum(seconds) / turns
