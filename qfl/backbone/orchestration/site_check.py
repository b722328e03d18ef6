"""A check of what several sites ran that shares no code with what hands jobs over."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from qfl.backbone.orchestration.schedule import ROUNDING_S, Fragment, violations
from qfl.backbone.orchestration.sites import SiteFailure, Sites, SitesRun


def site_faults(sites: Sites, run: SitesRun, failures: Sequence[SiteFailure] = ()) -> list[str]:
    """Return what is wrong with a run, one sentence each; nothing if it could have been.

    Beside what `qfl.backbone.orchestration.schedule.violations` asks of any schedule: a job is served by one site, away
    from home only after one transfer and with time for another, no QPU does two things at once, and none does anything
    while its site has failed, what was lost or wasted included.

    Args:
        sites: All of it.
        run: What was run.
        failures: That happened.
    """
    every = sorted([*run.schedule.fragments, *run.lost, *run.wasted])
    return [
        *violations(replace(sites.workload, jobs=tuple(_as_served(sites, run))), run.schedule),
        *_scattered(sites, run),
        *_doubled(sites, every),
        *(
            f"fragment at {f.start_s:g} s: site {failure.site} had failed at {failure.start_s:g} s"
            for failure in failures
            for f in every
            if sites.site[f.qpu] == failure.site
            and f.end_s > failure.start_s + ROUNDING_S
            and f.start_s < failure.end_s - ROUNDING_S
        ),
    ]


def _as_served(sites: Sites, run: SitesRun):
    """Yield every job with the transfers taken from its time."""
    for number, job in enumerate(sites.workload.jobs):
        away = run.served_at.get(number, sites.home[number]) != sites.home[number]
        away_s = sites.transfer_s if away else 0.0
        yield replace(job, release_s=job.release_s + away_s, deadline_s=job.deadline_s - away_s) if away else job


def _scattered(sites: Sites, run: SitesRun) -> list[str]:
    faults = [f"job {job} is served and has no site" for job in run.schedule.cuts.keys() ^ run.served_at.keys()]
    return faults + [
        f"fragment at {f.start_s:g} s: at site {sites.site[f.qpu]}, job {f.job} is served at {run.served_at.get(f.job)}"
        for f in run.schedule.fragments
        if sites.site[f.qpu] != run.served_at.get(f.job)
    ]


def _doubled(sites: Sites, every: Sequence[Fragment]) -> list[str]:
    return [
        f"fragment at {later.start_s:g} s: QPU {sites.workload.qpus[m].name!r} is busy until {earlier.end_s:g} s"
        for m in range(len(sites.workload.qpus))
        for earlier, later in pairwise(f for f in every if f.qpu == m)
        if earlier.end_s > later.start_s + ROUNDING_S
    ]
