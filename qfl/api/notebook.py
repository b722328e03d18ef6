"""A run in a notebook: its progress as one output that is drawn anew after each round, and its report inline."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from qfl.api.progress import State
from qfl.metric import Metric

FRAME = '<iframe srcdoc="{page}" style="width: 100%; height: 640px; border: 1px solid #ccc" title="{title}"></iframe>'
BAR = '<div style="font-family: monospace"><progress value="{round}" max="{rounds}"></progress> {text}</div>'


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook.

    Example:
        >>> in_notebook()
        False
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


@contextmanager
def show_widget(rounds: int, metric: Metric) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Yield the function to call with every finished round's row; it draws the cell's output anew.

    Args:
        rounds: Rounds of the whole run.
        metric: What the task is measured by.
    """
    from IPython.display import HTML, display

    state = State(rounds, metric)
    shown: Any = display(HTML(bar(state)), display_id=True)

    def on_round(row: dict[str, Any]) -> None:
        nonlocal state
        state = state.after(row)
        shown.update(HTML(bar(state)))

    yield on_round


@contextmanager
def show_runs(total: int) -> Iterator[Callable[[int, str], None]]:
    """Yield the function to call with the runs of a sweep that are done, and the last one's name; in a notebook alone.

    Args:
        total: Runs in all.
    """
    if not in_notebook():
        yield lambda done, name: None
        return
    from IPython.display import HTML, display

    shown: Any = display(HTML(BAR.format(round=0, rounds=total, text=f"0/{total} runs")), display_id=True)
    yield lambda done, name: shown.update(
        HTML(BAR.format(round=done, rounds=total, text=escape(f"{done}/{total} runs  {name}")))
    )


def bar(state: State) -> str:
    """Return a bar of the rounds that are done, with the last figures, as HTML.

    Example:
        >>> bar(State(10, round=4))
        '<div style="font-family: monospace"><progress value="4" max="10"></progress> round 4/10  </div>'
    """
    text = f"round {state.round}/{state.rounds}  {state.text()}"
    return BAR.format(round=state.round, rounds=state.rounds, text=escape(text))


def frame(report: Path) -> str:
    """Return a report, a page of its own, as a frame within another page.

    Args:
        report: The file, which needs nothing else.
    """
    return FRAME.format(page=escape(report.read_text(encoding="utf-8")), title=escape(report.parent.name))
