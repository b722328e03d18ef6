"""Clients on a Ray cluster that is there: groups of them, each trained as one tensor program by whichever core is free.

Flower's simulation gives a worker one client at a time and starts Ray by itself. Here the server stays in this process,
as with ``backend = "vectorised"``, and what a round asks of its clients is cut into groups of `RaySettings.group`, one
Ray task each. A group's updates do not depend on who trains it, so neither the number of machines nor one that is lost
on the way changes the angles: Ray gives its groups to another. Replies come back in the order of asking.

Every machine needs the library, the app and the run folder under the same paths.
"""

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flwr.app import Context, Message, RecordDict

from qfl.config import Settings
from qfl.errors import ConfigError, MissingExtra
from qfl.federation.adapter import become_server
from qfl.federation.grids.in_process import Batch
from qfl.federation.runtime.environment import OFFLINE, go_offline
from qfl.shipped import install

LOCAL = "local"
WAIT_S = 5.0  # for an answer at the address
Group = tuple[list[Message], list[RecordDict]]


@contextmanager
def cluster(settings: Settings, root: Path, run_id: int) -> Iterator[Batch]:
    """Connect to a cluster; give what trains all clients of a round there.

    Args:
        settings: ``ray.address`` and ``ray.group``.
        root: The checkout whose app clients run.
        run_id: Flower's number of the run.

    Raises:
        MissingExtra: If Ray is not installed.
        ConfigError: If no cluster answers at the address.
    """
    require_ray()
    os.environ |= OFFLINE  # before Ray reads whether it may report its use
    import ray

    _connect(settings.ray.address, root)
    task = ray.remote(num_cpus=1, max_retries=-1, scheduling_strategy="SPREAD")(train_group)

    def batch(messages: list[Message], contexts: list[Context]) -> list[Message]:
        cuts = [slice(at, at + settings.ray.group) for at in range(0, len(messages), settings.ray.group)]
        groups = ray.get([task.remote(str(root), run_id, messages[cut], contexts[cut]) for cut in cuts])
        return [reply for cut, group in zip(cuts, groups, strict=True) for reply in _taken(group, contexts[cut])]

    try:
        yield batch
    finally:
        ray.shutdown()


def train_group(root: str, run_id: int, messages: list[Message], contexts: list[Context]) -> Group:
    """Return the replies of a group of clients, and what each keeps in its context; this runs on the cluster.

    Args:
        root: The checkout whose app they run.
        run_id: Flower's number of the run.
        messages: One for each client, all of one kind.
        contexts: Theirs.
    """
    from qfl.federation.runtime.launch import load_app
    from qfl.surroundings import own_surroundings

    go_offline()
    become_server(run_id)
    with own_surroundings():
        return load_app(Path(root)).train_batch(messages, contexts), [context.state for context in contexts]


def require_ray() -> None:
    """Return if Ray is installed.

    Raises:
        MissingExtra: If it is not.
    """
    if find_spec("ray") is None:
        raise MissingExtra(f'backend = "ray" needs Ray, which is not installed; run `{install("ray")}`')


def _taken(group: Group, contexts: list[Context]) -> list[Message]:
    replies, states = group
    for context, state in zip(contexts, states, strict=True):
        context.state = state
    return replies


def _connect(address: str, root: Path) -> None:
    import ray

    path = os.pathsep.join(dict.fromkeys([str(root), *filter(None, sys.path)]))
    variables = OFFLINE | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    where: dict[str, Any] = {"address": address}
    if address == LOCAL:
        where |= {"include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    try:
        _require_answer(address)
        ray.init(**where, runtime_env={"env_vars": variables}, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError, OSError, AssertionError) as fault:
        found = str(fault).strip().splitlines()
        raise ConfigError(
            f"ray.address = {address!r}: no Ray cluster answers there ({found[0][:200] if found else fault!r}); "
            "start one with `ray start --head`, or use 'local'"
        ) from None


def _require_answer(address: str) -> None:
    """Return if something listens at an address of host and port: Ray itself would wait for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=WAIT_S).close()
