"""Distributed orchestration: sites with QPUs and a scheduler of their own that hand jobs over to one another.

A job arrives at its home. Where its site cannot plan it in time, or has failed, every other site that works says when
it would be done with it, and the earliest takes it. Handing over takes a transfer there and one back for the result; no
site breaks a promise for a job of another. What a site had begun is not sent along: a job that changes its site begins
anew there. Whoever has a job keeps it until another site has planned it, so none is lost and none is served twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

from qfl.backbone.orchestration.decoder import Decoder
from qfl.backbone.orchestration.horizon import Horizon, Planner
from qfl.backbone.orchestration.jobs import Workload
from qfl.backbone.orchestration.schedule import Fragment, QuantumSchedule
from qfl.backbone.orchestration.sites import Handover, SiteFailure, Sites, SitesRun
from qfl.errors import ConfigError


def run_sites(sites: Sites, plan: Planner, failures: Sequence[SiteFailure] = (), *, hand_over: bool = True) -> SitesRun:
    """Return what is run if every job becomes known, at its home, at its release, and every failure when it happens.

    Args:
        sites: All of it.
        plan: What every site's scheduler plans with, such as a row of
            `qfl.backbone.orchestration.registry.SCHEDULERS`.
        failures: In any order.
        hand_over: Whether sites offer jobs to one another.

    Raises:
        ConfigError: If a site that there is not fails.

    Example:
        >>> from functools import partial
        >>> from qfl.backbone.infrastructure.qpu import Qpu
        >>> from qfl.backbone.orchestration.jobs import Job, Subcircuit
        >>> from qfl.backbone.orchestration.registry import schedule
        >>> pool = Qpu("a", 8, 99, 1e-3), Qpu("b", 8, 99, 1e-3)
        >>> two = tuple(Job(name, 1.5, {"locc": [Subcircuit(4, 9, 1000)]}) for name in "xy")
        >>> run = run_sites(Sites(Workload(pool, two), (0, 1), (0, 0), 0.125), partial(schedule, name="greedy", seed=1))
        >>> dict(run.served_at), run.handovers[0].bids_s
        ({0: 0, 1: 1}, {1: 1.25})
    """
    if unknown := sorted({f.site for f in failures} - {*range(len(sites.qpus))}):
        raise ConfigError(f"site {unknown[0]} fails and is none; give one of 0 to {len(sites.qpus) - 1}")
    state = _Network(sites, plan)
    moments = {job.release_s for job in sites.workload.jobs}
    moments |= {f.start_s for f in failures} | {f.end_s for f in failures}
    for now in sorted(moment for moment in moments if moment < inf):
        state.go_to(now, {f.site for f in failures if f.start_s <= now < f.end_s})
        if hand_over:
            state.offer_unplanned(now)
    return state.finished()


class _Network:
    """The schedulers of all sites, and which of them has each job.

    Args:
        sites: All of it.
        plan: What every scheduler plans with.
    """

    def __init__(self, sites: Sites, plan: Planner):
        own = (tuple(sites.workload.qpus[m] for m in qpus) for qpus in sites.qpus)
        self.sites, self.down = sites, set[int]()
        self.horizons = [Horizon(Workload(q, (), sites.workload.latency_s), plan, known=set()) for q in own]
        self.jobs: list[list[int]] = [[] for _ in self.horizons]  # of the site's job numbers, the workload's
        self.holder: dict[int, int] = {}
        self.handovers: list[Handover] = []
        self._alone_s: dict[tuple[int, int], float] = {}

    def go_to(self, now: float, down: set[int]) -> None:
        """Let time pass: what was planned begins, sites fail and come back, jobs arrive at home, all plan anew."""
        failed, self.down = down - self.down, down
        arrived = [j for j, job in enumerate(self.sites.workload.jobs) if job.release_s == now]
        for job in arrived:
            self._give(job, self.sites.home[job], now)
        for site, horizon in enumerate(self.horizons):
            qpus = set(range(len(horizon.workload.qpus)))
            horizon.begin_until(now)
            if site in failed:
                horizon.lose(now, qpus)
            horizon.replan(now, qpus if site in down else set())

    def offer_unplanned(self, now: float) -> None:
        """Offer every job that its holder has not planned to the others; the earliest end takes it."""
        for job in self._unplanned(now):
            bids = {site: bid for site in range(len(self.horizons)) if (bid := self._bid(job, site, now)) is not None}
            if not bids:
                continue
            taker = min(bids, key=lambda site: (bids[site][0], site))
            giver = self.holder[job]
            self._withdraw(job, giver)
            self._give(job, taker, now)
            self.horizons[taker] = bids[taker][1]
            ends = {site: end_s for site, (end_s, _) in bids.items()}
            self.handovers.append(Handover(job, giver, taker, now, ends))

    def finished(self) -> SitesRun:
        """Return what became of all jobs."""
        cuts, served_at = dict[int, str](), dict[int, int]()
        kept, lost, wasted = list[Fragment](), list[Fragment](), list[Fragment]()
        for site, horizon in enumerate(self.horizons):
            horizon.begin_until(inf)
            run = horizon.finished()
            for local, cut in run.schedule.cuts.items():
                cuts[self.jobs[site][local]], served_at[self.jobs[site][local]] = cut, site
            for every, own in ((kept, run.schedule.fragments), (lost, run.lost), (wasted, run.wasted)):
                every += [self._whole(site, fragment) for fragment in own]
        return SitesRun(
            QuantumSchedule(dict(sorted(cuts.items())), tuple(kept)),
            served_at,
            tuple(self.handovers),
            tuple(lost),
            tuple(wasted),
        )

    def _unplanned(self, now: float) -> Iterator[int]:
        """Yield jobs with time left of which something has neither begun nor is planned."""
        for job, site in sorted(self.holder.items()):
            local = self._local(job, site)
            if self.sites.workload.jobs[job].deadline_s > now and not self.horizons[site].covers(local):
                yield job

    def _bid(self, job: int, site: int, now: float) -> tuple[float, Horizon] | None:
        """Return when a site would be done with a job, its result at home, and its scheduler then; None if it is not.

        The plan of the others' jobs may change, but each of them stays in it.
        """
        own = self.sites.at(job, site, now)
        if (
            site in self.down
            or site == self.holder[job]
            or own is None
            or now + self._needs_s(job, site) > own.last_end_s
        ):
            return None
        tried = self.horizons[site].copy()
        local, before = tried.add(own), {f.job for f in tried.planned}
        tried.replan(now, set())
        if not (tried.covers(local) and all(tried.covers(other) for other in before)):
            return None
        away_s = 0.0 if site == self.sites.home[job] else self.sites.transfer_s
        return max(f.end_s for f in tried.planned if f.job == local) + own.reconstruction_s + away_s, tried

    def _needs_s(self, job: int, site: int) -> float:
        """Return the least seconds that a job takes of a site by the decoder's rule, were it idle."""
        if (job, site) not in self._alone_s:
            own = replace(self.sites.workload.jobs[job], release_s=0.0)
            decoder = Decoder(Workload(self.horizons[site].workload.qpus, (own,), self.sites.workload.latency_s))
            self._alone_s[job, site] = min(
                decoder.alone_s(0, cut, worth) for cut in own.cuts for worth in (0.0, 1.0, inf)
            )
        return self._alone_s[job, site]

    def _give(self, job: int, site: int, now: float) -> None:
        own = self.sites.at(job, site, now)
        assert own is not None, "a job is given with time left"
        self.horizons[site].add(own)
        self.jobs[site].append(job)
        self.holder[job] = site

    def _withdraw(self, job: int, site: int) -> None:
        known = self.horizons[site].known
        assert known is not None
        known.discard(self._local(job, site))

    def _local(self, job: int, site: int) -> int:
        """Return a site's number of a job, that of the last time it came."""
        own = self.jobs[site]
        return len(own) - 1 - own[::-1].index(job)

    def _whole(self, site: int, fragment: Fragment) -> Fragment:
        return replace(fragment, qpu=self.sites.qpus[site][fragment.qpu], job=self.jobs[site][fragment.job])
