"""Personal entries: those of the angle vector that every client trains for itself, keeps, and never sends.

In their place a client sends back what it received, so layout, signatures and rules stay as they are, and the server
learns nothing: it has the initial values for ever. A client begins with these, and then with its own of the last round
that was taken (`qfl.federation.kept`). What it reports of the received angles, loss and figure of merit, is with its
own entries in place.

Reference: Arivazhagan et al., Federated Learning with Personalization Layers, 2019, arXiv:1912.00818.
"""

import numpy as np
from numpy.typing import NDArray

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.config.listed import words_of
from qfl.errors import ConfigError

SHOWN = 6


def personal_entries(settings: Settings, layout: AngleLayout) -> NDArray[np.int64]:
    """Return the indices of the entries that ``train.personal`` names, in ascending order.

    Each of its words, between commas, is an entry's name, or what stands before a ``.`` or ``/`` in names: ``bias``
    takes ``bias.0``, ``bias.1``, ...

    Args:
        settings: The run's.
        layout: Of the model.

    Raises:
        ConfigError: If a word names no entry, or nothing is left to be shared.

    Example:
        >>> layout = AngleLayout(("a", "log-scale", "bias.0", "bias.1"), (6.28, *[float("inf")] * 3))
        >>> personal_entries(Settings.from_flat({"train.personal": "bias, log-scale"}), layout)
        array([1, 2, 3])
    """
    words = words_of(settings.train.personal)
    for word in words:
        if not any(_names(word, name) for name in layout.names):
            raise ConfigError(
                f"train.personal names {word!r}, which no entry of model.name = {settings.model.name!r} is called; "
                f"its entries are {_some(layout)}"
            )
    found = [place for place, name in enumerate(layout.names) if any(_names(word, name) for word in words)]
    if len(found) == len(layout):
        raise ConfigError("train.personal names all entries of the model, so nothing would be shared; name fewer")
    return np.array(found, dtype=np.int64)


def _names(word: str, name: str) -> bool:
    return name == word or name.startswith((f"{word}.", f"{word}/"))


def _some(layout: AngleLayout) -> str:
    """Return the last entries first: what is no angle comes last."""
    shown = ", ".join(reversed(layout.names[-SHOWN:]))
    return shown if len(layout) <= SHOWN else f"{shown} and {len(layout) - SHOWN} more"
