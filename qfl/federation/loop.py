"""The rounds of a run: select, send, aggregate, evaluate, write down, again.

Flower's own loop (`Strategy.start`) always counts from round 1, cannot resume, and takes a round without replies for a
success. This one calls the same two methods of the same unmodified strategies.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flwr.app import ConfigRecord, Message
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy
from numpy.typing import NDArray

from qfl.airtime.radio import Radio
from qfl.angles import angle_digest
from qfl.config import Settings
from qfl.errors import KeyFolderError, RoundFailed, RunFolderError
from qfl.federation.grids.admission import AdmissionGrid, Form
from qfl.federation.grids.caps import Caps
from qfl.federation.grids.deadline import DeadlineGrid, check_quorum
from qfl.federation.grids.encryption import OpeningGrid, seal_config
from qfl.federation.grids.radio import AirState, RadioGrid, load_air, save_air, state_after
from qfl.federation.grids.selection import Pool, SelectionGrid, choose
from qfl.federation.grids.signature import ServerIdentity, VerifyingGrid
from qfl.federation.grids.validity import ValidityGrid
from qfl.federation.node_directory import Attendance, AttendanceGrid, clients_of
from qfl.federation.records.messages import ANGLES, to_record
from qfl.federation.records.radio_rows import radio_row, with_radio
from qfl.federation.records.round_metrics import Ledger
from qfl.federation.records.rows import Evaluation, client_rows, round_row
from qfl.federation.runtime.keys import load_roster
from qfl.federation.runtime.progress import tell, tell_refusals
from qfl.federation.strategy.global_draws import draws_of
from qfl.federation.strategy.player import Player
from qfl.federation.strategy.state import Memory, changed_since
from qfl.printable import printable
from qfl.results import RunFolder
from qfl.specs import metric_of

MAX_FAILURES = 3


@dataclass(frozen=True)
class Run:
    """What stays the same in all rounds of a run.

    Args:
        settings: The run's settings.
        folder: Where rows and checkpoints go.
        base: The grid at the bottom.
        nodes: Node id of each client.
        pool: What the server knows of the clients when it selects.
        identity: What the server signs and verifies with.
        make_strategy: Makes the strategy, in its state before the first round.
        evaluate: The central test.
        announce: What the task adds to every round's settings.
        radio: What carries the updates; None = nothing but the wall clock.
        attendance: Keeps ``nodes`` up to date where clients come and go; None where all are there from the start.
        caps: How far one client may move the mean.
    """

    settings: Settings
    folder: RunFolder
    base: Grid
    nodes: dict[int, int]
    pool: Pool
    identity: ServerIdentity
    make_strategy: Callable[[], Strategy]
    evaluate: Callable[[NDArray], Evaluation]
    announce: Callable[[], dict[str, Any]] = dict
    radio: Radio | None = None
    attendance: Attendance | None = None
    caps: Caps = field(default_factory=Caps)


@dataclass(frozen=True)
class State:
    """What changes from round to round, and what a checkpoint holds.

    Args:
        round: Rounds done.
        angles: The global angles, float32 or float64.
        memory: What the strategy carries on (`export_state`).
        failures: Failed rounds in a row.
        air: What the radio carries on.
    """

    round: int
    angles: NDArray
    memory: Memory
    failures: int = 0
    air: AirState = field(default_factory=AirState)


def play(run: Run, state: State) -> State:
    """Run all rounds that are left and return the last state.

    Raises:
        RoundFailed: If three rounds in a row failed, or every round of a shorter run.
    """
    player = Player.of(run.make_strategy())
    state = replace(state, memory=player.begin(state.memory))
    while state.round < run.settings.rounds:
        state = play_round(run, state, player)
        if state.failures == min(MAX_FAILURES, run.settings.rounds):
            last, first = run.folder.rounds()[-1]["failure"], state.round - state.failures + 1
            which = f"rounds {first} to {state.round}" if state.failures > 1 else f"round {state.round}"
            raise RoundFailed(f"{which} failed, so the run stops; the last: {last}")
    return state


def play_round(run: Run, state: State, player: Player) -> State:
    """Run one round, write its rows and, where due, the checkpoint; return the state after it."""
    start, number, ledger = time.perf_counter(), state.round + 1, Ledger()
    run, strategy = as_of_now(run, number), player.strategy
    player.set_round(run.settings, number)
    clients = clients_of(run.nodes)
    replies = _ask(run, state, number, strategy, clients, ledger)
    metric = metric_of(run.settings.task)
    rows = client_rows(number, replies, clients, state.angles, ledger, metric.name)
    after, failure = _aggregate(run, state, number, player, replies, ledger)
    evaluation = _evaluate(run, after, ledger)
    row = round_row(
        number,
        rows,
        evaluation,
        ledger,
        metric.name,
        total_s=time.perf_counter() - start,
        update_norm=float(np.linalg.norm(after.angles.astype(np.float64) - state.angles)),
        angles_sha256=angle_digest(after.angles),
        diagnostics=getattr(strategy, "diagnostics", {}),
        failure=failure,
    )
    if run.radio:
        after = replace(after, air=state_after(run.radio, state.air, ledger))
        row["radio"] = radio_row(run.radio, ledger, after.air, [each["client"] for each in rows])
        rows = with_radio(rows, ledger)
    write_down(run, after, row, rows, player.made)
    return after


def as_of_now(run: Run, number: int) -> Run:
    """Return the run with the roster and the nodes of this moment: keys are revoked and hosts return between rounds."""
    if run.attendance:
        run.attendance.call(round_number=number)
        if run.attendance.refused != run.folder.header.get("roll_call"):
            run.folder.update(roll_call=run.attendance.refused)
    try:
        roster = load_roster(run.settings)
    except KeyFolderError as error:  # an older or altered roster changes nothing, until the one at hand is out of date
        if run.identity.roster.expired():
            raise
        print(f"roster: {printable(error)}; the one of the round before stays", flush=True)
        return run
    return replace(run, identity=replace(run.identity, roster=roster))


def write_down(run: Run, state: State, row: dict[str, Any], rows: list[dict[str, Any]], made: Memory) -> None:
    """Append a round's rows, then replace the checkpoint: rows later than the checkpoint are cut off at a resume."""
    run.folder.append("clients", rows)
    run.folder.append("rounds", [row])
    if state.round % run.settings.round.checkpoint_every == 0 or state.round == run.settings.rounds:
        save(run.folder, replace(state, memory=changed_since(made, state.memory)))
    tell_refusals(rows)
    tell(row, metric_of(run.settings.task))


def save(folder: RunFolder, state: State) -> None:
    """Replace the checkpoint."""
    arrays, plain = state.memory
    named = {ANGLES: state.angles} | {f"strategy/{name}": array for name, array in arrays.items()}
    allocation, air = save_air(state.air)
    folder.save_checkpoint(state.round, named | allocation, {"strategy": plain, "failures": state.failures, "air": air})


def load(folder: RunFolder) -> State | None:
    """Return the state of the checkpoint, or None before the first."""
    found = folder.load_checkpoint()
    if found is None:
        return None
    number, arrays, plain = found
    own = {name: array for name, array in arrays.items() if name.startswith("strategy/")}
    memory = {name.removeprefix("strategy/"): array for name, array in own.items()}
    try:
        failures, air = plain["failures"] % MAX_FAILURES, load_air(arrays, plain.get("air", {}))
        return State(number, arrays[ANGLES], (memory, plain["strategy"]), failures, air)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunFolderError(
            f"{folder.path / 'checkpoint.npz'} lacks what a run goes on from ({error}); delete it to start over"
        ) from None


def _ask(
    run: Run, state: State, number: int, strategy: Strategy, clients: dict[int, int], ledger: Ledger
) -> list[Message]:
    """Return one reply per asked client: content where it is admissible, an error with the reason where it is not."""
    with ledger.clock("select"):
        chosen = choose(run.settings.clients.selection, run.pool, run.settings.clients.per_round, number)
    grid = SelectionGrid(run.base, run.nodes, chosen)
    grid = AttendanceGrid(grid) if run.attendance else grid
    grid = DeadlineGrid(grid, clients, run.settings.round.deadline_s, ledger)
    if run.radio:
        grid = RadioGrid(grid, run.radio, clients, number, state.air, ledger)
    if seal := run.identity.seal:
        grid = OpeningGrid(grid, seal, run.identity.run_id, number, clients, state.angles.nbytes, ledger)
    grid = VerifyingGrid(grid, run.identity, clients, number, state.angles, ledger)
    form = Form(state.angles, run.caps.norm, run.caps.samples, metric_of(run.settings.task))
    grid = AdmissionGrid(grid, form, ledger, {node: run.caps.claim(client) for node, client in clients.items()})
    grid = ValidityGrid(grid, run.identity.roster, clients, number)
    config = ConfigRecord({**seal_config(run.identity.seal), **run.announce()})
    with ledger.clock("select"), draws_of(run.settings.seed, "strategy", "configure", number):
        messages = list(strategy.configure_train(number, to_record(state.angles), config, grid))
    return list(grid.send_and_receive(messages))


def _aggregate(
    run: Run, state: State, number: int, player: Player, replies: list[Message], ledger: Ledger
) -> tuple[State, str | None]:
    """Return the state after the round, and why it failed (then angles and strategy are as before).

    Raises:
        ConfigError: If the strategy has come to hold what no checkpoint can.
    """
    try:
        with ledger.clock("aggregate"), draws_of(run.settings.seed, "strategy", "aggregate", number):
            check_quorum(replies, len(replies), run.settings.round.quorum)
            angles = player.combine(number, replies, state.angles, capped=bool(run.caps.norm))
            memory = player.memory()
        return State(number, angles, memory), None
    except RoundFailed as failure:
        player.begin(state.memory)
        return replace(state, round=number, failures=state.failures + 1), str(failure)


def _evaluate(run: Run, state: State, ledger: Ledger) -> Evaluation:
    due = state.round % run.settings.round.evaluate_every == 0 or state.round == run.settings.rounds
    with ledger.clock("evaluate"):
        return run.evaluate(state.angles) if due else Evaluation()
