"""The server of a run: open or make the run folder, call the roll, play the rounds, write the result."""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from math import inf
from typing import Any

from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy

from qfl.airtime.radio import Radio
from qfl.angles import AngleLayout, angle_digest
from qfl.best_round import VALIDATION, best_row
from qfl.config import Settings
from qfl.federation.attacking.attack import attack_of
from qfl.federation.attacking.poisoned import poisoned
from qfl.federation.attacking.rows import with_attack
from qfl.federation.beginning import first_angles, first_state
from qfl.federation.grids.caps import Caps, caps_of
from qfl.federation.grids.concurrent_pull import SeparateGrid
from qfl.federation.grids.encryption import run_seal_key, seal_config
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.grids.named_selection import chooser
from qfl.federation.grids.notifications import beside
from qfl.federation.grids.radio import make_radio
from qfl.federation.grids.signature import ServerIdentity
from qfl.federation.grids.stack import Transport
from qfl.federation.homomorphic.session import Encrypting
from qfl.federation.loop import Run, play
from qfl.federation.masking.grid import SumRules
from qfl.federation.masking.session import Masking
from qfl.federation.masking.sums import Sums
from qfl.federation.masking.words import Words, words_of
from qfl.federation.node_directory import Attendance
from qfl.federation.privacy.plan import DISTRIBUTED, Plan, plan_of
from qfl.federation.privacy.spending import Spending
from qfl.federation.records.evaluation import evaluate, predictions
from qfl.federation.records.ledger_writer import LedgerWriter
from qfl.federation.records.resumption import check_own
from qfl.federation.records.run_metadata import describe
from qfl.federation.runtime.keys import enrol_asked, load_roster, prepare_keys, server_signer
from qfl.federation.runtime.progress import Stopped
from qfl.federation.runtime.quantum_keys import require_link, server_source
from qfl.federation.runtime.roll_call import call_roll
from qfl.federation.sample_upload import SampleUploads
from qfl.federation.state import State, load
from qfl.federation.strategy.player import Player
from qfl.provenance import source_digest
from qfl.results import Row, RunFolder
from qfl.security.roster import Roster
from qfl.security.updates import ReplayGuard
from qfl.tasks.build import build, is_own
from qfl.tasks.depths import at_depth, client_layers
from qfl.tasks.federation import Federation, Uploading
from qfl.tasks.personal import personal_entries
from qfl.tracking.sinks.sinks import Sinks, make_sinks
from qfl.writing import alone

MakeStrategy = Callable[[Settings, AngleLayout], Strategy]


def serve(grid: Grid, settings: Settings, make_strategy: MakeStrategy) -> RunFolder:
    """Run a federation to its end, or to the end of an interrupted one, and return its folder.

    Args:
        grid: Any Flower grid that holds the run's clients.
        settings: The run's settings; ``run.folder`` says where, ``run.resume`` whether to continue.
        make_strategy: Gives the strategy that the settings name.

    Raises:
        UserError: If the settings do not fit the data, the keys, the grid or the run folder.
        RoundFailed: If three rounds in a row failed.
        Stopped: If whoever listens to the rounds stopped the run, which can be resumed.
    """
    federation, player, radio, sinks = prepare(settings, make_strategy)
    with _alone(settings):
        folder = RunFolder(settings.run.folder) if settings.run.resume else _new_folder(settings, federation)
        check_own(folder, is_own(federation))
        started = later_than(folder.header.get("started"))
        folder.update(status="running", settings=settings.to_flat(), error=None, started=started)
        try:
            run = replace(_assemble(grid, settings, federation, player, folder, radio), sinks=sinks)
            state = play(run, first_state(run, federation))
        except KeyboardInterrupt:
            _give_up(folder, sinks, status="interrupted")
            raise
        except Stopped as stopped:
            _give_up(folder, sinks, status="interrupted", error=str(stopped))
            raise
        except Exception as error:
            _give_up(folder, sinks, status="failed", error=f"{type(error).__name__}: {error}")
            raise
        final = _final(folder, state, federation.metric.name)
        if (kept := predictions(federation, state.angles)) is not None:
            folder.update(predictions=kept)
        folder.update(status="completed", uplink=uplink(folder), final=final)
        sinks.end({"status": "completed", **final})
    return folder


def prepare(settings: Settings, make_strategy: MakeStrategy) -> tuple[Federation, Player, Radio | None, Sinks]:
    """Return federation, strategy, radio and sinks of a run: all that can be refused before anything is written.

    Raises:
        UserError: If the settings do not fit each other, the data or the keys.
    """
    logging.getLogger("flwr").setLevel(logging.ERROR)  # the strategies' remarks; the rows say more
    federation = build(settings)
    personal_entries(settings, federation.model.layout)  # names of entries that there are not ...
    for depth in set(client_layers(settings)):
        at_depth(federation, depth)  # ... a circuit that cannot be cut ...
    first_angles(settings, federation)  # ... a model to start from that does not fit ...
    player = Player.of(make_strategy(settings, federation.model.layout), settings)  # a strategy that cannot work ...
    radio = make_radio(federation)  # ... or the radio ...
    if settings.attack.on:
        poisoned(federation, attack_of(settings))  # ... an attack that does not fit the task ...
    plan_of(settings, federation.model.layout)  # ... a privacy budget that does not last for a round ...
    chooser(federation)  # ... clients of the user's own choice that are not there ...
    sinks = make_sinks(settings)  # ... or a sink that is not installed ...
    require_link(settings)  # ... a quantum link that leaves no key ...
    if settings.security.keys:
        prepare_keys(settings)  # ... and keys that are absent, sealed or revoked
        server_signer(settings)
    return federation, player, radio, sinks


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the run folder's lock before anything is written there: a run that is still going is nobody else's."""
    path = settings.run.folder
    if settings.run.resume:
        path = RunFolder(path).path  # one that is absent is not made
    with alone(path) if path else nullcontext():
        yield


def later_than(before: object) -> int:
    """Return the time in Unix nanoseconds, but later than when the run was taken up before, whatever the clock says.

    Example:
        >>> later_than(4 * 10**18)
        4000000000000000001
    """
    return max(time.time_ns(), before + 1 if type(before) is int and before < 2**62 else 0)


def _give_up(folder: RunFolder, sinks: Sinks, **entries: Any) -> None:
    """Write down how a run ended, and let nothing that fails meanwhile hide why: the disk may be full."""
    with suppress(Exception):
        folder.update(**entries)
        folder.update(uplink=uplink(folder))
    sinks.end(entries)


def _new_folder(settings: Settings, federation: Federation) -> RunFolder:
    header = describe(settings, federation) | {
        "schema": 1,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "status": "running",
        "run_id": secrets.token_hex(16),
    }
    return RunFolder.create(header["name"], header, path=settings.run.folder)


def _assemble(
    grid: Grid, settings: Settings, federation: Federation, player: Player, folder: RunFolder, radio: Radio | None
) -> Run:
    roster = prepare_keys(settings)
    run_id, task = bytes.fromhex(folder.header["run_id"]), bytes.fromhex(federation.digest)
    signer, seal, started = server_signer(settings), run_seal_key(settings), folder.header["started"]
    ledger = LedgerWriter(folder, signer, run_id, started)
    identity = ServerIdentity(signer, roster, run_id, task, source_digest(), ReplayGuard(), seal, started, ledger)
    if settings.security.qkd != "none":
        identity = replace(identity, quantum_keys=partial(server_source, settings))
    plan = plan_of(settings, federation.model.layout)
    if plan:
        folder.update(privacy={"noise_multiplier": plan.multiplier, "sensitivity_rad": plan.sensitivity})
    transport = _transport(grid, federation, radio, folder, plan)
    number = _next_round(folder, settings)
    attendance = _attendance(transport.base, settings, folder, partial(load_roster, settings), number)
    nodes = attendance.nodes if attendance else _nodes(transport, settings.clients.count)
    if isinstance(federation.samples, Uploading):  # every client is asked before the first round
        identity = replace(identity, roster=enrol_asked(settings, list(nodes)))
    uploads = SampleUploads(federation, transport, folder)
    uploads.begin(nodes, identity, number)
    return Run(
        settings,
        folder,
        transport,
        nodes,
        choose=chooser(federation),
        identity=identity,
        roster=partial(enrol_asked, settings),
        player=player,
        evaluate=lambda angles: evaluate(uploads.current, angles),
        announce=lambda: {**seal_config(seal, settings.security.qkd), **uploads.current.announce()},
        attendance=attendance,
        spending=Spending(folder, plan, started) if plan else None,
        uploads=uploads,
        clients_keep=getattr(player.strategy, "clients_keep", False) or bool(settings.train.personal.strip(", ")),
        with_attack=lambda row, rows, angles, tested: with_attack(row, rows, federation, angles, tested=tested),
    )


def _nodes(transport: Transport, count: int) -> Mapping[int, int]:
    """Return the node id of each client: a grid that numbers its clients itself need not ask them."""
    if isinstance(transport.base, InProcessGrid) and len(nodes := transport.base.nodes) == count:
        return nodes
    return call_roll(transport.base, count, transport.deadline_s)


def _transport(
    grid: Grid, federation: Federation, radio: Radio | None, folder: RunFolder, privacy: Plan | None
) -> Transport:
    settings, layout = federation.settings, federation.model.layout
    caps, metric = caps_of(settings.round, layout, federation.parts), federation.metric
    caps = replace(caps, norm=inf) if privacy else caps  # movements are cut, and noise may be long
    sums, noisy = _sums_of(settings, words_of(layout, metric.name), caps), settings.privacy.mechanism == DISTRIBUTED
    return Transport(
        SeparateGrid(grid, beside(settings.security.keys)) if settings.backend == "deployed" else grid,
        settings.round.deadline_s,
        caps,
        metric,
        radio,
        SumRules(sums, caps, folder.path, noisy) if sums else None,
        federation.pool,
        privacy,
    )


def _sums_of(settings: Settings, words: Words, caps: Caps) -> Sums | None:
    """Return how the server comes by sums alone; None where updates are plain.

    Raises:
        MissingExtra: If they are to be encrypted, and TenSEAL is not installed.
        ConfigError: If so many samples leave an encrypted sum too little room.
    """
    match settings.security.aggregation:
        case "masked":
            return Masking(settings.security, settings.seed, words)
        case "ckks":
            found = Encrypting(settings.seed, words, caps)
            found.require_precision(range(settings.clients.count), settings.clients.asked)
            return found
        case _:
            return None


def _next_round(folder: RunFolder, settings: Settings) -> int:
    state = load(folder) if settings.run.resume else None
    return (state.round if state else 0) + 1


def _attendance(
    grid: Grid, settings: Settings, folder: RunFolder, roster: Callable[[], Roster], number: int
) -> Attendance | None:
    if settings.backend != "deployed":
        return None
    attendance = Attendance(grid, settings.clients.count, roster)
    try:
        attendance.gather(settings.round.quorum, round_number=number)
    finally:
        folder.update(roll_call=attendance.refused)
    return attendance


def uplink(folder: RunFolder) -> dict[str, int] | None:
    """Return the bytes that one client sends per round, as measured on the last accepted reply."""
    sizes = [row.get("bytes_up") for row in folder.clients() if row.get("status") == "accepted"]
    return {f"{part}_bytes": number for part, number in sizes[-1].items()} if sizes and sizes[-1] else None


def _final(folder: RunFolder, state: State, metric: str) -> dict[str, Any]:
    rows = folder.rounds()
    own = {key: rows[-1][key] for key in ("scored_on", "exact_loss", f"exact_{metric}") if key in rows[-1]}
    return {
        metric: rows[-1][metric],
        "loss": rows[-1]["loss"],
        **own,
        "rounds": state.round,
        "seconds": sum(row["seconds"]["total"] for row in rows),
        "angles": state.angles.tolist(),
        "angles_sha256": angle_digest(state.angles),
        "run": str(folder.path),
        **_chosen(rows, metric),
    }


def _chosen(rows: Sequence[Row], metric: str) -> dict[str, Any]:
    """Return the figures on the held-out samples, and the round that they choose; nothing where none are."""
    if (best := best_row(rows, metric)) is None:
        return {}
    names = (VALIDATION + metric, VALIDATION + "loss")
    told = ("round", *names, metric, "loss", "angles_sha256")
    return {name: rows[-1][name] for name in names} | {"best": {name: best[name] for name in told}}
