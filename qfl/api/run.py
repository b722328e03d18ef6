"""`run`: the signed, checked and recorded loop from Python, and `Run`: what it left, to be computed with.

::

    run = qfl.run("quickstart.toml", rounds=10, strategy="median", train={"local_steps": 2})
    run.rounds, run.clients           # DataFrames, or lists of dicts without pandas
    run.model().predict(images)
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from qfl.api.frames import table
from qfl.api.notebook import frame, in_notebook, show_widget
from qfl.api.outcome import outcome
from qfl.api.progress import show_progress
from qfl.api.settings import Asked, What, asked, flat, go_on
from qfl.config import Settings
from qfl.errors import RunFolderError
from qfl.federation.runtime.launch import run_app
from qfl.report import write_report
from qfl.results import RunFolder
from qfl.specs import metric_of
from qfl.tasks.build import building
from qfl.trained.export import export_run
from qfl.trained.model import TrainedModel, load_model

OnRound = Callable[[dict[str, Any]], None]


class Run:
    """A run that was begun, and what it left in its folder; a notebook shows its report.

    Args:
        folder: The run's folder.

    Raises:
        RunFolderError: If there is no run.
    """

    def __init__(self, folder: str | Path):
        self._rows = RunFolder(folder)

    @property
    def folder(self) -> Path:
        """The run folder, as `qfl.results` describes it."""
        return self._rows.path

    @property
    def settings(self) -> Settings:
        """All settings of the run."""
        return Settings.from_flat(self._rows.settings)

    @property
    def summary(self) -> dict[str, Any]:
        """Figure of merit, loss, rounds, seconds, angles and more in plain values: what ``qfl run --json`` prints."""
        return {"status": self._rows.header.get("status"), **outcome(self._rows, self.folder / "report.html")}

    @property
    def rounds(self) -> Any:
        """One row per round: a ``pandas.DataFrame``, or a list of dicts where pandas is not installed."""
        return table(self._rows.rounds())

    @property
    def clients(self) -> Any:
        """One row per round and asked client, with the reason of every refusal; as `rounds`."""
        return table(self._rows.clients())

    def model(self, *, best: bool = False) -> TrainedModel:
        """Return the trained model, after writing it into the folder as ``model.npz``, signed by the run's server.

        Args:
            best: Whether it is that of the round which the samples of ``data.validation`` rate best; else the last.

        Raises:
            ConfigError: If the run trained a Federation of the user's own objects.
            DataError: If the model was handed over in Python, or its file is not as it was in training.
            RunFolderError: If no round was finished.
        """
        return load_model(export_run(self.folder, best=best))

    def report(self) -> Path:
        """Draw report.html in the folder and return its path."""
        return write_report(self._rows)

    def _repr_html_(self) -> str:
        return frame(self.report())

    def __repr__(self) -> str:
        summary = self.summary
        metric = metric_of(summary["task"])
        figure = metric.text(summary[metric.name]) or "not tested yet"
        return f"<run {summary['status']}, {figure} after {summary['rounds']} rounds, {self.folder}>"


def run(
    what: What = None,
    app: str | Path | None = None,
    on_round: OnRound | None = None,
    *,
    rounds: int | None = None,
    strategy: Any = None,
    folder: str | Path | None = None,
    resume: bool = False,
    progress: bool | None = None,
    **settings: Any,
) -> Run:
    """Run a federation, signed, checked and recorded as by ``qfl run``, and return the `Run`.

    Args:
        what: A run file's path, `Settings`, a mapping of settings (flat or nested), or a `Federation`; with ``resume``
            also a run folder. None begins with the defaults.
        app: Folder of the app that trains; None takes the nearest above the run file or the working directory, else
            that which comes with the library.
        on_round: Called with the row of every finished round, as rounds.jsonl has it. What it raises stops the run,
            which keeps that round and can be resumed, and is raised here; StopIteration just ends the run.
        rounds: Federation rounds.
        strategy: A name, a reference, a pure rule, one of Flower's strategies or a class of them; or a table, such as
            ``{"name": "fedadam", "tau": 0.01}``.
        folder: Where results go; None makes one under ``runs/``.
        resume: Go on with the run in ``folder``; only ``rounds`` may grow.
        progress: Whether rounds are shown as they are done; None shows them in a notebook and on a terminal.
        **settings: Other settings: ``seed=2``, ``train={"local_steps": 2}``, ``**{"model.layers": 40}``. Where a run
            file takes a reference, the object itself may be given; it works in this process alone.

    Raises:
        UserError: If what was given does not fit together; before anything is trained.
        RoundFailed: If three rounds in a row failed.

    Example:
        >>> import tempfile
        >>> last = run({"clients": {"count": 10}, "model": {"layers": 1}}, rounds=1, folder=tempfile.mkdtemp()).rounds
        >>> len(last)
        2
    """
    changes = flat({"rounds": rounds, "strategy": strategy, **settings})
    request = go_on(what, folder, app, changes) if resume else _new(asked(what, app, changes), folder)
    return _begin(request, on_round, progress)


def _new(request: Asked, folder: str | Path | None) -> Asked:
    """Return what is asked for with the absolute path of a run folder that holds no run."""
    stamp = f"{request.name[:100]}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"
    path = Path(folder or request.settings.run.folder or Path("runs") / stamp).resolve()
    if os.path.lexists(path / "run.json"):
        raise RunFolderError(f"{path} holds a run already; go on with resume=True, or name another folder")
    return replace(
        request, settings=replace(request.settings, run=replace(request.settings.run, folder=str(path), resume=False))
    )


def _begin(request: Asked, on_round: OnRound | None, progress: bool | None) -> Run:
    settings, own = request.settings, request.federation
    with building(own) if own else nullcontext(), _shown(settings, progress) as show:

        def told(row: dict[str, Any]) -> None:
            show(row)
            if on_round:
                on_round(row)

        try:
            run_app(settings, request.app, told)
        except StopIteration:
            pass  # the run was to end here
    found = Run(settings.run.folder)
    found.report()
    return found


@contextmanager
def _shown(settings: Settings, progress: bool | None) -> Iterator[OnRound]:
    """Yield what shows a round: in the cell's output, on the terminal, or nowhere."""
    rounds, metric = settings.rounds, metric_of(settings.task)
    if progress is False:
        yield lambda row: None
    else:
        with show_widget(rounds, metric) if in_notebook() else show_progress(rounds, metric, not progress) as show:
            yield show
