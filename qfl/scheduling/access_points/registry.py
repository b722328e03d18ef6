"""The methods by name; what each does is the first line of its file."""

from collections.abc import Callable

from qfl.errors import ConfigError
from qfl.scheduling.access_points import annealing, best_response, exhaustive, greedy, matching, random, search
from qfl.scheduling.access_points.problem import Users

METHODS: dict[str, Callable[..., Users]] = {
    "random": random.solve,
    "algorithm4": search.solve,
    "matching": matching.solve,
    "greedy": greedy.solve,
    "best_response": best_response.solve,
    "annealing": annealing.solve,
    "exhaustive": exhaustive.solve,
}


def method(name: str) -> Callable[..., Users]:
    """Return a method: call it with the problem and a seed.

    Raises:
        ConfigError: If there is none of that name.
    """
    if name not in METHODS:
        raise ConfigError(f"no method {name!r} assigns access points; give one of {', '.join(METHODS)}")
    return METHODS[name]
