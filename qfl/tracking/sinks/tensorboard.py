"""TensorBoard: event files in the run's folder, ``tensorboard/``; look at them with ``tensorboard --logdir runs``."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.config.fields import as_toml
from qfl.results import Row
from qfl.tracking.sinks.sink import numbers

FOLDER = "tensorboard"


class TensorBoard:
    """Writes every number of a row as a scalar, its step the round; the settings as a text."""

    def start(self, settings: Settings) -> None:
        """Open a new event file; those before it stay, as TensorBoard reads all of a folder's in order."""
        logging.getLogger("tensorboard").setLevel(logging.ERROR)
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(Path(settings.run.folder) / FOLDER), filename_suffix=".qfl")
        if not settings.run.resume:
            lines = "\n".join(f"    {key} = {as_toml(value)}" for key, value in settings.to_flat().items())
            self._writer.add_text("settings", lines, 0)

    def row(self, row: Row) -> None:
        """Write a round's numbers, and see to it that they are in the file."""
        for name, value in numbers(row).items():
            self._writer.add_scalar(name, value, row["round"])
        self._writer.flush()

    def end(self, summary: Mapping[str, Any]) -> None:
        """Close the file."""
        self._writer.close()
