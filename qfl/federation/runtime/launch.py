"""Start a run: find the app of a checkout and put a grid under it, in this process or through ``flwr run``."""

import importlib
import secrets
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.config import Settings, read_toml
from qfl.errors import ConfigError
from qfl.federation.runtime.environment import go_offline
from qfl.federation.runtime.progress import OnRound, Stopped, listening
from qfl.results import RunFolder
from qfl.surroundings import own_surroundings

if TYPE_CHECKING:
    from qfl.federation.grids.in_process import Batch

RUN_ID = 1


@dataclass(frozen=True)
class App:
    """A Flower app, loaded.

    Args:
        server: The ServerApp.
        client: The ClientApp.
        train_batch: The client module's vectorised execution, or None where it has none.
        check: The server module's, which raises where no federation can be begun with settings; None where it has none.
        make_strategy: The server module's ``make``, from settings and layout to a strategy; None where it has none.
    """

    server: Any
    client: Any
    train_batch: Any
    check: Any = None
    make_strategy: Any = None


def check_app(settings: Settings, app_root: str | Path) -> None:
    """Return if the app of a checkout can begin a federation with the settings; nothing is trained or written.

    Raises:
        UserError: If it cannot.
    """
    with own_surroundings():
        go_offline()
        if check := load_app(Path(app_root).resolve()).check:
            check(settings)


def run_app(settings: Settings, app_root: str | Path, on_round: OnRound = lambda row: None) -> RunFolder:
    """Run the Flower app of a checkout with the given settings and return its run folder.

    The process is afterwards set as it was before, and what it was set to makes no difference (`qfl.surroundings`).

    Args:
        settings: ``backend`` says how clients run, ``run.folder`` where results go (if empty, a new one under runs/).
        app_root: Folder of the pyproject.toml whose ``[tool.flwr.app.components]`` name the apps.
        on_round: Called with every finished round's row; what it raises stops the run, which keeps that round and can
            be resumed.

    Raises:
        UserError: If settings, data, keys, app or run folder do not fit together.
        RoundFailed: If three rounds in a row failed.
        Exception: Whatever ``on_round`` raises.
    """
    with own_surroundings():
        return _run_app(settings, app_root, on_round)


def _run_app(settings: Settings, app_root: str | Path, on_round: OnRound) -> RunFolder:
    go_offline()
    root = Path(app_root).resolve()
    settings = replace(settings, run=replace(settings.run, folder=_folder(settings)))
    if settings.backend == "deployed":
        raise ConfigError('backend = "deployed" runs on a deployment; use `qfl deploy run DIR FILE.toml`')
    if settings.backend == "ray" and not settings.ray.address:
        from qfl.federation.runtime.ray import run_with_ray

        return run_with_ray(settings, root, on_round)
    try:
        with listening(on_round):
            _run_here(settings, root)
    except Stopped as stopped:
        raise stopped.error from None
    return RunFolder(settings.run.folder)


def _folder(settings: Settings) -> str:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return str(Path(settings.run.folder or f"runs/run-{stamp}-{secrets.token_hex(2)}").resolve())


def load_app(root: Path) -> App:
    """Return the apps that a checkout's pyproject.toml names, imported from that checkout and nowhere else.

    Raises:
        ConfigError: If an app is not named, cannot be found, or another one of its name was found first.
    """
    components = read_toml(root / "pyproject.toml").get("tool", {}).get("flwr", {}).get("app", {}).get("components", {})
    server = _attribute(root, components.get("serverapp", ""))
    client = _attribute(root, components.get("clientapp", ""))
    modules = [sys.modules[components[name].partition(":")[0]] for name in ("serverapp", "clientapp")]
    of_server = (getattr(modules[0], name, None) for name in ("check", "make"))
    return App(server, client, getattr(modules[1], "train_batch", None), *of_server)


def _attribute(root: Path, reference: str) -> Any:
    name, _, attribute = reference.partition(":")
    if not (name and attribute):
        raise ConfigError(f"{root / 'pyproject.toml'} names {reference!r} as an app; expected 'module:attribute'")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        module = importlib.import_module(name)
        app = getattr(module, attribute)
    except (ModuleNotFoundError, AttributeError) as error:
        raise ConfigError(f"cannot import {reference!r} of {root} ({error}); run from a complete checkout") from error
    found = Path(module.__file__ or "")
    if not found.resolve().is_relative_to(root):
        raise ConfigError(f"{name!r} was imported from {found}, not from {root}; run from an environment without it")
    return app


def _run_here(settings: Settings, root: Path) -> None:
    """Run the server in this process, and the clients here too, or on a cluster."""
    app = load_app(root)
    if settings.backend == "ray":
        from qfl.federation.runtime.cluster import cluster

        with cluster(settings, root, RUN_ID) as batch:
            return _run_in_process(settings, app, batch)
    return _run_in_process(settings, app, app.train_batch if settings.backend == "vectorised" else None)


def _run_in_process(settings: Settings, app: App, batch: "Batch | None") -> None:
    from flwr.app import Context, RecordDict

    from qfl.federation.adapter import SUPERLINK_NODE_ID
    from qfl.federation.grids.in_process import InProcessGrid

    config = settings.to_flat()
    grid = InProcessGrid(app.client, config, settings.clients.count, batch, RUN_ID)
    app.server(grid, Context(RUN_ID, SUPERLINK_NODE_ID, {}, RecordDict(), dict(config)))
