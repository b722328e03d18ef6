"""Several sites that hand jobs over, beside isolated ones and one central scheduler."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from statistics import fmean
from typing import Any

from qfl.backbone.orchestration.hand_over import run_sites
from qfl.backbone.orchestration.instances import WorkloadSettings
from qfl.backbone.orchestration.jobs import Job, Workload
from qfl.backbone.orchestration.online import run_online
from qfl.backbone.orchestration.registry import schedule
from qfl.backbone.orchestration.schedule import QuantumSchedule
from qfl.backbone.orchestration.site_check import site_faults
from qfl.backbone.orchestration.site_instances import SitesSettings, draw_sites
from qfl.backbone.orchestration.sites import SiteFailure, Sites, SitesRun

RATES, TRANSFERS_S = (0.4, 1.2), (0.05, 1.0)


def handing_over(seeds: int, jobs: int = 24) -> dict[str, Any]:
    """Return for rates of arrival and transfers what is served how, and the mean seconds from arrival to result.

    Seconds are of the jobs that each serves, so who serves more of the late ones has longer ones.

    Three sites of two QPUs, at which 60, 25 and 15 % of the jobs arrive; all schedulers plan by the earliest deadline.
    ``central`` has all QPUs at one place to which every job and back from which every result is transferred; ``ideal``
    is that without transfers. In ``failing`` the first site fails in the middle and is back later. Every run passed the
    check before it was counted.

    Args:
        seeds: Of sites.
        jobs: That arrive, at all sites.
    """
    return {
        f"{rate:g} jobs/s, transfer {transfer_s:g} s": _mean(
            [_run(rate, transfer_s, jobs, seed) for seed in range(seeds)]
        )
        for rate in RATES
        for transfer_s in TRANSFERS_S
    }


def _run(rate: float, transfer_s: float, jobs: int, seed: int) -> dict[str, float]:
    sites = draw_sites(SitesSettings(rate=rate, transfer_s=transfer_s, workload=WorkloadSettings(jobs, 2)), seed)
    plan, end_s = partial(schedule, name="greedy", seed=seed), sites.workload.jobs[-1].release_s
    failures = [SiteFailure(0, end_s / 3, 2 * end_s / 3)]
    shared, alone = _checked(sites, run_sites(sites, plan)), _checked(sites, run_sites(sites, plan, hand_over=False))
    failing = _checked(sites, run_sites(sites, plan, failures), failures)
    failing_alone = _checked(sites, run_sites(sites, plan, failures, hand_over=False), failures)
    served = {"handing_over": shared.schedule, "isolated": alone.schedule}
    served |= {"central": _central(sites, plan, transfer_s), "ideal": run_online(sites.workload, plan).schedule}
    served |= {"handing_over_failing": failing.schedule, "isolated_failing": failing_alone.schedule}
    seconds = {
        f"{name}_s": _result_s(sites, found, transfer_s if name == "central" else 0.0)
        for name, found in served.items()
        if name in ("isolated", "central", "ideal")
    }
    seconds["handing_over_s"] = _result_s(sites, shared.schedule, transfer_s, shared)
    return {
        **{name: len(found.cuts) / jobs for name, found in served.items()},
        **seconds,
        "handed_over": len({handover.job for handover in shared.handovers}) / jobs,
    }


def _central(sites: Sites, plan: Any, transfer_s: float) -> QuantumSchedule:
    """Return what one scheduler of all QPUs runs, if every job is sent to it; positions are those of the sites'."""
    sent: dict[int, Job] = {}
    for number, job in enumerate(sites.workload.jobs):
        if job.deadline_s - transfer_s > job.release_s + transfer_s:
            ends = {"release_s": job.release_s + transfer_s, "deadline_s": job.deadline_s - transfer_s}
            sent[number] = replace(job, **ends)
    numbers, whole = list(sent), Workload(sites.workload.qpus, tuple(sent.values()), sites.workload.latency_s)
    found = run_online(whole, plan).schedule
    fragments = tuple(replace(fragment, job=numbers[fragment.job]) for fragment in found.fragments)
    return QuantumSchedule({numbers[job]: cut for job, cut in found.cuts.items()}, fragments)


def _checked(sites: Sites, run: SitesRun, failures: Sequence[SiteFailure] = ()) -> SitesRun:
    if faults := site_faults(sites, run, failures):
        raise AssertionError(f"sites ran what cannot be: {faults[0]}")
    return run


def _result_s(sites: Sites, found: QuantumSchedule, back_s: float, run: SitesRun | None = None) -> float:
    """Return the mean seconds from the arrival of a served job to its result at home."""
    ends: dict[int, float] = {}
    for fragment in found.fragments:
        away = run is None or run.served_at[fragment.job] != sites.home[fragment.job]
        ends[fragment.job] = max(ends.get(fragment.job, 0.0), fragment.end_s + (back_s if away else 0.0))
    return fmean(end - sites.workload.jobs[job].release_s for job, end in ends.items()) if ends else 0.0


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: fmean(row[key] for row in rows) for key in rows[0]} if rows else {}
