"""What a structure that is known saves: the same work for the first job of a structure, and for the later ones.

Two parts of a job do not depend on its numbers: the paths of a backbone's demands, and the rows of the linear
relaxation. Each is measured with its structure forgotten and known, for jobs of different numbers; both must give the
same bit for bit.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import dimod
import numpy as np

from qfl.backbone.applications.posed import pose
from qfl.backbone.applications.ris import draw_channels
from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
from qfl.backbone.applications.traffic.paths import forget_paths
from qfl.backbone.runtime.structure import compiled, structure_of
from qfl.backbone.runtime.templates.angles import learn_angles
from qfl.seeds import stream

VARIABLES, COUPLINGS = 400, 4000  # of the models whose relaxation is built
SURFACES = 16  # that angles are learned from, half of them held out


def templates(repeats: int = 9) -> dict[str, Any]:
    """Return milliseconds with the structure forgotten and known, their ratio, and whether both gave the same.

    ``cached_over_fresh_ms`` is the ratio for a traffic request as a whole: from plain values to its model. ``angles``
    has the mean normalised reward of QAOA on surfaces that were held out, by learned and by fixed angles.

    Args:
        repeats: Jobs of one structure, each with numbers of its own; medians over these.

    Example:
        >>> found = templates(1)
        >>> found["traffic"]["identical"] and found["relaxation"]["identical"]
        True
    """
    requests, models = [_request(hour) for hour in range(repeats)], [_model(seed) for seed in range(repeats)]
    traffic = _beside([lambda r=r: _numbers(pose("traffic", r).model) for r in requests], forget_paths)
    relaxation = _beside([lambda m=m: _relaxation(m) for m in models], compiled.cache_clear)
    ratio = traffic["cached_ms"] / traffic["fresh_ms"]
    _, angles = learn_angles("ris", [_surface(seed) for seed in range(SURFACES)])
    return {"cached_over_fresh_ms": ratio, "traffic": traffic, "relaxation": relaxation, "angles": angles}


def _beside(jobs: list[Callable[[], list[Any]]], forget: Callable[[], object]) -> dict[str, Any]:
    """Return medians over jobs, each run with its structure forgotten and then with it known.

    Args:
        jobs: Each returns arrays.
        forget: Forgets all structures.
    """
    fresh, cached, same = list[float](), list[float](), True
    for job in jobs:
        forget()
        first, took = _timed(job)
        again, took_again = _timed(job)
        fresh.append(took)
        cached.append(took_again)
        same = same and all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    found = {"fresh_ms": 1000 * median(fresh), "cached_ms": 1000 * median(cached)}
    return found | {"ratio": found["cached_ms"] / found["fresh_ms"], "identical": same}


def _timed(job: Callable[[], list[Any]]) -> tuple[list[Any], float]:
    start = perf_counter()
    return job(), perf_counter() - start


def _numbers(model: dimod.BinaryQuadraticModel) -> list[Any]:
    structure, linear, couplings = structure_of(model)
    return [np.frombuffer(structure.first, np.int32), np.frombuffer(structure.second, np.int32), linear, couplings]


def _relaxation(model: dimod.BinaryQuadraticModel) -> list[Any]:
    structure, linear, couplings = structure_of(model)
    matrix, limits = compiled(structure).relaxation(couplings < 0)
    return [matrix.data, matrix.indices, matrix.indptr, limits, linear, couplings]


def _request(hour: int) -> dict[str, Any]:
    demands = hourly_demands(hour % 24, seed=1)
    links = [[a, b, capacity] for (a, b), capacity in zip(ABILENE.links, ABILENE.capacity, strict=True)]
    rows = [[ABILENE.nodes[a], ABILENE.nodes[b], float(demands[a, b])] for a, b in np.argwhere(demands > 0)]
    return {"links": links, "demands": rows}


def _surface(seed: int) -> dimod.BinaryQuadraticModel:
    pairs = [np.stack([np.real(each), np.imag(each)], -1).tolist() for each in draw_channels(10, 4, 0.3, seed)]
    return pose("ris", {"direct": pairs[0], "cascaded": pairs[1]}).model


def _model(seed: int) -> dimod.BinaryQuadraticModel:
    places, draw = stream(0, "bench", "templates", "places"), stream(seed, "bench", "templates")
    pairs = places.choice(VARIABLES * (VARIABLES - 1) // 2, COUPLINGS, replace=False)
    first, second = (each[pairs] for each in np.triu_indices(VARIABLES, 1))
    signs = places.choice([-1.0, 1.0], COUPLINGS)  # the rows follow from them, too
    couplings = signs * draw.random(COUPLINGS)
    return dimod.BinaryQuadraticModel(
        dict(enumerate(draw.normal(size=VARIABLES))),
        dict(zip(zip(first.tolist(), second.tolist(), strict=True), couplings.tolist(), strict=True)),
        "BINARY",
    )
