"""Settings that are fine one by one and impossible together: each rule says so in one sentence."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from qfl.config.subjects import num_features
from qfl.specs import DATASETS, MODELS, models_of

if TYPE_CHECKING:
    from qfl.config.settings import Settings


ON_DEVICES = ("vqc", "sqm_gnn", "qgnn", "edge_plus", "edge_printed")
"""Models whose circuits run on PennyLane's devices, too."""


def combination_faults(settings: "Settings", doubtful: frozenset[str] = frozenset()) -> list[str]:
    """Return a sentence for every group of settings that cannot hold together.

    Args:
        settings: The settings, each within its own range.
        doubtful: Subjects (``"data"``, ...) that had faults of their own: no rule that reads them is asked.
    """
    rules = RULES | (OF_IMAGES if settings.task == "classify" else {})
    return [fault for rule, subjects in rules.items() if not doubtful & set(subjects) for fault in rule(settings)]


def _model_fits_the_task(s: "Settings") -> Iterator[str]:
    if s.model.name not in models_of(s.task):
        yield (
            f"model.name = {s.model.name!r} does not go with task = {s.task!r}; "
            f"expected one of {', '.join(models_of(s.task))}"
        )


def _cell_free_model_gets_what_it_needs(s: "Settings") -> Iterator[str]:
    regional, own = MODELS[s.model.name].client == "region", s.cell_free
    losses = ("min_rate", "sum_rate") if regional else ("slnr", "target")
    if s.task != "cell_free":
        return
    if own.loss not in losses:
        yield (
            f"cell-free.loss = {own.loss!r} does not go with model.name = {s.model.name!r}; "
            f"expected one of {', '.join(losses)}"
        )
    if regional and own.mode != "shared":
        yield f"cell-free.mode = {own.mode!r} is for edge models; regions share one {s.model.name}, use 'shared'"
    if regional and own.csi != "full":
        yield f"cell-free.csi = {own.csi!r}, but {s.model.name} reads channels; use cell-free.csi = 'full'"


def _selection_has_labels(s: "Settings") -> Iterator[str]:
    if s.clients.selection == "balanced" and s.task != "classify":
        yield f"clients.selection = 'balanced' needs labels, and task = {s.task!r} has none; use 'uniform'"


def _direct_links_exist(s: "Settings") -> Iterator[str]:
    low, high = s.d2d.min_pair_m, s.d2d.max_pair_m
    if s.task == "d2d" and not low <= high:
        yield f"d2d.min-pair-m = {low:g} is more than d2d.max-pair-m = {high:g}; give direct links a range"
    if s.task == "d2d" and low >= s.d2d.field_m * 2.0**-s.d2d.density_spread:
        yield f"d2d.field-m = {s.d2d.field_m:g} leaves no room for direct links of {low:g} m; give a larger field"


def _features_fit_the_circuit(s: "Settings") -> Iterator[str]:
    features, qubits = num_features(s.data), s.model.qubits
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


def _qubits_tell_labels_apart(s: "Settings") -> Iterator[str]:
    """Ten logits are ten Z and ZZ words, and n qubits have n + n (n - 1) / 2 of them."""
    qubits = s.model.qubits or (num_features(s.data) - 1).bit_length()
    both = s.data.pca is not None and s.data.side is not None
    known = s.model.qubits is not None or (s.model.encoding == "amplitude" and not both)
    if s.model.name == "vqc" and known and qubits < 4:
        words = qubits * (qubits + 1) // 2
        yield f"{qubits} qubits have {words} Z and ZZ words for 10 labels; use model.qubits = 4 or more"


def _features_exist(s: "Settings") -> Iterator[str]:
    pixels = DATASETS[s.data.name].pixels
    if s.data.pca is not None and s.data.side is not None:
        yield f"data.pca = {s.data.pca} and data.side = {s.data.side} exclude each other; keep one"
    if (s.data.pca or 0) > pixels or (s.data.side or 0) ** 2 > pixels:
        yield f"data.pca and data.side cannot make more features than {s.data.name}'s {pixels}; choose a smaller one"
    if s.data.labels_per_client > 10:
        yield f"data.labels-per-client = {s.data.labels_per_client}: {s.data.name} has 10 labels; choose at most 10"


def _model_sees_images(s: "Settings") -> Iterator[str]:
    if s.model.name == "cnn" and s.data.pca is not None:
        yield "model.name = 'cnn' needs pixels; drop data.pca"


def _enough_clients(s: "Settings") -> Iterator[str]:
    asked, count = s.clients.asked, s.clients.count
    if asked > count:
        yield f"clients.per-round = {asked} is more than clients.count = {count}; ask at most {count}"
    elif s.clients.selection == "full" and asked != count:
        yield f"clients.selection = 'full' asks all {count} clients, not {asked}; drop clients.per-round"


def _engine_has_noise(s: "Settings") -> Iterator[str]:
    if s.engine == "exact" and (s.noise.depolarising or s.noise.readout or s.device.shots is not None):
        yield 'noise and shots need engine = "pennylane"; the exact engine has neither'


def _engine_has_a_circuit(s: "Settings") -> Iterator[str]:
    if s.engine == "pennylane" and s.model.name not in ON_DEVICES:
        yield (
            f'engine = "pennylane" runs model.name = {", ".join(map(repr, ON_DEVICES))}, not {s.model.name!r}; '
            'use engine = "exact"'
        )


def _library_signs(s: "Settings") -> Iterator[str]:
    if s.security.algorithm.startswith("Falcon") and s.security.library != "liboqs":
        yield f"security.algorithm = {s.security.algorithm!r} needs security.library = 'liboqs'"


# rule -> the subjects it reads
RULES: dict[Callable[["Settings"], Iterator[str]], tuple[str, ...]] = {
    _model_fits_the_task: ("task", "model"),
    _cell_free_model_gets_what_it_needs: ("task", "model", "cell-free", "engine"),
    _enough_clients: ("clients",),
    _selection_has_labels: ("task", "clients"),
    _direct_links_exist: ("task", "d2d"),
    _engine_has_noise: ("engine", "noise", "device"),
    _engine_has_a_circuit: ("engine", "model"),
    _library_signs: ("security",),
}

# the same, for task = "classify" alone
OF_IMAGES: dict[Callable[["Settings"], Iterator[str]], tuple[str, ...]] = {
    _features_fit_the_circuit: ("data", "model"),
    _qubits_tell_labels_apart: ("data", "model"),
    _features_exist: ("data",),
    _model_sees_images: ("data", "model"),
}
