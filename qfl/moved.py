"""Old names of modules that have moved: still imported, with a warning that names the new one.

Until the next minor version, ``qfl.federation.ledger`` is `qfl.federation.records.round_metrics` itself, not a copy.
"""

import importlib
import sys
import warnings
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_ROOMS = {
    "federation.grids": "in_process deadline radio admission caps selection",
    "federation.strategy": "angle_strategy player global_draws reply_order",
    "federation.records": "messages rows radio_rows evaluation resumption",
    "federation.worker": "resident trainer",
    "federation.runtime": "launch ray flower_run superlink environment progress context keys guarded timing parallel "
    "roll_call",
}
MODULES = (
    {f"federation.{name}": f"{room}.{name}" for room, names in _ROOMS.items() for name in names.split()}
    | {
        "federation.decorator": "federation.grids.base",
        "federation.separate": "federation.grids.concurrent_pull",
        "federation.verifying": "federation.grids.signature",
        "federation.sealing": "federation.grids.encryption",
        "federation.validity": "federation.grids.absence",
        "federation.strategy_state": "federation.strategy.state",
        "federation.shared_state": "federation.strategy.state",
        "federation.object_writer": "federation.strategy.plain_values",
        "federation.object_reader": "federation.strategy.plain_values",
        "federation.value_parts": "federation.strategy.plain_values",
        "federation.server_step": "federation.strategy.step",
        "federation.fleet": "federation.strategy.every_node",
        "federation.outcomes": "federation.records.reply_status",
        "federation.ledger": "federation.records.round_metrics",
        "federation.header": "federation.records.run_metadata",
        "federation.frames": "federation.worker.protocol",
        "federation.memory": "federation.client_state",
        "federation.attendance": "federation.node_directory",
        "scheduling.air": "airtime.simulation",
        "scheduling.allocator": "airtime.allocator",
        "scheduling.coverage": "airtime.coverage",
        "scheduling.radio": "airtime.radio",
        "scheduling.radio_settings": "airtime.radio_settings",
        "scheduling.uploads": "airtime.uploads",
        "scheduling.warm_start": "airtime.warm_start",
        "scheduling.block_model": "scheduling.models.block",
        "scheduling.qubo": "scheduling.models.qubo",
        "scheduling.tangent": "scheduling.models.tangent",
        "scheduling.occupancy": "scheduling.models.occupancy",
        "scheduling.access_points.registry": "scheduling.solvers.registry",
        "scheduling.solvers.matching_dump": "scheduling.solvers.matching_overflow",
        "scheduling.solvers.squared_loads": "scheduling.solvers.load_balancing",
        "quantum.ramps": "quantum.qaoa_angles",
        "security.presence": "security.challenge_response",
        "security.registry": "security.roster",
        "tasks.setup": "tasks.federation",
        "comparison": "studies.schedulers",
        "comparison.learning": "studies.federations",
        "bench": "studies.bench",
        "report.words": "report.formatting",
        "studies.schedulers.log_axis": "report.axis",
        "studies.schedulers.round_time": "studies.schedulers.measure",
    }
    | {
        f"studies.{half}.{old}": f"studies.{half}.{new}"
        for half in ("schedulers", "federations")
        for old, new in (("inks", "colours"), ("words", "summary_text"))
    }
)
PACKAGES = ("comparison.learning", "comparison", "bench")
"""Packages whose files have moved along; the first that fits."""
NAMES = {"tasks.setup": {"Setup": "Federation"}, "quantum.ramps": {"Ramp": "QaoaAngles"}}
NAMES["scheduling.air"] = {"Air": "RoundSimulation"}
NAMES["scheduling.warm_start"] = {"nobody": "empty_schedule", "put": "scatter"}


def new_name(name: str) -> str | None:
    """Return the new name of a module that has moved, else None.

    Example:
        >>> new_name("qfl.federation.ledger"), new_name("qfl.bench.vqc"), new_name("qfl.seeds")
        ('qfl.federation.records.round_metrics', 'qfl.studies.bench.vqc', None)
    """
    inside = name.removeprefix("qfl.")
    if inside in MODULES:
        return f"qfl.{MODULES[inside]}"
    package = next((each for each in PACKAGES if inside.startswith(f"{each}.")), None)
    if package is None:
        return None
    moved = f"qfl.{MODULES[package]}{inside.removeprefix(package)}"
    return new_name(moved) or moved  # a file of it may have moved since


class Moved:
    """Finds modules by their old names: finder and loader, without their base classes, which take long to import."""

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a module that has moved; others are nobody's business here.

        Args:
            fullname: Of the module that is imported.
            path: Of its package; not used, nor is ``target``.
            target: A module that is loaded again.
        """
        if not fullname.startswith("qfl.") or new_name(fullname) is None:
            return None
        loader: Any = self
        return ModuleSpec(fullname, loader, is_package=fullname.removeprefix("qfl.") in PACKAGES)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module under its new name."""
        new = str(new_name(spec.name))
        warnings.warn(f"{spec.name} has moved to {new}", DeprecationWarning, stacklevel=2)
        module = importlib.import_module(new)
        spec.loader_state = module.__spec__
        for old, now in NAMES.get(spec.name.removeprefix("qfl."), {}).items():
            setattr(module, old, getattr(module, now))
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is: it has run, and its spec is its own."""
        module.__spec__ = getattr(module.__spec__, "loader_state", module.__spec__)


def install() -> None:
    """Let old names be found: first of all, for a package that has moved would find its files under both names."""
    if not any(isinstance(finder, Moved) for finder in sys.meta_path):
        sys.meta_path.insert(0, Moved())
