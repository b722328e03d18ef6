"""Clients of different depth: each trains the first layers of the circuit, as many as its hardware bears.

``clients.layers = "20,40,60"`` deals depths out in turn: clients 0, 3, 6, ... train the first 20 layers, and so on.
With as many numbers as clients each has its own. A client's model is the same circuit cut off after its layers, with
the same head; its entries are those of the whole model that have the same names, and what it lacks it sends back as it
came.

Reference: Quorus, 2025, arXiv:2510.06228, for clients of different depth; the mean over those that train an entry is
`strategies/heterofl.py`.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

import numpy as np
from jaxtyping import Int

from qfl.config import Settings
from qfl.config.listed import words_of
from qfl.errors import ConfigError
from qfl.models.vqc import Vqc
from qfl.tasks.federation import Federation


def client_layers(settings: Settings) -> tuple[int, ...]:
    """Return the depth of every client; empty where all train the whole circuit.

    Raises:
        ConfigError: If the list holds anything but numbers from 1 to ``model.layers``, or is longer than the clients.

    Example:
        >>> shape = {"clients.count": 5, "clients.layers": "2,4", "model.layers": 4}
        >>> client_layers(Settings.from_flat(shape | {"strategy.name": "heterofl"}))
        (2, 4, 2, 4, 2)
    """
    words = words_of(settings.clients.layers)
    most, count = settings.model.layers, settings.clients.count
    for word in words:
        if not (word.isascii() and word.isdigit() and len(word) < 9 and 1 <= int(word) <= most):
            raise ConfigError(
                f"clients.layers holds {word[:40]!r}; expected numbers of layers from 1 to model.layers = {most}"
            )
    if len(words) > count:
        raise ConfigError(f"clients.layers has {len(words)} numbers for {count} clients; give at most one for each")
    return tuple(int(words[client % len(words)]) for client in range(count)) if words else ()


@lru_cache(maxsize=16)
def at_depth(federation: Federation, num_layers: int) -> tuple[Federation, Int[np.ndarray, " own"]]:
    """Return the federation of a client of a depth, and which entries of the whole vector are its own.

    Args:
        federation: Of a `Vqc`.
        num_layers: From 1 to ``model.layers``.

    Raises:
        ConfigError: If the circuit of fewer layers is not the beginning of the whole one.
    """
    whole = cast(Vqc, federation.model)
    settings = replace(federation.settings.model, layers=num_layers)
    part = Vqc(settings, whole.circuit.num_features, len(whole.circuit.observables), whole.execute)
    places = {name: place for place, name in enumerate(whole.layout.names)}
    if part.circuit.gates != whole.circuit.gates[: len(part.circuit.gates)] or not set(part.layout.names) <= set(
        places
    ):
        raise ConfigError(
            f"clients.layers = {federation.settings.clients.layers!r}: model.ansatz = {settings.ansatz!r} of "
            f"{num_layers} layers is not the beginning of that of {federation.settings.model.layers}; leave it out"
        )
    task = replace(cast(Any, federation.task), model=part)
    return replace(federation, model=part, task=task), np.array([places[name] for name in part.layout.names])
