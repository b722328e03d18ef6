"""``qfl bench``: print speed ratios, each measured in one run beside the peer at its best."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qfl.cli.checkout import find_checkout
from qfl.cli.parsing import Commands, add_command
from qfl.cli.streams import short_warnings, stdout_to_stderr

EXAMPLES = """
qfl bench vqc
qfl bench vqc --json
qfl bench round --json
qfl bench qaoa --json
qfl bench cellfree --json
qfl bench deploy --json
"""


def register(commands: Commands) -> None:
    """Declare ``qfl bench``."""
    parser = add_command(commands, "bench", "print speed ratios beside PennyLane and Ray", EXAMPLES, bench)
    parser.add_argument(
        "name", choices=tuple(BENCHMARKS), help="; ".join(f"{n}: {a}" for n, (a, _) in BENCHMARKS.items())
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def bench(options: Namespace) -> int:
    """Run one benchmark and print its figures."""
    about, run = BENCHMARKS[options.name]
    print(f"{options.name}: {about} ...", file=sys.stderr)
    with stdout_to_stderr(), short_warnings():
        figures = run()
    print(json.dumps(figures, indent=None if options.json else 2))
    return 0


def _vqc() -> dict[str, Any]:
    from qfl.bench.vqc import bench_vqc

    return bench_vqc()


def _round() -> dict[str, Any]:
    from qfl.bench.round import bench_round

    return bench_round(find_checkout(Path.cwd()))


def _qaoa() -> dict[str, Any]:
    from qfl.bench.qaoa import bench_qaoa

    return bench_qaoa()


def _deploy() -> dict[str, Any]:
    from qfl.bench.deploy import bench_deploy

    return bench_deploy(find_checkout(Path.cwd()))


def _schedule() -> dict[str, Any]:
    from qfl.bench.schedule import bench_schedule

    return bench_schedule()


def _cellfree() -> dict[str, Any]:
    from qfl.bench.cell_free import bench_cell_free
    from qfl.bench.cell_free_edge import edge_training

    return bench_cell_free() | {"edge_training": edge_training()}


def _star() -> dict[str, Any]:
    from qfl.bench.star import bench_star

    return bench_star()


BENCHMARKS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "vqc": ("one gradient step of 200 clients, beside PennyLane's loop and broadcasting (1 minute)", _vqc),
    "round": ("one signed round of 200 clients, beside Flower's Ray with PennyLane (2 minutes)", _round),
    "qaoa": ("states of one-hot QAOA, beside PennyLane with the same mixer on qubits (half a minute)", _qaoa),
    "deploy": ("a round over SuperLink and four SuperNodes, beside the same in one process (3 minutes)", _deploy),
    "star": ("star circuits of SQM-GNN with gradient, beside PennyLane's simulators (1 minute)", _star),
    "schedule": ("matching and QAOA on the cell of the case study, and growth with the devices (1 minute)", _schedule),
    "cellfree": ("cost of a cell-free network's parts, growth with its size, and training (a minute)", _cellfree),
}
