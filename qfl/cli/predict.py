"""``qfl predict MODEL DATA.npz``: what a trained model says of samples."""

import csv
import io
import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.cli.parsing import Commands, add_command
from qfl.cli.trained_options import add_trained_options, data_settings, read_samples, trained_model
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.trained.model import TrainedModel

EXAMPLES = """
qfl predict digits.npz images.npz
qfl predict digits.npz images.npz -o labels.csv
qfl predict digits.npz images.npz --json
qfl predict digits.npz --dataset examples/quickstart/quickstart.toml
"""
TABLE = list[list[Any]]


def register(commands: Commands) -> None:
    """Declare ``qfl predict``."""
    parser = add_command(commands, "predict", "say what a trained model makes of samples", EXAMPLES, predict)
    add_trained_options(parser)
    parser.add_argument("-o", "--output", metavar="FILE.csv", help="write a table instead of printing it")


def predict(options: Namespace) -> int:
    """Print or write one row per sample: label and probabilities, or powers."""
    if options.json and options.output:
        raise ConfigError("--json prints and --output writes a table; leave one of them out")
    settings, model = data_settings(options), trained_model(options)
    if options.data is None:
        if settings is None:
            raise ConfigError("give samples: a file DATA.npz with the array x, or --dataset FILE.toml")
        from qfl.trained.held_out import images_of

        x = images_of(model, settings).inputs
    else:
        x = read_samples(options.data)["x"]
    if options.json:
        print(json.dumps(_object(model, x)))
        return 0
    text = _csv(_rows(model, x))
    if options.output is None:
        print(text, end="")
        return 0
    from qfl.writing import write_atomically

    write_atomically(Path(options.output), text.encode())
    print(options.output)
    return 0


def _object(model: "TrainedModel", x: Any) -> dict[str, Any]:
    if model.classes:
        probabilities = model.probabilities(x)
        return {
            "labels": probabilities.argmax(-1).tolist(),
            "classes": list(model.classes),
            "probabilities": probabilities.tolist(),
        }
    named = {"targets": list(model.targets)} if model.targets else {}
    return named | {"predictions": model.predict(x).tolist()}


def _rows(model: "TrainedModel", x: Any) -> TABLE:
    if model.classes:
        values = model.probabilities(x)
        best = values.argmax(-1)
        head = ["sample", "label", "class", *(f"p_{name}" for name in model.classes)]
        return [head, *([k, int(best[k]), model.classes[best[k]], *row] for k, row in enumerate(values.tolist()))]
    values = model.predict(x)
    if model.targets:
        return [["sample", *model.targets], *([k, *row] for k, row in enumerate(values.tolist()))]
    flat = values.reshape(len(values), -1)
    places = [""] if not flat.shape[1] else ["_".join(map(str, place)) for place in _places(values.shape[1:])]
    return [["sample", *(f"value_{place}" for place in places)], *([k, *row] for k, row in enumerate(flat.tolist()))]


def _places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    import numpy as np

    return list(np.ndindex(*shape))


def _csv(rows: TABLE) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
