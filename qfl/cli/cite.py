"""``qfl cite RUN``: BibTeX of the project, and of the articles that a run's example, model and strategy are from."""

from argparse import Namespace

from qfl.cli.papers import papers_of, project
from qfl.cli.parsing import Commands, add_command

EXAMPLES = """
qfl cite runs/quickstart-20261121-081500-1f3a
qfl cite runs/quickstart-20261121-081500-1f3a >> thesis.bib
"""


def register(commands: Commands) -> None:
    """Declare ``qfl cite``."""
    about = "print BibTeX of this project, and of the articles that a run is from"
    parser = add_command(commands, "cite", about, EXAMPLES, cite)
    parser.add_argument("folder", metavar="RUN", help="a run folder of `qfl run`, `qfl compare` or `qfl reproduce`")


def cite(options: Namespace) -> int:
    """Print the entries; they follow from the folder's run.json alone."""
    from qfl.results import RunFolder

    header = RunFolder(options.folder).header
    print("\n\n".join([project(), *(paper.bibtex() for paper in papers_of(header))]))
    return 0
