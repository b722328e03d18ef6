"""What a row of each table in `qfl.specs` says: a task, a model, a data set, a sink, a channel, an attack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qfl.extend import load_object
from qfl.metric import Metric


@dataclass(frozen=True)
class ModelSpec:
    """A model.

    Args:
        tasks: The tasks that it can do.
        title: What it is called in figures and tables.
        maker: Reference of what makes it.
        settings: Arguments of the maker by the setting that gives them, such as ``{"layers": "gnn.layers"}``; the key
            of a table gives the whole table.
        fixed: Arguments that tell the model from others of the same maker.
        client: What a client is where the task has two kinds: ``"access point"`` or ``"region"``.
        quantum: Whether any of its numbers are angles of a circuit.
        old_names: Of the maker's arguments, with those that took their place; studies and model files still have them.
        old_words: Among these arguments' values, likewise.
    """

    tasks: tuple[str, ...]
    title: str
    maker: str
    settings: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    client: str = ""
    quantum: bool = False
    old_names: Mapping[str, str] = field(default_factory=dict)
    old_words: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Any:
        """The class or function that makes the model."""
        return load_object(self.maker)

    def make(self, settings: Any, **given: Any) -> Any:
        """Return the model.

        Args:
            settings: A run's settings.
            given: What the data say: numbers of features and labels, features' constants, a network.
        """
        chosen = {argument: setting_at(settings, key) for argument, key in self.settings.items()}
        return self.kind(**given, **self.fixed, **chosen)


@dataclass(frozen=True)
class TaskSpec:
    """A task.

    Args:
        metric: What it is measured by.
        builder: Reference of what makes the federation from settings.
        memory: Reference of what says how much memory a run takes.
        labels: What the labels are of the data set that its clients share (the settings of ``[data]``): ``"classes"``,
            or ``"targets"`` of a regression; empty where they share none.
    """

    metric: Metric
    builder: str
    memory: str
    labels: Literal["classes", "targets", ""] = ""


@dataclass(frozen=True)
class DatasetSpec:
    """Labelled images.

    Args:
        title: Its name for people.
        loader: Reference of what gives training and test set.
        given: What the loader is given, of ``"root"``, the folder of the settings, ``"seed"``, and ``"samples"``, where
            the settings say how many there are.
        pixels: Features of a sample.
        train: Training samples; 0 where the settings say how many.
        test: Test samples.
        files: Reference of what gives the files that are read, from their folder; empty if none are.
        labels: Classes.
    """

    title: str
    loader: str
    given: tuple[str, ...]
    pixels: int
    train: int
    test: int
    files: str = ""
    labels: int = 10


@dataclass(frozen=True)
class SinkSpec:
    """Where a run's rows go besides its folder.

    Args:
        maker: Reference of its class.
        module: That must be installed, by the extra that has the sink's name.
    """

    maker: str
    module: str


@dataclass(frozen=True)
class ChannelSpec:
    """A model of the channel.

    Args:
        title: Its name for people.
        maker: Reference of what makes it: a path loss in dB, or links' gains.
        settings: The scenario's own parameters that it alone reads, besides those that every channel reads.
        given: What a path loss is made from, of ``"distance_m"``, ``"carrier_hz"`` and ``"sight"``.
        whole: Whether it draws path loss and fading together.
    """

    title: str
    maker: str
    settings: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    whole: bool = False

    @property
    def kind(self) -> Any:
        """The function that makes the channel."""
        return load_object(self.maker)


@dataclass(frozen=True)
class AttackSpec:
    """An attack by clients of a federation.

    Args:
        title: What it is called in pages and tables.
        updates: Reference of what makes attackers' updates of honest ones; empty where they send what they trained.
        samples: Reference of what attackers do to their training samples; empty where they leave them.
        strength: Its own strength where ``attack.strength`` names none; 0 where none is a number.
        colludes: Whether attackers have to know each other's updates.
        unit: What its strength is, for people; empty where it has none.
    """

    title: str
    updates: str = ""
    samples: str = ""
    strength: float = 0.0
    colludes: bool = False
    unit: str = ""


def setting_at(settings: Any, key: str) -> Any:
    """Return the setting, or the table of settings, with a flat key.

    Example:
        >>> from qfl.config import Settings
        >>> setting_at(Settings(), "train.local-steps")
        5
    """
    for part in key.split("."):
        settings = getattr(settings, part.replace("-", "_"))
    return settings
