"""Settings: one frozen dataclass per subject, made from a TOML run file or from Flower's flat run config.

A run file is ordinary TOML; a nested table is a nested dataclass, and ``data.root`` names the same setting in the
file, in ``--set data.root=...``, in ``[tool.flwr.app.config]`` and in Flower's run config, which is flat. Words are
joined by hyphens there (``train.local-steps``) and by underscores in Python (``settings.train.local_steps``).

Reading is strict, and every fault of a file is reported at once.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from qfl.errors import ConfigError

Value = bool | int | float | str


def setting(
    default: Value,
    about: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: Iterable[str] = (),
) -> Any:
    """Return a dataclass field with a default, one line of help, and the values it accepts."""
    return field(default=default, metadata={"about": about, "low": low, "high": high, "choices": tuple(choices)})


@dataclass(frozen=True)
class DataSettings:
    """Which data, and how the clients share it."""

    name: str = setting("digits", "data set", choices=("digits", "mnist", "fashion-mnist"))
    root: str = setting("data", "folder of MNIST and Fashion-MNIST in torchvision's layout; fetched if absent")
    partition: str = setting("labels", "how clients share the data", choices=("iid", "labels", "dirichlet", "quantity"))
    labels_per_client: int = setting(1, "labels a client holds (partition = labels)", low=1)
    alpha: float = setting(0.5, "Dirichlet concentration (partition = dirichlet); smaller is less alike", low=1e-3)
    min_samples: int = setting(2, "samples every client holds at least (dirichlet, quantity)", low=1)
    pca: int = setting(0, "principal components kept, fitted on training data only; 0 keeps the pixels", low=0)
    side: int = setting(0, "images averaged down to side x side pixels (16 fits 8 qubits); 0 keeps them", low=0)


@dataclass(frozen=True)
class ModelSettings:
    """What a client trains."""

    name: str = setting("vqc", "model", choices=("vqc", "logistic", "mlp", "cnn"))
    qubits: int = setting(0, "qubits of the circuit; 0 takes as few as the encoding needs", low=0, high=20)
    encoding: str = setting("amplitude", "how data enter", choices=("amplitude", "angle", "reupload"))
    ansatz: str = setting(
        "real_ring",
        "trained layers",
        choices=("strongly_entangling", "hardware_efficient", "real_ring", "real_cz", "real_brick"),
    )
    layers: int = setting(60, "trained layers", low=1)
    head: str = setting("scale", "expectation values to logits", choices=("scale", "trained-scale", "scale-bias"))
    scale: float = setting(10.0, "factor from expectation values to logits (its start where it is trained)", low=0.0)
    spread: float = setting(0.0, "initial angles are uniform in +-spread/2 rad; 0 takes the ansatz's own", low=0.0)
    hidden: int = setting(32, "hidden units (mlp) or channels (cnn)", low=1)


@dataclass(frozen=True)
class TrainSettings:
    """What a client does in a round."""

    local_steps: int = setting(5, "gradient steps per round", low=1)
    batch_size: int = setting(32, "samples per gradient step", low=1)
    optimizer: str = setting("sgd", "local optimiser, fresh every round", choices=("sgd", "adam"))
    learning_rate: float = setting(0.05, "local step size", low=0.0)
    schedule: str = setting("constant", "step size over rounds", choices=("constant", "cosine", "one-cycle"))
    momentum: float = setting(0.0, "local SGD momentum", low=0.0, high=0.999)
    correction: str = setting("none", "drift correction between clients", choices=("none", "scaffold"))


@dataclass(frozen=True)
class ClientsSettings:
    """How many clients there are and who takes part."""

    count: int = setting(200, "clients", low=1, high=100_000)
    per_round: int = setting(0, "clients asked per round; 0 asks all", low=0)
    selection: str = setting("uniform", "who is asked", choices=("full", "uniform", "balanced", "resource"))


@dataclass(frozen=True)
class StrategySettings:
    """How the server combines the updates."""

    name: str = setting("fedavg", "aggregation strategy: a name of strategies/registry.py")
    learning_rate: float = setting(1.0, "server step size (delta, FedOpt family)", low=0.0)
    momentum: float = setting(0.9, "server momentum (fedavgm), first moment (fedadam, fedyogi)", low=0.0, high=0.9999)
    beta2: float = setting(0.99, "second moment (fedadam, fedyogi)", low=0.0, high=0.99999)
    tau: float = setting(1e-3, "adaptivity floor (fedadam, fedyogi, fedadagrad)", low=0.0)
    schedule: str = setting("constant", "server step size over rounds", choices=("constant", "cosine", "one-cycle"))
    proximal_mu: float = setting(0.1, "weight of the client's proximal term (fedprox)", low=0.0)
    distance: str = setting("circular", "proximal distance (fedprox)", choices=("circular", "euclidean"))
    q: float = setting(0.1, "fairness exponent (qfedavg)", low=0.0)
    byzantine: int = setting(0, "malicious clients to survive (krum, bulyan)", low=0)
    trim: float = setting(0.2, "share cut off at each end (trimmed-mean)", low=0.0, high=0.49)
    temperature: float = setting(1.0, "softmax temperature of noise-aware weights", low=1e-6)
    floor: float = setting(0.1, "share of equal weights mixed into noise-aware weights", low=0.0, high=1.0)


@dataclass(frozen=True)
class DeviceSettings:
    """The PennyLane device (engine = "pennylane")."""

    name: str = setting("default.qubit", "PennyLane device")
    shots: int = setting(0, "shots per expectation value; 0 is exact", low=0)


@dataclass(frozen=True)
class NoiseSettings:
    """Noise of the clients' quantum hardware (engine = "pennylane")."""

    depolarising: float = setting(
        0.0, "depolarising probability after every gate, mean over clients", low=0.0, high=0.5
    )
    readout: float = setting(0.0, "probability that a measured bit flips, mean over clients", low=0.0, high=0.5)
    spread: float = setting(0.0, "relative standard deviation of the strength between clients", low=0.0, high=5.0)
    drift: float = setting(0.0, "relative step of the strength's random walk per round", low=0.0, high=1.0)


@dataclass(frozen=True)
class RoundSettings:
    """When a round ends and what it needs."""

    deadline_s: float = setting(600.0, "seconds (wall clock) a round waits for replies", low=0.0)
    quorum: float = setting(0.5, "share of asked clients whose valid replies a round needs", low=0.0, high=1.0)
    max_norm: float = setting(
        0.0, "largest accepted distance of an update from the broadcast, rad; 0 sets no cap", low=0.0
    )
    max_examples: int = setting(100_000, "largest accepted claim of training samples (the weight cap)", low=1)
    evaluate_every: int = setting(1, "rounds between evaluations on the test set", low=1)
    checkpoint_every: int = setting(1, "rounds between checkpoints", low=1)


@dataclass(frozen=True)
class SecuritySettings:
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


@dataclass(frozen=True)
class RunSettings:
    """Where results go. Set by the command line; a run file seldom names them."""

    folder: str = setting("", "the run folder; empty makes a new one under runs/")
    resume: bool = setting(False, "continue the run folder from its last checkpoint")


@dataclass(frozen=True)
class Settings:
    """Everything a run is made of.

    Example:
        >>> Settings.from_flat({"rounds": 3, "train.local-steps": 2}).train.local_steps
        2
        >>> Settings.from_flat({"round": 3})
        Traceback (most recent call last):
            ...
        qfl.errors.ConfigError: unknown setting 'round'; did you mean 'rounds'?
    """

    rounds: int = setting(30, "federation rounds", low=1)
    seed: int = setting(1, "seed of every random draw", low=0)
    precision: str = setting("single", "arithmetic", choices=("single", "double"))
    engine: str = setting("exact", "circuit execution", choices=("exact", "pennylane"))
    backend: str = setting("vectorised", "how clients run", choices=("vectorised", "sequential", "ray"))
    threads: int = setting(0, "torch threads; 0 takes all cores", low=0)
    data: DataSettings = DataSettings()
    model: ModelSettings = ModelSettings()
    train: TrainSettings = TrainSettings()
    clients: ClientsSettings = ClientsSettings()
    strategy: StrategySettings = StrategySettings()
    device: DeviceSettings = DeviceSettings()
    noise: NoiseSettings = NoiseSettings()
    round: RoundSettings = RoundSettings()
    security: SecuritySettings = SecuritySettings()
    run: RunSettings = RunSettings()

    @classmethod
    def from_flat(cls, flat: Mapping[str, Value]) -> "Settings":
        """Return settings from flat keys such as ``{"data.root": "/data"}``; absent keys keep their default.

        Raises:
            ConfigError: With one sentence per unknown key, wrong type, value out of range, or impossible combination.
        """
        faults = [_unknown(key) for key in flat if key not in KEYS]
        values = {key: _checked(key, flat[key], faults) for key in flat if key in KEYS}
        if not faults:
            settings = _build(cls, "", values)
            faults = _combination_faults(settings)
            if not faults:
                return settings
        raise ConfigError(faults)

    def to_flat(self) -> dict[str, Value]:
        """Return every setting under its flat key; the inverse of `from_flat`."""
        return dict(_flatten(self, ""))


def read_run_file(path: str | Path, overrides: Iterable[str] = ()) -> Settings:
    """Return the settings of a TOML run file, with ``key=value`` overrides applied last.

    Raises:
        ConfigError: If the file is absent, is no TOML, or holds faults; all of them are named.
    """
    flat = flatten_toml(read_toml(path)) | dict(parse_override(text) for text in overrides)
    try:
        return Settings.from_flat(flat)
    except ConfigError as error:
        raise ConfigError([f"{path}: {fault}" for fault in error.faults]) from None


def read_toml(path: str | Path) -> dict[str, Any]:
    """Return a TOML file's tables.

    Raises:
        ConfigError: If the file is absent or is no TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read run file {str(path)!r} ({error.strerror}); give the path of a TOML file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None


def flatten_toml(tables: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as flat dotted keys.

    Example:
        >>> flatten_toml({"rounds": 2, "data": {"root": "d"}})
        {'rounds': 2, 'data.root': 'd'}
    """
    flat: dict[str, Any] = {}
    for key, value in tables.items():
        flat |= flatten_toml(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat


def parse_override(text: str) -> tuple[str, Any]:
    """Return key and value of ``key=value``; the value is TOML, or a bare word.

    Raises:
        ConfigError: If there is no ``=``.

    Example:
        >>> parse_override("rounds=3"), parse_override("data.name=mnist")
        (('rounds', 3), ('data.name', 'mnist'))
    """
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set takes key=value, not {text!r}; for example --set rounds=3")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()


def _flatten(node: Any, prefix: str):
    for item in fields(node):
        value, key = getattr(node, item.name), prefix + item.name.replace("_", "-")
        if is_dataclass(value):
            yield from _flatten(value, key + ".")
        else:
            yield key, value


def _describe(cls: type, prefix: str = "") -> dict[str, tuple[type, Any]]:
    found: dict[str, tuple[type, Any]] = {}
    hints = get_type_hints(cls)
    for item in fields(cls):
        key = prefix + item.name.replace("_", "-")
        nested = is_dataclass(hints[item.name])
        found |= _describe(hints[item.name], key + ".") if nested else {key: (hints[item.name], item)}
    return found


def _build(cls: type, prefix: str, values: Mapping[str, Value]) -> Any:
    hints, arguments = get_type_hints(cls), {}
    for item in fields(cls):
        key = prefix + item.name.replace("_", "-")
        if is_dataclass(hints[item.name]):
            arguments[item.name] = _build(hints[item.name], key + ".", values)
        elif key in values:
            arguments[item.name] = values[key]
    return cls(**arguments)


def _unknown(key: str) -> str:
    near = difflib.get_close_matches(key, KEYS, 1)
    return f"unknown setting {key!r}; " + (f"did you mean {near[0]!r}?" if near else "see `qfl run --settings`")


def _checked(key: str, value: Any, faults: list[str]) -> Any:
    kind, item = KEYS[key]
    low, high, choices = (item.metadata[name] for name in ("low", "high", "choices"))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind:
        faults.append(f"{key} = {value!r}: expected {_EXPECTED[kind]}, for example {key} = {_toml(item.default)}")
    elif choices and value not in choices:
        faults.append(f"{key} = {value!r}: expected one of {', '.join(choices)}")
    elif (low is not None and not value >= low) or (high is not None and not value <= high):
        span = f"at least {low:g}" if high is None else f"between {low:g} and {high:g}"
        faults.append(f"{key} = {value!r}: expected a value {span}")
    return value


def _toml(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else repr(value)


_EXPECTED = {int: "a whole number", float: "a number", bool: "true or false", str: "a string in quotes"}
PIXELS = {"digits": 64, "mnist": 784, "fashion-mnist": 784}


def num_features(data: DataSettings) -> int:
    """Count the features of a sample after averaging down or PCA.

    Example:
        >>> num_features(DataSettings(name="mnist", side=16))
        256
    """
    return data.pca or data.side**2 or PIXELS[data.name]


def _combination_faults(s: Settings) -> list[str]:
    """Return a sentence for every pair of settings that cannot hold together."""
    features = num_features(s.data)
    faults = []
    if s.model.name == "vqc" and s.model.encoding == "amplitude" and s.model.qubits and features > 2**s.model.qubits:
        need = (features - 1).bit_length()
        faults.append(
            f"amplitude encoding of {features} features does not fit model.qubits = {s.model.qubits} "
            f"({2**s.model.qubits} amplitudes); use model.qubits = {need} or more, or reduce with data.side or data.pca"
        )
    if s.model.name == "vqc" and s.model.encoding == "angle" and features > (s.model.qubits or 20):
        faults.append(
            f"angle encoding takes one feature per qubit, but there are {features} features and "
            f"{s.model.qubits or 'at most 20'} qubits; set data.pca = {s.model.qubits or 8}"
        )
    if s.model.name == "vqc" and s.model.encoding == "reupload" and not s.model.qubits:
        faults.append("data re-uploading needs model.qubits, for example model.qubits = 8")
    if s.data.pca and s.data.side:
        faults.append(f"data.pca = {s.data.pca} and data.side = {s.data.side} exclude each other; keep one")
    if s.data.pca > PIXELS[s.data.name] or s.data.side**2 > PIXELS[s.data.name]:
        faults.append(f"data.pca and data.side cannot make more features than {s.data.name}'s {PIXELS[s.data.name]}")
    if s.model.name == "cnn" and s.data.pca:
        faults.append("model.name = 'cnn' needs pixels; drop data.pca")
    if s.data.labels_per_client > 10:
        faults.append(f"data.labels-per-client = {s.data.labels_per_client}: {s.data.name} has 10 labels")
    if s.clients.per_round > s.clients.count:
        faults.append(f"clients.per-round = {s.clients.per_round} is more than clients.count = {s.clients.count}")
    noisy = s.noise.depolarising or s.noise.readout or s.device.shots
    if noisy and s.engine == "exact":
        faults.append('noise and shots need engine = "pennylane"; the exact engine has neither')
    if s.security.algorithm.startswith("Falcon") and s.security.library != "liboqs":
        faults.append(f"security.algorithm = {s.security.algorithm!r} needs security.library = 'liboqs'")
    return faults


KEYS = _describe(Settings)
