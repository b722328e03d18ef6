"""Sites from a seed: each with unequal QPUs of its own, jobs that arrive here more often than there."""

from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np

from qfl.backbone.orchestration.instances import WorkloadSettings, draw_workload
from qfl.backbone.orchestration.jobs import Workload
from qfl.backbone.orchestration.sites import Sites
from qfl.errors import ConfigError
from qfl.seeds import stream


@dataclass(frozen=True)
class SitesSettings:
    """What is drawn.

    Args:
        shares: Of the arrivals, at each site; above 0, of sum 1.
        rate: Jobs a second, all sites together, above 0.
        transfer_s: Seconds from one site to another, 0 or more.
        workload: Jobs in all, QPUs of each site, and all else.
    """

    shares: tuple[float, ...] = (0.6, 0.25, 0.15)
    rate: float = 1.0
    transfer_s: float = 0.05
    workload: WorkloadSettings = field(default_factory=lambda: WorkloadSettings(jobs=24, qpus=2))

    def __post_init__(self):
        if not self.shares or min(self.shares) <= 0 or abs(sum(self.shares) - 1) > 1e-9:
            raise ConfigError(f"shares are {list(self.shares)}; give each site one above 0, 1 in all")
        if not (isfinite(self.rate) and self.rate > 0):
            raise ConfigError(f"rate is {self.rate:g} jobs a second; give a finite number above 0")


def draw_sites(settings: SitesSettings, seed: int) -> Sites:
    """Return sites whose jobs arrive one by one, a Poisson process; a deadline is measured by the home's idle pool.

    Example:
        >>> sites = draw_sites(SitesSettings(), seed=1)
        >>> len(sites.qpus), len(sites.workload.qpus), sites.home.count(0) > sites.home.count(2)
        (3, 6, True)
    """
    draw, each = stream(seed, "backbone", "sites"), settings.workload
    home = draw.choice(len(settings.shares), size=each.jobs, p=settings.shares)
    arrivals = np.cumsum(draw.exponential(1 / settings.rate, each.jobs))
    own = [
        draw_workload(replace(each, jobs=int((home == site).sum())), int(draw.integers(2**31)))
        for site in range(len(settings.shares))
    ]
    waiting = [iter(load.jobs) for load in own]
    jobs = [
        replace(job, name=f"job{k}", release_s=float(at), deadline_s=job.deadline_s + float(at))
        for k, (job, at) in enumerate(zip((next(waiting[site]) for site in home), arrivals, strict=True))
    ]
    qpus = [replace(qpu, name=f"site{site}-{qpu.name}") for site, load in enumerate(own) for qpu in load.qpus]
    place = tuple(site for site, load in enumerate(own) for _ in load.qpus)
    whole = Workload(tuple(qpus), tuple(jobs), each.latency_s)
    return Sites(whole, place, tuple(home.tolist()), settings.transfer_s)
