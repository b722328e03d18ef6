"""What the security tests share: keys that are made once, and one honest exchange to be attacked."""

import os
from dataclasses import dataclass, replace
from typing import Any

os.environ["PYOQS_VERSION"] = "never-install"  # before anything could import liboqs-python, which clones and compiles

import numpy as np
import pytest

from qfl.security.claims import BroadcastClaims, UpdateClaims, config_digest, tensor_digest
from qfl.security.profiles import ML_DSA_65
from qfl.security.roster import Roster, RosterRow
from qfl.security.signing import Signer, generate
from qfl.security.updates import Expected, ReplayGuard, answer, form_of, sign_update, verify_update

NEXT_CENTURY = 4_102_444_800  # Unix time in seconds


@dataclass(frozen=True)
class Exchange:
    """One update on its way, with everything that the server judges it by."""

    signers: dict[Any, Signer]
    claims: UpdateClaims
    arrays: dict[str, np.ndarray]
    metrics: dict[str, Any]
    expected: Expected
    roster: Roster
    burned: ReplayGuard
    envelope: bytes

    def verify(self) -> UpdateClaims:
        return verify_update(self.envelope, self.arrays, self.metrics, self.expected, self.roster, self.burned)

    def signed(self, signer: Signer | None = None, **changes: Any) -> "Exchange":
        """The same exchange with other claims, properly signed by the client or by someone else."""
        claims = replace(self.claims, **changes)
        envelope = sign_update(claims, signer or self.signers[self.claims.client])
        return replace(self, claims=claims, envelope=envelope)


@pytest.fixture(scope="session")
def signers() -> dict[Any, Signer]:
    return {who: generate(ML_DSA_65) for who in ("authority", "server", "stranger", 0, 1, 2)}


@pytest.fixture(scope="session")
def roster(signers) -> Roster:
    rows = tuple(RosterRow(client, signers[client].key, max_examples=500) for client in (0, 1, 2))
    return Roster(3, NEXT_CENTURY, signers["server"].key, rows)


@pytest.fixture
def exchange(signers, roster) -> Exchange:
    model = {"angles": np.linspace(-3, 3, 100)}
    broadcast = BroadcastClaims(
        run_id=bytes(range(16)),
        round=4,
        nonce=bytes(16),
        model=tensor_digest(model),
        task=bytes(32),
        roster_version=roster.version,
        config=config_digest({}),
    )
    arrays = {"angles": model["angles"] + 0.25}
    metrics = {"num-examples": 96, "loss": 0.5}
    server = roster.server.thumbprint
    claims = answer(broadcast, server, 1, 96, arrays, metrics)
    return Exchange(
        signers=signers,
        claims=claims,
        arrays=arrays,
        metrics=metrics,
        expected=Expected(broadcast, server, 1, form_of(model)),
        roster=roster,
        burned=ReplayGuard(),
        envelope=sign_update(claims, signers[1]),
    )
