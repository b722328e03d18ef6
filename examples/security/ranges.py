"""Settings of a study from a run file's flat keys, each number within its range; one sentence for each that is not."""

from collections.abc import Mapping
from typing import Any

from qfl.errors import ConfigError

Range = tuple[float, float]


def in_ranges(asked: Mapping[str, Any], numbers: Mapping[str, Range], lists: Mapping[str, Range]) -> dict[str, Any]:
    """Return the settings under the names of Python, lists as tuples.

    Args:
        asked: The keys of the run file.
        numbers: Least and largest value of each number.
        lists: Of each list, those of its numbers; it holds one or more.

    Raises:
        ConfigError: With a sentence for each that is out of range.

    Example:
        >>> in_ranges({"pgd-steps": 3, "epsilons": [0.1]}, {"pgd-steps": (1, 9)}, {"epsilons": (0, 1)})
        {'pgd_steps': 3, 'epsilons': (0.1,)}
    """
    faults = [
        f"{key} = {asked[key]}; give a number from {low:g} to {high:g}"
        for key, (low, high) in numbers.items()
        if not _within(asked[key], low, high)
    ]
    faults += [
        f"{key} = {asked[key]}; give a list of different numbers from {low:g} to {high:g}"
        for key, (low, high) in lists.items()
        if not asked[key]
        or not all(_within(number, low, high) for number in asked[key])
        or len(set(asked[key])) < len(asked[key])
    ]
    if faults:
        raise ConfigError(faults)
    found = {key: asked[key] for key in numbers} | {key: tuple(asked[key]) for key in lists}
    return {key.replace("-", "_"): value for key, value in found.items()}


def _within(number: Any, low: float, high: float) -> bool:
    return isinstance(number, int | float) and low <= number <= high
