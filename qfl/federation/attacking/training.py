"""What clients send where some of them attack.

Attackers train as others do, on samples that they may have altered, and what they send may be something else; then it
is signed and sent as any update is, so that whatever stands in the way of an update stands in theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.errors import ConfigError
from qfl.federation.attacking.attack import KEY, Attack, attack_of, attacking
from qfl.federation.attacking.poisoned import poisoned
from qfl.seeds import stream
from qfl.tasks.federation import Federation
from qfl.tasks.local import UNGUIDED, ClientUpdate, Guidance, train_clients


def train_and_attack(
    federation: Federation,
    received: NDArray,
    round_number: int,
    clients: Sequence[int],
    guidance: Guidance = UNGUIDED,
) -> list[ClientUpdate]:
    """Return what clients send after training, in order: honest updates, and what attackers make of theirs.

    Args:
        federation: Data, model and task, and the settings that say who attacks.
        received: The broadcast angle vector, [angle].
        round_number: From 1.
        clients: Partition ids.
        guidance: What steers their steps besides, in their order.

    Raises:
        ConfigError: If an attack of the user's own gives no updates, or no samples.
    """
    attackers = attacking(federation.settings, round_number)
    bad = [client for client in clients if client in attackers]
    if not bad:
        return train_clients(federation, received, round_number, clients, guidance)
    attack = attack_of(federation.settings)
    honest = [client for client in clients if client not in bad]
    found: dict[int, ClientUpdate] = {}
    for own, members in ((federation, honest), (poisoned(federation, attack), bad)):
        if members:
            steered = guidance.of(*map(list(clients).index, members))
            found |= {each.client: each for each in train_clients(own, received, round_number, members, steered)}
    if attack.updates:
        found |= _sent(federation, received, round_number, attack, bad, found)
    return [found[client] for client in clients]


def _sent(
    federation: Federation,
    received: NDArray,
    round_number: int,
    attack: Attack,
    bad: Sequence[int],
    trained: Mapping[int, ClientUpdate],
) -> dict[int, ClientUpdate]:
    """Return the attackers' updates as they are sent: one call for all, or one for each where each is alone."""
    assert attack.updates is not None
    settings = federation.settings
    honest = [each.angles for client, each in trained.items() if client not in bad]
    seen = np.stack(honest) if honest and settings.attack.sees == "all" else np.zeros((0, len(received)))
    found: dict[int, ClientUpdate] = {}
    for group in [bad] if attack.colludes else [[client] for client in bad]:
        updates = np.stack([trained[client].angles for client in group])
        sent = attack.call(
            attack.updates,
            angles=np.asarray(received),
            updates=updates,
            others=seen.astype(updates.dtype),
            layout=federation.model.layout,
            share=settings.attack.count(settings.clients.count) / settings.clients.count,
            round_number=round_number,
            rng=stream(settings.seed, "attack", round_number, group[0]),
        )
        for client, angles in zip(group, _as_many(sent, updates), strict=True):
            found[client] = replace(trained[client], angles=angles)
    return found


def _as_many(sent: Any, updates: NDArray) -> NDArray:
    """Return an attack's updates in the precision of the run; numbers beyond it become infinite.

    Raises:
        ConfigError: If they are not as many as attackers and angles.
    """
    angles = np.asarray(sent)
    if angles.shape != updates.shape or angles.dtype.kind not in "fiu":
        raise ConfigError(f"{KEY} gave an array of shape {angles.shape}, expected numbers of shape {updates.shape}")
    with np.errstate(over="ignore"):
        return angles.astype(updates.dtype)
