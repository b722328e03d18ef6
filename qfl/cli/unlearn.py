"""``qfl unlearn RUN``: which updates of a client counted from a round on, and the run again without them."""

import json
import secrets
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from qfl.cli.parsing import Commands, add_command

if TYPE_CHECKING:
    from qfl.api.unlearn import Unlearning

EXAMPLES = """
qfl unlearn runs/quickstart-20261121-081500-1f3a --client 7 --from-round 12 --list
qfl unlearn runs/quickstart-20261121-081500-1f3a --client 7 --from-round 12
"""


def register(commands: Commands) -> None:
    """Declare ``qfl unlearn``."""
    about = "train a run again without a client's updates from a round on"
    parser = add_command(commands, "unlearn", about, EXAMPLES, unlearn)
    parser.add_argument("folder", metavar="RUN", help="a run folder that `qfl run` made")
    parser.add_argument("--client", metavar="N", type=int, required=True, help="the client's number")
    parser.add_argument("--from-round", metavar="R", type=int, default=1, help="first round without it (default 1)")
    parser.add_argument("--folder", metavar="NEW", dest="new", help="the new run's folder (default: beside RUN)")
    parser.add_argument("--list", action="store_true", help="only say which updates counted")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def unlearn(options: Namespace) -> int:
    """Say which updates counted, by the ledger, and train again without them."""
    from qfl.api.unlearn import plan, rerun
    from qfl.results import RunFolder

    folder = RunFolder(options.folder)
    asked = plan(folder, options.client, options.from_round)
    told: dict[str, object] = {
        "client": asked.client,
        "from_round": asked.from_round,
        "accepted": {number: digest.hex() for number, digest in asked.accepted.items()},
        "base": asked.base,
    }
    if not options.json:
        print("\n".join(_sentences(asked)), flush=True)
    if asked.accepted and not options.list:
        beside = folder.path.with_name(f"{folder.path.name}-without-{asked.client}-{secrets.token_hex(2)}")
        new = Path(options.new).resolve() if options.new else beside
        done = rerun(folder, asked, new, progress=False if options.json else None)
        told |= {"run": str(new), "final": done.summary}
        if not options.json:
            print(f"run      {new}")
    if options.json:
        print(json.dumps(told))
    return 0


def _sentences(asked: "Unlearning") -> list[str]:
    if not asked.accepted:
        return [f"no update of client {asked.client} counted from round {asked.from_round} on: nothing to unlearn"]
    rounds = ", ".join(map(str, asked.accepted))
    base = f"the kept checkpoint of round {asked.base}" if asked.checkpoint else "the beginning, no checkpoint is kept"
    return [
        f"{len(asked.accepted)} updates of client {asked.client} counted from round {asked.from_round} on: {rounds}",
        f"training without them begins at {base}",
    ]
