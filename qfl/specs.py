"""What a federation can be made of: one row per task, model and data set, and per attack on it.

A row says all that the rest of the code asks about a thing by its name: what makes it, from which settings, what it is
called. Its makers are references (`qfl.extend.load_object`), so that reading a table imports neither torch nor a
circuit, and a new model is a file and a row here. Solvers have their rows in `qfl.scheduling.specs`, aggregation
strategies in ``strategies/registry.py``.
"""

from typing import Literal

from qfl.errors import ConfigError
from qfl.extend import load_own
from qfl.metric import Metric
from qfl.spec_rows import AttackSpec, ChannelSpec, DatasetSpec, ModelSpec, SinkSpec, TaskSpec

TASKS: dict[str, TaskSpec] = {
    "classify": TaskSpec(
        Metric("accuracy", "Accuracy", "", 1.0, "cross entropy in nats", 0.0),
        "qfl.tasks.labelled:build_classify",
        "qfl.tasks.memory:labelled_needs",
        labels="classes",
    ),
    # nothing bounds R2 from below; a claim below this is a mistake
    "regress": TaskSpec(
        Metric("r2", "R\N{SUPERSCRIPT TWO}", "", 1.0, "square error over the targets' variance", 0.0, low=-1e18),
        "qfl.tasks.regress:build_regress",
        "qfl.tasks.memory:labelled_needs",
        labels="targets",
    ),
    # nothing bounds a sum rate; a claim above this is a mistake
    "d2d": TaskSpec(
        Metric("sum_rate", "Sum rate", "bit/s/Hz", 1e6, "negative sum rate in bit/s/Hz", -1e6),
        "qfl.tasks.d2d_regions:build_d2d",
        "qfl.tasks.memory:d2d_needs",
    ),
    # the least user's rate; at an access point log2(1 + SLNR), what it can promise by itself;
    # ideal is the best SLNR for edge models, and no interference for regions
    "cell_free": TaskSpec(
        Metric("rate", "Least rate", "bit/s/Hz", 1e6, "gap to the ideal in bit/s/Hz", -1e-3),
        "qfl.tasks.cell_free.build:build_cell_free",
        "qfl.tasks.memory:cell_free_needs",
    ),
}

LABELLED = ("classify", "regress")
STARS = {
    "layers": "gnn.layers",
    "heads": "gnn.heads",
    "k": "gnn.neighbours",
    "sampling": "gnn.sampling",
    "repeats": "gnn.repeats",
    "node_hidden": "gnn.node-hidden",
    "edge_hidden": "gnn.edge-hidden",
    "feature_bound": "gnn.feature-bound",
    "cut": "gnn.cut",
}
SQM = {
    **STARS,
    "message": "gnn.message",
    "update": "gnn.update",
    "neighbour_subsampling": "gnn.neighbour-subsampling",
}
OLD_NAMES = {"reach": "feature_bound", "thinning": "neighbour_subsampling"}  # of star networks' settings
OLD_FORMS = {"told": "cartan_gated"}  # of their blocks
WIDE = {"layers": "gnn.layers", "width": "gnn.width"}
REGION = {"layers": "gnn.layers", "heads": "gnn.heads", "width": "gnn.width"}
EDGE = {"num_qubits": "cell-free.qubits", "num_layers": "cell-free.layers"}
EDGE_MAKER, REGION_MAKER = "qfl.models.cloud_edge.edge:make_edge", "qfl.models.ap_user_gnn:ApUserGnn"

MODELS: dict[str, ModelSpec] = {
    "vqc": ModelSpec(
        LABELLED, "variational quantum circuit", "qfl.models.vqc:Vqc", {"settings": "model"}, quantum=True
    ),
    "logistic": ModelSpec(("classify",), "logistic regression", "qfl.models.logistic:make_logistic"),
    "mlp": ModelSpec(LABELLED, "multilayer perceptron", "qfl.models.mlp:make_mlp", {"hidden": "model.hidden"}),
    "cnn": ModelSpec(LABELLED, "small convolutional network", "qfl.models.cnn:make_cnn", {"hidden": "model.hidden"}),
    "linear": ModelSpec(("regress",), "linear regression", "qfl.models.linear:make_linear"),
    "sqm_gnn": ModelSpec(
        ("d2d",), "SQM-GNN", "qfl.models.sqm_gnn:SqmGnn", SQM, quantum=True, old_names=OLD_NAMES, old_words=OLD_FORMS
    ),
    "qgnn": ModelSpec(
        ("d2d",), "QGNN", "qfl.models.qgnn:Qgnn", STARS, quantum=True, old_names=OLD_NAMES, old_words=OLD_FORMS
    ),
    "qsgcn": ModelSpec(("d2d",), "QSGCN", "qfl.models.qsgcn:Qsgcn", {"layers": "gnn.layers"}, quantum=True),
    "wcgcn": ModelSpec(("d2d",), "WCGCN", "qfl.models.wcgcn:Wcgcn", WIDE),
    "gcn": ModelSpec(("d2d",), "GCN", "qfl.models.gcn:Gcn", WIDE),
    "edge_plus": ModelSpec(
        ("cell_free",), "extended edge circuit", EDGE_MAKER, EDGE, {"name": "edge_plus"}, "access point", quantum=True
    ),
    "edge_printed": ModelSpec(
        ("cell_free",), "printed edge circuit", EDGE_MAKER, EDGE, {"name": "edge_printed"}, "access point", quantum=True
    ),
    "edge_identity": ModelSpec(("cell_free",), "identity", EDGE_MAKER, EDGE, {"name": "edge_identity"}, "access point"),
    "edge_classical": ModelSpec(
        ("cell_free",), "classical layer", EDGE_MAKER, EDGE, {"name": "edge_classical"}, "access point"
    ),
    "ap_user_gnn": ModelSpec(
        ("cell_free",), "SQM-GNN of access points and users", REGION_MAKER, REGION, client="region", quantum=True
    ),
    "ap_user_classical": ModelSpec(
        ("cell_free",), "classical layers of equal size", REGION_MAKER, REGION, {"classical": True}, "region"
    ),
}

DATASETS: dict[str, DatasetSpec] = {
    "digits": DatasetSpec("scikit-learn's digits", "qfl.data.digits:load_digits", ("seed",), 64, 1437, 360),
    "mnist": DatasetSpec(
        "MNIST", "qfl.data.mnist:load_mnist", ("root",), 784, 60_000, 10_000, "qfl.data.mnist:mnist_files"
    ),
    "fashion-mnist": DatasetSpec(
        "Fashion-MNIST",
        "qfl.data.mnist:load_fashion_mnist",
        ("root",),
        784,
        60_000,
        10_000,
        "qfl.data.mnist:fashion_mnist_files",
    ),
    "blobs": DatasetSpec("Gaussian blobs", "qfl.data.blobs:load_blobs", ("seed", "samples"), 8, 0, 1000),
}


PATH_LOSS = "qfl.wireless.path_loss:"
RICIAN = ("rician_k_db", "correlated", "delay_spread_s")

UPLINK_CHANNELS: dict[str, ChannelSpec] = {
    "3gpp_128": ChannelSpec("128.1 + 37.6 log10(d/km) dB", f"{PATH_LOSS}macro_128_db", RICIAN, ("distance_m",)),
    "uma_los": ChannelSpec(
        "urban macro in line of sight", f"{PATH_LOSS}uma_los_db", RICIAN, ("distance_m", "carrier_hz")
    ),
    "uma_mix": ChannelSpec(
        "urban macro, in sight by chance", f"{PATH_LOSS}uma_mix_db", RICIAN, ("distance_m", "carrier_hz", "sight")
    ),
    "sionna_uma": ChannelSpec("urban macro with clusters", "qfl.wireless.sionna_uma:sionna_uma", whole=True),
}

D2D_CHANNELS: dict[str, ChannelSpec] = {
    "geometry": ChannelSpec(
        "ITU-1411 between places",
        "qfl.wireless.d2d:geometry_gain",
        ("field_m", "min_pair_m", "max_pair_m", "shadowing_db", "fading"),
    ),
    "rayleigh": ChannelSpec("i.i.d. Rayleigh fading", "qfl.wireless.d2d:rayleigh_gain"),
}


SINKS: dict[str, SinkSpec] = {
    "tensorboard": SinkSpec("qfl.tracking.sinks.tensorboard:TensorBoard", "tensorboard"),
    "mlflow": SinkSpec("qfl.tracking.sinks.mlflow:MLflow", "mlflow"),
    "wandb": SinkSpec("qfl.tracking.sinks.wandb:WandB", "wandb"),
}


ON_UPDATES, ON_SAMPLES = "qfl.testing.attacks.updates:", "qfl.testing.attacks.samples:"
TOGETHER = "qfl.testing.attacks.together:"

ATTACKS: dict[str, AttackSpec] = {
    "label-flip": AttackSpec("label flip", samples=f"{ON_SAMPLES}flip_labels"),
    "sign-flip": AttackSpec("sign flip", f"{ON_UPDATES}flip_sign", strength=1.0, unit="times the honest movement"),
    "scaled": AttackSpec("scaled update", f"{ON_UPDATES}scale", strength=10.0, unit="times the honest movement"),
    "a-little-is-enough": AttackSpec(
        "a little is enough", f"{TOGETHER}a_little", strength=1.5, colludes=True, unit="standard deviations"
    ),
    "inner-product": AttackSpec(
        "inner product", f"{TOGETHER}against_the_mean", strength=5.0, colludes=True, unit="times the mean movement"
    ),
    "backdoor": AttackSpec("trigger backdoor", samples=f"{ON_SAMPLES}add_trigger"),
    "model-replacement": AttackSpec(
        "model replacement",
        f"{ON_UPDATES}replace_model",
        f"{ON_SAMPLES}add_trigger",
        unit="times the trained movement; 0 takes asked clients over attackers",
    ),
    "free-rider": AttackSpec("free riders", f"{ON_UPDATES}ride_free", strength=0.01, unit="rad of noise"),
    "tampering": AttackSpec("bits flipped in memory", f"{ON_UPDATES}flip_bits", strength=4.0, unit="bits of an update"),
}


def models_of(task: str, client: str = "") -> dict[str, ModelSpec]:
    """Return the models of a task, all or those whose clients are of a kind.

    Example:
        >>> list(models_of("cell_free", "region"))
        ['ap_user_gnn', 'ap_user_classical']
    """
    return {name: spec for name, spec in MODELS.items() if task in spec.tasks and client in ("", spec.client)}


def is_drawn(data: str) -> bool:
    """Tell whether a data set is drawn from the seed, with as many samples as the settings say.

    Example:
        >>> is_drawn("blobs"), is_drawn("digits"), is_drawn("own.csv")
        (True, False, False)
    """
    return data in DATASETS and "samples" in DATASETS[data].given


def metric_of(task: str) -> Metric:
    """Return the metric of a task by the task's name.

    Example:
        >>> metric_of("classify").name
        'accuracy'
    """
    return TASKS[task].metric if task in TASKS else own_metric(task)


def own_metric(task: str) -> Metric:
    """Return the metric of a user's own task: the attribute ``metric`` of what makes its federation.

    Raises:
        ConfigError: If there is no such object, or it does not say what it is measured by.
    """
    found = getattr(load_own(task, "task"), "metric", None)
    if not isinstance(found, Metric):
        name = task.partition(":")[2]
        raise ConfigError(
            f"task = {task!r} does not say what it is measured by; set {name}.metric = "
            'qfl.metric.Metric("r2", "R squared", "", 1.0, "mean square error", 0.0), or the like'
        )
    return found


def labels_of(task: str) -> Literal["classes", "targets", ""]:
    """Return what the labels are of the data set that a task's clients share; empty where they share none of ours.

    Example:
        >>> labels_of("classify"), labels_of("d2d"), labels_of("tasks.py:make")
        ('classes', '', '')
    """
    return TASKS[task].labels if task in TASKS else ""
