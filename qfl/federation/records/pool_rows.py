"""What the rows say about the pool of QPUs: one table per client, one per round."""

from math import isfinite

from qfl.backbone.orchestration.round_jobs import ClientJob, PoolRound
from qfl.results import Row
from qfl.tasks.pool import PoolPlan


def with_pool(
    row: Row, rows: list[Row], plan: PoolPlan | None, found: PoolRound | None, clock_s: float, tested: bool
) -> tuple[Row, list[Row], float]:
    """Return a round's row and its client rows, each with the entry ``pool``, and the virtual clock after the round.

    Without a pool they are as they were.

    Args:
        row: The round's.
        rows: One per asked client.
        plan: The pool.
        found: What it made of the round; None where nobody could be asked.
        clock_s: Its virtual clock before the round, in s.
        tested: Whether the round had a test, which is a job of its own.
    """
    if plan is None:
        return row, rows, clock_s
    test = plan.test(row["round"]) if tested else None
    after_s = clock_s + sum(each.seconds for each in (found, test) if each)
    jobs = found.clients if found else {}
    entries = [each | {"pool": client_entry(jobs[each["client"]]) if each["client"] in jobs else None} for each in rows]
    return row | {"pool": pool_row(plan, found, after_s, test)}, entries, after_s


def client_entry(job: ClientJob) -> Row:
    """Return the entry ``pool`` of a client: what was decided about its job, and what that took.

    ``status`` is ``served``, ``missed`` or ``failed``; ``begin_s`` and ``end_s`` begin at the broadcast (None = never);
    ``busy_s`` of QPUs, ``energy_j`` of these, and ``shots`` by QPU.
    """
    times = {"begin_s": job.begin_s, "end_s": job.end_s}
    known = {name: at if isfinite(at) else None for name, at in times.items()}
    return {"status": job.status, **known, "busy_s": job.busy_s, "energy_j": job.energy_j, "shots": dict(job.shots)}


def pool_row(plan: PoolPlan, found: PoolRound | None, clock_s: float, test: PoolRound | None) -> Row:
    """Return a round's entry ``pool``.

    It holds ``seconds`` of the round and ``clock_s`` after it and its test, both virtual; jobs ``served``, ``missed``
    and ``failed``; ``energy_j`` and, by QPU, ``busy_s`` and ``queue_s`` of the clients' jobs; ``test_s`` and
    ``test_j`` of the test; the ``scheduler``, and of the circuit its ``cuts``, the ``circuits`` that one value takes
    and the widths of its ``pieces``.

    Args:
        plan: The pool.
        found: What it made of the round; None where nobody could be asked.
        clock_s: The virtual clock after the round.
        test: What it made of the test; None where none was due.
    """
    statuses = [job.status for job in found.clients.values()] if found else []
    return {
        "seconds": found.seconds if found else 0.0,
        "clock_s": clock_s,
        **{status: statuses.count(status) for status in ("served", "missed", "failed")},
        "energy_j": found.energy_j if found else 0.0,
        "busy_s": dict(found.busy_s) if found else {},
        "queue_s": dict(found.queue_s) if found else {},
        "test_s": test.seconds if test else 0.0,
        "test_j": test.energy_j if test else 0.0,
        "scheduler": plan.settings.device.scheduler,
        "cuts": plan.fitted.cuts,
        "circuits": sum(load.circuits for load in plan.loads),
        "pieces": [load.qubits for load in plan.loads],
    }
