"""What ``qfl predict`` and ``qfl evaluate`` share: a model file, who must have signed it, and samples."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from qfl.cli.parsing import Parser, add_changes
from qfl.config import Settings, read_run_file
from qfl.errors import ConfigError, Damaged, DataError
from qfl.reading import read_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qfl.trained.model import TrainedModel


def add_trained_options(parser: Parser) -> None:
    """Declare the model, its signer, and where samples come from."""
    parser.add_argument("model", metavar="MODEL", help="a model file that `qfl export` wrote")
    parser.add_argument("data", metavar="DATA.npz", nargs="?", help="samples: numpy's arrays x, and y for labels")
    parser.add_argument("--dataset", metavar="FILE.toml", help="take the test set of a run file instead")
    add_changes(parser, "change a setting of --dataset (any number of times)")
    parser.add_argument(
        "--signed-by", metavar="KEYS", help="refuse a model that the server of this key folder did not sign"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def trained_model(options: Namespace) -> "TrainedModel":
    """Return the model of the options.

    Raises:
        UserError: If the file is refused, or the key folder cannot be read.
    """
    from qfl.security import keystore
    from qfl.trained.model import load_model

    key = None if options.signed_by is None else keystore.load_roster(options.signed_by).server
    return load_model(options.model, signed_by=key)


def data_settings(options: Namespace) -> Settings | None:
    """Return the settings of ``--dataset``; None where it is not given.

    Raises:
        ConfigError: If samples are given twice, or --set without a file to change.
    """
    if options.dataset is not None and options.data is not None:
        raise ConfigError(f"{options.data} and --dataset {options.dataset} are both given; leave one of them out")
    if options.dataset is None and options.overrides:
        raise ConfigError("--set changes a setting of --dataset FILE.toml, which is not given; give it")
    return None if options.dataset is None else read_run_file(options.dataset, options.overrides)


def read_samples(path: str) -> dict[str, "NDArray"]:
    """Return the arrays of a file of samples.

    Raises:
        DataError: If it is no such file, or has no ``x``.
    """
    try:
        arrays = read_arrays(Path(path))
    except Damaged as error:
        raise DataError(f"{path} {error}; write samples with numpy.savez({Path(path).name!r}, x=...)") from None
    if "x" not in arrays:
        names = ", ".join(sorted(arrays)) or "no array"
        raise DataError(
            f"{path} holds {names[:200]}, but no x; write samples with numpy.savez({Path(path).name!r}, x=...)"
        )
    return arrays
