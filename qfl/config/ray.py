"""Where clients are trained with ``backend = "ray"``: by Flower's simulation, or in groups on a Ray cluster."""

from dataclasses import dataclass

from qfl.config.setting import Subject, setting


@dataclass(frozen=True)
class RaySettings(Subject):
    """The Ray cluster that trains the clients."""

    address: str = setting(
        "",
        "Ray cluster that trains clients in groups, such as 'head.example.org:6379', or 'local' for one of this "
        "machine's cores; if empty, Flower's simulation trains each client by itself",
    )
    group: int = setting(32, "clients that a worker of the cluster trains in one tensor program", low=1)
