"""What ``qfl run`` says at its end, for people; for programs it is `qfl.api.outcome`."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.api.outcome import failed
from qfl.metric import Metric
from qfl.specs import metric_of

if TYPE_CHECKING:
    from qfl.results import RunFolder


def ending(folder: "RunFolder", report: Path) -> str:
    """Return figure of merit, run folder and report, a line each; more where privacy is spent or rounds failed."""
    failures, spent = failed(folder), folder.rounds()[-1].get("privacy")
    final, metric = folder.header["final"], metric_of(folder.header["settings"]["task"])
    return "\n".join(
        (
            f"{metric.text(final[metric.name])}{_engines(final, metric)} after {final['rounds']} rounds in "
            f"{final['seconds']:.0f} s{_best(final, metric)}",
            f"run      {short(folder.path)}",
            f"report   {short(report)}",
            *([_privacy(spent, folder.header)] if spent else []),
            *([f"failed   {len(failures)} of these rounds, which changed nothing; {failures[-1]}"] if failures else []),
        )
    )


def _privacy(spent: dict[str, Any], header: dict[str, Any]) -> str:
    """Return what the client that was asked most often has spent, and why the run ended early, if it did."""
    ended = f"; ended: {header['ended']}" if header.get("ended") else ""
    return f"privacy  epsilon {spent['epsilon']:.3g} at delta {spent['delta']:g} a client ({spent['mechanism']}){ended}"


def _engines(final: dict[str, Any], metric: Metric) -> str:
    """Return what gave the figure, and what the exact engine gives, where that is another one."""
    exact = metric.text(final.get(f"exact_{metric.name}"))
    return f" on {final['scored_on']} ({exact} on the exact engine)" if exact else ""


def _best(final: dict[str, Any], metric: Metric) -> str:
    """Return which round the held-out samples choose, where there are any."""
    best = final.get("best")
    if not best:
        return ""
    chosen = f"{metric.text(best[metric.name])} after round {best['round']}"
    return f"; {chosen}, which validation rates best ({metric.text(best[f'validation_{metric.name}'])})"


def mark_interrupted(path: Path) -> None:
    """Write into run.json that a run was interrupted, unless it says otherwise or another process goes on with it."""
    from qfl.errors import QflError
    from qfl.results import RunFolder
    from qfl.writing import alone

    with suppress(QflError, OSError):
        folder = RunFolder(path)
        with alone(path):
            if folder.header.get("status") == "running":
                folder.update(status="interrupted")


def short(path: Path) -> Path:
    """Return a path as seen from the working directory, where it lies below that."""
    try:
        here = Path.cwd()
    except OSError:  # it was deleted meanwhile
        return path
    return path.relative_to(here) if path.is_relative_to(here) else path
