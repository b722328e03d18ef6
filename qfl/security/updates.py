"""Signed updates and broadcasts: a client's answer bound to one question of one server, and the question itself.

What a signature does not do: it does not stop an enrolled client from lying about its number of examples below the
enrolled bound (bound the weights), nor from sending a poisoned model (aggregate robustly). Metrics are claims.

Angles: theta and theta + 2 pi are one circuit but different bits; wrap before signing.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.security.claims import (
    BroadcastClaims,
    UpdateClaims,
    config_digest,
    decode,
    encode,
    metrics_digest,
    tensor_digest,
)
from qfl.security.envelope import BROADCAST, UPDATE, open_envelope, sign
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.signing import Signer

Arrays = Mapping[str, NDArray[Any]]
Form = dict[str, tuple[str, tuple[int, ...]]]  # name -> (dtype, shape)
WEIGHT = "num-examples"  # the metric by which Flower's strategies weight; it must not contradict the claim


@dataclass(frozen=True)
class Expected:
    """What the server asked one client for; made from the server's state, never from the message.

    Args:
        broadcast: The claims that the server signed for this round.
        server: Thumbprint of the server's key.
        client: The asked client.
        form: Names, types and shapes of the arrays to come back (`form_of`).
        mode: ``"plain"``, ``"masked"``, ``"ckks"`` or ``"dp"``.
    """

    broadcast: BroadcastClaims
    server: bytes
    client: int
    form: Form
    mode: str = "plain"


class ReplayGuard:
    """The updates that were accepted: each (run, round, client) once, also when threads verify at the same time.

    Example:
        >>> burned = ReplayGuard()
        >>> burned.burn(b"run", 1, 7)
        >>> burned.burn(b"run", 1, 7)
        Traceback (most recent call last):
            ...
        qfl.errors.Rejection: replay: this client's update of this round was accepted already (round 1, client 7)
    """

    def __init__(self):
        self._burned: set[tuple[bytes, int, int]] = set()
        self._lock = threading.Lock()

    def burn(self, run_id: bytes, round_number: int, client: int) -> None:
        """Accept once.

        Args:
            run_id: 16 bytes that the server drew for the run.
            round_number: The round, 1 or more.
            client: Partition id.

        Raises:
            Rejection: ``replay`` at the second time.
        """
        with self._lock:
            if (run_id, round_number, client) in self._burned:
                raise rejection("replay", f"round {round_number}, client {client}")
            self._burned.add((run_id, round_number, client))


BurnSet = ReplayGuard  # its name before


def form_of(arrays: Arrays) -> Form:
    """Return names, types and shapes of arrays, whatever their byte order.

    Example:
        >>> form_of({"angles": np.zeros(3)})
        {'angles': ('float64', (3,))}
    """
    return {name: (array.dtype.name, array.shape) for name, array in arrays.items()}


def answer(
    broadcast: BroadcastClaims,
    server: bytes,
    client: int,
    num_examples: int,
    arrays: Arrays,
    metrics: Mapping[str, Any],
    mode: str = "plain",
) -> UpdateClaims:
    """Return the claims of a client's reply to a broadcast that it has verified.

    Args:
        broadcast: The claims that the server signed for this round.
        server: Thumbprint of the server's key, 32 bytes.
        client: This client's partition id.
        num_examples: Samples that it trained with, 1 or more.
        arrays: The update: names to arrays of integers or floats.
        metrics: Names to numbers.
        mode: Form of the arrays: ``"plain"``, ``"masked"``, ``"ckks"`` or ``"dp"``.
    """
    return UpdateClaims(
        run_id=broadcast.run_id,
        round=broadcast.round,
        nonce=broadcast.nonce,
        server=server,
        client=client,
        num_examples=num_examples,
        base_model=broadcast.model,
        task=broadcast.task,
        mode=mode,
        tensors=tensor_digest(arrays),
        metrics=metrics_digest(metrics),
    )


def sign_update(claims: UpdateClaims, signer: Signer) -> bytes:
    """Return a client's envelope; the arrays and metrics travel beside it."""
    return sign(encode(claims), signer, UPDATE)


def verify_update(
    envelope: bytes,
    arrays: Arrays,
    metrics: Mapping[str, Any],
    expected: Expected,
    roster: Roster,
    burned: ReplayGuard,
) -> UpdateClaims:
    """Return the claims of an update that is genuine, fresh, whole and asked for; then burn it.

    Checks come in this order: envelope and signature, claims, form of the arrays, digests, finiteness, replay. An
    update that fails any of them burns nothing, so that a forgery cannot keep the honest update out.

    Args:
        envelope: What `sign_update` made.
        arrays: As received.
        metrics: As received.
        expected: What this server asked this client for.
        roster: The enrolled keys.
        burned: The updates that were accepted before.

    Raises:
        Rejection: With one reason of `qfl.security.reasons.REASONS`.
    """
    payload, kid = open_envelope(envelope, UPDATE, lambda kid: roster.owner(kid).key)
    claims = decode(UpdateClaims, payload)
    _check_claims(claims, kid, expected, roster)
    _check_form(arrays, expected.form)
    if tensor_digest(arrays) != claims.tensors:
        raise rejection("tensor-digest")
    _check_metrics(claims, metrics)
    _check_finite(arrays)
    burned.burn(claims.run_id, claims.round, claims.client)
    return claims


def sign_broadcast(claims: BroadcastClaims, signer: Signer) -> bytes:
    """Return the server's envelope; one signature serves all clients of a round."""
    return sign(encode(claims), signer, BROADCAST)


def verify_broadcast(
    envelope: bytes,
    arrays: Arrays,
    roster: Roster,
    *,
    task: bytes,
    config: Mapping[str, Any] | None = None,
    run_id: bytes | None = None,
    round_number: int | None = None,
) -> BroadcastClaims:
    """Return the claims of a broadcast of the enrolled server for this client's own task.

    A repeated old broadcast is no danger to the federation: the answer carries its old round and nonce and is refused.

    Args:
        envelope: What `sign_broadcast` made.
        arrays: The model, as received.
        roster: The enrolled keys, with the server's.
        task: This client's own `task_digest`.
        config: The round's settings, as received.
        run_id: The run's id, if this client knows it.
        round_number: The round, if this client knows it.

    Raises:
        Rejection: With one reason of `qfl.security.reasons.REASONS`.
    """
    payload, _ = open_envelope(envelope, BROADCAST, roster.server_key)
    claims = decode(BroadcastClaims, payload)
    for reason, claimed, wanted in (
        ("wrong-run", claims.run_id, run_id),
        ("wrong-round", claims.round, round_number),
        ("wrong-task", claims.task, task),
    ):
        if wanted is not None and claimed != wanted:
            raise rejection(reason, f"claimed {_shown(claimed)}, expected {_shown(wanted)}")
    if claims.roster_version < roster.version:
        raise rejection("stale-roster", f"the server has version {claims.roster_version}, known is {roster.version}")
    if config_digest(config or {}) != claims.config:
        raise rejection("config-digest")
    if tensor_digest(arrays) != claims.model:
        raise rejection("tensor-digest")
    _check_finite(arrays)
    return claims


def _check_claims(claims: UpdateClaims, kid: bytes, expected: Expected, roster: Roster) -> None:
    row, asked = roster.owner(kid), expected.broadcast
    for reason, claimed, wanted in (
        ("wrong-client", claims.client, row.client),
        ("wrong-client", claims.client, expected.client),
        ("wrong-run", claims.run_id, asked.run_id),
        ("wrong-round", claims.round, asked.round),
        ("wrong-nonce", claims.nonce, asked.nonce),
        ("wrong-server", claims.server, expected.server),
        ("wrong-base", claims.base_model, asked.model),
        ("wrong-task", claims.task, asked.task),
        ("wrong-mode", claims.mode, expected.mode),
    ):
        if claimed != wanted:
            raise rejection(reason, f"claimed {_shown(claimed)}, expected {_shown(wanted)}")
    row.require_valid(asked.round)
    if not 1 <= claims.num_examples <= row.max_examples:
        raise rejection("num-examples", f"claimed {claims.num_examples}, enrolled for 1 to {row.max_examples}")


def check_arrays(arrays: Arrays, form: Form) -> None:
    """Return if arrays have the types and shapes that were asked for, and hold finite numbers.

    Args:
        arrays: As received.
        form: What was asked for.

    Raises:
        Rejection: ``wrong-tensors`` or ``not-finite``.
    """
    _check_form(arrays, form)
    _check_finite(arrays)


def _check_form(arrays: Arrays, form: Form) -> None:
    given = form_of(arrays)
    if given != form:
        raise rejection("wrong-tensors", f"given {str(given)[:120]}, expected {str(form)[:120]}")


def _check_metrics(claims: UpdateClaims, metrics: Mapping[str, Any]) -> None:
    if metrics_digest(metrics) != claims.metrics:
        raise rejection("metrics-digest")
    if WEIGHT in metrics and metrics[WEIGHT] != claims.num_examples:
        raise rejection("num-examples", f"claimed {claims.num_examples}, metrics say {metrics[WEIGHT]}")


def _check_finite(arrays: Arrays) -> None:
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise rejection("not-finite", name)


def _shown(value: Any) -> str:
    return value.hex()[:16] if isinstance(value, bytes) else str(value)
