"""What goes with an attack: a sentence for each setting that could not have the attack, or would make it another."""

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from qfl.config.attack import AttackSettings
from qfl.config.named_clients import client_faults
from qfl.config.subjects import num_features
from qfl.extend import is_reference
from qfl.specs import ATTACKS, labels_of

if TYPE_CHECKING:
    from qfl.config.settings import Settings

SAMPLES = tuple(name for name, spec in ATTACKS.items() if spec.samples)
TRIGGERS = tuple(name for name in SAMPLES if name != "label-flip")


def attack_faults(s: "Settings") -> Iterator[str]:
    """Yield a sentence for everything that an attack cannot be together with.

    Args:
        s: The settings, each within its own range.
    """
    own, default = s.attack, AttackSettings()
    if not own.on:
        for each in fields(own):
            if each.name not in ("name", "my") and getattr(own, each.name) != getattr(default, each.name):
                yield f"attack.{each.name.replace('_', '-')} goes with attack.name; name an attack, or leave it out"
        return
    yield from _simulated(s)
    if not list(client_faults(s.clients)) and not own.count(s.clients.count):
        yield (
            f"attack.share = {own.share:g} of clients.count = {s.clients.count} is no client; give more, or leave "
            "[attack] out"
        )
    if own.name in SAMPLES and labels_of(s.task) != "classes":
        yield f"attack.name = {own.name!r} poisons samples with labels, and task = {s.task!r} has none; use another"
    if own.sees == "all" and not (own.name in ATTACKS and ATTACKS[own.name].colludes) and not is_reference(own.name):
        yield f"attack.sees = 'all' is for attacks that read others' updates, not {own.name!r}; leave it out"


def _simulated(s: "Settings") -> Iterator[str]:
    """Yield why an attack cannot run on a backend: on hosts it would be the server that tells others to misbehave."""
    name = s.attack.name
    if s.backend == "deployed":
        yield (
            f"attack.name = {name!r} with backend = 'deployed': no server may tell other people's hosts to misbehave; "
            "attacks are simulated, use backend = 'vectorised'"
        )
    elif s.backend != "vectorised" and (is_reference(name) or ATTACKS[name].colludes):
        yield (
            f"attack.name = {name!r} reads updates of several clients, and backend = {s.backend!r} trains each by "
            "itself; use 'vectorised'"
        )


def attack_fits_the_data(s: "Settings", pixels: int, labels: int) -> Iterator[str]:
    """Yield why a trigger does not fit samples of so many features and labels.

    Args:
        s: The settings, each within its own range.
        pixels: Features of a sample as it is read.
        labels: Classes.
    """
    if s.attack.name not in TRIGGERS:
        return
    features = num_features(s.data, pixels)
    if s.attack.target >= labels:
        yield f"attack.target = {s.attack.target}, but there are labels 0 to {labels - 1}; give one of them"
    if s.attack.features >= features:
        yield f"attack.features = {s.attack.features} of {features} features leave nothing of a sample; give fewer"
