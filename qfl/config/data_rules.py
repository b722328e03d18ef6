"""What data and model must be to each other, once it is known how many features and labels the data have."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from qfl.config.attack_rules import attack_fits_the_data
from qfl.config.subjects import num_features
from qfl.extend import is_reference

if TYPE_CHECKING:
    from qfl.config.settings import Settings

Rule = Callable[["Settings", int, int], Iterator[str]]


def data_faults(settings: "Settings", pixels: int, labels: int, doubtful: frozenset[str] = frozenset()) -> list[str]:
    """Return a sentence for everything that cannot be with data of so many features and labels.

    Args:
        settings: Each within its own range.
        pixels: Features of a sample as it is read.
        labels: Classes.
        doubtful: Subjects that had faults of their own: no rule that reads them is asked.
    """
    return [
        fault
        for rule, subjects in RULES.items()
        if not doubtful & set(subjects)
        for fault in rule(settings, pixels, labels)
    ]


def no_targets(name: str) -> str:
    """Return why a data set of classes is none for a regression, as a sentence."""
    return (
        f'task = "regress" predicts numbers, and data.name = {name!r} has classes; name a file or a function with '
        'targets, or set task = "classify"'
    )


def _features_fit_the_circuit(s: "Settings", pixels: int, labels: int) -> Iterator[str]:
    features, qubits = num_features(s.data, pixels), s.model.qubits
    if s.model.name != "vqc":
        return
    if s.model.encoding == "amplitude" and qubits is not None and features > 2**qubits:
        yield (
            f"amplitude encoding of {features} features does not fit model.qubits = {qubits} ({2**qubits} amplitudes); "
            f"use model.qubits = {(features - 1).bit_length()} or more, or reduce with data.side or data.pca"
        )
    if s.model.encoding == "angle" and features > (qubits or 20):
        yield (
            f"angle encoding takes one feature per qubit, but there are {features} features and "
            f"{qubits or 'at most 20'} qubits; set data.pca = {qubits or 8}"
        )
    if s.model.encoding == "reupload" and qubits is None:
        yield "data re-uploading needs model.qubits, for example model.qubits = 8"
    if s.model.encoding == "reupload" and is_reference(s.model.ansatz):
        yield 'model.encoding = "reupload" goes with our ansatze; let your own upload features between its layers'
    if is_reference(s.model.encoding) and qubits is None:
        yield "an encoding of your own needs model.qubits, for example model.qubits = 8"


def _qubits_tell_labels_apart(s: "Settings", pixels: int, labels: int) -> Iterator[str]:
    """Logits are Z and ZZ words, and n qubits have n + n (n - 1) / 2 of them."""
    qubits = s.model.qubits or max(1, (num_features(s.data, pixels) - 1).bit_length())
    both = s.data.pca is not None and s.data.side is not None
    known = s.model.qubits is not None or (s.model.encoding == "amplitude" and not both)
    words, least = qubits * (qubits + 1) // 2, next(n for n in range(1, 100) if n * (n + 1) // 2 >= min(labels, 4000))
    if s.model.name == "vqc" and known and words < labels:
        yield (f"{qubits} qubits have {words} Z and ZZ words for {labels} labels; use model.qubits = {least} or more")


def _features_exist(s: "Settings", pixels: int, labels: int) -> Iterator[str]:
    if s.data.pca is not None and s.data.side is not None:
        yield f"data.pca = {s.data.pca} and data.side = {s.data.side} exclude each other; keep one"
    if (s.data.pca or 0) > pixels or (s.data.side or 0) ** 2 > pixels:
        yield f"data.pca and data.side cannot make more features than {s.data.name}'s {pixels}; choose a smaller one"
    if s.task == "classify" and s.data.labels_per_client > labels:
        yield (
            f"data.labels-per-client = {s.data.labels_per_client}: {s.data.name} has {labels} labels; choose at most "
            f"{labels}"
        )


def _model_sees_images(s: "Settings", pixels: int, labels: int) -> Iterator[str]:
    if s.model.name == "cnn" and s.data.pca is not None:
        yield "model.name = 'cnn' needs pixels; drop data.pca"


# rule -> the subjects it reads
RULES: dict[Rule, tuple[str, ...]] = {
    _features_fit_the_circuit: ("data", "model"),
    _qubits_tell_labels_apart: ("data", "model"),
    _features_exist: ("data",),
    _model_sees_images: ("data", "model"),
    attack_fits_the_data: ("attack", "data"),
}
