"""``qfl export RUN``: a run's trained model as one signed file."""

from argparse import Namespace

from qfl.cli.parsing import Commands, add_command

EXAMPLES = """
qfl export runs/quickstart-20261121-081500-1f3a
qfl export runs/quickstart-20261121-081500-1f3a -o digits.npz
"""


def register(commands: Commands) -> None:
    """Declare ``qfl export``."""
    about = "write a run's trained model into one file, signed with the key of the run's server"
    parser = add_command(commands, "export", about, EXAMPLES, export)
    parser.add_argument("folder", metavar="RUN", help="a run folder that `qfl run` made")
    parser.add_argument("-o", "--output", metavar="FILE", help="the file (default model.npz in the run folder)")
    parser.add_argument("--best", action="store_true", help="the best round by data.validation instead of the last")


def export(options: Namespace) -> int:
    """Write the model file and print its path."""
    from qfl.trained.export import export_run

    print(export_run(options.folder, options.output or "", best=options.best))
    return 0
