"""``qfl bench backbone``: schedulers of quantum jobs at equal time, what decisions cost, and the policy's two gates.

Ours and the paper's annealing get the same seconds for each workload. The gap is that to the fluid bound, so the one to
the optimum is smaller. A world without advantage is real: binary problems of up to 14 variables, annealing beside our
QAOA, both verified.
"""

from functools import partial
from importlib.util import find_spec
from statistics import median
from time import perf_counter
from typing import Any

import dimod
import numpy as np

from qfl.backbone.orchestration.annealing import anneal
from qfl.backbone.orchestration.bound import bound
from qfl.backbone.orchestration.instances import WorkloadSettings, draw_arrivals, draw_workload
from qfl.backbone.orchestration.online import Outage, run_online
from qfl.backbone.orchestration.paper_annealing import paper_annealing
from qfl.backbone.orchestration.policy.decide import InvocationPolicy
from qfl.backbone.orchestration.policy.features import Context, HardwareState, problem_features
from qfl.backbone.orchestration.policy.world import World, planted, swelling
from qfl.backbone.orchestration.registry import schedule
from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.backbone.runtime.pipeline.solve import solve
from qfl.backbone.runtime.pipeline.verify import verify
from qfl.seeds import stream
from qfl.studies.bench.schedule import exponent

from .bench_sites import handing_over
from .bench_templates import templates
from .bench_traffic import by_region

ENDLESS = 10**9  # steps: the time decides
SUITE = 60


def bench_backbone(
    seeds: int = 12,
    loads: tuple[int, ...] = (4, 8, 16),
    seconds: float = 0.3,
    jobs: tuple[int, ...] = (8, 16, 32, 64),
    qpus: tuple[int, ...] = (4, 8, 16),
    decisions: int = 200,
    mixed: int = 1000,
    small: int = 24,
    arrivals: int = 12,
    repeats: int = 9,
    sites: int = 6,
    networks: tuple[int, ...] = (16, 32, 64),
) -> dict[str, Any]:
    """Return served_ratio and its least over loads, gap_to_bound, decision_ms, jobs_per_s, exponents, and the gates.

    The gates: quantum_calls in a world without advantage, regret where one job in five gains, and missed_avoidable, the
    share of deadlines missed that the backend that was not asked would have met.

    Args:
        seeds: Workloads for each load.
        loads: Jobs in the buffer.
        seconds: For each schedule of the comparison at equal time.
        jobs: Loads for the growth of a decision of 300 moves.
        qpus: Pools for the same.
        decisions: Problems after the calibration suite in a world without advantage.
        mixed: Jobs in a world where one in five gains, and in one whose classical method is late at times.
        small: Workloads of 2 to 5 jobs on 3 QPUs, whose optimum is looked for (with OR-Tools; else null).
        arrivals: Workloads of 16 jobs that arrive one by one.
        repeats: Jobs of one structure, first and later.
        sites: Workloads of three sites, at every rate and transfer.
        networks: Nodes of backbones that are routed region by region, two of each.

    Example:
        >>> least = {"decisions": 1, "mixed": 1, "small": 1, "arrivals": 1, "repeats": 1}
        >>> found = bench_backbone(1, (2,), 0.01, (2, 4), (2, 4), sites=0, networks=(), **least)
        >>> sorted(found)[:3]
        ['decision_ms', 'decisions_s', 'equal_time']
    """
    equal = {f"{load}": _at_equal_time(load, seeds, seconds) for load in loads}
    by_jobs = {f"{load}": _decision_s(WorkloadSettings(jobs=load, qpus=4)) for load in jobs}
    by_qpus = {f"{count}": _decision_s(WorkloadSettings(jobs=jobs[0], qpus=count)) for count in qpus}
    return {
        "served_ratio": sum(e["ours"] for e in equal.values()) / sum(e["sa_paper"] for e in equal.values()),
        "served_ratio_least": min(e["ours"] / e["sa_paper"] for e in equal.values() if e["sa_paper"]),
        "gap_to_bound": float(np.mean([1 - e["ours"] / e["bound"] for e in equal.values()])),
        "decision_ms": 1000 * by_jobs[f"{jobs[0]}"],
        "jobs_per_s": jobs[-1] / by_jobs[f"{jobs[-1]}"],
        "exponent_jobs": exponent(by_jobs),
        "exponent_qpus": exponent(by_qpus),
        "quantum_calls": _calls_without_advantage(decisions),
        **_regret(mixed),
        **_misses(mixed),
        **_gap_to_optimum(small),
        "online": _online(arrivals),
        "templates": templates(repeats),
        "sites": handing_over(sites),
        "regions": by_region(networks, seeds=2),
        "equal_time": equal,
        "decisions_s": {"jobs": by_jobs, "qpus": by_qpus},
    }


def _at_equal_time(load: int, seeds: int, seconds: float) -> dict[str, float]:
    """Return the mean fraction served within the same seconds, and the bound's."""
    ours, paper, most = [], [], []
    for seed in range(seeds):
        workload = draw_workload(WorkloadSettings(jobs=load), seed)
        ours.append(anneal(workload, steps=ENDLESS, seconds=seconds, seed=seed).served(workload))
        paper.append(paper_annealing(workload, steps=ENDLESS, seconds=seconds, seed=seed).served(workload))
        most.append(bound(workload) / load)
    return {"ours": float(np.mean(ours)), "sa_paper": float(np.mean(paper)), "bound": float(np.mean(most))}


def _decision_s(settings: WorkloadSettings, repeats: int = 3) -> float:
    """Return the median seconds of 300 moves of ours, bound included."""
    found = []
    for seed in range(repeats):
        workload = draw_workload(settings, seed)
        start = perf_counter()
        anneal(workload, steps=300, seed=seed)
        found.append(perf_counter() - start)
    return median(found)


def _calls_without_advantage(decisions: int) -> int:
    """Return how often QAOA is asked after the suite, where annealing finds the optimum anyhow."""
    policy, calls = InvocationPolicy(["qaoa"], suite=SUITE, energy_price=1e-4), 0
    for seed in range(SUITE + decisions):
        reduction = reduce(_problem(seed), roof_duality=False)
        features, states = problem_features(reduction.original), {"qaoa": HardwareState(shots=32, energy_j=1.0)}
        asked = policy.decide(features, Context(5.0), states).asked
        took, gain = {}, {}
        if asked:
            calls += seed >= SUITE
            fallback, quantum = (solve(reduction.model, name, seed=seed) for name in ("annealing", "qaoa"))
            took = {"qaoa": max(quantum.seconds, 1e-6)}
            gain = {"qaoa": verify(reduction, fallback).energy - verify(reduction, quantum).energy}
        policy.learn(features, states, took, gain)
    return calls


def _problem(seed: int) -> dimod.BinaryQuadraticModel:
    generator = stream(seed, "bench", "backbone")
    count = int(generator.integers(8, 15))
    couplings = {(i, j): generator.normal() for i in range(count) for j in range(i)}
    return dimod.BinaryQuadraticModel(dict(enumerate(generator.normal(size=count))), couplings, "BINARY")


def _regret(jobs: int) -> dict[str, float]:
    """Return the regret after the suite, and that of never asking, in a world where one job in five gains."""
    world, policy = World(planted, 1), InvocationPolicy(["annealer"], suite=SUITE, energy_price=0.002)
    world.play(policy, SUITE)
    played = world.play(policy, jobs)
    return {"regret": sum(p.regret for p in played), "regret_never_asking": sum(p.worth for p in played)}


def _misses(jobs: int) -> dict[str, float]:
    """Return the shares of deadlines missed, and missed though another backend would have met them."""
    world = World(planted, 2, classical_s=swelling)
    policy = InvocationPolicy(["annealer"], suite=SUITE, energy_price=0.002)
    world.play(policy, SUITE)
    played = world.play(policy, jobs)
    return {
        "missed": float(np.mean([p.missed for p in played])),
        "missed_avoidable": float(np.mean([p.avoidable for p in played])),
        "missed_never_asking": float(np.mean([p.late for p in played])),
    }


def _online(workloads: int, jobs: int = 16, rate: float = 0.5) -> dict[str, float]:
    """Return mean fractions served of jobs that arrive one by one, known beforehand and not, and where a QPU fails.

    Promises broken are those to jobs that were in a plan; without failures there are none.
    """
    found: list[dict[str, float]] = []
    for seed in range(workloads):
        load, draw = draw_arrivals(WorkloadSettings(jobs=jobs), rate, seed), stream(seed, "bench", "outage")
        start_s, lasts_s = float(draw.uniform(0, jobs / rate)), float(draw.exponential(jobs / rate))
        outage = Outage(int(draw.integers(len(load.qpus))), start_s, start_s + lasts_s)
        ours, edf = (partial(schedule, name=name, seed=seed) for name in ("ours", "greedy"))
        calm, failing = run_online(load, partial(ours, steps=200)), run_online(load, partial(ours, steps=200), [outage])
        served = {"foreseen": ours(load), "online": calm.schedule, "online_greedy": run_online(load, edf).schedule}
        broken = {"promises_broken": len(calm.broken), "promises_broken_failing": len(failing.broken)}
        served["online_failing"] = failing.schedule
        found.append({name: each.served(load) for name, each in served.items()} | broken)
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]} if found else {}


def _gap_to_optimum(workloads: int, seconds: float = 10.0) -> dict[str, Any]:
    """Return the mean gap of ours where the optimum is known, and the share of the workloads where it is."""
    if find_spec("ortools") is None:
        return {"gap_to_optimum": None, "optimum_known": None}
    from qfl.backbone.orchestration.constraint_program import close_gap

    gaps: list[float] = []
    for seed in range(workloads):
        workload = draw_workload(WorkloadSettings(jobs=2 + seed % 4, qpus=3), seed)
        ours = anneal(workload, seed=seed)
        best = close_gap(workload, ours, seconds=seconds)
        if best.closed:
            gaps.append(1 - ours.value(workload) / max(1.0, best.schedule.value(workload)))
    return {"gap_to_optimum": float(np.mean(gaps)) if gaps else None, "optimum_known": len(gaps) / workloads}
