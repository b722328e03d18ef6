"""All settings of a run, from flat keys and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qfl.config.attack import AttackSettings
from qfl.config.combinations import combination_faults
from qfl.config.device_subjects import DeviceSettings, NoiseSettings
from qfl.config.fields import build, check, describe, flatten
from qfl.config.network_subjects import CellFreeSettings, D2dSettings, GnnSettings
from qfl.config.privacy import PrivacySettings
from qfl.config.private import fold
from qfl.config.qkd import QkdSettings
from qfl.config.radio import RadioSettings
from qfl.config.ray import RaySettings
from qfl.config.setting import Subject, Value, setting
from qfl.config.subjects import (
    ClientsSettings,
    DataSettings,
    ModelSettings,
    RoundSettings,
    RunSettings,
    SecuritySettings,
    StrategySettings,
    TrainSettings,
)
from qfl.errors import ConfigError
from qfl.specs import TASKS


@dataclass(frozen=True)
class Settings(Subject):
    """Everything a run is made of.

    Example:
        >>> Settings.from_flat({"rounds": 3, "train.local-steps": 2}).train.local_steps
        2
        >>> Settings.from_flat({"roundz": 3})
        Traceback (most recent call last):
            ...
        qfl.errors.ConfigError: unknown setting 'roundz'; did you mean 'rounds'?
    """

    task: str = setting("classify", "what the federation trains, or your own", choices=TASKS, own=True)
    rounds: int = setting(30, "federation rounds", low=1)
    seed: int = setting(1, "seed of every random draw", low=0)
    precision: str = setting("single", "arithmetic", choices=("single", "double"))
    engine: str = setting("exact", "circuit execution", choices=("exact", "pennylane", "pool"))
    backend: str = setting("vectorised", "how clients run", choices=("vectorised", "sequential", "ray", "deployed"))
    threads: int | None = setting(None, "torch threads; 0 takes all cores", low=0, means={0: None})
    my: str = setting("", "settings of a task of your own: a table, [my]")
    data: DataSettings = field(default_factory=DataSettings)
    d2d: D2dSettings = field(default_factory=D2dSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    gnn: GnnSettings = field(default_factory=GnnSettings)
    train: TrainSettings = field(default_factory=TrainSettings)
    clients: ClientsSettings = field(default_factory=ClientsSettings)
    cell_free: CellFreeSettings = field(default_factory=CellFreeSettings)
    strategy: StrategySettings = field(default_factory=StrategySettings)
    device: DeviceSettings = field(default_factory=DeviceSettings)
    noise: NoiseSettings = field(default_factory=NoiseSettings)
    round: RoundSettings = field(default_factory=RoundSettings)
    radio: RadioSettings = field(default_factory=RadioSettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)
    qkd: QkdSettings = field(default_factory=QkdSettings)
    attack: AttackSettings = field(default_factory=AttackSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    ray: RaySettings = field(default_factory=RaySettings)
    run: RunSettings = field(default_factory=RunSettings)

    @classmethod
    def from_flat(cls, flat: Mapping[str, Any]) -> "Settings":
        """Return settings from flat keys such as ``{"data.root": "/data"}``; absent keys keep their default.

        Raises:
            ConfigError: With one sentence per unknown key, wrong type, value out of range, or impossible combination,
                all at once.
        """
        if len(flat) > len(KEYS) + 20:
            raise ConfigError(f"{len(flat):,} settings are given, but there are {len(KEYS)}; see `qfl run --settings`")
        folded, faults = fold(flat)
        checked = {key: check(KEYS, key, value) for key, value in folded.items()}
        faults += [fault for _, fault in checked.values() if fault]
        good = {key: value for key, (value, fault) in checked.items() if not fault}
        settings = build(cls, good)
        faults += combination_faults(settings, frozenset(key.split(".")[0] for key in checked.keys() - good.keys()))
        if faults:
            raise ConfigError(faults)
        return settings

    def to_flat(self) -> dict[str, Value]:
        """Return every setting under its flat key; the inverse of `from_flat`."""
        return dict(flatten(self))


KEYS = describe(Settings)
