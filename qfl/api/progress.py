"""Show a run while it goes: a bar on a terminal, a line now and then elsewhere, nothing beside ``--json``."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from qfl.metric import Metric
from qfl.specs import TASKS

Row = dict[str, Any]
OnRound = Callable[[Row], None]
RECENT = 0.3  # weight of the newest round in the estimate of a round's duration


@dataclass(frozen=True)
class State:
    """Where a run stands: the last numbers seen, and how long the rest will take.

    Example:
        >>> State(10).after({"round": 4, "loss": 0.5, "accuracy": 0.9, "seconds": {"total": 2.0}}).text()
        'loss 0.500  accuracy 0.900  12 s left'
    """

    rounds: int
    metric: Metric = TASKS["classify"].metric
    round: int = 0
    loss: float | None = None
    score: float | None = None
    round_seconds: float = 0.0
    seen: int = 0
    exact: float | None = None
    epsilon: float | None = None

    def after(self, row: Row) -> "State":
        """Return the state after one more row; rounds without evaluation keep the last numbers."""
        loss, score = row.get("loss"), row.get(self.metric.name)
        seen = self.seen + (row["round"] > 0)
        seconds = (row.get("seconds") or {}).get("total") or 0.0
        return State(
            self.rounds,
            self.metric,
            row["round"],
            self.loss if loss is None else loss,
            self.score if score is None else score,
            # the mean of the last few rounds: the first one also pays for imports and compilation
            self.round_seconds + (seconds - self.round_seconds) * max(RECENT, 1 / seen) if seen else 0.0,
            seen,
            row.get("exact_loss", self.exact),
            (row.get("privacy") or {}).get("epsilon", self.epsilon),
        )

    def text(self) -> str:
        """Return loss, figure of merit and seconds left, as far as they are known."""
        left = self.round_seconds * (self.rounds - self.round)
        loss = "" if self.loss is None else f"loss {self.loss:.3f}"
        loss += "" if self.exact is None else f" (exact engine {self.exact:.3f})"
        spent = "" if self.epsilon is None else f"epsilon {self.epsilon:.3g}"
        parts = [part for part in (loss, self.metric.text(self.score, 3), spent) if part]
        return "  ".join([*parts, f"{left:.0f} s left"] if self.seen else parts)


@contextmanager
def show_progress(rounds: int, metric: Metric, quiet: bool = False) -> Iterator[OnRound]:
    """Yield the function to call with every finished round's row.

    Args:
        rounds: Rounds of the whole run, those before a resume included.
        metric: What the task is measured by.
        quiet: Print no lines where stderr is no terminal (``--json``).
    """
    if sys.stderr.isatty():
        with _bar(State(rounds, metric)) as on_round:
            yield on_round
    else:
        yield (lambda row: None) if quiet else _lines(State(rounds, metric))


@contextmanager
def _bar(state: State) -> Iterator[OnRound]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[text]}"))
    rounds = state.rounds
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("starting", total=rounds, text="")

        def on_round(row: Row) -> None:
            nonlocal state
            state = state.after(row)
            progress.update(task, completed=state.round, description=f"round {state.round}/{rounds}", text=state.text())

        yield on_round


def _lines(state: State) -> OnRound:
    rounds, step, due = state.rounds, max(1, round(state.rounds / 10)), 0

    def on_round(row: Row) -> None:
        nonlocal state, due
        state = state.after(row)
        if state.round >= due or state.round == rounds:
            with suppress(OSError):  # a reader that has gone, or a full disk, ends no run
                print(f"round {state.round}/{rounds}  {state.text()}", file=sys.stderr, flush=True)
            due = state.round - state.round % step + step

    return on_round
