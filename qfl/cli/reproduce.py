"""``qfl reproduce NAME``: a table or figure of a paper again, the paper's number beside ours."""

import json
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qfl.cli.border import complain
from qfl.cli.checkout import find_checkout
from qfl.cli.ending import mark_interrupted, short
from qfl.cli.parsing import Commands, add_command
from qfl.cli.streams import short_warnings, stdout_to_stderr

if TYPE_CHECKING:
    from qfl.reproduction.request import Found, Request

EXAMPLES = """
qfl reproduce table1 --quick
qfl reproduce table1 --quick --json
qfl reproduce table1 --seed 7 --set seeds=1 --set printed.epochs=20
qfl reproduce table1 --resume runs/table1-20261126-101500-1f3a
"""


def register(commands: Commands) -> None:
    """Declare ``qfl reproduce``."""
    about = "measure a table or figure of a paper again, the paper's number beside ours"
    parser = add_command(commands, "reproduce", about, EXAMPLES, reproduce)
    parser.add_argument(
        "name",
        metavar="NAME",
        choices=tuple(REPRODUCTIONS),
        help="; ".join(f"{name}: {about}" for name, (about, _, _) in REPRODUCTIONS.items()),
    )
    parser.add_argument("--quick", action="store_true", help="less of everything: one seed, minutes instead of hours")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="the first seed; 1 if not given")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="change one setting of the example's file, such as seeds=1 or printed.epochs=20 (repeatable)",
    )
    parser.add_argument("--resume", metavar="RUN", help="go on in the folder of a reproduction that was interrupted")


def reproduce(options: Namespace) -> int:
    """Measure what the folder lacks, write its page and figures, and print paper's number | ours | seeds."""
    from qfl.errors import ConfigError
    from qfl.reproduction.request import begin, finish
    from qfl.spread import finite
    from qfl.writing import alone

    _, file, run = REPRODUCTIONS[options.name]
    checkout = find_checkout(Path.cwd())
    asked = {"quick": options.quick, "seed": options.seed, "changes": options.set}
    request = begin(options.name, checkout, file, **asked, resume=options.resume or "")
    try:
        with alone(request.folder.path), stdout_to_stderr(), short_warnings():
            found = run(request)
            page = finish(request, found)
    except ConfigError:
        request.folder.discard_unused()
        raise
    except KeyboardInterrupt:
        again = f"qfl reproduce {options.name} --resume {short(request.folder.path)}"
        mark_interrupted(request.folder.path)
        return complain(f"stopped; continue with `{again}`", 130)
    except Exception:
        again = f"qfl reproduce {options.name} --resume {short(request.folder.path)}"
        complain(f"what was measured is kept; go on, or draw it, with `{again}`", 1)
        raise
    print(
        json.dumps(finite(found.results) | {"page": str(page)})
        if options.json
        else f"{found.text}\n\npage  {short(page)}"
    )
    return 0


def _table1(request: "Request") -> "Found":
    from qfl.reproduction.table1 import reproduce_table1

    return reproduce_table1(request)


def _table2(request: "Request") -> "Found":
    from qfl.reproduction.table2 import reproduce_table2

    return reproduce_table2(request)


def _table3(request: "Request") -> "Found":
    from qfl.reproduction.table3 import reproduce_table3

    return reproduce_table3(request)


def _learning(request: "Request") -> "Found":
    from qfl.reproduction.learning import reproduce_learning

    return reproduce_learning(request)


def _federated(request: "Request") -> "Found":
    from qfl.reproduction.federated import reproduce_federated

    return reproduce_federated(request)


def _cellfree_fig4(request: "Request") -> "Found":
    from qfl.reproduction.cell_free.fig4 import run

    return run(request)


def _cellfree_fig5(request: "Request") -> "Found":
    from qfl.reproduction.cell_free.training_curves import reproduce_fig5

    return reproduce_fig5(request)


def _cellfree_fig6(request: "Request") -> "Found":
    from qfl.reproduction.cell_free.training_curves import reproduce_fig6

    return reproduce_fig6(request)


Run = Callable[["Request"], "Found"]

# name: (about, the example's file, what measures it); each imports what it needs only when it is called
REPRODUCTIONS: dict[str, tuple[str, str, Run]] = {
    "table1": ("SQM-GNN against WMMSE over pairs and powers", "examples/sqm_gnn/table1.toml", _table1),
    "table2": ("qubits and parameters; all models where they run", "examples/sqm_gnn/table2.toml", _table2),
    "table3": ("large and small star circuits under shots and noise", "examples/sqm_gnn/table3.toml", _table3),
    "fig3b": ("SQM-GNN's learning curves beside WMMSE", "examples/sqm_gnn/fig3b.toml", _learning),
    "federated": ("SQM-GNN over D2D regions, central and alone", "examples/sqm_gnn/federated.toml", _federated),
    "fig2": ("the first QGNN's learning curves, 300 realisations", "examples/qgnn_d2d/fig2.toml", _learning),
    "cellfree-fig4": ("rates of a cell-free network over SNR", "examples/cell_free/fig4.toml", _cellfree_fig4),
    "cellfree-fig5": ("the cloud's loss while it trains", "examples/cell_free/fig5.toml", _cellfree_fig5),
    "cellfree-fig6": ("the access points' loss while they train", "examples/cell_free/fig6.toml", _cellfree_fig6),
}
