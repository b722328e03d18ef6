"""``qfl bench``: print speed ratios, each measured in one run beside the peer at its best."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from qfl.cli.checkout import find_checkout
from qfl.cli.parsing import Commands, add_command
from qfl.cli.streams import short_warnings, stdout_to_stderr
from qfl.extend import load_object

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
        "name", choices=tuple(BENCHMARKS), help="; ".join(f"{n}: {a}" for n, (a, *_) in BENCHMARKS.items())
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def bench(options: Namespace) -> int:
    """Run one benchmark and print its figures."""
    about, place, in_checkout = BENCHMARKS[options.name]
    print(f"{options.name}: {about} ...", file=sys.stderr)
    with stdout_to_stderr(), short_warnings():
        figures = _measure(place, in_checkout)
    print(json.dumps(figures, indent=None if options.json else 2))
    return 0


def _measure(place: str, in_checkout: bool) -> dict[str, Any]:
    """Return the figures of a benchmark; those of whole rounds run the app of a checkout."""
    run = load_object(f"qfl.studies.bench.{place}")
    return run(find_checkout(Path.cwd())) if in_checkout else run()


# name: (what it measures, module:function in qfl.studies.bench, whether it takes a checkout)
BENCHMARKS: dict[str, tuple[str, str, bool]] = {
    "vqc": (
        "one gradient step of 200 clients, beside PennyLane's loop and broadcasting (1 minute)",
        "vqc:bench_vqc",
        False,
    ),
    "round": (
        "one signed round of 200 clients, beside Flower's Ray with PennyLane (2 minutes)",
        "round:bench_round",
        True,
    ),
    "qaoa": (
        "states of one-hot QAOA, beside PennyLane with the same mixer on qubits (half a minute)",
        "qaoa:bench_qaoa",
        False,
    ),
    "deploy": (
        "a round over SuperLink and four SuperNodes, beside the same in one process (3 minutes)",
        "deploy:bench_deploy",
        True,
    ),
    "star": (
        "star circuits of SQM-GNN with gradient, beside PennyLane's simulators (1 minute)",
        "star:bench_star",
        False,
    ),
    "schedule": (
        "matching and QAOA on the cell of the case study, and growth with the devices (1 minute)",
        "schedule:bench_schedule",
        False,
    ),
    "cellfree": (
        "cost of a cell-free network's parts, growth with its size, and training (a minute)",
        "cell_free:bench_whole",
        False,
    ),
}
