"""Which kit judges which kind of object of somebody's own: one row per kind, by the setting that names it.

The row's function makes the object as a run would make it, and yields the kit's checks of it. `qfl check` is the door.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qfl.airtime.radio_settings import FAMILIES
from qfl.angles import AngleLayout
from qfl.config import Settings, Value
from qfl.config.subjects import num_features
from qfl.data.load import sizes
from qfl.extend import load_object
from qfl.quantum.ansatze import ANSATZE
from qfl.scheduling.specs import names as solvers
from qfl.specs import D2D_CHANNELS, DATASETS, MODELS, TASKS, UPLINK_CHANNELS
from qfl.testing.kits import Check, Outcome, outcomes

FEATURES, LABELS = 4, 3  # of an object that is checked without data


@dataclass(frozen=True)
class Case:
    """An object to be checked: the settings that name it, and what else they say.

    Args:
        name: Its reference, or its name in a table of ours.
        settings: As a run would have them; the kind's key names the object.
        make_strategy: The app's, from settings and layout to a strategy; None where it has none.
        in_run: Whether the settings are a run file's, so that their sizes are the object's.
        given: Keys that somebody has set.
    """

    name: str
    settings: Settings
    make_strategy: Callable[[Settings, AngleLayout], Any] | None = None
    in_run: bool = False
    given: frozenset[str] = frozenset()

    def sizes(self) -> tuple[int, int]:
        """Return features and labels of a sample: of the run's data, else small ones.

        Raises:
            UserError: If the run's data cannot be read.
        """
        if not self.in_run and not any(key.startswith("data.") for key in self.given):
            return FEATURES, LABELS
        read = sizes(self.settings.data, self.settings.seed, TASKS[self.settings.task].labels or "classes")
        return num_features(self.settings.data, read.pixels), read.labels


@dataclass(frozen=True)
class Kind:
    """A kind of object.

    Args:
        key: The setting that names it.
        about: What it is, in a few words.
        maker: Reference of the function from a `Case` to checks.
        names: Names of ours that the setting takes.
        base: Settings of an object that is checked without a run file.
    """

    key: str
    about: str
    maker: str
    names: tuple[str, ...] = ()
    base: Mapping[str, Value] = field(default_factory=dict[str, Value])

    def checks(self, case: Case) -> Iterator[Check]:
        """Yield the checks of an object.

        Raises:
            UserError: If no run could make it.
        """
        return load_object(self.maker)(case)

    def outcomes(self, case: Case) -> Iterator[Outcome]:
        """Yield what becomes of the checks of an object, that a run can make it before all others."""
        found: list[Check] = []
        (made,) = outcomes([("a run can make it", lambda: found.extend(self.checks(case)))])
        yield made
        yield from outcomes(found)


OWN = "qfl.testing.own"
SMALL: Mapping[str, Value] = {"model.layers": 2, "rounds": 10, "clients.count": 7, "precision": "double"}
WIRES: Mapping[str, Value] = {"model.qubits": 4, "data.pca": 4}
LINKS: Mapping[str, Value] = {"task": "d2d", "model.name": "sqm_gnn"}
ENCODINGS = ("amplitude", "angle", "reupload")
SOLVERS = tuple(dict.fromkeys((*FAMILIES, *solvers("round_time"), *solvers("rates"))))

KINDS: dict[str, Kind] = {
    "dataset": Kind("data.name", "labelled samples", f"{OWN}.datasets:checks", tuple(DATASETS), {"clients.count": 2}),
    "encoding": Kind("model.encoding", "gates that take in a sample", f"{OWN}.circuits:checks", ENCODINGS, WIRES),
    "ansatz": Kind("model.ansatz", "trained gates", f"{OWN}.circuits:checks", tuple(ANSATZE), WIRES),
    "model": Kind("model.name", "what a client trains", f"{OWN}.models:checks", tuple(MODELS)),
    "task": Kind("task", "a loss, its samples and its metric", f"{OWN}.models:task_checks", tuple(TASKS)),
    "strategy": Kind("strategy.name", "how the server combines updates", f"{OWN}.strategies:checks"),
    "rule": Kind("strategy.name", "a pure function of the updates", f"{OWN}.strategies:checks"),
    "solver": Kind("radio.solver", "a scheduler of the uplink", f"{OWN}.solvers:checks", SOLVERS),
    "channel": Kind("radio.path-loss", "a path loss in dB", f"{OWN}.channels:checks", tuple(UPLINK_CHANNELS)),
    "links": Kind(
        "d2d.channel", "power gains of D2D links", f"{OWN}.channels:links_checks", tuple(D2D_CHANNELS), LINKS
    ),
}


def kind_of_key(key: str) -> str:
    """Return the kind of object that a setting names; empty where it names none.

    Example:
        >>> kind_of_key("radio.path-loss"), kind_of_key("rounds")
        ('channel', '')
    """
    return next((name for name, kind in KINDS.items() if kind.key == key), "")
