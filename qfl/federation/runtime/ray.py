"""The same run through ``flwr run``: Flower's own runtime, with Ray underneath and one client process per core.

Everything starts from an empty directory: Ray puts the working directory first on its workers' path, so two checkouts
that share one would run each other's clients.
"""

from pathlib import Path

from qfl.config import Settings
from qfl.federation.runtime.cluster import require_ray
from qfl.federation.runtime.flower_run import follow_run
from qfl.federation.runtime.progress import OnRound
from qfl.federation.runtime.superlink import local_superlink
from qfl.results import RunFolder


def run_with_ray(settings: Settings, root: Path, on_round: OnRound) -> RunFolder:
    """Run a checkout's app with ``flwr run`` and return the run folder.

    Args:
        settings: ``run.folder`` is absolute.
        root: The checkout.
        on_round: Called with every finished round's row.

    Raises:
        MissingExtra: If Ray is not installed.
        ConfigError: If Flower refuses the app or its config.
        RoundFailed: If the run failed.
    """
    require_ray()
    nodes = f"num-supernodes={settings.clients.count} client-resources-num-cpus=1"
    with local_superlink() as superlink:
        return follow_run(superlink, settings, root, on_round, ("--federation-config", nodes))
