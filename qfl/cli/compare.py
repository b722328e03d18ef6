"""``qfl compare [FILE.toml]``: schedulers beside each other on the same instances, with a certified bound.

A file with a table ``[compare]`` compares federations instead (`qfl.cli.compare_learning`).
"""

import json
from argparse import Namespace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from qfl.api.checkout import find_checkout
from qfl.cli import compare_learning as learning
from qfl.cli import compare_schedulers as schedulers
from qfl.cli.border import complain
from qfl.cli.ending import mark_interrupted, short
from qfl.cli.parsing import Commands, add_changes, add_command
from qfl.cli.streams import short_warnings, stdout_to_stderr
from qfl.config import read_toml
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.results import RunFolder

DEFAULT = Path("examples/qfl_6g/fig4a.toml")
EXAMPLES = """
qfl compare
qfl compare examples/qfl_6g/fig4a.toml --json
qfl compare --seeds 3 --set num-devices=50 --set num-channels=5 --set variant=optional_channel
qfl compare --resume runs/compare-fig4a-20261121-081500-1f3a
qfl compare examples/qfl_6g/fig4b.toml --quick
"""


def register(commands: Commands) -> None:
    """Declare ``qfl compare``."""
    parser = add_command(
        commands, "compare", "compare schedulers on the same uplinks, or federations on them", EXAMPLES, compare
    )
    parser.add_argument("file", metavar="FILE.toml", nargs="?", help=f"what to compare; {DEFAULT} if not given")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end, and no progress lines")
    parser.add_argument("--seeds", metavar="N", type=int, help="the same as --set seeds=N")
    add_changes(parser)
    parser.add_argument("--quick", action="store_true", help="the file's quick form, where it compares federations")
    parser.add_argument(
        "--resume", metavar="RUN", help="continue or redraw a comparison's run folder; with --seeds N, widen it"
    )


def compare(options: Namespace) -> int:
    """Measure what is missing, draw everything, and say where it is; return 1 if a run or a method failed."""
    from qfl.writing import alone

    half, folder = _begin(options)
    try:
        with alone(folder.path), stdout_to_stderr(), short_warnings():
            numbers = half.measure(folder, options.seeds, options.json)
    except KeyboardInterrupt:
        mark_interrupted(folder.path)
        return complain(f"stopped; continue with `qfl compare --resume {short(folder.path)}`", 130)
    except Exception:
        folder.discard_unused()
        if folder.path.exists():
            again = f"qfl compare --resume {short(folder.path)}"
            complain(f"what was measured is kept; go on, or draw it, with `{again}`", 1)
        raise
    reports = [f"{name:8s} {short(Path(numbers[name]))}" for name in ("report", "picture")]
    print(json.dumps(numbers) if options.json else "\n".join([*half.ending(numbers), *reports]))
    return 1 if numbers.get("failures") else 0


def _begin(options: Namespace) -> "tuple[ModuleType, RunFolder]":
    """Return the half of the command that a file or a folder needs, and the folder."""
    if options.resume is not None:
        if options.file or options.overrides or options.quick:
            raise ConfigError(
                "--resume continues a comparison with its own settings; leave out the file, --set and --quick"
            )
        from qfl.results import RunFolder

        folder = RunFolder(options.resume)
        return (learning if folder.header.get("kind") == learning.KIND else schedulers), folder
    file = Path(options.file) if options.file else find_checkout(Path.cwd()) / DEFAULT
    half = learning if learning.TABLE in read_toml(file) else schedulers
    return half, half.begin(options, file)
