"""Every scheduler by its name, with what the paper calls it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import inf

from qfl.backbone.orchestration.annealing import anneal
from qfl.backbone.orchestration.heuristics import greedy, list_scheduling, random_order
from qfl.backbone.orchestration.jobs import Workload
from qfl.backbone.orchestration.moore_hodgson import moore_hodgson
from qfl.backbone.orchestration.paper_annealing import paper_annealing
from qfl.backbone.orchestration.qurator import qurator
from qfl.backbone.orchestration.schedule import QuantumSchedule
from qfl.errors import ConfigError


@dataclass(frozen=True)
class SchedulerSpec:
    """A scheduler.

    Args:
        title: What it is called in figures and tables.
        schedule: ``schedule(workload, *, seed) -> QuantumSchedule``.
        paper: What the paper calls it; empty where it has no such thing.
        cuts: Ways to cut that it uses.
        steps: Moves that it tries; 0 where it looks once.
    """

    title: str
    schedule: Callable[..., QuantumSchedule]
    paper: str = ""
    cuts: tuple[str, ...] = ("locc",)
    steps: int = 0


LO, REUSE, EITHER = ("lo",), ("lo_reuse",), ("locc", "lo_reuse")

SCHEDULERS: dict[str, SchedulerSpec] = {
    "ours": SchedulerSpec("Moore-Hodgson, then annealing of the order", anneal, steps=1000),
    "ours_any_cut": SchedulerSpec(
        "ours, the cut chosen for each job", partial(anneal, cuts=EITHER), cuts=EITHER, steps=1000
    ),
    "sa_paper": SchedulerSpec("annealing as the paper states it", paper_annealing, "QB-scheduler", steps=3000),
    "sa_order": SchedulerSpec(
        "annealing of a random order", partial(anneal, from_scratch=True), "QB-scheduler", steps=3000
    ),
    "without_splitting": SchedulerSpec(
        "the paper's, shots not split", partial(paper_annealing, split=False), "QIP w/o shot distribution", steps=3000
    ),
    "without_locc": SchedulerSpec(
        "the paper's, wires cut without communication",
        partial(paper_annealing, cut="lo"),
        "QIP w/o LOCC awareness",
        LO,
        3000,
    ),
    "without_either": SchedulerSpec(
        "the paper's, without both", partial(paper_annealing, cut="lo", split=False), "QIP w/o either", LO, 3000
    ),
    "lo_reuse": SchedulerSpec(
        "the paper's, cut without communication, data reused", partial(paper_annealing, cut="lo_reuse"), "", REUSE, 3000
    ),
    "ours_without_splitting": SchedulerSpec("ours, shots not split", partial(anneal, worths=(inf,)), steps=1000),
    "ours_without_locc": SchedulerSpec("ours, wires cut without communication", partial(anneal, cuts=LO), "", LO, 1000),
    "moore_hodgson": SchedulerSpec("Moore-Hodgson", moore_hodgson),
    "greedy": SchedulerSpec("earliest deadline first, shots split", greedy, "greedy"),
    "list": SchedulerSpec("list scheduling", list_scheduling, "list scheduling"),
    "random": SchedulerSpec("random order and QPUs", random_order, "random scheduling"),
    "qurator": SchedulerSpec("Qurator's rule", qurator),
    "greedy_late": SchedulerSpec("earliest deadline first, without admission control", partial(greedy, admit=False)),
    "list_late": SchedulerSpec("list, without admission control", partial(list_scheduling, admit=False)),
    "random_late": SchedulerSpec("random, without admission control", partial(random_order, admit=False)),
    "qurator_late": SchedulerSpec("Qurator's rule, without admission control", partial(qurator, admit=False)),
}


def schedule(workload: Workload, name: str, *, seed: int, steps: int | None = None) -> QuantumSchedule:
    """Return the schedule that a scheduler finds.

    Args:
        workload: Jobs and QPUs.
        name: A key of `SCHEDULERS`.
        seed: Of its draws.
        steps: Moves that it tries; its own number if None.

    Raises:
        ConfigError: If there is no such scheduler.

    Example:
        >>> from qfl.backbone.orchestration.instances import WorkloadSettings, draw_workload
        >>> load = draw_workload(WorkloadSettings(jobs=4), seed=1)
        >>> schedule(load, "ours", seed=1).value(load) >= schedule(load, "greedy", seed=1).value(load)
        True
    """
    if name not in SCHEDULERS:
        raise ConfigError(f"{name!r} is not a scheduler; give one of {', '.join(SCHEDULERS)}")
    spec = SCHEDULERS[name]
    tried = steps if steps is not None else spec.steps
    return spec.schedule(workload, seed=seed, **({"steps": tried} if spec.steps else {}))
