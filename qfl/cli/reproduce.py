"""``qfl reproduce NAME``: a table or figure of a paper again, the paper's number beside ours."""

import json
from argparse import Action, Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qfl.api.checkout import find_checkout, here
from qfl.cli.border import complain
from qfl.cli.ending import mark_interrupted, short
from qfl.cli.parsing import Commands, add_changes, add_command
from qfl.cli.streams import short_warnings, stdout_to_stderr
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.studies.examples import Placed

ABSENT = (
    "reproductions live in the examples/ of a checkout of the project, and none is here; "
    "clone the project and call `qfl reproduce` in it"
)

EXAMPLES = """
qfl reproduce table1 --quick
qfl reproduce table1 --quick --json
qfl reproduce table1 --seed 7 --set seeds=1 --set printed.epochs=20
qfl reproduce table1 --resume runs/table1-20261126-101500-1f3a
qfl reproduce fig4a --keep
qfl reproduce --all --quick
qfl reproduce --all --only fig4a,fig4b --set fig4a.seeds=3
qfl reproduce --all --resume runs/all-20261130-101500-1f3a
"""


def register(commands: Commands) -> None:
    """Declare ``qfl reproduce``."""
    about = "measure a table or figure of a paper again, the paper's number beside ours"
    parser = add_command(commands, "reproduce", about, EXAMPLES, reproduce)
    parser.add_argument("name", metavar="NAME", nargs="?", action=_Name)
    parser.add_argument("--all", action="store_true", help="every study, one after another, into one page")
    parser.add_argument("--only", metavar="NAMES", help="with --all: these alone, such as fig4a,fig4b")
    parser.add_argument("--quick", action="store_true", help="less of everything: one seed, minutes instead of hours")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="the first seed; 1 if not given")
    add_changes(parser, "change one setting of the example's file, such as seeds=1 or printed.epochs=20 (repeatable)")
    parser.add_argument("--resume", metavar="RUN", help="go on in the folder of a reproduction that was interrupted")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="write page, pictures and numbers beside the example's run file, to commit them",
    )


class _Name(Action):
    """NAME, whose choices are read from the checkout when they are asked for, so that no other command waits for it."""

    @property
    def choices(self) -> "Mapping[str, Placed]":
        """The studies that there are."""
        return _studies()

    @choices.setter
    def choices(self, given: Any) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Leave it: what there is to reproduce is not known before."""

    @property
    def help(self) -> str:
        """What each study measures; where there is no checkout, how to get one."""
        try:
            lines = [f"{name}: {placed.example.about}" for name, placed in self.choices.items()]
        except ConfigError as error:
            lines = [str(error)]
        return "; ".join(lines).replace("%", "%%")

    @help.setter
    def help(self, text: str | None) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Leave it, likewise."""

    def __call__(self, parser: Any, namespace: Namespace, values: Any, option_string: str | None = None) -> None:
        """Take the word."""
        namespace.name = values


def reproduce(options: Namespace) -> int:
    """Measure what the folder lacks, write its page and figures, and print paper's number | ours | seeds."""
    studies = _studies()
    if options.all:
        from qfl.cli.reproduce_all import reproduce_all

        return reproduce_all(options, studies)
    if options.only is not None:
        raise ConfigError("--only is for --all; give NAME, or --all --only NAMES")
    if options.name is None:
        raise ConfigError("the following arguments are required: NAME; see `qfl reproduce --help`")
    placed = studies[options.name]
    from qfl.spread import finite
    from qfl.studies.reproduction import reproduce as conduct
    from qfl.studies.request import begin
    from qfl.writing import alone

    checkout = placed.folder.parent.parent
    asked = {"quick": options.quick, "seed": options.seed, "changes": options.overrides}
    request = begin(options.name, checkout, placed.file, **asked, resume=options.resume or "", sources=placed.digest)
    try:
        with alone(request.folder.path), stdout_to_stderr(), short_warnings():
            result = conduct(placed, request)
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
    numbers = finite(result.numbers) | {"page": str(result.page)}
    said = f"{result.text}\n\npage  {short(result.page)}"
    if options.keep:
        from qfl.studies.kept import keep

        kept = keep(placed, request, result)
        numbers, said = numbers | {"kept": str(kept)}, f"{said}\nkept  {short(kept)}"
    print(json.dumps(numbers) if options.json else said)
    return 0


def _studies() -> "dict[str, Placed]":
    from qfl.studies.examples import examples_of

    start = here()
    try:
        checkout = find_checkout(start)
    except ConfigError:
        raise ConfigError(ABSENT) from None
    return examples_of(checkout)
