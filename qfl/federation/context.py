"""From Flower's context to our settings."""

from dataclasses import replace
from pathlib import Path

from flwr.app import Context

from qfl.config import Settings


def run_settings(context: Context) -> Settings:
    """Return the settings of the run that a server or client app was started for.

    A plain ``flwr run .`` names no run folder; then it is ``runs/flwr-<run id>`` under the working directory, which
    server and clients of a simulation share.

    Raises:
        ConfigError: If the run config has faults.
    """
    settings = Settings.from_flat(context.run_config)
    if settings.run.folder:
        return settings
    return replace(settings, run=replace(settings.run, folder=str(Path.cwd() / "runs" / f"flwr-{context.run_id}")))
