"""``qfl export RUN``: a run's trained model as one signed file, or its circuit as a program."""

from argparse import Namespace

from qfl.cli.parsing import Commands, add_command
from qfl.errors import ConfigError

EXAMPLES = """
qfl export runs/quickstart-20261121-081500-1f3a
qfl export runs/quickstart-20261121-081500-1f3a -o digits.npz
qfl export runs/quickstart-20261121-081500-1f3a --format pennylane -o digits.py
qfl export runs/quickstart-20261121-081500-1f3a --format qasm --sample 0 -o digit.qasm
"""
MODEL = "model"


def register(commands: Commands) -> None:
    """Declare ``qfl export``."""
    about = "write a run's trained model into one file, signed with the key of the run's server"
    parser = add_command(commands, "export", about, EXAMPLES, export)
    parser.add_argument("folder", metavar="RUN", help="a run folder that `qfl run` made")
    parser.add_argument("-o", "--output", metavar="FILE", help="the file (default model.npz in the run folder)")
    parser.add_argument("--best", action="store_true", help="the best round by data.validation instead of the last")
    parser.add_argument(
        "--format",
        choices=(MODEL, "pennylane", "qasm"),
        default=MODEL,
        help="a model file, or the circuit alone: a PennyLane program, OpenQASM 3",
    )
    parser.add_argument(
        "--sample", type=int, metavar="N", help="write sample N of the test set into OpenQASM, instead of inputs"
    )


def export(options: Namespace) -> int:
    """Write the model file, or the circuit, and print its path."""
    from qfl.trained.export import export_circuit, export_run

    if options.format == MODEL:
        if options.sample is not None:
            raise ConfigError("--sample is of --format qasm; a model file takes any samples, so leave it out")
        print(export_run(options.folder, options.output or "", best=options.best))
        return 0
    path, sample = options.output or "", options.sample
    print(export_circuit(options.folder, options.format, path, sample=sample, best=options.best))
    return 0
