"""The rounds of a run: select, send, aggregate, evaluate, write down, again.

Flower's own loop (`Strategy.start`) always counts from round 1, cannot resume, and takes a round without replies for a
success. This one calls the same two methods of the same unmodified strategies.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from flwr.app import ConfigRecord
from flwr.serverapp import Grid
from numpy.typing import NDArray

from qfl.airtime.radio import Radio
from qfl.config import Settings
from qfl.errors import KeyFolderError, RoundFailed, RunFolderError
from qfl.federation.grids.admission import Form
from qfl.federation.grids.caps import Caps
from qfl.federation.grids.deadline import check_quorum
from qfl.federation.grids.encryption import seal_config
from qfl.federation.grids.radio import AirState, load_air, save_air, state_after
from qfl.federation.grids.selection import Pool, SelectionGrid, choose
from qfl.federation.grids.signature import ServerIdentity
from qfl.federation.grids.stack import stacked
from qfl.federation.node_directory import Attendance
from qfl.federation.records.messages import ANGLES, to_record
from qfl.federation.records.radio_rows import with_radio
from qfl.federation.records.reply import Asked, Reply
from qfl.federation.records.round_metrics import clocked
from qfl.federation.records.rows import Evaluation, client_rows, round_row
from qfl.federation.runtime.keys import load_roster
from qfl.federation.runtime.progress import tell, tell_refusals
from qfl.federation.strategy.global_draws import draws_of
from qfl.federation.strategy.player import Player
from qfl.federation.strategy.state import Memory
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
        player: The strategy, as it was before the first round.
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
    player: Player
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
        memory: What the strategy carries on (`Player.memory`).
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
    run.player.begin(state.memory)
    while state.round < run.settings.rounds:
        state = play_round(run, state)
        if state.failures == min(MAX_FAILURES, run.settings.rounds):
            last, first = run.folder.rounds()[-1]["failure"], state.round - state.failures + 1
            which = f"rounds {first} to {state.round}" if state.failures > 1 else f"round {state.round}"
            raise RoundFailed(f"{which} failed, so the run stops; the last: {last}")
    return state


def play_round(run: Run, state: State) -> State:
    """Run one round, write its rows and, where due, the checkpoint; return the state after it."""
    start, number, settings, before = time.perf_counter(), state.round + 1, run.settings, state.angles
    run = as_of_now(run, number)
    run.player.set_round(settings, number)
    asked, select_s = clocked(lambda: select(run, before, number))
    form = Form(before, run.caps, metric_of(settings.task))
    grid = stacked(run.base, run.identity, number, form, settings.round.deadline_s, run.radio, state.air.schedule)
    found = grid.exchange(asked)
    (after, failure), aggregate_s = clocked(lambda: aggregate(settings, state, run.player, found.replies, run.caps))
    evaluation, evaluate_s = clocked(lambda: evaluate_if_due(settings, after, run.evaluate))
    after = replace(after, air=state_after(run.radio, state.air, found.radio))
    found = found.spent(select=select_s, aggregate=aggregate_s, evaluate=evaluate_s, total=time.perf_counter() - start)
    rows, reported = client_rows(number, found.replies, form.metric.name), run.player.diagnostics
    row = round_row(number, rows, evaluation, found, form.metric.name, before, after.angles, reported, failure)
    row, rows = with_radio(row, rows, run.radio, found.radio, after.air.clock_s)
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


def select(run: Run, angles: NDArray, number: int) -> list[Asked]:
    """Return the messages that the strategy makes for the clients of a round, by ascending client number."""
    settings, clients = run.settings, {node: client for client, node in run.nodes.items()}
    chosen = choose(settings.clients.selection, run.pool, settings.clients.asked, number)
    grid = SelectionGrid(run.base, run.nodes, chosen)
    config = ConfigRecord({**seal_config(run.identity.seal), **run.announce()})
    with draws_of(settings.seed, "strategy", "configure", number):
        messages = list(run.player.strategy.configure_train(number, to_record(angles), config, grid))
    return sorted((Asked(clients[m.metadata.dst_node_id], m) for m in messages), key=lambda asked: asked.client)


def aggregate(
    settings: Settings, state: State, player: Player, replies: Sequence[Reply], caps: Caps
) -> tuple[State, str | None]:
    """Return the state after the round, and why it failed (then angles and strategy are as before).

    Args:
        settings: The run's.
        state: Before the round.
        player: Of the strategy, which gets the replies as messages.
        replies: One per asked client.
        caps: How far one client may move the mean.

    Raises:
        ConfigError: If the strategy has come to hold what no checkpoint can.
    """
    number = state.round + 1
    try:
        with draws_of(settings.seed, "strategy", "aggregate", number):
            check_quorum(replies, settings.round.quorum)
            angles = player.combine(
                number, [reply.to_message() for reply in replies], state.angles, isfinite(caps.norm)
            )
            memory = player.memory()
        return replace(state, round=number, angles=angles, memory=memory, failures=0), None
    except RoundFailed as failure:
        player.begin(state.memory)
        return replace(state, round=number, failures=state.failures + 1), str(failure)


def evaluate_if_due(settings: Settings, state: State, evaluate: Callable[[NDArray], Evaluation]) -> Evaluation:
    """Return the central test of a round's angles, or an empty one after a round that is not tested."""
    due = state.round % settings.round.evaluate_every == 0 or state.round == settings.rounds
    return evaluate(state.angles) if due else Evaluation()
