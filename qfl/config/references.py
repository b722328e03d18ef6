"""The settings that name objects of the user's own, and where their files are."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.config.listed import joined, words_of
from qfl.config.setting import settings_of
from qfl.extend import in_app, is_reference

if TYPE_CHECKING:
    from qfl.config.settings import Settings

FREE = {"strategy.name", "radio.solver"}  # words that other tables look up, so that they have no choices here


def references(settings: "Settings") -> dict[str, str]:
    """Return every reference to an object of the user's own, by the key of its setting.

    Example:
        >>> from qfl.config import Settings
        >>> references(Settings.from_flat({"data.name": "links.py:load"}))
        {'data.name': 'links.py:load'}
    """
    flat = settings.to_flat()
    return {key: str(value) for key, value in flat.items() if takes_own(settings, key) and is_reference(value)}


def own_sinks(settings: "Settings") -> list[str]:
    """Return the references among ``run.sinks``; they change no number of a run, so they are not among `references`."""
    return [name for name in words_of(settings.run.sinks) if is_reference(name)]


def placed(settings: "Settings", app: Path, beside: Path) -> "Settings":
    """Return settings whose references are those of the app's folder, whatever folder the run file lies in.

    Args:
        settings: As a run file has them.
        app: The app's folder.
        beside: The run file's folder, where a file is looked for first.
    """
    for key, reference in references(settings).items():
        found = in_app(reference, app, beside)
        if found != reference:
            table, _, name = key.rpartition(".")
            changed: dict[str, Any] = {name.replace("-", "_"): found}
            if table:
                subject: Any = replace(getattr(settings, table), **changed)
                changed = {table: subject}
            settings = replace(settings, **changed)
    if own_sinks(settings):
        names = [in_app(name, app, beside) if is_reference(name) else name for name in words_of(settings.run.sinks)]
        settings = replace(settings, run=replace(settings.run, sinks=joined(names)))
    return settings


def takes_own(settings: "Settings", key: str) -> bool:
    """Return whether a setting takes a reference to an object of the user's own.

    Args:
        settings: Any.
        key: Flat, as a run file has it.

    Example:
        >>> from qfl.config import Settings
        >>> takes_own(Settings(), "strategy.name"), takes_own(Settings(), "rounds")
        (True, False)
    """
    table, _, name = key.replace("-", "_").rpartition(".")
    subject: Any = getattr(settings, table) if table else settings
    own = settings_of(subject.__class__).get(name)
    return key in FREE or (own is not None and own.own)
