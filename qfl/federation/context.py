"""From Flower's context to our settings."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from flwr.app import Context

from qfl.config import Settings, Value


def run_settings(context: Context) -> Settings:
    """Return the settings of the run that a server or client app was started for.

    A plain ``flwr run .`` names no run folder; then it is ``runs/flwr-<run id>`` under the working directory, which
    server and clients of a simulation share.

    Raises:
        ConfigError: If the run config has faults.
    """
    settings = _read(tuple(context.run_config.items()))
    if settings.run.folder:
        return settings
    return replace(settings, run=replace(settings.run, folder=str(Path.cwd() / "runs" / f"flwr-{context.run_id}")))


@lru_cache(maxsize=4)
def _read(flat: tuple[tuple[str, Value], ...]) -> Settings:
    """Return settings, read once per process and run: every message of every client asks for them."""
    return Settings.from_flat(dict(flat))
