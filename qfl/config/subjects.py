"""One frozen dataclass per subject; every field says what it means, in which unit, and what it accepts."""

from dataclasses import dataclass
from math import inf

from qfl.config.named_clients import EXAMPLE, LIST, named_clients
from qfl.config.setting import Subject, setting
from qfl.specs import DATASETS, MODELS


@dataclass(frozen=True)
class DataSettings(Subject):
    """Which data, and how the clients share it."""

    name: str = setting(
        "digits",
        "data set, a file of samples in data.root, a data set of Flower's, or a function that returns samples",
        choices=DATASETS,
        own=True,
        files=(".npz", ".csv", ".parquet", "/"),
        pattern=(r"flwr-datasets:[^:]+(:[^:]+)?", "flwr-datasets:NAME"),
    )
    samples: int = setting(2000, "training samples of a data set that is drawn from the seed (blobs)", low=1)
    root: str = setting(
        "data", "folder of files; MNIST and Fashion-MNIST in torchvision's layout are fetched if absent"
    )
    features: str = setting("", "columns of a table; empty takes all but target and client", listed=True)
    target: str = setting(
        "label", "column of a .csv with the labels; the column or columns that a regression predicts", listed=True
    )
    client: str = setting("", "column of a table that says who holds a sample (partition = natural)")
    test_share: float = setting(0.2, "share of samples tested, where a file has no test set", low=0.001, high=0.999)
    validation: float = setting(
        0.0, "share of each client's samples held out to choose by, evaluated as the test set is", low=0.0, high=0.9
    )
    bad_samples: str = setting(
        "refuse",
        "samples with a feature that is no finite number, or without a label",
        choices=("refuse", "drop"),
    )
    class_weights: str = setting(
        "none", "classes' weights in the clients' loss: none, balanced, or a number for each class", listed=True
    )
    partition: str = setting(
        "labels",
        "how clients share the data, or your own function or a partitioner of Flower Datasets",
        choices=("iid", "labels", "dirichlet", "quantity", "natural"),
        own=True,
    )
    labels_per_client: int = setting(1, "labels a client holds (partition = labels)", low=1)
    alpha: float = setting(0.5, "Dirichlet concentration (dirichlet, quantity); smaller is less alike", low=1e-3)
    min_samples: int = setting(2, "samples every client holds at least (dirichlet, quantity)", low=1)
    pca: int | None = setting(
        None, "principal components kept, fitted on training data only; 0 keeps the pixels", low=0, means={0: None}
    )
    side: int | None = setting(
        None, "images averaged down to side x side pixels (16 fits 8 qubits); 0 keeps them", low=0, means={0: None}
    )
    my: str = setting("", "settings of an object of your own: a table, [data.my]")


@dataclass(frozen=True)
class ModelSettings(Subject):
    """What a client trains."""

    name: str = setting("vqc", "model, or your own", choices=MODELS, own=True)
    qubits: int | None = setting(
        None, "qubits of the circuit; 0 takes as few as the encoding needs", low=0, high=20, means={0: None}
    )
    encoding: str = setting(
        "amplitude", "how data enter, or your own function", choices=("amplitude", "angle", "reupload"), own=True
    )
    ansatz: str = setting(
        "real_ring",
        "trained layers, or your own function",
        choices=("strongly_entangling", "hardware_efficient", "real_ring", "real_brick"),
        own=True,
    )
    layers: int = setting(60, "trained layers", low=1)
    head: str = setting("scale", "expectation values to logits", choices=("scale", "trained-scale", "scale-bias"))
    scale: float = setting(10.0, "factor from expectation values to logits (its start where it is trained)", low=0.0)
    spread: float | None = setting(
        None, "initial angles are uniform in +-spread/2 rad; 0 takes the ansatz's own", low=0.0, means={0.0: None}
    )
    hidden: int = setting(32, "hidden units (mlp) or channels (cnn)", low=1)
    my: str = setting("", "settings of an object of your own: a table, [model.my]")


@dataclass(frozen=True)
class TrainSettings(Subject):
    """What a client does in a round."""

    local_steps: int = setting(5, "gradient steps per round", low=1)
    local_epochs: int | None = setting(
        None,
        "walks through its own samples per round, in place of local-steps; 0 takes local-steps",
        low=0,
        high=10_000,
        means={0: None},
    )
    batch_size: int = setting(32, "samples per gradient step", low=1)
    optimizer: str = setting("sgd", "local optimiser, fresh every round", choices=("sgd", "adam"))
    learning_rate: float = setting(0.05, "local step size", low=0.0)
    schedule: str = setting("constant", "step size over rounds", choices=("constant", "cosine", "one-cycle"))
    momentum: float = setting(0.0, "local SGD momentum", low=0.0, high=0.999)
    adversarial: float = setting(
        0.0,
        "largest change of a feature that clients train against, by PGD (classify, exact engine); 0 for none",
        low=0.0,
    )
    adversarial_steps: int = setting(7, "steps of that PGD", low=1, high=1000)
    personal: str = setting(
        "", "entries that every client keeps to itself: names or prefixes such as bias, log-scale", listed=True
    )


@dataclass(frozen=True)
class ClientsSettings(Subject):
    """How many clients there are and who takes part."""

    count: int = setting(200, "clients", low=1, high=100_000)
    per_round: int | None = setting(None, "clients asked per round; 0 asks all", low=0, means={0: None})
    selection: str = setting(
        "uniform",
        "who is asked: a rule, clients by number and tag, or your own function",
        choices=("full", "uniform", "balanced", "resource"),
        own=True,
        listed=True,
        pattern=(LIST, f"a list such as {EXAMPLE}"),
    )
    tags: str = setting("", "clients by tag: a table of lists, [clients.tags] with indoor = [0, 3]")
    layers: str = setting(
        "", "layers of the clients' circuits, dealt out in turn: 20,40,60; empty takes all layers", listed=True
    )
    my: str = setting("", "settings of an object of your own: a table, [clients.my]")

    @property
    def asked(self) -> int:
        """How many clients are asked in a round."""
        if self.per_round is not None:
            return self.per_round
        named = named_clients(self)
        return self.count if named is None else len(named)


@dataclass(frozen=True)
class StrategySettings(Subject):
    """How the server combines the updates."""

    name: str = setting("fedavg", "aggregation strategy: a name of strategies/registry.py, or your own", own=True)
    learning_rate: float | None = setting(
        None, "server step size; 0 takes the strategy's own (delta: 1)", low=0.0, high=1e6, means={0.0: None}
    )
    momentum: float = setting(0.9, "server momentum (fedavgm), first moment (fedadam, fedyogi)", low=0.0, high=0.9999)
    beta2: float = setting(0.99, "second moment (fedadam, fedyogi)", low=0.0, high=0.99999)
    tau: float = setting(1e-3, "adaptivity floor (fedadam, fedyogi, fedadagrad)", low=0.0, high=1e6)
    schedule: str = setting("constant", "server step size over rounds", choices=("constant", "cosine", "one-cycle"))
    proximal_mu: float = setting(0.1, "weight of the client's proximal term (fedprox)", low=0.0, high=1e6)
    distance: str = setting("circular", "proximal distance (fedprox)", choices=("circular", "euclidean"))
    q: float = setting(0.1, "fairness exponent (qfedavg)", low=0.0, high=1000.0)
    byzantine: int = setting(0, "malicious clients to survive (krum, bulyan, meamed)", low=0)
    trim: float = setting(0.2, "share cut off at each end (trimmed-mean, trimmed-circular-mean)", low=0.0, high=0.49)
    smoothing: float = setting(
        1e-6, "distance below which updates pull less, rad (geometric-median)", low=1e-12, high=1.0
    )
    norm_factor: float = setting(
        2.0, "longest update that counts, in medians of the round (norm-screen)", low=1.0, high=1e6
    )
    cosine: float = setting(
        0.0, "least median cosine to the others of an update that counts (direction-screen)", low=-1.0, high=1.0
    )
    metric: str = setting("block-diag", "metric of the clients' gradients (fedqng)", choices=("block-diag", "diag"))
    regularisation: float = setting(0.1, "added to the metric's diagonal (fedqng)", low=1e-6, high=1e6)
    metric_samples: int = setting(
        4, "samples of a client that the metric is averaged over (fedqng)", low=1, high=10_000
    )
    temperature: float = setting(1.0, "softmax temperature of noise-aware weights", low=1e-6, high=1e6)
    floor: float = setting(0.1, "share of ordinary weights mixed into noise-aware weights", low=0.0, high=1.0)
    my: str = setting("", "settings of an object of your own: a table, [strategy.my]")


@dataclass(frozen=True)
class RoundSettings(Subject):
    """When a round ends and what it needs."""

    deadline_s: float = setting(600.0, "seconds (wall clock) a round waits for replies", low=0.0)
    quorum: float = setting(0.5, "share of asked clients whose valid replies a round needs", low=0.0, high=1.0)
    max_norm: float | None = setting(
        None,
        "largest accepted distance of an update from the broadcast, rad; "
        "below 0 takes a full period of every angle and 10 for every weight, 0 lifts the cap",
        low=-1.0,
        means={-1.0: None, 0.0: inf},
    )
    max_examples: int | float | None = setting(
        None,
        "largest accepted claim of training samples; -1 takes each client's share of the data, 0 lifts the cap",
        low=-1,
        means={-1: None, 0: inf},
    )
    evaluate_every: int = setting(1, "rounds between evaluations on the test set", low=1)
    checkpoint_every: int = setting(1, "rounds between checkpoints", low=1)
    archive_every: int = setting(0, "rounds between checkpoints that stay, for `qfl unlearn`; 0 keeps none", low=0)


@dataclass(frozen=True)
class SecuritySettings(Subject):
    """How messages are signed."""

    algorithm: str = setting(
        "ML-DSA-65",
        "signature algorithm (Dilithium2/3/5 are read as ML-DSA-44/65/87)",
        choices=(
            "ML-DSA-44",
            "ML-DSA-65",
            "ML-DSA-87",
            "Falcon-512",
            "Falcon-1024",
            "Dilithium2",
            "Dilithium3",
            "Dilithium5",
        ),
    )
    library: str = setting("cryptography", "signature library", choices=("cryptography", "liboqs"))
    keys: str = setting("", "folder of enrolled keys (qfl keys); empty makes keys for this run only")
    seal: str = setting(
        "auto",
        "encryption of updates to the server; auto takes ML-KEM-768+X25519 between hosts, none in one process",
        choices=("auto", "none", "ML-KEM-768", "ML-KEM-768+X25519"),
    )
    qkd: str = setting(
        "none",
        "quantum keys mixed into the seal beside ML-KEM: of a simulated link ([qkd]), or of a device (ETSI GS QKD 014)",
        choices=("none", "simulated", "etsi"),
    )
    aggregation: str = setting(
        "plain",
        "what the server sees of updates: each (plain), or their sum (masked; ckks, where one client holds the key)",
        choices=("plain", "masked", "ckks"),
    )
    neighbours: int | None = setting(
        None,
        "clients that each client masks with (aggregation = masked), an even number; 0 takes all",
        low=0,
        means={0: None},
    )
    threshold: int | None = setting(
        None,
        "clients that unmask together (aggregation = masked), of a client and its neighbours; 0 takes two thirds and 1",
        low=0,
        means={0: None},
    )


@dataclass(frozen=True)
class RunSettings(Subject):
    """Where results go. Set by the command line; a run file seldom names them."""

    folder: str = setting("", "the run folder; empty makes a new one under runs/")
    resume: bool = setting(False, "continue the run folder from its last checkpoint")
    start_from: str = setting("", "a model file or run folder to begin at; empty begins with the model's own start")
    sinks: str = setting("", "where the rows go, too: tensorboard, mlflow, wandb, or your own", listed=True)
    my: str = setting("", "settings of an object of your own: a table, [run.my]")


def num_features(data: DataSettings, pixels: int | None = None) -> int:
    """Count the features of a sample after averaging down or PCA.

    Args:
        data: The settings.
        pixels: Features before that; those of the data set where they are not given.

    Example:
        >>> num_features(DataSettings(name="mnist", side=16))
        256
    """
    if data.pca is not None:
        return data.pca
    before = DATASETS[data.name].pixels if pixels is None else pixels
    return before if data.side is None else data.side**2
