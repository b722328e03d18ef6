"""A run that Flower runs: hand it in, follow it by its run folder, and find out what ended it.

Flower's exit codes say nothing (0 for a run that failed), so rounds and result are read from the run folder, and Flower
is asked now and then whether the run is still alive.
"""

import re
import time
from dataclasses import replace
from pathlib import Path

from qfl import errors
from qfl.config import Settings
from qfl.config.fields import as_toml
from qfl.errors import ConfigError, QflError, RoundFailed
from qfl.extend import find_file
from qfl.federation.runtime.bundle import bundled
from qfl.federation.runtime.progress import OnRound
from qfl.federation.runtime.superlink import SuperLink
from qfl.quantum.calibration_files import absolute_files
from qfl.results import RunFolder

POLL_S = 0.5
ALIVE_S = 10.0


def follow_run(
    superlink: SuperLink,
    settings: Settings,
    root: Path,
    on_round: OnRound,
    words: tuple[str, ...],
    patience_s: float = 0,
) -> RunFolder:
    """Run a checkout's app on a SuperLink and return the run folder when the run is over.

    Args:
        superlink: Where ``flwr`` commands go.
        settings: ``run.folder`` is absolute.
        root: The checkout.
        on_round: Called with every finished round's row.
        words: Further options of ``flwr run``.
        patience_s: Seconds for which the SuperLink may be away, for example because it is started again.

    Raises:
        ConfigError: If Flower refuses the app or its config.
        RoundFailed: If the run failed.
    """
    folder = Path(settings.run.folder)
    done = _rewind(RunFolder(folder)) if settings.run.resume else -1
    run_id = _submit(superlink, settings, root, words)
    try:
        _follow(superlink, run_id, folder, done, on_round, patience_s)
    except KeyboardInterrupt:
        superlink.command("stop", run_id)
        raise
    if _status(folder) != "completed":
        raise _failure(superlink, run_id, folder)
    return RunFolder(folder)


def run_config(settings: Settings) -> str:
    """Return the settings as the flat TOML that ``flwr run --run-config`` reads, with absolute paths."""
    keys = settings.security.keys
    gains = find_file(settings.radio.gains) if settings.radio.gains else None
    calibration = settings.noise.calibration
    absolute = replace(
        settings,
        noise=replace(settings.noise, calibration=absolute_files(calibration) if calibration else ""),
        radio=replace(settings.radio, gains=str(gains or settings.radio.gains)),
        data=replace(settings.data, root=str(Path(settings.data.root).resolve())),
        security=replace(settings.security, keys=str(Path(keys).resolve()) if keys else ""),
    )
    return "".join(f'"{key}" = {as_toml(value)}\n' for key, value in absolute.to_flat().items())


def _rewind(folder: RunFolder) -> int:
    """Cut off what is later than the checkpoint, as the server will; return the checkpoint's round."""
    checkpoint = folder.load_checkpoint()
    done = checkpoint[0] if checkpoint else -1
    folder.truncate(done)
    folder.update(status="running", error=None)
    return done


def _submit(superlink: SuperLink, settings: Settings, root: Path, words: tuple[str, ...]) -> str:
    config = superlink.folder / "run.toml"
    with bundled(root, settings) as app:
        config.write_text(run_config(settings), encoding="utf-8")
        return superlink.answer("run", str(app), "--run-config", str(config), *words)["run-id"]


def _follow(superlink: SuperLink, run_id: str, folder: Path, done: int, on_round: OnRound, patience_s: float) -> None:
    """Pass rounds later than ``done`` on as they appear, until the server says that the run is over, or has died."""
    asked = heard = time.monotonic()
    while True:
        over = _status(folder) in ("completed", "failed")
        if not over and time.monotonic() - asked > ALIVE_S:
            try:
                over = _flower_status(superlink, run_id)["status"].startswith("finished")
                heard = time.monotonic()
            except ConfigError:
                if time.monotonic() - heard > patience_s:
                    raise
            asked = time.monotonic()
        for row in RunFolder(folder).rounds() if _status(folder) else []:
            if row["round"] > done:
                done = row["round"]
                on_round(row)
        if over:
            return
        time.sleep(POLL_S)


def _status(folder: Path) -> str | None:
    return RunFolder(folder).header["status"] if (folder / "run.json").is_file() else None


def _flower_status(superlink: SuperLink, run_id: str) -> dict[str, str]:
    return superlink.answer("ls", "--run-id", run_id)["runs"][0]


def _failure(superlink: SuperLink, run_id: str, folder: Path) -> QflError:
    """Return what ended the run in the server's process, as far as it can be known here."""
    header = RunFolder(folder).header if _status(folder) else {}
    log = superlink.command("log", run_id, "--show").strip()
    own = reported(header.get("error") or "") or reported(log)
    if own is not None:
        return own
    state = _flower_status(superlink, run_id)
    return RoundFailed(
        f"Flower reports {state['status']} ({state['status-details']}); its log ends with: {end_of(log)}"
    )


def end_of(log: str) -> str:
    r"""Return the end of a log, or where an exception had a cause, the end of that.

    Example:
        >>> end_of("TimeoutError: no worker\n\nThe above exception was the direct cause of\nRuntimeError: an error")
        'TimeoutError: no worker'
    """
    return (log.rpartition("The above exception was the direct cause")[0] or log).strip()[-800:]


def reported(text: str) -> QflError | None:
    """Return the last of our own exceptions that a text names, or None.

    Example:
        >>> reported("qfl.errors.DataError: cannot read 'data'; fetch it")
        DataError("cannot read 'data'; fetch it")
    """
    for name, sentence in reversed(re.findall(r"^(?:qfl\.errors\.)?(\w+): (.*)$", text, re.MULTILINE)):
        kind = getattr(errors, name, None)
        if isinstance(kind, type) and issubclass(kind, QflError) and kind is not errors.Rejection:
            return kind(sentence)
    return None
