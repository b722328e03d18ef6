"""Settings: one frozen dataclass per subject, made from a TOML run file or from Flower's flat run config.

A run file is ordinary TOML; a nested table is a nested dataclass, and ``data.root`` names the same setting in the
file, in ``--set data.root=...``, in ``[tool.flwr.app.config]`` and in Flower's run config, which is flat. Words are
joined by hyphens there (``train.local-steps``) and by underscores in Python (``settings.train.local_steps``).

Reading is strict, and every fault of a file is reported at once.
"""

from qfl.config.attack import AttackSettings
from qfl.config.cell import Cell, Motion
from qfl.config.radio import RadioSettings
from qfl.config.privacy import PrivacySettings
from qfl.config.qkd import QkdSettings
from qfl.config.ray import RaySettings
from qfl.config.runfile import flatten_toml, parse_override, read_run_file, read_toml
from qfl.config.setting import Setting, Value
from qfl.config.settings import KEYS, Settings
from qfl.config.device_subjects import DeviceSettings, NoiseSettings
from qfl.config.network_subjects import CellFreeSettings, D2dSettings, GnnSettings
from qfl.config.subjects import (
    ClientsSettings,
    DataSettings,
    ModelSettings,
    RoundSettings,
    RunSettings,
    SecuritySettings,
    StrategySettings,
    TrainSettings,
    num_features,
)

__all__ = [
    "KEYS",
    "AttackSettings",
    "Cell",
    "CellFreeSettings",
    "ClientsSettings",
    "D2dSettings",
    "DataSettings",
    "DeviceSettings",
    "GnnSettings",
    "ModelSettings",
    "Motion",
    "NoiseSettings",
    "PrivacySettings",
    "QkdSettings",
    "RadioSettings",
    "RaySettings",
    "RoundSettings",
    "RunSettings",
    "SecuritySettings",
    "Setting",
    "Settings",
    "StrategySettings",
    "TrainSettings",
    "Value",
    "flatten_toml",
    "num_features",
    "parse_override",
    "read_run_file",
    "read_toml",
]
