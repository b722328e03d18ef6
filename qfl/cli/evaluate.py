"""``qfl evaluate MODEL [DATA.npz]``: how good a trained model is."""

import json
from argparse import Namespace

from qfl.cli.parsing import Commands, add_command
from qfl.cli.trained_options import add_trained_options, data_settings, read_samples, trained_model
from qfl.specs import metric_of

EXAMPLES = """
qfl evaluate digits.npz                    on the test set of the run that trained it
qfl evaluate digits.npz images.npz         on samples x with labels y
qfl evaluate digits.npz images.npz --signed-by keys
qfl evaluate digits.npz --dataset examples/quickstart/quickstart.toml --set seed=2
"""


def register(commands: Commands) -> None:
    """Declare ``qfl evaluate``."""
    parser = add_command(commands, "evaluate", "say how good a trained model is on samples", EXAMPLES, evaluate)
    add_trained_options(parser)


def evaluate(options: Namespace) -> int:
    """Print the task's figures."""
    settings, model = data_settings(options), trained_model(options)
    if options.data is None:
        from qfl.trained.held_out import evaluate_on

        found = evaluate_on(model, settings)
    else:
        samples = read_samples(options.data)
        found = model.evaluate(samples["x"], samples.get("y"))
    if options.json:
        print(json.dumps(found | {"signed_by": model.signed_by}))
        return 0
    metric = metric_of(model.settings.task)
    samples = f" on {found['samples']} samples" if "samples" in found else " on the test set of its run"
    print(f"{metric.text(found[metric.name])}  loss {found['loss']:.4f}{samples}")
    print(f"signed by {model.signed_by[:16]}, the server of run {model.provenance.get('name')}")
    return 0
