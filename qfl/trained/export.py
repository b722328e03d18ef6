"""From a run folder to one model file: entries, settings, preprocessing, class names, provenance, and the signature."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl import best_round
from qfl.angles import AngleLayout, angle_digest
from qfl.config import Settings
from qfl.data.load import read_test
from qfl.errors import ConfigError, RunFolderError
from qfl.extend import is_reference
from qfl.results import RunFolder
from qfl.security import keystore
from qfl.security.keyfile import passphrase_given
from qfl.security.signing import Signer
from qfl.trained.container import ModelFile, write_model
from qfl.trained.kinds import kind_of
from qfl.trained.own_files import MODEL, SAMPLES, is_installed, require_same_files
from qfl.writing import write_atomically

NOT_OURS = ("run.", "security.keys")  # of the machine that trained, not of the model
PROVENANCE = ("name", "run_id", "created", "versions", "source", "status")


def export_run(run: str | Path, path: str | Path = "", *, best: bool = False) -> Path:
    """Write a run's model into one file and return its path.

    Args:
        run: A run folder with a checkpoint: of a finished run, or of one that was interrupted.
        path: The file; empty writes ``model.npz`` into the run folder.
        best: Whether the round is taken that the samples held out by ``data.validation`` rate best; else the last.

    Raises:
        RunFolderError: If there is no run, nothing was trained yet, or the folder is damaged.
        KeyFolderError: If the server's key cannot be read.
        DataError: If the data that preprocessing is fitted to cannot be read, or the user's own files are not those
            that the run was trained with.
    """
    folder = RunFolder(run)
    settings, angles = settings_of(folder), trained_angles(folder, best=best)
    _require_ours(folder, settings)
    facts, arrays = kind_of(settings.task, "describe")(settings)
    restored = kind_of(settings.task, "restore")(settings, facts, angles[1], arrays)
    layout: AngleLayout = restored.model.layout
    if len(layout) != len(angles[1]):
        raise RunFolderError(
            f"{folder.path} holds {len(angles[1])} entries, but this version's {settings.model.name} has "
            f"{len(layout)}; export it with the version that trained it"
        )
    flat = {key: value for key, value in settings.to_flat().items() if not key.startswith(NOT_OURS)}
    header = {
        "settings": flat,
        "facts": facts,
        "layout": {"names": list(layout.names), "sha256": layout.digest()},
        "provenance": _provenance(folder, *angles),
    }
    target = Path(path) if str(path) else folder.path / "model.npz"
    write_model(target, ModelFile(header, angles[1], arrays), server_key(folder, settings))
    return target


def export_circuit(
    run: str | Path, written: str, path: str | Path = "", *, sample: int | None = None, best: bool = False
) -> Path:
    """Write a run's trained circuit as a program and return its path.

    Args:
        run: A run folder with a checkpoint.
        written: ``pennylane``, a Python program that predicts, or ``qasm``, OpenQASM 3.
        path: The file; empty writes ``circuit.py`` or ``circuit.qasm`` into the run folder.
        sample: Which sample of the test set stands in OpenQASM as numbers; None declares features as inputs.
        best: As of `export_run`.

    Raises:
        RunFolderError: As `export_run`.
        ConfigError: If the model has no circuit, the circuit's sample is its state, or there is no such sample.
        DataError: If the data cannot be read.
    """
    from qfl.trained.circuit_program import TrainedCircuit, circuit_of_model
    from qfl.trained.classifier import Classifier

    folder = RunFolder(run)
    settings, (number, angles) = settings_of(folder), trained_angles(folder, best=best)
    _require_ours(folder, settings)
    if written == "pennylane" and sample is not None:
        raise ConfigError("--sample writes one sample into OpenQASM; a PennyLane program takes any, so leave it out")
    facts, arrays = kind_of(settings.task, "describe")(settings)
    restored = kind_of(settings.task, "restore")(settings, facts, angles, arrays)
    model = circuit_of_model(restored.model, settings.model.name)
    if not isinstance(restored, Classifier):
        raise ConfigError(f"task = {settings.task!r}: circuits of classifiers are written, and no others yet")
    about = f"The circuit that run {folder.header.get('name', folder.path.name)} trained, round {number}".replace(
        '"', ""
    )
    trained = TrainedCircuit(model, angles, tuple(restored.classes), restored.network.preprocessing, about)
    text = trained.to_pennylane() if written == "pennylane" else trained.to_qasm(_test_sample(settings, sample))
    target = Path(path) if str(path) else folder.path / ("circuit.py" if written == "pennylane" else "circuit.qasm")
    write_atomically(target, text.encode())
    return target


def _require_ours(folder: RunFolder, settings: Settings) -> None:
    if "federation" in (folder.header.get("given") or {}):
        raise ConfigError(
            f"{folder.path} trained a Federation of your own objects; model files hold models of qfl alone"
        )
    shared = settings.data.partition
    if is_reference(shared) and is_installed(shared):  # of a package, which is no file to be put back
        settings = replace(settings, data=replace(settings.data, partition="iid"))
    require_same_files(settings, _own_files(folder), str(folder.path), (*MODEL, *SAMPLES))


def _test_sample(settings: Settings, number: int | None) -> NDArray[np.float64] | None:
    if number is None:
        return None
    test = read_test(settings.data, settings.seed)
    if number >= len(test.inputs):
        raise ConfigError(f"--sample {number}: the test set has {len(test.inputs)} samples, counted from 0")
    return test.inputs[number]


def settings_of(folder: RunFolder) -> Settings:
    """Return the settings of a run.

    Raises:
        RunFolderError: If they cannot be read.
    """
    flat = folder.settings
    try:
        return Settings.from_flat(flat if isinstance(flat, dict) else {"settings": "absent"})
    except ConfigError as error:
        faults = "; ".join(error.faults)[:500]
        raise RunFolderError(
            f"the settings in {folder.path / 'run.json'} cannot be read ({faults}); use the version that made it"
        ) from None


def trained_angles(folder: RunFolder, *, best: bool = False) -> tuple[int, NDArray]:
    """Return the round and the entries of a run's checkpoint.

    Args:
        folder: The run's.
        best: Whether they are those of the best round by validation; else of the last.

    Raises:
        RunFolderError: If there is no checkpoint, or its entries are not those that the round's row names.
        ConfigError: If the best round is asked for, but nothing was held out.
    """
    found = folder.load_checkpoint()
    if found is None or "angles" not in found[1]:
        raise RunFolderError(f"{folder.path} has no checkpoint, so nothing was trained; let the run finish a round")
    number, arrays, plain = found
    if best:
        number, arrays = _best(folder, arrays, plain)
    known = {row["round"]: row.get("angles_sha256") for row in folder.rounds()}.get(number)
    angles = arrays["angles"]
    if angles.ndim != 1 or angles.dtype not in (np.float32, np.float64) or known not in (None, angle_digest(angles)):
        raise RunFolderError(
            f"{folder.path / 'checkpoint.npz'} holds other angles than round {number} ended with, by its row in "
            "rounds.jsonl; put back the right file"
        )
    return number, angles


def _best(folder: RunFolder, arrays: Mapping[str, NDArray], plain: Mapping[str, Any]) -> tuple[int, dict[str, NDArray]]:
    try:
        kept = best_round.load(arrays, plain)
    except (KeyError, TypeError):
        raise RunFolderError(f"{folder.path / 'checkpoint.npz'} lacks half of its best round; train again") from None
    if kept is None:
        raise ConfigError(
            f"{folder.path} held no samples out, so no round is known to be best; train with data.validation = 0.1, "
            "or export the last round"
        )
    return kept.round, {"angles": kept.angles}


def server_key(folder: RunFolder, settings: Settings) -> Signer:
    """Return the private key of a run's server: of the key folder that the run was given, or of the run's own.

    Raises:
        KeyFolderError: If it is absent, or sealed with another passphrase.
    """
    return keystore.load_signer(settings.security.keys or folder.path / "keys", "server", passphrase_given())


def _own_files(folder: RunFolder) -> dict[str, Any]:
    found = folder.header.get("own")
    return found if isinstance(found, dict) else {}


def _provenance(folder: RunFolder, number: int, angles: NDArray) -> dict[str, Any]:
    header, rows = folder.header, folder.rounds()
    figures = next((row for row in rows if row["round"] == number), {})
    told = {key: header.get(key) for key in PROVENANCE}
    kept = {key: value for key, value in figures.items() if type(value) in (int, float) or value is None}
    return told | {
        "round": number,
        "figures": kept,
        "scored_on": figures.get("scored_on"),
        "angles_sha256": angle_digest(angles),
        "data": (header.get("data") or {}).get("name"),
        "own": _own_files(folder),
    }
