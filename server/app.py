"""The Flower ServerApp: reads the settings, looks the strategy up by name, and runs the federation.

It works over any grid with the asked number of nodes: in process, under ``flwr run``, or deployed. Results are in the
run folder that ``run.folder`` names; Flower itself gives nothing back.
"""

from flwr.app import Context
from flwr.serverapp import Grid, ServerApp

from qfl.config import Settings
from qfl.federation.runtime.context import run_settings
from strategies.registry import make

app = ServerApp()


def check(settings: Settings) -> None:
    """Return if a federation can be begun with the settings; nothing is trained or written.

    Raises:
        UserError: If not.
    """
    from qfl.federation.server import prepare

    prepare(settings, make)


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Run the federation that the run config describes."""
    from qfl.federation.server import serve

    serve(grid, run_settings(context), make)
