"""``qfl bench``: print speed ratios, each measured in one run beside the peer at its best."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from qfl.api.checkout import find_checkout
from qfl.cli.ending import mark_interrupted, short
from qfl.cli.parsing import Commands, add_command, word
from qfl.cli.streams import short_warnings, stdout_to_stderr
from qfl.errors import ConfigError
from qfl.studies.bench.table import BENCHMARKS

EXAMPLES = """
qfl bench vqc
qfl bench vqc --json
qfl bench round --json
qfl bench qaoa --folder runs/bench-qaoa
qfl bench cellfree --json
qfl bench deploy --json
qfl bench scale --json
"""


def register(commands: Commands) -> None:
    """Declare ``qfl bench``."""
    parser = add_command(commands, "bench", "print speed ratios beside PennyLane and Ray", EXAMPLES, bench)
    parser.add_argument(
        "name",
        choices=tuple(BENCHMARKS),
        help="; ".join(f"{name}: {each.about}" for name, each in BENCHMARKS.items()),
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--folder", metavar="FOLDER", type=word, help="keep numbers, page and picture in a new folder")


def bench(options: Namespace) -> int:
    """Run one benchmark and print its figures; keep them where a folder is given."""
    benchmark = BENCHMARKS[options.name]
    checkout = find_checkout(Path.cwd()) if benchmark.in_checkout else Path.cwd()
    from qfl.studies.bench.study import STUDY, request_of
    from qfl.studies.request import finish

    with _folder(options.folder) as path:
        request = request_of(options.name, checkout, path)
        print(f"{options.name}: {benchmark.about} ...", file=sys.stderr)
        try:
            with stdout_to_stderr(), short_warnings():
                result = STUDY.conduct(request)
        except BaseException:
            mark_interrupted(path)
            raise
        finish(request, result)
        print(json.dumps(result.numbers, indent=None if options.json else 2))
        if options.folder:
            print(f"page  {short(result.page)}", file=sys.stderr)
    return 0


@contextmanager
def _folder(given: str | None) -> Iterator[Path]:
    """Give the folder that was asked for, or one that is gone afterwards.

    Raises:
        ConfigError: If there is something in the folder.
    """
    if given is None:
        with TemporaryDirectory() as name:
            yield Path(name) / "bench"
    elif os.path.lexists(given) and (not os.path.isdir(given) or os.listdir(given)):
        raise ConfigError(f"--folder {given}: there is something already; give a new folder")
    else:
        yield Path(given)
