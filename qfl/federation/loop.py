"""The rounds of a run: select, send, aggregate, evaluate, write down, again.

Flower's own loop (`Strategy.start`) always counts from round 1, cannot resume, and takes a round without replies for a
success. This one calls the same two methods of the same unmodified strategies.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message
from flwr.serverapp import Grid
from flwr.serverapp.exception import AggregationError
from flwr.serverapp.strategy import Strategy
from numpy.typing import NDArray

from qfl.angles import angle_digest
from qfl.config import Settings
from qfl.errors import KeyFolderError, RoundFailed, RunFolderError
from qfl.federation.admission import AdmissionGrid, Form
from qfl.federation.attendance import Attendance, AttendanceGrid, clients_of
from qfl.federation.deadline import DeadlineGrid, check_quorum
from qfl.federation.keys import load_roster
from qfl.federation.ledger import Ledger
from qfl.federation.messages import ANGLES, to_record
from qfl.federation.progress import tell, tell_refusals
from qfl.federation.radio import AirState, RadioGrid, load_air, save_air, state_after
from qfl.federation.radio_rows import radio_row, with_radio
from qfl.federation.rows import Evaluation, client_rows, round_row
from qfl.federation.sealing import OpeningGrid, seal_config
from qfl.federation.selection import Pool, SelectionGrid, choose
from qfl.federation.server_step import set_round
from qfl.federation.strategy_state import export_state, restore_state
from qfl.federation.validity import ValidityGrid
from qfl.federation.verifying import ServerIdentity, VerifyingGrid
from qfl.metric import metric_of
from qfl.printable import printable
from qfl.results import RunFolder
from qfl.scheduling.radio import Radio

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
    memory: tuple[dict[str, NDArray], dict[str, Any]]
    failures: int = 0
    air: AirState = field(default_factory=AirState)


def play(run: Run, state: State) -> State:
    """Run all rounds that are left and return the last state.

    Raises:
        RoundFailed: If three rounds in a row failed, or every round of a shorter run.
    """
    while state.round < run.settings.rounds:
        state = play_round(run, state)
        if state.failures == min(MAX_FAILURES, run.settings.rounds):
            last, first = run.folder.rounds()[-1]["failure"], state.round - state.failures + 1
            which = f"rounds {first} to {state.round}" if state.failures > 1 else f"round {state.round}"
            raise RoundFailed(f"{which} failed, so the run stops; the last: {last}")
    return state


def play_round(run: Run, state: State) -> State:
    """Run one round, write its rows and, where due, the checkpoint; return the state after it."""
    start, number, ledger = time.perf_counter(), state.round + 1, Ledger()
    strategy, run = _strategy(run, state, number), as_of_now(run, number)
    clients = clients_of(run.nodes)
    replies = _ask(run, state, number, strategy, clients, ledger)
    metric = metric_of(run.settings.task)
    rows = client_rows(number, replies, clients, state.angles, ledger, metric.name)
    after, failure = _aggregate(run, state, number, strategy, replies, ledger)
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
    write_down(run, after, row, rows)
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


def write_down(run: Run, state: State, row: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Append a round's rows, then replace the checkpoint: rows later than the checkpoint are cut off at a resume."""
    run.folder.append("clients", rows)
    run.folder.append("rounds", [row])
    if state.round % run.settings.round.checkpoint_every == 0 or state.round == run.settings.rounds:
        save(run.folder, state)
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


def _strategy(run: Run, state: State, number: int) -> Strategy:
    """Return the strategy as it stands before a round; a failed round leaves no trace in the next one's."""
    strategy = run.make_strategy()
    restore_state(strategy, *state.memory)
    set_round(strategy, run.settings, number)
    return strategy


def _ask(
    run: Run, state: State, number: int, strategy: Strategy, clients: dict[int, int], ledger: Ledger
) -> list[Message]:
    """Return one reply per asked client: content where it is admissible, an error with the reason where it is not."""
    limits = run.settings.round
    with ledger.clock("select"):
        chosen = choose(run.settings.clients.selection, run.pool, run.settings.clients.per_round, number)
    grid = SelectionGrid(run.base, run.nodes, chosen)
    grid = AttendanceGrid(grid) if run.attendance else grid
    grid = DeadlineGrid(grid, clients, limits.deadline_s, ledger)
    if run.radio:
        grid = RadioGrid(grid, run.radio, clients, number, state.air, ledger)
    if seal := run.identity.seal:
        grid = OpeningGrid(grid, seal, run.identity.run_id, number, clients, state.angles.nbytes, ledger)
    grid = VerifyingGrid(grid, run.identity, clients, number, state.angles, ledger)
    grid = AdmissionGrid(grid, _form(run.settings, state), ledger)
    grid = ValidityGrid(grid, run.identity.roster, clients, number)
    config = ConfigRecord({**seal_config(run.identity.seal), **run.announce()})
    with ledger.clock("select"):
        messages = list(strategy.configure_train(number, to_record(state.angles), config, grid))
    return list(grid.send_and_receive(messages))


def _form(settings: Settings, state: State) -> Form:
    limits = settings.round
    return Form(state.angles, limits.max_norm, limits.max_examples, metric_of(settings.task))


def _aggregate(
    run: Run, state: State, number: int, strategy: Strategy, replies: list[Message], ledger: Ledger
) -> tuple[State, str | None]:
    """Return the state after the round, and why it failed (then angles and strategy are as before)."""
    try:
        with ledger.clock("aggregate"):
            check_quorum(replies, len(replies), run.settings.round.quorum)
            angles = _combined(strategy, number, replies, state.angles)
        return State(number, angles, export_state(strategy)), None
    except RoundFailed as failure:
        return replace(state, round=number, failures=state.failures + 1), str(failure)


def _combined(strategy: Strategy, number: int, replies: list[Message], before: NDArray) -> NDArray:
    name, valid = type(strategy).__name__, sum(not reply.has_error() for reply in replies)
    try:
        arrays, _ = strategy.aggregate_train(number, replies)
    except AggregationError as error:
        raise RoundFailed(f"{name} could not combine {valid} valid replies: {error}") from error
    if not isinstance(arrays, ArrayRecord):
        raise RoundFailed(f"{name} made no update out of {valid} valid replies; it needs more")
    angles = arrays[ANGLES].numpy().astype(before.dtype)
    if not np.isfinite(angles).all():
        raise RoundFailed(f"{name} made angles that are not finite out of {valid} valid replies; set round.max-norm")
    return angles


def _evaluate(run: Run, state: State, ledger: Ledger) -> Evaluation:
    due = state.round % run.settings.round.evaluate_every == 0 or state.round == run.settings.rounds
    with ledger.clock("evaluate"):
        return run.evaluate(state.angles) if due else Evaluation()
