"""MLflow: a run of the experiment ``qfl``, in the store that ``MLFLOW_TRACKING_URI`` names, else in ``mlflow.db``.

That file, an SQLite database, lies beside the run's folder, so that runs of one folder share it:
``mlflow ui --backend-store-uri sqlite:///runs/mlflow.db``.
"""

import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.results import Row, RunFolder
from qfl.tracking.sinks.sink import numbers

EXPERIMENT = "qfl"
TAG = "qfl.run_id"
ENDS = {"completed": "FINISHED", "interrupted": "KILLED", "failed": "FAILED"}
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
"""A server that is away costs a round half a minute, not an hour; whoever sets these has the last word."""


class MLflow:
    """Writes settings as parameters, every number of a row as a metric whose step is the round, the end as tags."""

    def start(self, settings: Settings) -> None:
        """Make a run in the store, or open the one that this run made there before."""
        for name, value in (PATIENCE | {"MLFLOW_DISABLE_TELEMETRY": "true"}).items():
            os.environ.setdefault(name, value)
        from mlflow.entities import Param  # type: ignore[import-not-found]
        from mlflow.tracking import MlflowClient  # type: ignore[import-not-found]

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        folder = RunFolder(settings.run.folder)
        self._client = MlflowClient(tracking_uri=store_of(folder.path))
        own, experiment = str(folder.header["run_id"]), self._experiment()
        before = self._client.search_runs([experiment], f"tags.`{TAG}` = '{own}'", max_results=1)
        if before:
            self._run = before[0].info.run_id
            self._client.update_run(self._run, status="RUNNING")
            return
        self._run = self._client.create_run(experiment, run_name=folder.path.name, tags={TAG: own}).info.run_id
        params = [Param(key, str(value)) for key, value in settings.to_flat().items()]
        for begin in range(0, len(params), 100):  # as many as a store takes at once
            self._client.log_batch(self._run, params=params[begin : begin + 100])

    def row(self, row: Row) -> None:
        """Write a round's numbers in one transaction."""
        from mlflow.entities import Metric  # type: ignore[import-not-found]

        now = time.time_ns() // 1_000_000
        found = [Metric(name, value, now, row["round"]) for name, value in numbers(row).items()]
        self._client.log_batch(self._run, metrics=found)

    def end(self, summary: Mapping[str, Any]) -> None:
        """Say how the run ended."""
        for name, value in summary.items():
            self._client.set_tag(self._run, f"qfl.{name}", str(value))
        self._client.set_terminated(self._run, ENDS.get(str(summary.get("status")), "FAILED"))

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(EXPERIMENT)
        return found.experiment_id if found else self._client.create_experiment(EXPERIMENT)


def store_of(folder: Path) -> str:
    """Return the address of the store for a run in a folder.

    Example:
        >>> import os
        >>> kept = os.environ.pop("MLFLOW_TRACKING_URI", None)
        >>> store_of(Path("/work/runs/one"))
        'sqlite:////work/runs/mlflow.db'
    """
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{folder.parent / 'mlflow.db'}"
