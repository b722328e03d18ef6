"""Several sites, where their QPUs stand and their jobs arrive, and what came of a run of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, isfinite

from qfl.backbone.orchestration.jobs import Job, Workload
from qfl.backbone.orchestration.schedule import Fragment, QuantumSchedule
from qfl.errors import ConfigError


@dataclass(frozen=True)
class Sites:
    """QPUs and jobs, and where they are.

    Args:
        workload: All of them; its latency is that within a site.
        site: Of each QPU, numbers from 0 on without a gap.
        home: Of each job, the site where it arrives.
        transfer_s: Seconds from one site to any other, of a job as of a result.

    Raises:
        ConfigError: If a QPU or a job has no site, a site no QPU, or the transfer is negative or not finite.
    """

    workload: Workload
    site: tuple[int, ...]
    home: tuple[int, ...]
    transfer_s: float

    def __post_init__(self):
        if len(self.site) != len(self.workload.qpus) or len(self.home) != len(self.workload.jobs):
            raise ConfigError(
                f"{len(self.site)} sites are given for {len(self.workload.qpus)} QPUs and {len(self.home)} for "
                f"{len(self.workload.jobs)} jobs; give each one"
            )
        if {*self.site} != {*range(len({*self.site}))} or not {*self.home} <= {*self.site}:
            raise ConfigError(
                f"QPUs stand at {sorted({*self.site})}, jobs arrive at {sorted({*self.home})}; number the sites from 0 "
                "on, each with a QPU"
            )
        if not (isfinite(self.transfer_s) and self.transfer_s >= 0):
            raise ConfigError(f"transfer_s is {self.transfer_s:g}; give a finite number of 0 or more")

    @cached_property
    def qpus(self) -> tuple[tuple[int, ...], ...]:
        """The positions of each site's QPUs."""
        return tuple(tuple(m for m, s in enumerate(self.site) if s == site) for site in sorted({*self.site}))

    def at(self, job: int, site: int, now: float) -> Job | None:
        """Return a job as a site sees it from a moment on: the transfers are of its time; None if nothing is left.

        Args:
            job: Its position.
            site: Where it would run.
            now: When it is handed over, in seconds.
        """
        own, away_s = self.workload.jobs[job], 0.0 if site == self.home[job] else self.transfer_s
        release_s, deadline_s = max(own.release_s, now) + away_s, own.deadline_s - away_s
        return replace(own, release_s=release_s, deadline_s=deadline_s) if deadline_s > release_s else None


@dataclass(frozen=True)
class SiteFailure:
    """A site that fails, with all its QPUs.

    Args:
        site: Its number.
        start_s: When; what runs then is lost.
        end_s: When it is back; inf is never. Nobody knows before.

    Raises:
        ConfigError: If it ends before it begins, or begins before 0 or never.
    """

    site: int
    start_s: float
    end_s: float = inf

    def __post_init__(self):
        if not (0 <= self.start_s < inf and self.end_s > self.start_s):
            raise ConfigError(
                f"site {self.site} fails from {self.start_s:g} to {self.end_s:g} s; give a finite begin of 0 or more "
                "and a later end"
            )


@dataclass(frozen=True)
class Handover:
    """A job that changed its site.

    Args:
        job: Its position.
        giver: The site that had it.
        taker: The site that has it now.
        at_s: When.
        bids_s: When each site that answered would have been done, the result's way home included.
    """

    job: int
    giver: int
    taker: int
    at_s: float
    bids_s: Mapping[int, float]


@dataclass(frozen=True)
class SitesRun:
    """What was run, in positions of the whole workload.

    Args:
        schedule: Of the jobs that were served.
        served_at: The site of each of them.
        handovers: In the order of time.
        lost: Fragments that ended with their site.
        wasted: Fragments of jobs that were not served, or served elsewhere.
    """

    schedule: QuantumSchedule
    served_at: Mapping[int, int]
    handovers: tuple[Handover, ...]
    lost: tuple[Fragment, ...]
    wasted: tuple[Fragment, ...]
