"""Make a registry ready before the first job: what cannot be used is refused when a service starts, not in mid-job."""

from collections.abc import Callable

from qfl.backbone.runtime.templates.angles import read_angles
from qfl.backbone.runtime.templates.entry import Template
from qfl.backbone.runtime.templates.folder import Templates
from qfl.backbone.runtime.templates.structures import warm

PREPARE: dict[str, Callable[[Template], object]] = {"qubo": warm, "angles": read_angles}


def prepare(templates: Templates | None) -> None:
    """Return when every entry was read as what its kind holds; structures are compiled by then.

    Raises:
        ConfigError: If one does not hold what its kind holds.
    """
    for entry in templates.newest.values() if templates is not None else ():
        if entry.kind in PREPARE:
            PREPARE[entry.kind](entry)
