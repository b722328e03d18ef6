"""``qfl compare [FILE.toml]``: schedulers beside each other on the same instances, with a certified bound."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.cli.checkout import find_checkout
from qfl.cli.ending import short
from qfl.cli.parsing import Commands, add_command
from qfl.cli.streams import short_warnings, stdout_to_stderr
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.results import RunFolder

DEFAULT = Path("examples/qfl_6g/fig4a.toml")
EXAMPLES = """
qfl compare
qfl compare examples/qfl_6g/fig4a.toml --json
qfl compare --seeds 3 --set num-devices=50 --set num-channels=5 --set variant=V2
qfl compare --resume runs/compare-fig4a-20261121-081500-1f3a
"""


def register(commands: Commands) -> None:
    """Declare ``qfl compare``."""
    parser = add_command(
        commands, "compare", "compare QAOA, SCA and the other schedulers on the same uplinks", EXAMPLES, compare
    )
    parser.add_argument("file", metavar="FILE.toml", nargs="?", help=f"what to compare; {DEFAULT} if not given")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end, and no progress lines")
    parser.add_argument("--seeds", metavar="N", type=int, help="the same as --set seeds=N")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="overrides",
        help="change a setting (any number of times)",
    )
    parser.add_argument(
        "--resume", metavar="RUN", help="continue or redraw a comparison's run folder; with --seeds N, widen it"
    )


def compare(options: Namespace) -> int:
    """Measure what is missing, draw everything, and say where it is."""
    from qfl.comparison.page import write_comparison
    from qfl.comparison.run import run, show_rows

    folder, settings = _begin(options)
    try:
        with stdout_to_stderr(), short_warnings():
            rows = run(folder, settings, show_rows(not options.json))
            found = write_comparison(folder, settings, rows)
    except KeyboardInterrupt:
        print(f"qfl: stopped; continue with `qfl compare --resume {short(folder.path)}`", file=sys.stderr)
        return 130
    print(json.dumps(found) if options.json else _ending(found))
    return 0


def _begin(options: Namespace) -> "tuple[RunFolder, Any]":
    from qfl.comparison.run import create, settings_of
    from qfl.comparison.settings import comparison_from, flat_settings, read_comparison
    from qfl.results import RunFolder

    if options.resume is not None:
        if options.file or options.overrides:
            raise ConfigError("--resume continues a comparison with its own settings; leave out the file and --set")
        folder = RunFolder(options.resume)
        settings = settings_of(folder)
        if options.seeds is not None:
            settings = comparison_from(flat_settings(settings) | {"seeds": options.seeds})
        return folder, settings
    file = Path(options.file) if options.file else find_checkout(Path.cwd()) / DEFAULT
    settings = read_comparison(file, options.overrides, options.seeds)
    return create(settings, file.stem), settings


def _ending(found: dict[str, Any]) -> str:
    methods = sorted(found["methods"].items(), key=lambda item: -item[1]["percent_of_bound"])
    lines = [f"{'method':20s} {'Mbit/s':>14s}  {'% of bound':>10s}  {'evaluations':>11s}  {'seconds':>8s}  start"]
    for name, own in methods:
        value = own["value_mbps"]
        lines.append(
            f"{name:20s} {value['mean']:6.2f} ± {value['sd']:5.2f}  {own['percent_of_bound']:10.1f}  "
            f"{own['evaluations']:11,.0f}  {own['seconds']:8.3f}  {own['start']}"
        )
    bound = found["bound"]["value_mbps"]
    return "\n".join(
        (
            *lines,
            f"{'certified bound':20s} {bound['mean']:6.2f} ± {bound['sd']:5.2f}",
            f"{found['variant']}: {found['variant_means']}; {found['seeds']} seeds",
            f"report   {short(Path(found['report']))}",
            f"picture  {short(Path(found['picture']))}",
        )
    )
