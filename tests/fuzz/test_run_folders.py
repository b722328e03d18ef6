"""Whatever one file of a run folder is turned into: resumed as it was, or a sentence; and its report likewise.

Both read a folder as the commands do, up to where training would begin. The limit of a tenth of a second of processor
time is for one folder of four rounds and four clients, all its files together, and beyond what the sound one takes.

Also covers qfl/federation/records/resumption.py.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qfl.api.resume import resumed_settings
from qfl.config import Settings
from qfl.federation.records.resumption import check_angles, check_resumable
from qfl.federation.state import load
from qfl.report import write_report
from qfl.results import RunFolder
from qfl.testing.folder_faults import folder_faults
from qfl.testing.mutations import budget

ANGLES = np.linspace(-3, 3, 12, dtype=np.float32)


@pytest.fixture
def sound(tmp_path) -> Path:
    """Return a folder as a run leaves it that was interrupted after round 3 of 5."""
    from qfl.angles import angle_digest

    settings = Settings.from_flat({"rounds": 5, "clients.count": 4, "strategy.name": "fedavgm"})
    header = {
        "schema": 1, "name": "sound", "created": "2026-11-21T08:15:00+00:00", "status": "interrupted",
        "settings": settings.to_flat(), "versions": {"qfl": "0.1.0"}, "host": {"cores": 2}, "run_id": "0c" * 16,
        "model": {"name": "vqc", "parameters": 12, "angles": 12, "others": 0, "qubits": 6, "depth": 2, "drawing": "-"},
        "baselines": [{"name": "mlp", "parameters": 2410, "uplink_bytes": 9640}], "uplink": None, "data": {"test": 9},
    }  # fmt: skip
    folder = RunFolder.create("sound", header, path=tmp_path / "sound")
    parts = {"model": 48, "signature": 3309, "envelope": 725}
    for number in range(4):
        asked = [
            {"round": number, "client": client, "status": "accepted", "bytes_up": parts, "loss": 0.5, "seconds": 0.1}
            for client in range(4 if number else 0)
        ]
        row = {
            "round": number, "loss": 2.0, "accuracy": 0.1, "per_class": [0.1] * 10, "asked": 4, "accepted": 4,
            "seconds": {"train": 0.5, "total": 0.6}, "angles_sha256": angle_digest(ANGLES), "failure": None,
            "bytes_up": parts, "bytes_down": parts, "diagnostics": {"resultant_min": 0.9},
        }  # fmt: skip
        folder.append("clients", asked)
        folder.append("rounds", [row])
    state = {"strategy": {"strategy": "FedAvgM", "kinds": {"m": "list"}}, "failures": 0, "air": {"clock_s": 0.0}}
    folder.save_checkpoint(3, {"angles": ANGLES, "strategy/m/0": ANGLES * 0.1}, state)
    return folder.path


def resume(path: Path) -> Any:
    """Return all that the rest of the run follows from."""
    settings = resumed_settings(str(path), None, [])
    folder = RunFolder(path)
    check_resumable(folder, "accuracy")
    state = load(folder)
    if state is None:
        return None  # it starts over
    check_angles(folder, state.round, state.angles, ANGLES)
    folder.truncate(state.round)
    arrays, plain = state.memory
    flat = {key: value for key, value in settings.to_flat().items() if key != "run.folder"}
    kept = {name: (array.dtype.str, array.tobytes()) for name, array in arrays.items()}
    return flat, state.round, state.angles.tobytes(), kept, json.dumps(plain, sort_keys=True), state.failures, state.air


def report(path: Path) -> None:
    write_report(RunFolder(path))


@pytest.mark.parametrize(("read", "part"), [(resume, 0.8), (report, 0.2)], ids=["resume", "report"])
def test_a_damaged_run_folder_is_read_as_it_was_or_refused_in_a_sentence(tmp_path, sound, read, part, share):
    """Of five damaged folders four are resumed, and one is drawn, which takes twice as long."""
    assert folder_faults(sound, tmp_path / "spoilt", read, budget(share * part)) == []
