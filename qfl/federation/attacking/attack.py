"""Who attacks a simulated run, and with what: a function of `qfl.testing.attacks`, or somebody's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from qfl.config import Settings
from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_object, load_own
from qfl.own_calls import own_arguments, taken
from qfl.seeds import stream
from qfl.specs import ATTACKS

KEY = "attack.name"
ON_UPDATES = ("angles", "updates", "others", "layout", "share", "round_number", "rng", "strength")
ON_SAMPLES = ("inputs", "labels", "num_labels", "largest", "poisoned", "target", "features", "rng", "strength")


@dataclass(frozen=True, eq=False)
class Attack:
    """An attack, ready to be called.

    Args:
        updates: Makes attackers' updates; None where they send what they trained.
        samples: Alters attackers' samples; None where they leave them.
        strength: How hard.
        colludes: Whether it is called once, with the updates of all attackers.
        mine: Settings of a user's own attack.
    """

    updates: Callable[..., Any] | None
    samples: Callable[..., Any] | None
    strength: float
    colludes: bool
    mine: Mapping[str, Any]

    def call(self, function: Callable[..., Any], **offered: Any) -> Any:
        """Return what one of its functions gives, called with what its arguments name of what is offered."""
        asked = taken(function, KEY)
        given = {"strength": self.strength, **offered}
        return function(**{name: given[name] for name in asked if name in given}, **self.mine)


@lru_cache(maxsize=8)
def attack_of(settings: Settings) -> Attack:
    """Return the attack that settings name; a user's own file counts as this process read it first.

    Raises:
        ConfigError: If one of the user's own cannot be loaded or asks for what there is not.

    Example:
        >>> attack_of(Settings.from_flat({"attack.name": "scaled"})).strength
        10.0
    """
    own = settings.attack
    if is_reference(own.name):
        return _own(settings)
    spec = ATTACKS[own.name]
    updates, samples = (load_object(each) if each else None for each in (spec.updates, spec.samples))
    strength = spec.strength if own.strength is None else own.strength
    return Attack(updates, samples, strength, spec.colludes, {})


def _own(settings: Settings) -> Attack:
    own = settings.attack
    thing, mine = load_own(own.name, KEY), unfold(own.my)
    asked, strength = set(taken(thing, KEY)), own.strength or 1.0
    if "updates" in asked:
        return Attack(thing, None, strength, True, own_arguments(thing, KEY, dict.fromkeys(ON_UPDATES), mine))
    if "labels" in asked:
        return Attack(None, thing, strength, False, own_arguments(thing, KEY, dict.fromkeys(ON_SAMPLES), mine))
    raise ConfigError(f"{KEY} = {own.name!r} takes neither updates nor labels as an argument; attack one of them")


@lru_cache(maxsize=8)
def attackers_of(settings: Settings) -> frozenset[int]:
    """Return the numbers of the clients that attack: a share of all, drawn from the run's seed; none without attack.

    Example:
        >>> settings = Settings.from_flat({"attack.name": "sign-flip", "clients.count": 10})
        >>> len(attackers_of(settings)), len(attackers_of(Settings()))
        (2, 0)
    """
    count = settings.clients.count
    drawn = stream(settings.seed, "attack", "clients").choice(count, settings.attack.count(count), replace=False)
    return frozenset(map(int, drawn))


def attacking(settings: Settings, round_number: int) -> frozenset[int]:
    """Return who attacks in a round: nobody before ``attack.first-round``.

    Args:
        settings: The run's.
        round_number: From 1.
    """
    return attackers_of(settings) if round_number >= settings.attack.first_round else frozenset()
