"""Route every hour's demands by every method, once; what the folder holds is not routed again."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
from qfl.backbone.applications.traffic.blocks import SAMPLERS, block_descent, draw_block
from qfl.backbone.applications.traffic.heuristics import (
    descend,
    equal_cost_utilisation,
    greedy,
    reweighted,
    shortest,
)
from qfl.backbone.applications.traffic.linear import exact, utilisation_bound
from qfl.backbone.applications.traffic.routing import Choice, Routing, routing
from qfl.backbone.applications.traffic.surrogate import optimise, surrogate
from qfl.backbone.orchestration.policy.features import problem_features
from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.studies.jobs import run_jobs
from qfl.studies.request import Request
from qfl.tables import Table, count, number, positive, read_table, text, whole

from .traffic_settings import Day

Row = dict[str, Any]
METHODS = {
    "shortest": "shortest path",
    "ecmp": "equal-cost splitting (ECMP)",
    "greedy": "greedy; verified: one-move descent from it",
    "reweighted": "reweighted descent",
    "milp": "mixed-integer program (HiGHS)",
    "annealing": "annealing of the quadratic model",
    "random": "blocks: uniform draws (control)",
    "qaoa": "blocks: QAOA",
    "enumeration": "blocks: all routings (control)",
}
ROUTED = Table(
    "routed",
    ("hour", "method"),
    {
        "hour": whole,
        "method": text,
        "demand_mbps": positive,
        "bound": positive,
        "raw": positive,
        "verified": positive,
        "broken": whole,
        "seconds": count,
    },
)
SEEN = Table(
    "features",
    ("hour",),
    {"hour": whole, "variables": whole, "density": number, "roughness": number, "spread": number},
)


def measure(request: Request, day: Day) -> dict[str, list[Row]]:
    """Return a row for each hour and method, and a row for each hour with the features of its first block."""
    done = {row["hour"] for row in request.folder.rows(SEEN.name)}
    left = [hour for hour in day.hours if hour not in done]
    kept = [row for row in request.folder.rows(ROUTED.name) if row["hour"] in done]
    request.folder.replace(ROUTED.name, kept)  # an hour that was cut short is routed anew
    jobs = [(_hour, (hour, day)) for hour in left]
    for number_done, (routed, features) in enumerate(run_jobs(jobs, day.processes), start=1):
        request.folder.append(ROUTED.name, routed)
        request.folder.append(SEEN.name, [features])
        request.show(f"{number_done} of {len(jobs)} hours")
    return {table.name: read_table(request.folder, table) for table in (ROUTED, SEEN)}


def _hour(hour: int, day: Day) -> tuple[list[Row], Row]:
    matrix = hourly_demands(hour, seed=day.seed, total_mbps=day.total_mbps)
    problem = routing(ABILENE, matrix, day.paths)
    same = {"hour": hour, "demand_mbps": float(matrix.sum()), "bound": utilisation_bound(problem)}
    rows = [same | {"method": name} | row for name, row in _routed(problem, day).items()]
    start = perf_counter()
    split = equal_cost_utilisation(ABILENE, matrix)
    took = perf_counter() - start
    rows.append(same | {"method": "ecmp", "raw": split, "verified": split, "broken": 0, "seconds": took})
    block = problem.block(draw_block(problem, greedy(problem), day.qubits, day.seed, 0).tolist(), greedy(problem))
    model = surrogate(block)
    reduced = reduce(model).model
    features = problem_features(reduced if reduced.num_variables else model, seed=day.seed)
    return rows, {"hour": hour} | vars(features)


def _routed(problem: Routing, day: Day) -> dict[str, Row]:
    classical: dict[str, Callable[[Routing], Choice]] = {
        "shortest": shortest,
        "greedy": greedy,
        "reweighted": reweighted,
        "milp": lambda problem: exact(problem, seconds=day.milp_s)[0],
    }
    rows = {name: _classical(problem, method) for name, method in classical.items()}
    answers = {"annealing": optimise(problem, "annealing", seed=day.seed, reads=day.reads)}
    blocks = {"blocks": day.blocks, "variables": day.qubits, "reads": day.draws}
    answers |= {name: block_descent(problem, name, seed=day.seed, **blocks) for name in SAMPLERS}
    for name, own in answers.items():
        rows[name] = {"raw": own.raw, "verified": own.utilisation, "broken": own.broken, "seconds": own.seconds}
    return rows


def _classical(problem: Routing, method: Callable[[Routing], Choice]) -> Row:
    start = perf_counter()
    choice = method(problem)
    verified = problem.utilisation(descend(problem, choice))
    took = perf_counter() - start
    return {"raw": problem.utilisation(choice), "verified": verified, "broken": 0, "seconds": took}
