"""Weights & Biases: a run of the project ``qfl``, offline in the run's folder unless this machine has an API key.

``WANDB_MODE``, ``WANDB_PROJECT`` and W&B's other variables are kept. Offline files are uploaded with
``wandb sync runs/NAME/wandb/offline-run-*``.
"""

import os
from collections.abc import Mapping
from netrc import NetrcParseError, netrc
from typing import Any
from urllib.parse import urlsplit

from qfl.config import Settings
from qfl.results import Row, RunFolder
from qfl.tracking.sinks.sink import numbers


class WandB:
    """Writes settings as the config, every number of a row as history whose step is the round, the end as summary."""

    def start(self, settings: Settings) -> None:
        """Begin a run whose id is the run's own, so that a resumed one goes on under it."""
        import wandb  # type: ignore[import-not-found]

        folder = RunFolder(settings.run.folder)
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", "qfl"),
            name=folder.path.name,
            id=str(folder.header["run_id"]),
            dir=str(folder.path),
            mode=None if "WANDB_MODE" in os.environ or has_key() else "offline",
            resume="allow",
            config=settings.to_flat(),
            settings=wandb.Settings(silent=True, console="off", disable_git=True, save_code=False),
            reinit="create_new",
        )

    def row(self, row: Row) -> None:
        """Write a round's numbers."""
        self._run.log(numbers(row), step=row["round"], commit=True)

    def end(self, summary: Mapping[str, Any]) -> None:
        """Write how the run ended, and wait until all is written."""
        self._run.summary.update(dict(summary))
        self._run.finish(exit_code=0 if summary.get("status") == "completed" else 1)


def has_key() -> bool:
    """Return whether this machine has an API key of W&B, by ``WANDB_API_KEY`` or ``wandb login``."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")).hostname or ""
    try:
        return netrc(os.environ.get("NETRC")).authenticators(host) is not None
    except (OSError, NetrcParseError):
        return False
