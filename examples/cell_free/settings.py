"""The settings of Fig. 4 from the example's file: a network, a sweep, and how many channels."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from qfl.errors import ConfigError
from qfl.wireless.cell_free import user_centric
from qfl.wireless.cell_free.network import CellFree, check
from qfl.wireless.cell_free.user_centric import UserCentric

COUNTS = ("trials", "hard-trials", "sdp-trials", "large.trials")
EPOCHS = "published-epochs"  # which a file of before need not have
LISTS = ("snr-db", "interference")


@dataclass(frozen=True)
class Fig4:
    """What is measured.

    Args:
        network: At the first point of the sweep.
        snr_db: Of the sweep.
        interference: Of the sweep.
        trials: Channels at each point.
        hard_trials: Of them, for what takes long.
        sdp_trials: Of them, for the semidefinite program.
        large: The user-centric network.
        large_trials: Channels of it.
    """

    network: CellFree
    snr_db: tuple[float, ...]
    interference: tuple[float, ...]
    trials: int
    hard_trials: int
    sdp_trials: int
    large: UserCentric
    large_trials: int


def settings_of(given: Mapping[str, Any]) -> Fig4:
    """Return the settings from the flat keys of the file.

    Raises:
        ConfigError: If a key is unknown or missing, or a value out of range; keys first, all at once.
    """
    outer = {key: value for key, value in given.items() if "." not in key and key not in (*COUNTS, *LISTS, EPOCHS)}
    inner = {key.removeprefix("large."): value for key, value in given.items() if "." in key and key not in COUNTS}
    unknown = [*_unknown(CellFree, outer), *_unknown(UserCentric, inner)]
    if faults := [*unknown, *_missing(given), *_counts(given), *_lists(given)]:
        raise ConfigError(faults)
    snr_db, interference = (tuple(float(value) for value in given[key]) for key in LISTS)
    network = _filled(CellFree, outer | {"snr-db": snr_db[0], "interference": interference[0]})
    for factor in interference:
        for snr in snr_db:
            check(_filled(CellFree, outer | {"snr-db": snr, "interference": factor}))
    if network.coherent:
        raise ConfigError("coherent is true, but the article's rates and every search here are not; leave it out")
    large = _filled(UserCentric, inner)
    user_centric.check(large)
    trials, hard_trials, sdp_trials, large_trials = (given[key] for key in COUNTS)
    return Fig4(network, snr_db, interference, trials, hard_trials, sdp_trials, large, large_trials)


def _unknown(kind: type, given: Mapping[str, Any]) -> list[str]:
    known = {field.name.replace("_", "-") for field in fields(kind)}
    return [
        f"{key} is no setting of {kind.__name__}; give one of {', '.join(sorted(known))}"
        for key in sorted(given.keys() - known)
    ]


def _missing(given: Mapping[str, Any]) -> list[str]:
    return [
        f"{key} is missing; give it as in examples/cell_free/fig4.toml" for key in (*COUNTS, *LISTS) if key not in given
    ]


def _counts(given: Mapping[str, Any]) -> list[str]:
    def whole(key: str) -> bool:
        return type(given[key]) is int and given[key] >= 1

    present = [key for key in (*COUNTS, EPOCHS) if key in given]
    faults = [f"{key} is {given[key]!r}; give a whole number from 1 on" for key in present if not whole(key)]
    if faults or "trials" not in given:
        return faults
    return [
        f"{key} is {given[key]} and trials is {given['trials']}; give at most as many"
        for key in ("hard-trials", "sdp-trials")
        if key in given and given[key] > given["trials"]
    ]


def _lists(given: Mapping[str, Any]) -> list[str]:
    def numbers(value: Any) -> bool:
        return isinstance(value, list) and bool(value) and all(type(one) in (int, float) for one in value)

    return [
        f"{key} is {given[key]!r}; give a list of at least one number"
        for key in LISTS
        if key in given and not numbers(given[key])
    ]


def _filled(kind: type, given: Mapping[str, Any]) -> Any:
    types = {field.name: type(field.default) for field in fields(kind)}
    values = {key.replace("-", "_"): value for key, value in given.items()}
    faults = [
        f"{key.replace('_', '-')} is no setting of {kind.__name__}; leave it out" for key in values.keys() - types
    ]
    faults += [
        f"{key.replace('_', '-')} is {value!r}; give a value of type {types[key].__name__}"
        for key, value in values.items()
        if not (type(value) is types[key] or (types[key] is float and type(value) is int))
    ]
    if faults:
        raise ConfigError(faults)
    return kind(**values)
