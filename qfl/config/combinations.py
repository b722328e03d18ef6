"""Settings that are fine one by one and impossible together: each rule says so in one sentence."""

import difflib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from qfl.config.attack_rules import attack_faults
from qfl.config.data_rules import data_faults, no_targets
from qfl.config.device_rules import device_faults
from qfl.config.listed import numbers_of, words_of
from qfl.config.masked_rules import masked_faults
from qfl.config.named_clients import client_faults, named_clients
from qfl.config.noise_rules import noise_faults, noisy
from qfl.config.privacy_rules import privacy_faults
from qfl.config.private import TABLES
from qfl.config.references import own_sinks, references
from qfl.extend import is_reference
from qfl.specs import DATASETS, MODELS, SINKS, labels_of, models_of

if TYPE_CHECKING:
    from qfl.config.settings import Settings


WEIGHTS = ("none", "balanced")  # of classes; a run may give numbers instead
OWN = '"sinks.py:Mine"'
ON_DEVICES = ("vqc", "sqm_gnn", "qgnn", "qsgcn", "edge_plus", "edge_printed", "ap_user_gnn")
"""Models whose circuits run on PennyLane's devices, too."""
CUT = ("conditional", "gated", "cartan_gated")
"""Updates whose stars are products of smaller ones: `qfl.quantum.star_phase.COMMUTING`."""
CLOUD_CIRCUITS = ("extended", "as_published")


def combination_faults(settings: "Settings", doubtful: frozenset[str] = frozenset()) -> list[str]:
    """Return a sentence for every group of settings that cannot hold together.

    Args:
        settings: The settings, each within its own range.
        doubtful: Subjects (``"data"``, ...) that had faults of their own: no rule that reads them is asked.
    """
    found = [fault for rule, subjects in RULES.items() if not doubtful & set(subjects) for fault in rule(settings)]
    if settings.task == "classify" and settings.data.name in DATASETS:
        data = DATASETS[settings.data.name]
        found += data_faults(settings, data.pixels, data.labels, doubtful)
    return found


def _model_fits_the_task(s: "Settings") -> Iterator[str]:
    if is_reference(s.task) or (is_reference(s.model.name) and labels_of(s.task)):
        return
    if s.model.name not in models_of(s.task):
        yield (
            f"model.name = {s.model.name!r} does not go with task = {s.task!r}; "
            f"expected one of {', '.join(models_of(s.task))}"
        )


def _cell_free_model_gets_what_it_needs(s: "Settings") -> Iterator[str]:
    if s.task != "cell_free" or s.model.name not in MODELS:
        return
    regional, own = MODELS[s.model.name].client == "region", s.cell_free
    losses = ("min_rate", "sum_rate") if regional else ("slnr", "target")
    if own.loss not in losses:
        yield (
            f"cell-free.loss = {own.loss!r} does not go with model.name = {s.model.name!r}; "
            f"expected one of {', '.join(losses)}"
        )
    if regional and own.mode != "shared":
        yield f"cell-free.mode = {own.mode!r} is for edge models; regions share one {s.model.name}, use 'shared'"
    if regional and own.csi != "full":
        yield f"cell-free.csi = {own.csi!r}, but {s.model.name} reads channels; use cell-free.csi = 'full'"
    if regional and own.coherent:
        yield f"cell-free.coherent = true, but {s.model.name} is trained on rates without phases; leave it false"
    if own.phase_error_rad and not own.coherent:
        yield (
            f"cell-free.phase-error-rad = {own.phase_error_rad:g}, but signals are not added in phase, so it has no "
            "effect; set cell-free.coherent = true, or leave it 0"
        )


def _stars_can_be_trained_and_cut(s: "Settings") -> Iterator[str]:
    if s.task != "d2d":
        return
    fewest = s.gnn.fewest_pairs
    if fewest and not 2 <= fewest < s.d2d.pairs:
        yield f"gnn.fewest-pairs = {fewest}: expected 0, or at least 2 and below d2d.pairs = {s.d2d.pairs}"
    if s.gnn.cut and s.model.name == "sqm_gnn" and s.gnn.update not in CUT:
        yield (
            f"gnn.cut = {s.gnn.cut}, but stars with gnn.update = {s.gnn.update!r} are no products; "
            f"take gnn.update = one of {', '.join(CUT)}, or leave the cut out"
        )


def _own_settings_have_an_owner(s: "Settings") -> Iterator[str]:
    owners = {key.partition(".")[0] for key in references(s)} | {"run" for _ in own_sinks(s)}
    if s.my and "task" not in owners:
        yield "[my] is set, but task does not name one of your own; name it, or leave the table out"
    for table in TABLES:
        if getattr(s, table).my and table not in owners:
            yield (
                f"[{table}.my] is set, but no setting of [{table}] names an object of your own; name one, or leave the "
                "table out"
            )


def _classes_have_weights(s: "Settings") -> Iterator[str]:
    given = s.data.class_weights
    numbers = numbers_of(given) or ()
    if given not in WEIGHTS and not (numbers and min(numbers) > 0):
        yield (
            f"data.class-weights = {given[:50]!r}: expected {', '.join(WEIGHTS)}, or a number above 0 for each class, "
            "for example data.class-weights = [1, 2.5]"
        )
    elif given != "none" and s.task != "classify":
        yield f"data.class-weights = {given[:50]!r}, but task = {s.task!r} has no classes; leave it out"


def _samples_are_held_out_of_shares(s: "Settings") -> Iterator[str]:
    if s.data.validation and not labels_of(s.task):
        yield (
            f"data.validation = {s.data.validation:g} holds samples out of clients' shares, but clients of task = "
            f"{s.task!r} draw their own; leave it out"
        )


def _sinks_are_known(s: "Settings") -> Iterator[str]:
    names = words_of(s.run.sinks)
    for name in dict.fromkeys(names):
        if name not in SINKS and not is_reference(name):
            near = difflib.get_close_matches(name, SINKS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(SINKS)}, or your own, such as {OWN}"
            yield f"run.sinks: {name[:50]!r} is no sink; {hint}"
        elif names.count(name) > 1:
            yield f"run.sinks names {name[:50]!r} twice; name it once"


def _natural_shares_have_holders(s: "Settings") -> Iterator[str]:
    if s.data.partition == "natural" and s.data.name in DATASETS:
        yield f"data.partition = 'natural', but nobody holds the samples of {s.data.name}; use 'iid'"


def _targets_are_numbers(s: "Settings") -> Iterator[str]:
    if s.task == "regress" and s.data.name in DATASETS:
        yield no_targets(s.data.name)


def _depths_have_a_circuit_and_a_mean(s: "Settings") -> Iterator[str]:
    if not s.clients.layers:
        return
    if s.model.name != "vqc" or s.engine != "exact":
        yield (
            f"clients.layers cuts circuits of model.name = 'vqc' on engine = 'exact', not of {s.model.name!r} on "
            f"{s.engine!r}; leave it out"
        )
    if s.strategy.name != "heterofl" and not is_reference(s.strategy.name):
        yield (
            f"clients.layers needs strategy.name = 'heterofl', which averages each entry over those that train it, "
            f"not {s.strategy.name!r}"
        )
    if s.train.personal:
        yield "clients.layers and train.personal do not go together; leave one out"


def _attacks_have_a_slope(s: "Settings") -> Iterator[str]:
    if s.train.adversarial and (s.task != "classify" or s.engine != "exact"):
        yield (
            f"train.adversarial = {s.train.adversarial:g} needs slopes in the samples, which task = 'classify' has on "
            f"engine = 'exact', not task = {s.task!r} on {s.engine!r}; leave it out"
        )


def _personal_entries_go_with_the_last_round(s: "Settings") -> Iterator[str]:
    if s.train.personal and s.round.checkpoint_every != 1:
        yield (
            f"train.personal with round.checkpoint-every = {s.round.checkpoint_every}: clients keep numbers that go "
            "with the last round; use 1"
        )


def _selection_has_labels(s: "Settings") -> Iterator[str]:
    if s.clients.selection == "balanced" and s.task != "classify":
        yield f"clients.selection = 'balanced' needs labels, and task = {s.task!r} has none; use 'uniform'"


def _direct_links_exist(s: "Settings") -> Iterator[str]:
    low, high = s.d2d.min_pair_m, s.d2d.max_pair_m
    if s.task == "d2d" and not low <= high:
        yield f"d2d.min-pair-m = {low:g} is more than d2d.max-pair-m = {high:g}; give direct links a range"
    if s.task == "d2d" and low >= s.d2d.field_m * 2.0**-s.d2d.density_spread:
        yield f"d2d.field-m = {s.d2d.field_m:g} leaves no room for direct links of {low:g} m; give a larger field"


def _enough_clients(s: "Settings") -> Iterator[str]:
    if faults := list(client_faults(s.clients)):
        yield from faults
        return
    asked, count, named = s.clients.asked, s.clients.count, named_clients(s.clients)
    if named is not None and asked > len(named):
        yield f"clients.per-round = {asked}, but clients.selection names {len(named)} clients; ask at most these"
    elif asked > count:
        yield f"clients.per-round = {asked} is more than clients.count = {count}; ask at most {count}"
    elif s.clients.selection == "full" and asked != count:
        yield f"clients.selection = 'full' asks all {count} clients, not {asked}; drop clients.per-round"


def _engine_has_noise(s: "Settings") -> Iterator[str]:
    if s.engine == "exact" and (noisy(s) or s.device.shots is not None):
        yield 'noise and shots need engine = "pennylane" (shots also "pool"); the exact engine has neither'


def _engine_has_a_circuit(s: "Settings") -> Iterator[str]:
    if s.engine == "pennylane" and s.model.name not in ON_DEVICES and not is_reference(s.model.name):
        yield (
            f'engine = "pennylane" runs model.name = {", ".join(map(repr, ON_DEVICES))}, not {s.model.name!r}; '
            'use engine = "exact"'
        )


def _cloud_has_a_circuit(s: "Settings") -> Iterator[str]:
    if s.task != "cell_free" or s.cell_free.cloud_engine == "exact":
        return
    if s.engine == "exact":
        yield 'cell-free.cloud-engine = "pennylane" needs engine = "pennylane", which has the device'
    if MODELS[s.model.name].client == "region":
        yield f"cell-free.cloud-engine = 'pennylane', but {s.model.name} has no cloud; use an edge model, or 'exact'"
    elif s.cell_free.assignment not in CLOUD_CIRCUITS:
        yield (
            f"cell-free.cloud-engine = 'pennylane', but cell-free.assignment = {s.cell_free.assignment!r} has no "
            f"circuit; expected one of {', '.join(CLOUD_CIRCUITS)}"
        )


def _library_signs(s: "Settings") -> Iterator[str]:
    if s.security.algorithm.startswith("Falcon") and s.security.library != "liboqs":
        yield f"security.algorithm = {s.security.algorithm!r} needs security.library = 'liboqs'"


def _quantum_keys_have_a_seal(s: "Settings") -> Iterator[str]:
    if s.security.qkd != "none" and s.security.seal == "none":
        yield (
            f"security.qkd = {s.security.qkd!r} mixes keys into the seal, and security.seal = 'none' has none; "
            "use security.seal = 'auto'"
        )
    if s.security.qkd == "etsi" and not s.qkd.folder:
        yield "security.qkd = 'etsi' needs qkd.folder, the folder of kme.json and certificates; name it"
    if s.security.qkd != "etsi" and s.qkd.folder:
        yield f"qkd.folder is for security.qkd = 'etsi', not {s.security.qkd!r}; leave it out"


def _clusters_have_the_backend(s: "Settings") -> Iterator[str]:
    if s.ray.address and s.backend != "ray":
        yield f'ray.address = {s.ray.address!r} with backend = {s.backend!r}; use backend = "ray", or leave it out'


# rule -> the subjects it reads
RULES: dict[Callable[["Settings"], Iterator[str]], tuple[str, ...]] = {
    _model_fits_the_task: ("task", "model"),
    _cell_free_model_gets_what_it_needs: ("task", "model", "cell-free", "engine"),
    _stars_can_be_trained_and_cut: ("task", "model", "gnn", "d2d"),
    _enough_clients: ("clients",),
    _own_settings_have_an_owner: ("data", "model", "strategy", "clients", "radio", "noise", "attack", "run"),
    _sinks_are_known: ("run",),
    _classes_have_weights: ("task", "data"),
    _samples_are_held_out_of_shares: ("task", "data"),
    _natural_shares_have_holders: ("data",),
    _targets_are_numbers: ("task", "data"),
    _depths_have_a_circuit_and_a_mean: ("clients", "model", "engine", "strategy", "train"),
    _attacks_have_a_slope: ("task", "engine", "train"),
    _personal_entries_go_with_the_last_round: ("train", "round"),
    _selection_has_labels: ("task", "clients"),
    _direct_links_exist: ("task", "d2d"),
    _engine_has_noise: ("engine", "noise", "device"),
    noise_faults: ("noise", "strategy", "cell-free"),
    device_faults: ("engine", "device", "noise", "task", "model", "security"),
    _engine_has_a_circuit: ("engine", "model"),
    _cloud_has_a_circuit: ("task", "model", "cell-free", "engine"),
    _library_signs: ("security",),
    _quantum_keys_have_a_seal: ("security", "qkd"),
    _clusters_have_the_backend: ("ray", "backend"),
    attack_faults: ("attack", "backend", "clients", "task"),
    masked_faults: ("security", "strategy", "clients", "train", "round"),
    privacy_faults: ("privacy", "security", "strategy", "clients", "train", "round", "data", "task", "model", "attack"),
}
