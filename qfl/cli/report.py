"""``qfl report RUN``: draw a run's report."""

from argparse import Namespace

from qfl.cli.parsing import Commands, add_command

EXAMPLES = """
qfl report runs/quickstart-20261121-081500-1f3a
"""


def register(commands: Commands) -> None:
    """Declare ``qfl report``."""
    parser = add_command(commands, "report", "draw a run's report.html and print its path", EXAMPLES, report)
    parser.add_argument("folder", metavar="RUN", help="a run folder that `qfl run` made")


def report(options: Namespace) -> int:
    """Write report.html into the run folder, from the files there alone, and print its path."""
    from qfl.report import write_report
    from qfl.results import RunFolder

    print(write_report(RunFolder(options.folder)))
    return 0
