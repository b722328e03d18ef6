"""``qfl deploy run``: hand a run to the deployment's SuperLink and follow it."""

from dataclasses import replace
from pathlib import Path

from qfl.config import Settings
from qfl.deployment.control import require_up
from qfl.deployment.operator import operator
from qfl.errors import ConfigError
from qfl.federation.runtime.flower_run import follow_run
from qfl.federation.runtime.progress import OnRound
from qfl.results import RunFolder

PATIENCE_S = 300.0  # for which the SuperLink may be away


def run_deployed(folder: str | Path, settings: Settings, root: Path, on_round: OnRound) -> RunFolder:
    """Run a checkout's app on a deployment that is up, and return the run folder.

    Args:
        folder: The deployment, or its server's folder.
        settings: ``run.folder`` is absolute. ``backend`` and ``security.keys`` become the deployment's.
        root: The checkout.
        on_round: Called with every finished round's row.

    Raises:
        ConfigError: If the deployment is not up, is smaller than the run, or Flower refuses the app.
        RoundFailed: If the run failed.
    """
    place, host = require_up(folder)
    if settings.clients.count > host.clients:
        raise ConfigError(
            f"clients.count = {settings.clients.count}, but {folder} was made for {host.clients} clients; "
            f"give --set clients.count={host.clients}"
        )
    return follow_run(operator(place, host), deployed(settings, place), root, on_round, (), PATIENCE_S)


def deployed(settings: Settings, server: Path) -> Settings:
    """Return the settings as they hold on the server; each client puts its own paths in their place."""
    security = replace(settings.security, keys=str(server / "keys"))
    return replace(settings, backend="deployed", security=security)
