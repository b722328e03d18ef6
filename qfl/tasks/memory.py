"""How much memory a run takes at its peak, from its settings alone, and a refusal above what the machine has.

Estimates are of the large arrays: within a factor of two of what was measured where these outweigh the libraries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qfl.config import Settings
from qfl.config.noise_rules import noisy
from qfl.config.subjects import num_features
from qfl.data.load import sizes
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_object
from qfl.models.model import Model
from qfl.models.own_model import own_model
from qfl.models.vqc import Vqc
from qfl.spec_rows import DatasetSpec
from qfl.specs import MODELS, TASKS, labels_of

# copies of a state while training (start, final, gradients, normalised inputs) and while testing, as measured
TRAINED_STATES, TESTED_STATES = 4.3, 3.3
NUMBERS_PER_ANGLE = 65  # of one client: its matrices, their products and their gradients, as measured
NUMBERS_PER_STAR = {"d2d": 25, "cell_free": 42}  # of one sample, layer, head and neighbour, as measured


@dataclass(frozen=True)
class Need:
    """One thing that takes memory.

    Args:
        what: Its name, for people.
        num_bytes: How much.
        lower: The settings that make it smaller.
        held: Whether it stays for the whole run; else it goes when the step is over.
    """

    what: str
    num_bytes: float
    lower: tuple[str, ...]
    held: bool = False


def require_memory(settings: Settings, available: int | None = None) -> None:
    """Refuse a run that needs more memory than there is.

    Args:
        settings: The run's settings.
        available: Bytes that may be taken; what `available_bytes` finds if None.

    Raises:
        ConfigError: With what takes most, and what to lower.

    Example:
        >>> require_memory(Settings(), available=10**6)
        Traceback (most recent call last):
        qfl.errors.ConfigError: the run needs about 2... MB of memory, ...; lower ...
    """
    found, there = needs(settings), available_bytes() if available is None else available
    needed = peak_bytes(found)
    if there is None or needed <= there:
        return
    largest = max(found, key=lambda need: need.num_bytes)
    raise ConfigError(
        f"the run needs about {_size(needed)} of memory, {_size(largest.num_bytes)} of it for {largest.what}, and "
        f"{_size(there)} are available here; lower {' or '.join(largest.lower)}"
    )


def peak_bytes(found: list[Need]) -> float:
    """Return the largest sum at one time: all that is held, and the largest of what comes and goes."""
    return sum(need.num_bytes for need in found if need.held) + max(
        (need.num_bytes for need in found if not need.held), default=0.0
    )


def needs(settings: Settings) -> list[Need]:
    """Return what takes memory in a run."""
    if is_reference(settings.task):  # of which only its maker knows
        return []
    return list(load_object(TASKS[settings.task].memory)(settings))


def available_bytes() -> int | None:
    """Return how much memory may still be taken, here and in this control group; None where nobody says (not Linux)."""
    found = [_field("/proc/meminfo", "MemAvailable:", 1024)]
    limit, used = _number("/sys/fs/cgroup/memory.max"), _number("/sys/fs/cgroup/memory.current")
    if limit is None:
        limit = _number("/sys/fs/cgroup/memory/memory.limit_in_bytes")
        used = _number("/sys/fs/cgroup/memory/memory.usage_in_bytes")
    if limit is not None:
        files = _field("/sys/fs/cgroup/memory.stat", "inactive_file", 1) or 0  # cached files give way
        found.append(limit - max(0, (used or 0) - files))
    known = [number for number in found if number is not None]
    return max(0, min(known)) if known else None


def labelled_needs(s: Settings) -> Iterator[Need]:
    """Say what a federation of classifiers, or of regressions, holds."""
    data = _counted(s)
    real, features, together = _real(s), num_features(s.data, data.pixels), _samples_together(s)
    images, tested = data.train + data.test, data.test
    pixels = images * (2.2 * 8 * data.pixels + (8 + real) * features)
    yield Need("the images", pixels, ("data.side", "data.pca"), held=True)
    if is_reference(s.model.name):
        yield from _own(s, own_model(s.model, features, data.labels), features, tested, together)
    elif s.model.name == "vqc":
        yield from _circuit(s, features, tested, together)
    else:
        units = s.model.hidden * (features if s.model.name == "cnn" else 1) + features
        yield Need("the clients' batches", 8 * real * together * units, ("clients.per-round", "train.batch-size"))
        yield Need("the test", 4 * real * tested * units, ("model.hidden", "data.side"))


def _own(s: Settings, model: Model, features: int, tested: int, together: int) -> Iterator[Need]:
    """Say what a model of the user's own holds at least: its states where it is a circuit, else samples and entries."""
    if isinstance(model, Vqc):
        width = 2 * _real(s)
        yield from _states(s, model.circuit.num_qubits, model.circuit.num_angles, width, tested, together)
        return
    yield Need("the clients' entries", 4 * _real(s) * _together(s) * len(model.layout), ("clients.per-round",))
    yield Need("the clients' batches", 8 * _real(s) * together * features, ("clients.per-round", "train.batch-size"))
    yield Need("the test", 4 * _real(s) * tested * features, ("data.side",))


def _circuit(s: Settings, features: int, tested: int, together: int) -> Iterator[Need]:
    real = _real(s)
    qubits = s.model.qubits or max(1, (features - 1).bit_length() if s.model.encoding == "amplitude" else features)
    number = real * (1 if s.model.ansatz.startswith("real") and s.model.encoding == "amplitude" else 2)
    angles = qubits * s.model.layers * (3 if s.model.ansatz == "strongly_entangling" else 1)
    yield from _states(s, qubits, angles, number, tested, together)


def _states(s: Settings, qubits: int, angles: int, width: int, tested: int, together: int) -> Iterator[Need]:
    """Say what circuits of so many qubits and angles hold, an amplitude of which takes ``width`` bytes."""
    state = width * 2.0**qubits
    many, batch = ("clients.per-round", "train.batch-size"), "model.qubits"
    yield Need("the clients' angles", NUMBERS_PER_ANGLE * _real(s) * _together(s) * angles, ("model.layers", many[0]))
    if s.engine == "exact":
        yield Need("the states of the clients that train together", TRAINED_STATES * state * together, (batch, *many))
        yield Need("the states of the test set", TESTED_STATES * state * tested, (batch, "data.side"))
    elif mixed(s):
        yield from _density(s, qubits, batch)
    else:
        yield Need("the device's states", TESTED_STATES * 16 * 2.0**qubits, (batch,))


def mixed(s: Settings) -> bool:
    """Return whether circuits run as density matrices, 4^qubits numbers each."""
    return s.engine == "pennylane" and (noisy(s) or s.device.name == "default.mixed")


def _density(s: Settings, qubits: int, lower: str) -> Iterator[Need]:
    if mixed(s):
        yield Need("one sample's density matrices", 4 * 16 * 4.0 ** min(qubits, 400), (lower, "noise.depolarising"))


def d2d_needs(s: Settings) -> Iterator[Need]:
    """Say what a federation of D2D regions holds."""
    own, regions, real = s.d2d, s.clients.count, _real(s)
    matrix, star = own.pairs**2, own.pairs * min(own.pairs - 1, s.gnn.neighbours or own.pairs)
    held = (20 + real) * matrix * regions * (own.samples + own.test_samples)
    yield Need("the regions' channels", held, ("clients.count", "d2d.samples", "d2d.pairs"), held=True)
    yield from _graphs(s, star, own.samples, own.test_samples * regions, ("d2d.pairs", "d2d.test-samples"))
    yield Need("power control on the test", 60 * matrix * regions * own.test_samples, ("d2d.test-samples", "d2d.pairs"))
    if s.model.name == "qsgcn":
        yield from _density(s, own.pairs * (own.pairs + 1) // 2, "d2d.pairs")
    elif MODELS[s.model.name].quantum:
        k = min(own.pairs - 1, s.gnn.neighbours or own.pairs)
        yield from _density(s, 2 * min(k, s.gnn.cut or k) + 1, "gnn.neighbours")


def cell_free_needs(s: Settings) -> Iterator[Need]:
    """Say what a cell-free federation holds."""
    own, real = s.cell_free, _real(s)
    if MODELS[s.model.name].client == "region":
        links, samples = own.aps * own.users, s.clients.count * own.samples
        one = own.samples * links * (160 * own.antennas + 48 * own.users)
        held = samples * (4 * real * links * own.users + 8) + one
        yield Need("the regions' channels", held, ("cell-free.samples", "clients.count"), held=True)
        stars = links * (own.aps + own.users - 2)
        yield from _graphs(s, stars, own.samples, own.test_samples, ("cell-free.test-samples", "cell-free.aps"))
        options = 4 + own.users**own.aps * (own.users**own.aps <= 300)
        tested = 64.0 * options * own.test_samples * links * own.users
        yield Need("power control on the test", tested, ("cell-free.test-samples", "cell-free.aps"))
        yield from _density(s, 2 * (own.aps + own.users) - 3, "cell-free.aps")
        return
    entries = 64 * s.clients.count * own.users * own.antennas + 24 * s.clients.count
    yield Need("the training channels", 1.0 * entries * own.samples, ("cell-free.samples", "clients.count"), held=True)
    yield Need("the test", 2.0 * entries * own.test_samples, ("cell-free.test-samples", "clients.count"))
    registers = 40 * real * own.layers * 2.0**own.qubits * own.users
    yield Need("the edge registers", registers * _samples_together(s), ("cell-free.qubits", "train.batch-size"))


def _graphs(s: Settings, star: int, samples: int, tested: int, lower: tuple[str, ...]) -> Iterator[Need]:
    heads = (
        s.gnn.heads
        if "heads" in MODELS[s.model.name].settings and MODELS[s.model.name].quantum
        else max(1, s.gnn.width // 4)
    )
    each = NUMBERS_PER_STAR[s.task] * _real(s) * s.gnn.layers * heads * star
    together = _together(s) * min(s.train.batch_size, samples)
    yield Need("the clients that train together", each * together, ("clients.per-round", "train.batch-size"))
    yield Need("the central test", 0.5 * each * tested, lower)


def _real(s: Settings) -> int:
    return 8 if s.precision == "double" else 4


def _together(s: Settings) -> int:
    """Return how many clients are in one tensor program."""
    if s.engine != "exact":
        return 1
    group = s.ray.group if s.backend == "ray" and s.ray.address else 1
    return s.clients.asked if s.backend == "vectorised" else min(group, s.clients.asked)


def _samples_together(s: Settings) -> int:
    shared = labels_of(s.task)
    there = _counted(s).train if shared else s.cell_free.samples
    each = max(1, 2 * there // s.clients.count) if shared else there  # shares are not all equal
    return _together(s) * min(s.train.batch_size, each)


def _counted(s: Settings) -> DatasetSpec:
    return sizes(s.data, s.seed, labels_of(s.task) or "classes")


def _size(num_bytes: float) -> str:
    return f"{num_bytes / 1e9:.3g} GB" if num_bytes >= 1e9 else f"{num_bytes / 1e6:.3g} MB"


def _number(path: str) -> int | None:
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):  # no control group, or "max"
        return None


def _field(path: str, name: str, unit: int) -> int | None:
    try:
        rows = [line.split() for line in Path(path).read_text().splitlines()]
        return next((int(row[1]) * unit for row in rows if len(row) > 1 and row[0] == name), None)
    except (OSError, ValueError):
        return None
