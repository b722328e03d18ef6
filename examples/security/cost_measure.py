"""One row per algorithm and cell: what its envelope takes to sign, to verify and to send."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers.tdma_lpt import solve
from qfl.security.claims import UpdateClaims, encode, metrics_digest, tensor_digest
from qfl.security.classical import CLASSICAL, generate_classical
from qfl.security.envelope import UPDATE, envelope_sizes, open_envelope, sign
from qfl.security.oqs import probe
from qfl.security.profiles import PROFILES, SignatureProfile
from qfl.security.signing import PublicKey, Signer, generate
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw

Row = dict[str, Any]
LIBOQS = " (liboqs)"


@dataclass(frozen=True)
class CostStudy:
    """Sizes.

    Args:
        seeds: One cell each.
        clients: Who all send.
        channels: Sub-channels.
        angles: Of an update.
        repeats: Of signing and verifying.
    """

    seeds: tuple[int, ...]
    clients: int
    channels: int
    angles: int
    repeats: int


def measured(study: CostStudy) -> Iterator[tuple[str, Row]]:
    """Yield every algorithm's name with its costs; where liboqs is not installed, Falcon's bytes without seconds."""
    usable = probe().usable
    for profile in CLASSICAL:
        yield profile.name, costs(generate_classical(profile), study)
    for name, profile in PROFILES.items():
        if "cryptography" in profile.libraries:
            yield name, costs(generate(profile), study)
        if usable:
            yield name + LIBOQS, costs(generate(profile, "liboqs"), study)
        elif "cryptography" not in profile.libraries:
            yield name, largest(profile, study)


def largest(profile: SignatureProfile, study: CostStudy) -> Row:
    """Return the bytes of an envelope with a signature as long as the algorithm's can be; nothing is signed."""
    key = PublicKey(profile, bytes(profile.public_bytes), "liboqs")
    envelope = sign(encode(_claims(np.zeros(study.angles, np.float32))), _Length(key, b""), UPDATE)
    return {"sign_s": None, "verify_s": None} | _sizes(envelope, key, study)


@dataclass(frozen=True)
class _Length(Signer):
    """In the place of a signer that is not installed: its signature is a length and nothing else."""

    def sign(self, message: bytes) -> bytes:
        return bytes(self.key.profile.signature_bytes)


def costs(signer: Signer, study: CostStudy) -> Row:
    """Return median seconds of signing and verifying an update's envelope, and its bytes."""
    angles = np.zeros(study.angles, np.float32)
    payload = encode(_claims(angles))
    envelope = sign(payload, signer, UPDATE)
    return {
        "sign_s": median_s(lambda: sign(payload, signer, UPDATE), study.repeats),
        "verify_s": median_s(lambda: open_envelope(envelope, UPDATE, lambda kid: signer.key), study.repeats),
    } | _sizes(envelope, signer.key, study)


def _sizes(envelope: bytes, key: PublicKey, study: CostStudy) -> Row:
    signature, rest = envelope_sizes(envelope)
    return {
        "key_bytes": key.profile.public_bytes,
        "signature_bytes": signature,
        "envelope_bytes": signature + rest,
        "update_bytes": signature + rest + 4 * study.angles,
    }


def median_s(work: Callable[[], object], repeats: int) -> float:
    """Return the median seconds of processor time of a call, the first of which does not count.

    Args:
        work: The call.
        repeats: At least 1.
    """
    work()
    spent: list[float] = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return float(np.median(spent))


def air_s(update_bytes: int, seed: int, study: CostStudy) -> float:
    """Return when the last update is in: one client at a time on each sub-channel, the longest upload first.

    Args:
        update_bytes: Of each client.
        seed: Of places and fading.
        study: How many clients and sub-channels.
    """
    scenario = UplinkScenario(num_devices=study.clients, num_channels=study.channels)
    payload = np.full(study.clients, 8.0 * update_bytes)
    return float(solve(Problem(draw(scenario, seed), "round_time", payload_bits=payload), seed=seed).value)


def _claims(angles: np.ndarray) -> UpdateClaims:
    blank = bytes(32)
    digest = tensor_digest({"angles": angles})
    return UpdateClaims(
        run_id=bytes(16),
        round=1,
        nonce=bytes(16),
        server=blank,
        client=1,
        num_examples=100,
        base_model=digest,
        task=blank,
        mode="plain",
        tensors=digest,
        metrics=metrics_digest({"loss": 1.0}),
    )
