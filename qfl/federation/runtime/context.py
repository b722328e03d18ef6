"""From Flower's context to our settings."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from flwr.app import Context

from qfl.config import Settings, Value

HOME, DATA_ROOT = "home", "data-root"  # in a deployed client's node config


def run_settings(context: Context) -> Settings:
    """Return the settings of the run that a server or client app was started for.

    A deployed client's paths are its own: its keys, its data, and its folder, which its node config names. What the run
    config says about them is about the server's machine.

    A plain ``flwr run .`` names no run folder; then it is ``runs/flwr-<run id>`` under the working directory, which
    server and clients of a simulation share.

    Raises:
        ConfigError: If the run config has faults.
    """
    settings = _read(tuple(context.run_config.items()))
    if HOME in context.node_config:
        return _local(settings, context.node_config)
    if settings.run.folder:
        return settings
    return replace(settings, run=replace(settings.run, folder=str(Path.cwd() / "runs" / f"flwr-{context.run_id}")))


def _local(settings: Settings, node_config: Mapping[str, Any]) -> Settings:
    home = Path(str(node_config[HOME]))
    return replace(
        settings,
        data=replace(settings.data, root=str(node_config[DATA_ROOT])),
        security=replace(settings.security, keys=str(home / "keys")),
        qkd=replace(settings.qkd, folder=str(home / "kme") if settings.qkd.folder else ""),
        run=replace(settings.run, folder=str(home)),
    )


@lru_cache(maxsize=4)
def _read(flat: tuple[tuple[str, Value], ...]) -> Settings:
    """Return settings, read once per process and run: every message of every client asks for them."""
    return Settings.from_flat(dict(flat))
