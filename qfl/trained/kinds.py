"""Which file makes a task's trained model; none is imported to read the table."""

from qfl.errors import ConfigError
from qfl.extend import load_object

KINDS = {
    "classify": "qfl.trained.classifier",
    "regress": "qfl.trained.regressor",
    "d2d": "qfl.trained.power_control",
    "cell_free": "qfl.trained.cell_free",
}
PARTS = ("describe", "restore")


def kind_of(task: str, part: str):
    """Return a task's ``describe`` (facts of its data for the file) or ``restore`` (the model from a file).

    Raises:
        ConfigError: If the task is one of the user's own, which model files do not know.

    Example:
        >>> kind_of("classify", "restore").__name__
        'restore'
    """
    if task not in KINDS:
        raise ConfigError(f"task = {task!r} has no model file; those of {', '.join(KINDS)} have")
    return load_object(f"{KINDS[task]}:{part}")
