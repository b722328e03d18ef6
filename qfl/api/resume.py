"""Go on with a run: a resumed run is the same run, so it takes its settings from the run folder."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from qfl.config import KEYS, Settings, Value, flatten_toml, parse_override, read_toml
from qfl.config.fields import as_toml
from qfl.errors import ConfigError, RunFolderError
from qfl.given import is_given

MAY_GROW = "rounds"


def resumed_settings(folder: str, file: str | None, overrides: Iterable[str]) -> Settings:
    """Return the settings of the run in ``folder``, to be continued; only ``rounds`` may be raised.

    Args:
        folder: A run folder that was interrupted, or that is to have more rounds.
        file: A run file, if one was given: what it sets must be what the run was started with.
        overrides: ``key=value`` words, under the same rule.

    Raises:
        RunFolderError: If the folder is no run, is damaged, or has nothing left to do.
        ConfigError: If a setting differs from the run's own.
    """
    asked = (flatten_toml(read_toml(file)) if file else {}) | dict(parse_override(text) for text in overrides)
    return continued(folder, asked)


def continued(folder: str | Path, asked: Mapping[str, Any]) -> Settings:
    """Return the settings of the run in ``folder``, to be continued; only ``rounds`` may be raised.

    Args:
        folder: As for `resumed_settings`.
        asked: Flat settings, which must be what the run was started with. An object that was handed over stands for
            the one that the run began with.

    Raises:
        RunFolderError: If the folder is no run, is damaged, or has nothing left to do.
        ConfigError: If a setting differs from the run's own.
    """
    from qfl.results import RunFolder

    run = RunFolder(folder)
    header = run.header
    own = _own_settings(run.settings, run.path)
    wanted = Settings.from_flat(own.to_flat() | dict(asked))
    faults = [*_differences(own, wanted), *_growth_faults(own, wanted, run.path)]
    if faults:
        raise ConfigError(faults)
    if header.get("status") == "completed" and wanted.rounds == own.rounds:
        raise RunFolderError(
            f"{folder} is complete ({own.rounds} rounds), so there is nothing to resume; "
            f"to train it further give --set rounds={2 * own.rounds}"
        )
    return replace(wanted, run=replace(wanted.run, folder=str(run.path), resume=True, start_from=own.run.start_from))


def _own_settings(flat: object, path: Path) -> Settings:
    try:
        return Settings.from_flat(flat if isinstance(flat, dict) else {"settings": "absent"})
    except ConfigError as error:
        faults = "; ".join(error.faults)[:500]
        raise RunFolderError(
            f"the settings in {path / 'run.json'} cannot be read ({faults}); resume it with the version that made it"
        ) from None


def _differences(own: Settings, wanted: Settings) -> list[str]:
    before, after = own.to_flat(), wanted.to_flat()
    changed = [key for key in KEYS if key != MAY_GROW and not key.startswith("run.") and not _same(key, before, after)]
    return [
        f"{key} = {as_toml(after[key])} differs from the run's own {as_toml(before[key])}; "
        "a resumed run keeps its settings (only rounds may grow): leave it out, or start a new run"
        for key in changed
    ]


def _same(key: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    # a run on Ray writes its paths down as absolute ones
    if key in ("data.root", "security.keys"):
        return Path(str(before[key])).resolve() == Path(str(after[key])).resolve()
    return before[key] == after[key] or (is_given(before[key]) and is_given(after[key]))


def _growth_faults(own: Settings, wanted: Settings, path: Path) -> list[str]:
    scheduled = [name for name in ("train", "strategy") if getattr(own, name).schedule != "constant"]
    private = own.privacy.mechanism != "none" and own.privacy.noise_multiplier is None
    if wanted.rounds > own.rounds and private:
        return [
            f"rounds cannot grow from {own.rounds} to {wanted.rounds}: privacy.epsilon sets the noise with which the "
            "budget lasts for all rounds, so the ones already done had too little; start a new run"
        ]
    if wanted.rounds < own.rounds:
        return [f"rounds = {wanted.rounds} is fewer than the {own.rounds} of {path.name}; rounds may only grow"]
    if wanted.rounds > own.rounds and scheduled:
        return [
            f"rounds cannot grow from {own.rounds} to {wanted.rounds}: {scheduled[0]}.schedule spreads the step size "
            "over all rounds, so the ones already done would have been others; start a new run"
        ]
    return []
